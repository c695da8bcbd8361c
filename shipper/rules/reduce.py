"""Plain documents -> cells, with the numbers the live query gives."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from shipper.kql import Lens, fields, sieve
from shipper.kql.values import Family, converter, date_value, decimal_value, family, keyword_value
from shipper.rules.cell import bucket_of
from shipper.rules.query_text import parse_query

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.event import Document
    from shipper.kql import FieldTypes, Values
    from shipper.rules.cell import Group
    from shipper.rules.engine import Engine

    Test = Callable[[Values], bool]

_NONE: tuple[Any, ...] = ()


class Reducer:
    """Adds the documents of one rule to its cells."""

    def __init__(self, engine: Engine, types: FieldTypes) -> None:
        """Raises ShipperError where a query does not suit the fields' types."""
        rule, measures = engine.rule, engine.judge.measures
        self._store = engine.store
        self._step = rule.step
        self._group_by = rule.group_by
        query = parse_query(rule.filter, rule.name, "filter")
        self._filter: Test = sieve(query, types)
        self._hits: dict[str, Test] = {name: sieve(node, types) for name, node in measures.filters.items()}
        self._number = measures.number
        self._durations = measures.durations
        self._distinct = measures.distinct
        kind = types.get(measures.number or "")
        self._convert = converter(kind) if family(kind) in (Family.INTEGER, Family.DECIMAL) else decimal_value
        single = {name for name in (measures.number, measures.distinct) if name is not None}
        self.fields = single.union(self._group_by, fields(query), *map(fields, measures.filters.values()))
        """All that it asks of a document."""
        self._lens = Lens(self.fields)

    def add(self, document: Document, happened: int | None = None) -> bool:
        """Count the document if it is one of the rule's; `happened`: its `@timestamp` in epoch ms, where known."""
        return self.take(self._lens.read(document), timestamp(document) if happened is None else happened)

    def take(self, found: Values, happened: int) -> bool:
        """The same, of a document that a lens for (at least) `fields` has read."""
        if not self._filter(found):
            return False
        groups = self._groups(found)
        if not groups:
            return False
        start = happened // 1000 // self._step * self._step
        hits = [name for name, test in self._hits.items() if test(found)]
        numbers = self._numbers(found)
        terms = self._terms(found)
        for group in groups:
            self._count(group, start, hits, numbers, terms)
        return True

    def _count(self, group: Group, start: int, hits: list[str], numbers: list[float], terms: list[str]) -> None:
        cell = self._store.cell(group, start)
        cell.count += len(terms) or 1  # as the live query counts
        for term in terms:
            cell.add_term(term)
        for name in hits:
            cell.hits[name] = cell.hits.get(name, 0) + 1
        for number in numbers:
            cell.add_value(number)
        if self._durations:
            for bucket in set(map(bucket_of, numbers)):  # once a document, as a histogram counts
                cell.buckets[bucket] = cell.buckets.get(bucket, 0) + 1

    def _terms(self, found: Values) -> list[str]:
        if self._distinct is None:
            return []
        return sorted({keyword_value(value) for value in found.get(self._distinct, _NONE)})

    def _groups(self, found: Values) -> list[Group]:
        """Every combination of the group fields' values; none where a field is missing."""
        single = []
        for name in self._group_by:
            values = found.get(name, _NONE)
            if len(values) != 1:
                return self._combinations(found)
            single.append(keyword_value(values[0]))
        return [tuple(single)]

    def _combinations(self, found: Values) -> list[Group]:
        columns = [sorted({keyword_value(value) for value in found.get(name, _NONE)}) for name in self._group_by]
        return list(itertools.product(*columns))

    def _numbers(self, found: Values) -> list[float]:
        if self._number is None:
            return []
        numbers: list[float] = []
        for value in found.get(self._number, _NONE):
            try:
                numbers.append(self._convert(value))
            except (ValueError, OverflowError):  # malformed: Elasticsearch does not index it
                continue
        return numbers


def timestamp(document: Document) -> int:
    """`@timestamp` in epoch milliseconds.

    Raises:
        ValueError: it is missing or not a date.
    """
    return date_value(document.get("@timestamp"))
