"""What a live notification would say differs, worked out over the replayed documents as its search does.

The live evaluator asks Elasticsearch for significant terms: the troubled documents of an alert's window against those
of its group in the last hour. Here the last hour of documents is kept and counted; terms are all of at least FEWEST
documents, where Elasticsearch gives the three most significant of each field (the three with most time, of a
saturation).
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from typing import TYPE_CHECKING, Any

from shipper.event import get_field
from shipper.kql import Lens, fields, sieve
from shipper.rules import shares
from shipper.rules.differences import CANDIDATES, FEWEST, differences
from shipper.rules.engine import Engine
from shipper.rules.examples import BACKGROUND, against, calm_period, judged_period, judged_seconds
from shipper.rules.fields import field_types
from shipper.rules.query_text import parse_query

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.rules.change import Change
    from shipper.rules.differences import Difference
    from shipper.rules.rule import Rule
    from shipper.rules.timeline import Arrival, Extent, History


class Remembering:
    """A history that keeps the documents of the last hour and a half before what was read."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.last: deque[tuple[float, dict[str, Any]]] = deque()

    def extent(self) -> Extent | None:
        return self._history.extent()

    def __iter__(self) -> Iterator[Arrival]:
        for arrival in self._history:
            at = arrival.happened / 1000
            self.last.append((at, arrival.document))
            while self.last[0][0] < at - BACKGROUND - 1800:
                self.last.popleft()
            yield arrival


class Finder:
    """Answers for one rule."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._judge = Engine(rule).judge

    def differs(self, change: Change, last: deque[tuple[float, dict[str, Any]]]) -> list[Difference]:
        """The clearest few differences of an alert."""
        text = self._judge.evidence(change.facts)
        if text is None:
            return []
        if self._judge.weight is not None:
            return self._shares(change, last, self._judge.weight)
        whole, labels = against(self._rule, change, text)
        evidence, types = parse_query(text, self._rule.name, "evidence"), field_types()
        counted, other = (parse_query(one.filter, one.name, "filter") for one in (self._rule, whole))
        lens = Lens({name for node in (evidence, counted, other) for name in fields(node)})
        is_evidence, is_counted, is_other = (sieve(node, types) for node in (evidence, counted, other))
        seconds = judged_seconds(change, self._rule)
        window, begin = change.boundary - seconds, change.boundary - max(seconds, BACKGROUND)
        inside: dict[str, Counter[str]] = {name: Counter() for name in CANDIDATES}
        around: dict[str, Counter[str]] = {name: Counter() for name in CANDIDATES}
        troubled = everyone = 0
        for at, document in last:
            if not begin <= at < change.boundary or not _has(document, labels):
                continue
            found = lens.read(document)
            if not is_other(found):
                continue
            hit = at >= window and is_counted(found) and is_evidence(found) and _has(document, change.labels)
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

    def _shares(self, change: Change, last: deque[tuple[float, dict[str, Any]]], number: str) -> list[Difference]:
        """Whose part of the sum of `number` grew."""
        query, types = parse_query(self._rule.filter, self._rule.name, "filter"), field_types()
        lens, counted = Lens(fields(query)), sieve(query, types)
        periods = {"now": judged_period(change, self._rule), "before": calm_period(change, self._rule)}
        whole, parts = _Sums(), {name: defaultdict[str, _Sums](_Sums) for name in CANDIDATES}
        for at, document in last:
            spent: Any = get_field(document, number, None)
            side = next((name for name, (begin, end) in periods.items() if begin <= at < end), None)
            if side is None or spent is None or not _has(document, change.labels) or not counted(lens.read(document)):
                continue
            whole.add(side, spent)
            for name in CANDIDATES:
                value = get_field(document, name, None)
                if value is not None and name not in self._rule.group_by:
                    parts[name][str(value)].add(side, spent)
        values = {
            name: {"buckets": [{"key": value, **sums.answer} for value, sums in found.items()]}
            for name, found in parts.items()
        }
        return shares.shares({**whole.answer, **values}, number)


class _Sums:
    """Documents and their sum, now and before."""

    def __init__(self) -> None:
        self._sides = {"now": [0, 0.0], "before": [0, 0.0]}

    def add(self, side: str, number: float) -> None:
        self._sides[side][0] += 1
        self._sides[side][1] += number

    @property
    def answer(self) -> dict[str, Any]:
        """As Elasticsearch gives it."""
        return {side: {"doc_count": count, "total": {"value": total}} for side, (count, total) in self._sides.items()}


def _has(document: dict[str, Any], labels: Mapping[str, str]) -> bool:
    return all(get_field(document, name, None) == value for name, value in labels.items())
