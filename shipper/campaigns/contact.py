"""A contact's state: all that is known of it, what it adds to the roll-ups, and the deltas of its last change.

The contact is the unit that changes at once, not the contact in one campaign: a conversion's credit crosses campaigns.
The document holds one entity for each campaign entry.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from shipper.campaigns import cell as cells
from shipper.campaigns import journey
from shipper.campaigns.event import day, iso
from shipper.campaigns.record import Record, merge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shipper.campaigns.definitions import Definitions


class Ledgered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of the ledger: the deltas of one change of one contact.

    Attributes:
        version: which change of the contact this is, from 1.
        at: when it was computed, ISO 8601.
        cause: ids of the events that were new; empty for a rebuild.
    """

    tenant: str
    contact: str
    version: int
    at: str
    cause: tuple[str, ...]
    rows: tuple[cells.Row, ...]

    @property
    def id(self) -> str:
        """The same for each attempt to append it, so that it is appended once."""
        return _hash(self.tenant, self.contact, str(self.version))

    def document(self) -> dict[str, Any]:
        """As it is indexed; `cells` makes it findable by cell."""
        document: dict[str, Any] = msgspec.to_builtins(self)
        return {**document, "cells": [cells.cell_id(row.cell) for row in self.rows]}


class Entity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A contact in one campaign, for reading; times ISO 8601, conversions by goal."""

    campaign: str
    entered_at: str
    entry_day: str
    variant: str
    touches: int
    conversions: dict[str, int]


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The state; `outbox` is appended to the ledger again until it is known to be there."""

    tenant: str
    contact: str
    records: tuple[Record, ...] = ()
    entities: tuple[Entity, ...] = ()
    contributions: tuple[cells.Row, ...] = ()
    version: int = 0
    outbox: Ledgered | None = None

    @property
    def id(self) -> str:
        return contact_id(self.tenant, self.contact)

    def core(self) -> bytes:
        """What a rebuild must give byte for byte: everything but the history."""
        return msgspec.json.encode((self.tenant, self.contact, self.records, self.entities, self.contributions))


def contact_id(tenant: str, contact: str) -> str:
    """The document id of a contact's state."""
    return _hash(tenant, contact)


def fold(state: Contact, new: Iterable[Record], definitions: Definitions, at: str) -> Contact:
    """The state after `new` records; `state` itself where they change nothing.

    `at` is now, ISO 8601; it only marks the ledger entry.
    """
    records = merge(state.records, new)
    if records == state.records:
        return state
    known = set(state.records)
    return _changed(state, records, definitions, at, tuple(item.id for item in records if item not in known))


def restate(state: Contact, records: Sequence[Record], definitions: Definitions, at: str) -> Contact:
    """The state that holds exactly `records` under `definitions`; `state` itself where nothing differs."""
    changed = _changed(state, merge((), records), definitions, at, ())
    return state if changed.core() == state.core() else changed


def _changed(
    state: Contact, records: tuple[Record, ...], definitions: Definitions, at: str, cause: tuple[str, ...]
) -> Contact:
    contributions = journey.contributions(state.tenant, records, definitions)
    deltas = cells.difference(contributions, cells.from_rows(state.contributions))
    version = state.version + 1
    return Contact(
        tenant=state.tenant,
        contact=state.contact,
        records=records,
        entities=tuple(_entities(records, definitions)),
        contributions=cells.to_rows(contributions),
        version=version,
        outbox=Ledgered(state.tenant, state.contact, version, at, cause, cells.to_rows(deltas)) if deltas else None,
    )


def _entities(records: tuple[Record, ...], definitions: Definitions) -> Iterable[Entity]:
    met = {goal.name: journey.conversions(records, goal) for goal in definitions.goals}
    for entry in journey.entries(records):
        yield Entity(
            campaign=entry.campaign,
            entered_at=iso(entry.at),
            entry_day=day(entry.at),
            variant=entry.variant,
            touches=sum(item.touch and item.campaign == entry.campaign for item in records),
            conversions={
                name: count for name, some in met.items() if (count := sum(c.record.at >= entry.at for c in some))
            },
        )


def _hash(*parts: str) -> str:
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:40]
