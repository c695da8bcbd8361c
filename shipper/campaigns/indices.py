"""The four indices of the insights: their names and mappings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elasticsearch import BadRequestError

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

_KEYWORD = {"type": "keyword"}
_LONG = {"type": "long"}
_DATE = {"type": "date"}

_CONTACTS = {
    "tenant": _KEYWORD,
    "contact": _KEYWORD,
    "version": _LONG,
    "entities": {
        "properties": {"campaign": _KEYWORD, "variant": _KEYWORD, "entered_at": _DATE, "entry_day": _DATE},
    },
}
_LEDGER = {
    "tenant": _KEYWORD,
    "contact": _KEYWORD,
    "version": _LONG,
    "at": _DATE,
    "cause": _KEYWORD,
    "cells": _KEYWORD,
}
_CELLS = {
    **dict.fromkeys(
        ("kind", "tenant", "measure", "goal", "model", "campaign", "channel", "message", "variant", "currency"),
        _KEYWORD,
    ),
    **dict.fromkeys(("day", "entry_day"), _DATE),
    **dict.fromkeys(("lag_day", "amount", "units", "nanos"), _LONG),
}


@dataclass(frozen=True, slots=True)
class Indices:
    """Names, with the prefix of the installation; `events` is a pattern."""

    prefix: str = ""

    @property
    def events(self) -> str:
        return f"{self.prefix}campaign-events-*"

    @property
    def contacts(self) -> str:
        return f"{self.prefix}insights-contacts"

    @property
    def ledger(self) -> str:
        return f"{self.prefix}insights-ledger"

    @property
    def cells(self) -> str:
        return f"{self.prefix}insights-cells"

    @property
    def cursors(self) -> str:
        return f"{self.prefix}insights-cursors"

    def mappings(self) -> dict[str, dict[str, Any]]:
        """Index name -> fields; whatever else a document holds is kept in its source only."""
        return {self.contacts: _CONTACTS, self.ledger: _LEDGER, self.cells: _CELLS, self.cursors: {}}


def ensure(client: Elasticsearch, indices: Indices) -> None:
    """Create what is missing; leave what is there."""
    for name, properties in indices.mappings().items():
        if client.indices.exists(index=name):
            continue
        try:
            client.indices.create(index=name, mappings={"dynamic": False, "properties": properties})
        except BadRequestError as error:  # another worker was faster
            if error.error != "resource_already_exists_exception":
                raise
