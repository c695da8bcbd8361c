"""What a live notification would say differs, worked out over the replayed documents as its search does.

The live evaluator asks Elasticsearch for significant terms: the troubled documents of an alert's window against those
of its group in the last hour. Here the last hour of documents is kept and counted; terms are all of at least FEWEST
documents, where Elasticsearch gives the three most significant of each field.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from shipper.event import get_field
from shipper.kql import Lens, fields, sieve
from shipper.rules.differences import CANDIDATES, FEWEST, differences
from shipper.rules.engine import Engine
from shipper.rules.examples import BACKGROUND
from shipper.rules.fields import field_types
from shipper.rules.query_text import parse_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shipper.kql import Values
    from shipper.rules.change import Change
    from shipper.rules.differences import Difference
    from shipper.rules.rule import Rule
    from shipper.rules.timeline import Arrival, Extent, History


class Remembering:
    """A history that keeps the documents of the last hour before what was read."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.last: deque[tuple[float, dict[str, Any]]] = deque()

    def extent(self) -> Extent | None:
        return self._history.extent()

    def __iter__(self) -> Iterator[Arrival]:
        for arrival in self._history:
            at = arrival.happened / 1000
            self.last.append((at, arrival.document))
            while self.last[0][0] < at - BACKGROUND - 600:
                self.last.popleft()
            yield arrival


class Finder:
    """Answers for one rule."""

    def __init__(self, rule: Rule) -> None:
        types = field_types()
        evidence, filtered = Engine(rule).judge.evidence(), parse_query(rule.filter, rule.name, "filter")
        self._rule = rule
        self._evidence: Callable[[Values], bool] | None = None if evidence is None else sieve(evidence, types)
        self._filter = sieve(filtered, types)
        self._lens = Lens({*fields(filtered), *(() if evidence is None else fields(evidence))})

    def differs(self, change: Change, last: deque[tuple[float, dict[str, Any]]]) -> list[Difference]:
        """The clearest few differences of an alert."""
        if self._evidence is None:
            return []
        window = change.boundary - int(self._rule.window)
        begin = change.boundary - max(int(self._rule.window), BACKGROUND)
        inside: dict[str, Counter[str]] = {name: Counter() for name in CANDIDATES}
        around: dict[str, Counter[str]] = {name: Counter() for name in CANDIDATES}
        troubled = everyone = 0
        for at, document in last:
            if not begin <= at < change.boundary or not self._is_of(document, change):
                continue
            found = self._lens.read(document)
            if not self._filter(found):
                continue
            hit = at >= window and self._evidence(found)
            everyone += 1
            troubled += hit
            for name in CANDIDATES:
                value = get_field(document, name, None)
                if value is not None:
                    around[name][str(value)] += 1
                    inside[name][str(value)] += hit
        return differences(
            {
                name: {
                    "doc_count": troubled,
                    "bg_count": everyone,
                    "buckets": [
                        {"key": value, "doc_count": number, "bg_count": around[name][value]}
                        for value, number in inside[name].items()
                        if number >= FEWEST
                    ],
                }
                for name in CANDIDATES
                if name not in self._rule.group_by
            }
        )

    @staticmethod
    def _is_of(document: dict[str, Any], change: Change) -> bool:
        return all(get_field(document, name, None) == value for name, value in change.labels.items())
