"""The change-feed job: events -> contacts -> ledger -> cells, each step safe to take again.

1. Intake. For a page of new events: read the contacts, append their outboxes again (a worker may have died before it
   did), fold the events in, save each contact guarded by the version read, append the new outboxes, move the cursor.
2. Roll-up. For a page of new ledger entries: read the cells, add the deltas that a cell does not hold yet (it knows
   the sequence number it has come to), save guarded by the version read, move the cursor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from shipper.campaigns.contact import Contact, Ledgered, contact_id, fold
from shipper.campaigns.event import EventError, parse
from shipper.campaigns.record import record
from shipper.campaigns.store import CellState, Cursor, Stored
from shipper.clock import iso_utc
from shipper.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shipper.campaigns.cell import Cell
    from shipper.campaigns.definitions import Definitions
    from shipper.campaigns.record import Record
    from shipper.campaigns.store import Store
    from shipper.clock import Clock

_ATTEMPTS = 20


class Change(msgspec.Struct, frozen=True):
    """One new document: its id, its shard (any stable text), its place in it, its source."""

    id: str
    shard: str
    seq_no: int
    source: dict[str, Any]


class Page(msgspec.Struct, frozen=True):
    """Some changes, each shard's in the order of its sequence numbers, and the cursor after them."""

    changes: Sequence[Change]
    cursor: dict[str, Any]


class Feed(Protocol):
    """Everything that was added after a cursor; an empty cursor means from the beginning."""

    def pages(self, cursor: dict[str, Any]) -> Iterator[Page]: ...


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did.

    Attributes:
        events: events read (again, after a crash).
        invalid: documents among them that are no campaign events.
        contacts: contacts that changed.
        entries: ledger entries that were summed.
    """

    events: int = 0
    invalid: int = 0
    contacts: int = 0
    entries: int = 0

    def __add__(self, other: Round) -> Round:
        return Round(
            self.events + other.events,
            self.invalid + other.invalid,
            self.contacts + other.contacts,
            self.entries + other.entries,
        )


class Job:
    """Brings contacts, ledger and cells up to date; several may run, they only slow each other down."""

    def __init__(self, store: Store, definitions: Definitions, clock: Clock) -> None:
        self._store = store
        self._definitions = definitions
        self._clock = clock

    def run_once(
        self, events: Feed, ledger: Callable[[], Feed], tell: Callable[[Round], None] = lambda _: None
    ) -> Round:
        """Take everything there is; `tell` hears after each page what was done so far.

        `ledger` is called once the intake is done: its feed must see what the intake appended.

        Raises:
            UsageError: the stored state was made under other definitions.
            UnavailableError: a write was refused for now.
        """
        done = Round()
        for page in events.pages(self._position("events")):
            done += self._take(page.changes)
            self._move("events", page)
            tell(done)
        for page in ledger().pages(self._position("ledger")):
            self._sum(page.changes)
            done += Round(entries=len(page.changes))
            self._move("ledger", page)
            tell(done)
        return done

    def _position(self, name: str) -> dict[str, Any]:
        cursor = self._store.cursor(name)
        if cursor is None:
            return {}
        if cursor.fingerprint != self._definitions.fingerprint:
            raise UsageError(
                "the stored results were computed under other definitions (goals, touches, entry or models)",
                hint="run `shipper campaigns rebuild --apply` to recompute them all under the new ones",
            )
        return cursor.position

    def _move(self, name: str, page: Page) -> None:
        self._store.save_cursor(name, Cursor(page.cursor, self._definitions.fingerprint))

    def _take(self, changes: Sequence[Change]) -> Round:
        by_contact: dict[tuple[str, str], list[Record]] = {}
        invalid = 0
        for change in changes:
            try:
                event = parse(change.source, change.id)
            except EventError:
                invalid += 1
                continue
            kept = record(event, self._definitions)
            if kept is not None:
                by_contact.setdefault((event.tenant, event.contact), []).append(kept)
        changed = self._fold(by_contact)
        return Round(events=len(changes), invalid=invalid, contacts=changed)

    def _fold(self, by_contact: dict[tuple[str, str], list[Record]]) -> int:
        open_keys, changed = set(by_contact), 0
        for _ in range(_ATTEMPTS):
            if not open_keys:
                return changed
            at = iso_utc(self._clock.time())
            stored = self._store.contacts([contact_id(*key) for key in sorted(open_keys)])
            self._append(item.value for item in stored.values())
            writes: list[Stored[Contact]] = []
            for key in sorted(open_keys):
                known = stored.get(contact_id(*key), Stored(Contact(*key), None))
                after = fold(known.value, by_contact[key], self._definitions, at)
                if after is not known.value:
                    writes.append(Stored(after, known.version))
            conflicts = self._store.save_contacts(writes)
            saved = [item.value for item in writes if item.value.id not in conflicts]
            self._append(iter(saved))
            changed += len(saved)
            open_keys = {key for key in open_keys if contact_id(*key) in conflicts}
        raise _contended()

    def _append(self, contacts: Iterator[Contact]) -> None:
        outboxes = [contact.outbox for contact in contacts if contact.outbox is not None]
        if outboxes:
            self._store.append(outboxes)

    def _sum(self, changes: Sequence[Change]) -> None:
        deltas: dict[Cell, list[tuple[str, int, int]]] = {}
        for change in changes:
            entry = ledgered(change.source)
            for row in entry.rows:
                deltas.setdefault(row.cell, []).append((change.shard, change.seq_no, row.amount))
        open_cells = set(deltas)
        for _ in range(_ATTEMPTS):
            if not open_cells:
                return
            stored = self._store.cells(sorted(open_cells))
            writes: list[Stored[CellState]] = []
            for cell in sorted(open_cells):
                known = stored.get(cell, Stored(CellState(cell), None))
                after = apply(known.value, deltas[cell])
                if after is not known.value:
                    writes.append(Stored(after, known.version))
            open_cells = self._store.save_cells(writes)
        raise _contended()


def ledgered(source: dict[str, Any]) -> Ledgered:
    """A ledger entry as it was indexed."""
    return msgspec.convert({key: value for key, value in source.items() if key != "cells"}, Ledgered)


def apply(state: CellState, deltas: Sequence[tuple[str, int, int]]) -> CellState:
    """The cell after (shard, sequence number, amount) deltas; those it holds already are passed over."""
    amount, applied = state.amount, dict(state.applied)
    for shard, seq_no, delta in deltas:
        if seq_no > state.applied.get(shard, -1):
            amount += delta
            applied[shard] = max(seq_no, applied.get(shard, -1))
    return state if applied == state.applied else CellState(state.cell, amount, applied)


def _contended() -> UnavailableError:
    return UnavailableError(
        f"other workers changed the same documents {_ATTEMPTS} times in a row",
        hint="run one `shipper campaigns run` for each cluster",
    )
