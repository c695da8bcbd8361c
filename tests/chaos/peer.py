"""The Elasticsearch of the rounds: where it is, what it holds, and what can be done to it."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch

_PAGE = 5000


@dataclass(frozen=True, slots=True)
class Peer:
    """A real Elasticsearch, and one round's names in it.

    Attributes:
        url: with the name and password of somebody who may do everything.
        prefix: of this round's indices.
    """

    client: Elasticsearch
    url: str
    prefix: str

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return parts.hostname or "127.0.0.1", parts.port or 9200

    @property
    def account(self) -> tuple[str, str]:
        """Name and password."""
        parts = urlsplit(self.url)
        return unquote(parts.username or ""), unquote(parts.password or "")

    def block(self, *, on: bool) -> None:
        """As Elasticsearch does by itself when its disk is full."""
        self.client.indices.put_settings(
            index=f"{self.prefix}*",
            settings={"index.blocks.read_only_allow_delete": True if on else None},
            allow_no_indices=True,
        )

    def prepare(self) -> None:
        """The round's indices have a number in one field, so that a text there is refused."""
        self.client.indices.put_index_template(
            name=f"{self.prefix}types",
            index_patterns=[f"{self.prefix}*"],
            priority=1000,
            template={"mappings": {"properties": {"chaos": {"type": "long"}}}},
        )

    def messages(self) -> Iterator[tuple[str, str]]:
        """(id, `message`) of every document of the round."""
        self.client.indices.refresh(index=f"{self.prefix}*")
        after = None
        while True:
            hits = self.client.search(
                index=f"{self.prefix}*",
                size=_PAGE,
                sort=[{"_doc": "asc"}],
                search_after=after,
                source_includes=["message"],
            )["hits"]["hits"]
            if not hits:
                return
            yield from ((hit["_id"], hit["_source"]["message"]) for hit in hits)
            after = hits[-1]["sort"]

    def clean(self) -> None:
        """Delete the round's indices and what `prepare` made."""
        self.block(on=False)
        for index in self.client.indices.get(index=f"{self.prefix}*", features="aliases"):
            self.client.indices.delete(index=index)
        self.client.options(ignore_status=404).indices.delete_index_template(name=f"{self.prefix}types")


def peer(client: Elasticsearch, url: str) -> Peer:
    """A peer with names of its own."""
    return Peer(client, os.environ.get("SHIPPER_TEST_ES", url), f"chaos-{uuid.uuid4().hex[:10]}-")
