"""A cell reader over plain documents: what the live evaluator keeps and reads again, without a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.rules.engine import Engine
from shipper.rules.fields import field_types
from shipper.rules.query import Reading
from shipper.rules.reduce import Reducer, timestamp
from tests.support.rule_truth import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from shipper.rules.rule import Rule
    from shipper.rules.verdict import Measures


class MemoryReader:
    """Reads what has arrived at `now`."""

    def __init__(self, documents: Sequence[dict[str, Any]]) -> None:
        self.now = 0
        self._documents = [
            (plain(document).arrived, timestamp(document), number, document)
            for number, document in enumerate(documents, 1)
        ]

    def identities(self, _indices: Collection[str]) -> dict[str, str]:
        """Documents lie in no index here, and none goes."""
        return {}

    def read(
        self, rule: Rule, _measures: Measures, start: int, end: int, *, since: int | None = None, marked: bool = False
    ) -> Reading:
        """As `CellReader.read` does."""
        engine, reading, step = Engine(rule), Reading(), rule.step
        reducer, first = Reducer(engine, field_types()), start if since is None else since
        for arrived, happened, number, document in self._documents:
            if arrived > self.now or not start * 1000 <= happened < end * 1000:
                continue
            if not reducer.add(document, happened):
                continue
            if marked:
                at = happened // 1000 // step * step
                count, total = reading.marks.get(at, (0, 0.0))
                reading.marks[at] = count + 1, total + number
        for at in range(first // step * step, end, step):
            for group in engine.store.groups(at, at + step):
                reading.cells[group, at] = engine.store.window(group, at, at + step)
        return reading
