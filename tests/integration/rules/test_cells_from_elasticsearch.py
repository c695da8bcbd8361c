from __future__ import annotations

from typing import TYPE_CHECKING, Any

import elasticsearch
import pytest

from benchmarks.incidents.peer.passthrough import passing
from shipper.clock import iso_utc
from shipper.elastic.client import connect, from_url
from shipper.rules.engine import Engine
from shipper.rules.fields import field_types
from shipper.rules.query import PAGE, CellReader
from shipper.rules.reduce import Reducer
from tests.support.rule_stream import START, rule

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from shipper.rules.cell import Cell, Group

pytestmark = pytest.mark.elasticsearch

TIMES = "window: 20s\nevery: 10s\ncell: 10s\ngrace: 5s\nlate: 30s\n"


def fill(client: Elasticsearch, index: str, documents: list[dict[str, Any]]) -> None:
    for at in range(0, len(documents), 5000):
        operations: list[dict[str, Any]] = []
        for document in documents[at : at + 5000]:
            operations += [{"create": {}}, document]
        assert not client.bulk(index=index, operations=operations)["errors"]


def offline(text: str, documents: list[dict[str, Any]]) -> dict[tuple[Group, int], Cell]:
    engine = Engine(rule(text))
    reducer = Reducer(engine, field_types())
    for document in documents:
        reducer.add(document)
    groups = engine.store.groups(START, START + 60)
    found = {
        (group, at): engine.store.window(group, at, at + 10) for group in groups for at in range(START, START + 60, 10)
    }
    return {key: cell for key, cell in found.items() if cell.count}


def live(client: Elasticsearch, prefix: str, text: str) -> Any:
    watched = rule(text)
    reader = CellReader(client, field_types(), prefix)
    return reader.read(watched, watched.judge().measures, START, START + 60)


def test_f24_f25_f26_every_group_of_every_page_is_seen(elasticsearch, prefix, logs):
    text = f"name: r\ntype: threshold\nabove: 0\ngroup_by: [host.name]\n{TIMES}"
    number = 100_000
    documents = [{"@timestamp": iso_utc(START + at % 50), "host": {"name": f"host-{at}"}} for at in range(number)]
    fill(elasticsearch, logs, documents)
    reading = live(elasticsearch, prefix, text)
    assert reading.problems == []
    assert reading.pages >= number // PAGE
    assert reading.cells == offline(text, documents)
    assert len(reading.cells) == number


def test_what_fits_a_page_is_one_search_and_what_does_not_is_of_one_point_in_time(
    endpoints, elasticsearch, prefix, logs, monkeypatch
):
    monkeypatch.setattr("shipper.rules.query.PAGE", 10)
    watched = rule(f"name: r\ntype: threshold\nabove: 0\ngroup_by: [host.name]\n{TIMES}")
    fill(elasticsearch, logs, [{"@timestamp": iso_utc(START), "host": {"name": f"host-{at}"}} for at in range(9)])
    admin = endpoints.account("admin")
    with (
        passing(endpoints.elasticsearch, "8.0.0") as way,
        connect(from_url(f"http://{admin.user}:{admin.password}@127.0.0.1:{way.port}")) as client,
    ):
        reader, searches = CellReader(client, field_types(), prefix), []
        for end, number in enumerate((9, 25, 25, 25), START + 60):
            fill(elasticsearch, logs, [
                {"@timestamp": iso_utc(START), "host": {"name": f"host-{at}"}} for at in range(number)
            ])  # fmt: skip
            way.counts.clear()
            reading = reader.read(watched, watched.judge().measures, START, end)
            searches.append(way.counts["search"])
            assert len(reading.cells) == number
            assert reading.problems == []
    assert searches == [1, 1 + 3 + 2, 3 + 2, 3 + 2], "the point in time is opened and closed"


def test_f27_too_many_buckets_are_asked_for_in_smaller_pages(elasticsearch, prefix, logs):
    text = f"name: r\ntype: latency\nabove_ms: 1\ngroup_by: [host.name]\n{TIMES}"
    documents = [
        {
            "@timestamp": iso_utc(START + host % 50),
            "host": {"name": f"host-{host}"},
            "event": {"duration": [(1 << 20) * (32 + step) for step in range(160)]},
        }
        for host in range(450)
    ]
    fill(elasticsearch, logs, documents)
    reading = live(elasticsearch, prefix, text)
    assert reading.problems == []
    assert reading.cells == offline(text, documents)


