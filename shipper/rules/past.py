"""The older cells of a rule that compares with the past: read once, then only what moved into its times."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shipper.rules.engine import Engine
    from shipper.rules.query import CellReader
    from shipper.rules.state import RuleState


class Past:
    """What an engine's store holds of `judge.past`. A new engine needs a new one."""

    def __init__(self, reader: CellReader) -> None:
        self._reader = reader
        self._held: list[tuple[int, int]] = []
        """[start, end) in epoch seconds of each slice that was read without a problem."""

    def fill(self, engine: Engine, state: RuleState, now: int) -> list[str]:
        """Bring the store up to what `now` needs, and drop what nothing needs; why something may be missing."""
        wanted = engine.past(state, now)
        if not wanted:
            return []
        engine.store.keep_only([(engine.reach(state, now), now), *wanted])
        held, problems = self._held or [(0, 0)] * len(wanted), []
        self._held = []
        for (start, end), (known, until) in zip(wanted, held, strict=True):
            begin = max(start, until) if known <= start < until else start
            reading = self._reader.read(engine.rule, engine.judge.measures, begin, end)
            engine.store.add_past(reading.cells)
            problems += reading.problems
            self._held.append((0, 0) if reading.problems else (start, end))
        return problems
