"""Plain documents -> cells, with the numbers the live query gives."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from shipper.kql import matcher, values
from shipper.kql.values import Family, converter, date_value, decimal_value, family, keyword_value
from shipper.rules.cell import bucket_of
from shipper.rules.query_text import parse_query

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.event import Document
    from shipper.kql import FieldTypes
    from shipper.rules.cell import Group
    from shipper.rules.engine import Engine

    Test = Callable[[Document], bool]


class Reducer:
    """Adds the documents of one rule to its cells."""

    def __init__(self, engine: Engine, types: FieldTypes) -> None:
        """Raises ShipperError where a query does not suit the fields' types."""
        rule, measures = engine.rule, engine.judge.measures
        self._store = engine.store
        self._step = rule.step
        self._group_by = rule.group_by
        self._filter: Test = matcher(parse_query(rule.filter, rule.name, "filter"), types)
        self._hits: dict[str, Test] = {name: matcher(node, types) for name, node in measures.filters.items()}
        self._number = measures.number
        self._durations = measures.durations
        self._distinct = measures.distinct
        kind = types.get(measures.number or "")
        self._convert = converter(kind) if family(kind) in (Family.INTEGER, Family.DECIMAL) else decimal_value

    def add(self, document: Document, happened: int | None = None) -> bool:
        """Count the document if it is one of the rule's; `happened`: its `@timestamp` in epoch ms, where known."""
        if not self._filter(document):
            return False
        start = (timestamp(document) if happened is None else happened) // 1000 // self._step * self._step
        groups = self._groups(document)
        if not groups:
            return False
        hits = [name for name, test in self._hits.items() if test(document)]
        numbers = self._numbers(document)
        terms = self._terms(document)
        for group in groups:
            self._count(group, start, hits, numbers)
            for term in terms:
                self._store.cell(group, start).add_term(term)
            self._store.cell(group, start).count += max(0, len(terms) - 1)  # as the live query counts
        return True

    def _count(self, group: Group, start: int, hits: list[str], numbers: list[float]) -> None:
        cell = self._store.cell(group, start)
        cell.count += 1
        for name in hits:
            cell.hits[name] = cell.hits.get(name, 0) + 1
        for number in numbers:
            cell.add_value(number)
            if self._durations:
                bucket = bucket_of(number)
                cell.buckets[bucket] = cell.buckets.get(bucket, 0) + 1

    def _groups(self, document: Document) -> list[Group]:
        """Every combination of the group fields' values; none where a field is missing."""
        columns = [sorted({keyword_value(value) for value in values(document, name)}) for name in self._group_by]
        return list(itertools.product(*columns))

    def _terms(self, document: Document) -> list[str]:
        if self._distinct is None:
            return []
        return sorted({keyword_value(value) for value in values(document, self._distinct)})

    def _numbers(self, document: Document) -> list[float]:
        if self._number is None:
            return []
        found: list[float] = []
        for value in values(document, self._number):
            try:
                found.append(self._convert(value))
            except (ValueError, OverflowError):  # malformed: Elasticsearch does not index it
                continue
        return found


def timestamp(document: Document) -> int:
    """`@timestamp` in epoch milliseconds.

    Raises:
        ValueError: it is missing or not a date.
    """
    return date_value(document.get("@timestamp"))
