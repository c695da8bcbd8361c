"""A store and a feed in memory that can die before or after any write: hypothesis needs thousands of deaths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from shipper.campaigns.contact import Contact, Ledgered
from shipper.campaigns.job import Change, Page
from shipper.campaigns.store import CellState, Cursor, Stored, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shipper.campaigns.cell import Cell


class DiedError(BaseException):
    """The worker was killed."""


class MemoryStore:
    def __init__(self) -> None:
        self.stored_contacts: dict[str, tuple[int, bytes]] = {}
        self.ledger: dict[str, Ledgered] = {}
        self.stored_cells: dict[Cell, tuple[int, CellState]] = {}
        self.cursors: dict[str, Cursor] = {}
        self.writes_left: int | None = None

    def _write(self) -> None:
        """One document reaches the disk, or the worker dies before it does."""
        if self.writes_left == 0:
            raise DiedError
        if self.writes_left is not None:
            self.writes_left -= 1

    def contacts(self, ids: Iterable[str]) -> dict[str, Stored[Contact]]:
        known = {key: self.stored_contacts[key] for key in ids if key in self.stored_contacts}
        return {
            key: Stored(msgspec.json.decode(data, type=Contact), Version(number, 1))
            for key, (number, data) in known.items()
        }

    def save_contacts(self, changed: Sequence[Stored[Contact]]) -> set[str]:
        conflicts = set()
        for item in changed:
            number = self.stored_contacts.get(item.value.id, (0, b""))[0]
            if number != (item.version.seq_no if item.version else 0):
                conflicts.add(item.value.id)
                continue
            self._write()
            self.stored_contacts[item.value.id] = (number + 1, msgspec.json.encode(item.value))
        return conflicts

    def append(self, entries: Sequence[Ledgered]) -> None:
        for entry in entries:
            if entry.id in self.ledger:
                continue
            self._write()
            self.ledger[entry.id] = entry

    def cells(self, wanted: Iterable[Cell]) -> dict[Cell, Stored[CellState]]:
        known = {cell: self.stored_cells[cell] for cell in wanted if cell in self.stored_cells}
        return {cell: Stored(state, Version(number, 1)) for cell, (number, state) in known.items()}

    def save_cells(self, changed: Sequence[Stored[CellState]]) -> set[Cell]:
        conflicts = set()
        for item in changed:
            number = self.stored_cells.get(item.value.cell, (0, item.value))[0]
            if number != (item.version.seq_no if item.version else 0):
                conflicts.add(item.value.cell)
                continue
            self._write()
            self.stored_cells[item.value.cell] = (number + 1, item.value)
        return conflicts

    def cursor(self, name: str) -> Cursor | None:
        return self.cursors.get(name)

    def save_cursor(self, name: str, cursor: Cursor) -> None:
        self._write()
        self.cursors[name] = cursor

    def amounts(self) -> dict[Cell, int]:
        return {cell: state.amount for cell, (_, state) in self.stored_cells.items() if state.amount}

    def cores(self) -> dict[str, bytes]:
        return {key: msgspec.json.decode(data, type=Contact).core() for key, (_, data) in self.stored_contacts.items()}

    def ledger_feed(self, page: int = 3) -> ListFeed:
        return ListFeed([entry.document() for entry in self.ledger.values()], page)


class ListFeed:
    """Documents by arrival, in pages of `page`, dealt to two shards."""

    def __init__(self, documents: Sequence[dict[str, Any]], page: int) -> None:
        self._documents = documents
        self._page = page

    def pages(self, cursor: dict[str, Any]) -> Iterator[Page]:
        start = cursor.get("next", 0)
        for at in range(start, len(self._documents), self._page):
            some = self._documents[at : at + self._page]
            changes = [Change(f"doc-{at + n}", str((at + n) % 2), at + n, document) for n, document in enumerate(some)]
            yield Page(changes, {"next": at + len(some)})
