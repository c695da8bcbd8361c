"""The cells of one rule, by group and time, and which of them changed since they were last judged.

Long windows are added up from blocks of 8 and of 64 cells. A block begins at a multiple of its length and is the sum of
its parts in order of time, so a window has the same sum, to the last bit, whatever was asked before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.rules.cell import Cell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shipper.rules.cell import Group


SMALL, LARGE = 8, 64
"""Cells of a block."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The documents of some cells, and the sum of what they measured."""

    count: int = 0
    total: float = 0.0

    def plus(self, count: int, total: float) -> Totals:
        return Totals(self.count + count, self.total + total)


class CellStore:
    """Cells by group and start (epoch seconds, a multiple of `step`)."""

    def __init__(self, step: int) -> None:
        self._step = step
        self._cells: dict[Group, dict[int, Cell]] = {}
        self._groups: dict[int, set[Group]] = {}
        self._blocks: dict[Group, dict[tuple[int, int], Cell | None]] = {}
        self._swept = 0
        self._totals: dict[int, Totals] = {}
        self._spans: dict[tuple[int, int], Totals] = {}
        """What `everyone` was asked since the last change: it is asked for each group."""
        self._dirty: dict[Group, set[int]] = {}
        self._newest: dict[Group, int] = {}

    def cell(self, group: Group, start: int) -> Cell:
        """The cell to add a document to; it counts as changed."""
        self._touch(group, start)
        cell = self._cells.setdefault(group, {}).get(start)
        if cell is None:
            cell = self._cells[group][start] = Cell()
            self._groups.setdefault(start, set()).add(group)
        return cell

    def replace(self, start: int, end: int, cells: Mapping[tuple[Group, int], Cell]) -> None:
        """Make [start, end) hold exactly `cells`; only what differs counts as changed."""
        for at in [at for at in self._groups if start <= at < end]:
            for group in [group for group in self._groups[at] if (group, at) not in cells]:
                self._remove(group, at)
        for (group, at), cell in cells.items():
            if self._cells.get(group, {}).get(at) != cell:
                self._touch(group, at)
                self._cells.setdefault(group, {})[at] = cell
                self._groups.setdefault(at, set()).add(group)

    def add_past(self, cells: Mapping[tuple[Group, int], Cell]) -> None:
        """Take in older cells; they count as known, not as changed."""
        for (group, at), cell in cells.items():
            self._cells.setdefault(group, {})[at] = cell
            self._groups.setdefault(at, set()).add(group)
            self._newest[group] = max(at, self._newest.get(group, at))
            self._spoil(group, at)

    def keep_only(self, ranges: Sequence[tuple[int, int]]) -> None:
        """Drop the cells that begin in none of the [start, end)."""
        for at in [at for at in self._groups if not any(start <= at < end for start, end in ranges)]:
            for group in list(self._groups[at]):
                self._remove(group, at)

    def window(self, group: Group, start: int, end: int) -> Cell:
        """All cells of a group in [start, end) as one."""
        merged = Cell()
        cells = self._cells.get(group)
        if cells:
            step, at = self._step, start
            small, large = SMALL * step, LARGE * step
            while at < end:
                size = step
                if at % small == 0 and at + small <= end:
                    size = large if at % large == 0 and at + large <= end else small
                part = cells.get(at) if size == step else self._block(group, cells, at, size)
                if part is not None:
                    merged.merge(part)
                at += size
        return merged

    def _block(self, group: Group, cells: dict[int, Cell], start: int, size: int) -> Cell | None:
        """The sum of a block of cells; None where it has none."""
        blocks = self._blocks.setdefault(group, {})
        if (start, size) in blocks:
            return blocks[start, size]
        step = self._step
        if size == SMALL * step:
            parts = [cells.get(at) for at in range(start, start + size, step)]
        else:
            small = SMALL * step
            parts = [self._block(group, cells, at, small) for at in range(start, start + size, small)]
        block: Cell | None = None
        for part in parts:
            if part is not None:
                block = block or Cell()
                block.merge(part)
        blocks[start, size] = block
        return block

    def everyone(self, start: int, end: int) -> Totals:
        """What all cells of all groups in [start, end) add up to."""
        known = self._spans.get((start, end))
        if known is None:
            known = Totals()
            for at in range(start, end, self._step):
                if at in self._groups:
                    total = self._total(at)
                    known = known.plus(total.count, total.total)
            self._spans[start, end] = known
        return known

    def groups(self, start: int, end: int) -> set[Group]:
        """Which groups have a cell in [start, end)."""
        return {group for at in range(start, end, self._step) for group in self._groups.get(at, ())}

    def latest(self, group: Group, before: int) -> int | None:
        """The end of the last cell of a group that begins before `before`."""
        cells = self._cells.get(group, {})
        if self._newest.get(group, before) < before and self._newest[group] in cells:
            return self._newest[group] + self._step
        starts = [at for at in cells if at < before]
        return max(starts) + self._step if starts else None

    def take_changes(self) -> dict[Group, set[int]]:
        """Group -> starts of the cells that changed since the last call."""
        changes, self._dirty = self._dirty, {}
        return changes

    def forget_before(self, start: int) -> None:
        """Drop what lies before `start`."""
        for at in [at for at in self._groups if at < start]:
            for group in list(self._groups[at]):
                self._remove(group, at)
        large = LARGE * self._step
        if start // large > self._swept:
            self._swept = start // large
            for group, blocks in self._blocks.items():
                self._blocks[group] = {key: block for key, block in blocks.items() if key[0] + key[1] > start}

    def _total(self, at: int) -> Totals:
        total = self._totals.get(at)
        if total is None:
            total = Totals()
            for group in sorted(self._groups[at]):  # one order, so that sums of decimals repeat
                cell = self._cells[group][at]
                total = total.plus(cell.count, cell.total)
            self._totals[at] = total
        return total

    def _touch(self, group: Group, start: int) -> None:
        self._dirty.setdefault(group, set()).add(start)
        self._newest[group] = max(start, self._newest.get(group, start))
        self._spoil(group, start)

    def _spoil(self, group: Group, start: int) -> None:
        """A cell changes: forget the sums it is in."""
        self._totals.pop(start, None)
        self._spans.clear()
        blocks = self._blocks.get(group)
        if blocks:
            for size in (SMALL * self._step, LARGE * self._step):
                blocks.pop((start // size * size, size), None)

    def _remove(self, group: Group, at: int) -> None:
        self._touch(group, at)
        del self._cells[group][at]
        if not self._cells[group]:
            del self._cells[group]
            self._blocks.pop(group, None)
        self._groups[at].discard(group)
        if not self._groups[at]:
            del self._groups[at]
