"""Recomputes everything from the raw events, compares it with the incremental state, and writes the difference.

The events of all contacts are held in memory: for a tenant's day or a month of a small one, not for billions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shipper.campaigns import cell as cells
from shipper.campaigns.contact import Contact, contact_id, restate
from shipper.campaigns.event import EventError, parse
from shipper.campaigns.record import merge, record
from shipper.campaigns.store import Stored
from shipper.clock import iso_utc
from shipper.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from shipper.campaigns.definitions import Definitions
    from shipper.campaigns.job import Change
    from shipper.campaigns.record import Record
    from shipper.campaigns.store import CellState, Store
    from shipper.clock import Clock

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between the state and a rebuild; empty means equal byte for byte.

    Attributes:
        contacts: (tenant, contact) of those whose state is another.
        cells: cell -> (stored, rebuilt) amount.
        forgotten: those among them that hold events which are in no index any more.
        compared: contacts in the rebuild.
    """

    compared: int
    contacts: Sequence[tuple[str, str]] = ()
    cells: Mapping[cells.Cell, tuple[int, int]] = field(default_factory=dict)
    forgotten: Sequence[tuple[str, str]] = ()

    @property
    def equal(self) -> bool:
        return not (self.contacts or self.cells)


class Rebuild:
    """The state that the raw events give under `definitions`."""

    def __init__(self, changes: Iterable[Change], definitions: Definitions) -> None:
        self._definitions = definitions
        self._seen: set[tuple[str, str, str]] = set()
        gathered: dict[tuple[str, str], list[Record]] = {}
        for change in changes:
            try:
                event = parse(change.source, change.id)
            except EventError:
                continue
            self._seen.add((event.tenant, event.contact, event.id))
            kept = record(event, definitions)
            if kept is not None:
                gathered.setdefault((event.tenant, event.contact), []).append(kept)
        self._records = {key: merge((), some) for key, some in gathered.items()}

    def contacts(self) -> Iterator[Contact]:
        """Each contact as it is after nothing but a rebuild."""
        for key, records in self._records.items():
            yield restate(Contact(*key), records, self._definitions, "")

    def compare(self, stored: Iterable[Contact], amounts: Iterable[CellState]) -> Difference:
        """Compare with all stored contacts and cells."""
        rebuilt = {(contact.tenant, contact.contact): contact for contact in self.contacts()}
        cores = {key: contact.core() for key, contact in rebuilt.items()}
        held_cores: dict[tuple[str, str], bytes] = {}
        forgotten = []
        for contact in stored:
            key = (contact.tenant, contact.contact)
            held_cores[key] = contact.core()
            if any((*key, item.id) not in self._seen for item in contact.records):
                forgotten.append(key)
        wanted = cells.total(cells.from_rows(contact.contributions) for contact in rebuilt.values())
        held = {state.cell: state.amount for state in amounts if state.amount}
        empty = {key: Contact(*key).core() for key in held_cores.keys() - cores.keys()}
        cores |= empty  # a contact of which nothing counts any more is the same as none
        return Difference(
            compared=len(rebuilt),
            contacts=sorted(key for key, core in cores.items() if held_cores.get(key) != core),
            cells={
                cell: (held.get(cell, 0), wanted.get(cell, 0))
                for cell in held.keys() | wanted.keys()
                if held.get(cell) != wanted.get(cell)
            },
            forgotten=sorted(forgotten),
        )

    def write(self, keys: Sequence[tuple[str, str]], store: Store, clock: Clock) -> None:
        """Restate the contacts that differ, through the ledger like any change.

        Raises:
            UnavailableError: another worker changed a contact at the same time; take it again.
        """
        for start in range(0, len(keys), _CHUNK):
            self._write(keys[start : start + _CHUNK], store, iso_utc(clock.time()))

    def _write(self, keys: Sequence[tuple[str, str]], store: Store, at: str) -> None:
        stored = store.contacts([contact_id(*key) for key in keys])
        store.append([item.value.outbox for item in stored.values() if item.value.outbox is not None])
        writes = []
        for key in keys:
            known = stored.get(contact_id(*key), Stored(Contact(*key), None))
            after = restate(known.value, self._records.get(key, ()), self._definitions, at)
            if after is not known.value:
                writes.append(Stored(after, known.version))
        if store.save_contacts(writes):
            raise UnavailableError(
                "another worker changed contacts during the rebuild",
                hint="stop `shipper campaigns run` and start the rebuild again: it goes on where it was",
            )
        store.append([item.value.outbox for item in writes if item.value.outbox is not None])


def must_not_forget(difference: Difference) -> None:
    """Refuse to overwrite knowledge that the raw events no longer give.

    Raises:
        UsageError: stored contacts hold events that are in no index any more.
    """
    if difference.forgotten:
        raise UsageError(
            f"{len(difference.forgotten)} contacts hold events that are no longer in campaign-events-*",
            hint="restore those days from a snapshot first; a rebuild would forget them",
        )