def test_odd_values_count_the_same_live_and_offline(elasticsearch, prefix, logs):
    text = (
        f"name: r\ntype: latency\nabove_ms: 1\nfilter: 'not tags: skip'\ngroup_by: [service.name, host.name]\n{TIMES}"
    )
    odd: list[dict[str, Any]] = [
        {"service": {"name": ["a", "b", "a"]}, "host": {"name": "h"}, "event": {"duration": 5}},
        {"service": {"name": "a"}, "host": {"name": None}, "event": {"duration": 5_000_000}},
        {"service": {"name": "a"}, "event": {"duration": 5_000_000}},
        {"service.name": "a", "host.name": "h", "event.duration": 7_000_000_000},
        {"service": {"name": "a"}, "host": {"name": "h"}},
        {"service": {"name": "a"}, "host": {"name": "h"}, "tags": ["x", "skip"]},
        {"service": {"name": "a"}, "host": {"name": "h"}, "event": {"duration": "1500000"}},
        {"service": {"name": "a"}, "host": {"name": "h"}, "event": {"duration": 1 << 50}},
    ]
    documents = [{"@timestamp": iso_utc(START + 9.9994), **document} for document in odd]
    fill(elasticsearch, logs, documents)
    reading = live(elasticsearch, prefix, text)
    assert reading.cells == offline(text, documents)
    assert {group for group, _ in reading.cells} == {("a", "h"), ("b", "h")}


def test_durations_of_any_length_are_counted_whatever_was_seen_before(elasticsearch, prefix, logs):
    text = f"name: r\ntype: latency\nabove_ms: 1\ngroup_by: [host.name]\n{TIMES}"
    watched, reader, documents = rule(text), CellReader(elasticsearch, field_types(), prefix), []
    for durations in ([], [2_000_000, 3_000_000], [9_000_000], [400], [5, 1 << 45], [1 << 50], [1023, 1024, 1 << 46]):
        new = [
            {"@timestamp": iso_utc(START + at), "host": {"name": "h"}, "event": {"duration": duration}}
            for at, duration in enumerate(durations)
        ] or [{"@timestamp": iso_utc(START), "host": {"name": "h"}}]
        fill(elasticsearch, logs, new)
        documents += new
        for _ in range(2):
            reading = reader.read(watched, watched.judge().measures, START, START + 60)
            assert reading.problems == []
            assert reading.cells == offline(text, documents), durations


def test_an_array_of_durations_counts_once_for_each_of_its_buckets(elasticsearch, prefix, logs):
    text = f"name: r\ntype: latency\nabove_ms: 1\ngroup_by: [host.name]\n{TIMES}"
    arrays = [[5_000_000, 7_000_000_000], [5, 6], [5, 90_000], [1 << 50, 1 << 51, 1], [3_000_000, 3_000_001]]
    documents = [
        {"@timestamp": iso_utc(START), "host": {"name": "h"}, "event": {"duration": array}} for array in arrays
    ]
    fill(elasticsearch, logs, documents)
    assert live(elasticsearch, prefix, text).cells == offline(text, documents)


def test_f31_a_field_that_cannot_be_grouped_makes_the_result_incomplete(elasticsearch, prefix, logs):
    fill(elasticsearch, logs, [{"@timestamp": iso_utc(START), "message": "text"}])
    reading = live(elasticsearch, prefix, f"name: r\ntype: threshold\nabove: 0\ngroup_by: [message]\n{TIMES}")
    assert reading.cells == {}
    assert "message" in reading.problems[0]


def test_a_cluster_that_cannot_be_reached_makes_the_result_incomplete(prefix):
    watched = rule(f"name: r\ntype: threshold\nabove: 0\n{TIMES}")
    with elasticsearch.Elasticsearch("http://127.0.0.1:1", max_retries=0) as client:
        reading = CellReader(client, field_types(), prefix).read(watched, watched.judge().measures, START, START + 60)
    assert "cannot be reached" in reading.problems[0]


def test_f31_a_failed_shard_inside_a_good_answer_is_said_and_the_rest_is_counted(elasticsearch, prefix, logs):
    """One day's index has the field as text: its shard fails, the answer is a 200 with the groups of the other."""
    other = f"{prefix}shipper-logs-2026.01.06"
    elasticsearch.indices.create(
        index=other, mappings={"properties": {"@timestamp": {"type": "date"}, "host": {"properties": {
            "name": {"type": "text"}}}}}, settings={"number_of_replicas": 0},
    )  # fmt: skip
    for index in (logs, other):
        fill(elasticsearch, index, [{"@timestamp": iso_utc(START), "host": {"name": "h"}}])
    reading = live(elasticsearch, prefix, f"name: r\ntype: threshold\nabove: 0\ngroup_by: [host.name]\n{TIMES}")
    assert reading.problems == ["1 of 2 shards failed"]
    assert [(group, cell.count) for (group, _), cell in reading.cells.items()] == [(("h",), 1)]


def test_f31_an_answer_that_ran_out_of_time_is_said_to_be_a_part(elasticsearch, prefix, logs, monkeypatch):
    search = elasticsearch.search
    monkeypatch.setattr(elasticsearch, "search", lambda **asked: {**search(**asked), "timed_out": True})
    fill(elasticsearch, logs, [{"@timestamp": iso_utc(START)}])
    reading = live(elasticsearch, prefix, f"name: r\ntype: threshold\nabove: 0\n{TIMES}")
    assert reading.problems == ["the search timed out"]
    assert sum(cell.count for cell in reading.cells.values()) == 1
