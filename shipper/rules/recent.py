"""The newer cells of a rule, kept from look to look: read again is only what may have changed.

What was not judged for good is read each time. Of the cells before, one search tells how many documents each slice of
time has and the sum of their sequence numbers, which change with any document that comes, changes or goes; slices where
they did are read again, whole.

Where documents go with their index (deleted, closed, made anew), the windows they were in are known to be short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.rules.engine import Loss

if TYPE_CHECKING:
    from shipper.rules.engine import Engine
    from shipper.rules.query import CellReader, Marks, Reading
    from shipper.rules.state import RuleState

MOST_SLICES = 10_000
"""Slices that are told apart; a rule that looks at more reads all of its cells each time."""


LOST_WITHIN = 86_400
"""Seconds; what goes later than that after its time goes by retention."""


class Recent:
    """What an engine's store holds between `reach` and the newest boundary. A new engine needs a new one."""

    def __init__(self, reader: CellReader) -> None:
        self._reader = reader
        self._marks: Marks = {}
        self._indices: dict[str, str] = {}
        """Those that had documents at the last look -> what tells each from another of its name."""
        self._losses: dict[str, Loss] = {}
        """By index."""
        self._held: tuple[int, int] | None = None
        """[start, end) in epoch seconds of the cells in the store; None = read them all."""

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What went with an index, as far as windows that are still judged had it."""
        return tuple(self._losses.values())

    def begin_anew(self) -> None:
        """The store is a new one, and empty; what was seen before is still known."""
        self._held = None

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
        if marked:
            self._miss(reading, held, (start, end), step)
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

    def _miss(self, reading: Reading, before: Marks, reach: tuple[int, int], step: int) -> None:
        """Find what is gone since the last look.

        Raises:
            elasticsearch.ApiError, elasticsearch.TransportError: whether an index is there cannot be known now.
        """
        start, oldest = reach[0], max(reach[0], reach[1] - LOST_WITHIN)
        self._losses = {name: loss for name, loss in self._losses.items() if loss.end > start}
        fewer = {at: count - reading.marks.get(at, (0, 0))[0] for at, (count, _) in before.items() if at >= oldest}
        fewer = {at: count for at, count in fewer.items() if count > 0}
        asked = reading.indices - self._indices.keys() | (self._indices.keys() if fewer else set())
        known = self._reader.identities(asked)
        for name, identity in self._indices.items() if fewer else ():
            if known.get(name) != identity:
                why = f"{sum(fewer.values()):,} documents went with the index {name}"
                self._losses[name] = Loss(min(fewer), max(fewer) + step, why, identity)
        for name in known.keys() & self._losses.keys():
            if known[name] == self._losses[name].identity:
                del self._losses[name]  # it is open again
        self._indices = {name: known.get(name) or self._indices.get(name, "") for name in reading.indices}

    def _tail(self, state: RuleState, start: int, end: int) -> int:
        """From when on cells are read, whatever is known of them."""
        if self._held is None or state.last is None:
            return start
        known, until = self._held
        return max(start, min(state.last, until)) if known <= start and until <= end else start
