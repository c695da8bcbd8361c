"""A rule that compares with past weeks reads them once, and judges as the whole history in memory would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shipper.clock import iso_utc
from shipper.rules.engine import Engine
from shipper.rules.fields import field_types
from shipper.rules.past import Past
from shipper.rules.query import CellReader
from shipper.rules.reduce import Reducer
from shipper.rules.state import RuleState
from shipper.rules.type.seasonal import WEEK
from tests.support.rule_stream import START, rule

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from shipper.rules.query import Reading
    from shipper.rules.rule import Rule
    from shipper.rules.verdict import Measures

pytestmark = pytest.mark.elasticsearch

TEXT = (
    "name: r\ntype: seasonal\nmin_count: 5\naround: 20m\nweeks: 2\nwindow: 60s\nevery: 60s\n"
    "group_by: [service.name]\nlate: 2m\n"
)


class Counting(CellReader):
    """Remembers what was read."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        super().__init__(client, field_types(), prefix)
        self.ranges: list[tuple[int, int]] = []

    def read(
        self, rule: Rule, measures: Measures, start: int, end: int, *, since: int | None = None, marked: bool = False
    ) -> Reading:
        self.ranges.append((start - START, end - START))
        return super().read(rule, measures, start, end, since=since, marked=marked)


def history() -> list[dict[str, Any]]:
    return [
        {"@timestamp": iso_utc(START - week * WEEK + 60 * minute + second), "service": {"name": name}}
        for week, name, number in ((0, "shop", 55), (1, "shop", 20), (2, "shop", 22), (1, "mail", 9), (2, "mail", 9))
        for minute in range(-25, 25)
        for second in range(number)
    ]


def test_a_past_is_read_once_and_judged_as_offline(elasticsearch, prefix, logs):
    documents = history()
    operations: list[dict[str, Any]] = []
    for document in documents:
        operations += [{"create": {}}, document]
    assert not elasticsearch.bulk(index=logs, operations=operations, refresh=True)["errors"]
    offline = Engine(rule(TEXT))
    reducer = Reducer(offline, field_types())
    for document in documents:
        reducer.add(document)
    reader = Counting(elasticsearch, prefix)
    live, past, state = Engine(rule(TEXT)), Past(reader), RuleState(shape=["service.name"], last=START - 60)
    for now in (START, START + 60, START + 120):
        reading = reader.read(live.rule, live.judge.measures, live.reach(state, now), now)
        live.store.replace(live.reach(state, now), now, reading.cells)
        assert past.fill(live, state, now) == []
        for group in (("shop",), ("mail",)):
            assert live.verdict(group, now) == offline.verdict(group, now)
        state.last = now
    value = offline.verdict(("shop",), START).value
    assert value is not None
    assert value > 6
    older = [(start, end) for start, end in reader.ranges if start < -WEEK / 2]
    assert len(older) == 6
    assert all(end - start == 60 for start, end in older[2:]), "only what moved into the hour"
    span = START - WEEK
    assert live.store.groups(span - 3600, span - 1200) == set(), "nothing is kept that nobody needs"
