"""The newer cells of a rule, kept from look to look: read again is only what may have changed.

What was not judged for good is read each time. Of the cells before, one search tells how many documents each slice of
time has and the sum of their sequence numbers, which change with any document that comes, changes or goes; slices where
they did are read again, whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shipper.rules.engine import Engine
    from shipper.rules.query import CellReader, Marks
    from shipper.rules.state import RuleState

MOST_SLICES = 10_000
"""Slices that are told apart; a rule that looks at more reads all of its cells each time."""


class Recent:
    """What an engine's store holds between `reach` and the newest boundary. A new engine needs a new one."""

    def __init__(self, reader: CellReader) -> None:
        self._reader = reader
        self._marks: Marks = {}
        self._held: tuple[int, int] | None = None
        """[start, end) in epoch seconds of the cells in the store; None = read them all."""

    def fill(self, engine: Engine, state: RuleState, now: int) -> list[str]:
        """Bring the store up to what the look at `now` can see; why something may be missing."""
        step, measures = engine.rule.step, engine.judge.measures
        start, end = engine.reach(state, now) // step * step, engine.schedule(state).boundary(now)
        tail = self._tail(state, start, end)
        marked = (end - start) // step <= MOST_SLICES
        reading = self._reader.read(engine.rule, measures, start, end, since=tail, marked=marked)
        engine.store.replace(tail, end, reading.cells)
        held, self._held = self._marks, None
        if reading.problems:
            return reading.problems
        older = {at for at in held.keys() | reading.marks.keys() if start <= at < tail}
        changed = [at for at in older if held.get(at) != reading.marks.get(at)]
        if changed:
            low, high = min(changed), max(changed) + step
            again = self._reader.read(engine.rule, measures, low, high)
            engine.store.replace(low, high, again.cells)
            if again.problems:
                return again.problems
        if marked:
            self._marks, self._held = reading.marks, (start, end)
        return []

    def _tail(self, state: RuleState, start: int, end: int) -> int:
        """From when on cells are read, whatever is known of them."""
        if self._held is None or state.last is None:
            return start
        known, until = self._held
        return max(start, min(state.last, until)) if known <= start and until <= end else start
