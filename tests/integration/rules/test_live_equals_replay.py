from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shipper.clock import ManualClock
from shipper.kql.values import date_value
from shipper.rules.evaluator import Evaluator, Surroundings
from shipper.rules.fields import field_types
from shipper.rules.replay import Replay, Timeline
from tests.support.rule_stream import START, rules, stream

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

pytestmark = pytest.mark.elasticsearch

SECONDS = 150


def arrivals(documents: list[dict[str, Any]]) -> list[tuple[float, dict[str, Any]]]:
    return sorted(
        ((date_value(document["event"]["ingested"]) / 1000, document) for document in documents),
        key=lambda item: (item[0], item[1]["_id"]),
    )


def index(client: Elasticsearch, name: str, documents: list[dict[str, Any]]) -> None:
    operations: list[dict[str, Any]] = []
    for document in documents:
        source = {key: value for key, value in document.items() if key != "_id"}
        operations += [{"create": {"_id": document["_id"]}}, source]
    if operations:
        client.bulk(index=name, operations=operations)


def replayed(documents: list[dict[str, Any]], until: int) -> dict[str, list[dict[str, Any]]]:
    known: dict[str, dict[str, Any]] = {}
    for _, document in arrivals(documents):
        known.setdefault(document["_id"], document)
    timeline = Timeline()
    for document in known.values():
        timeline.add({key: value for key, value in document.items() if key != "_id"})
    changes: dict[str, list[dict[str, Any]]] = {}
    for rule in rules():
        replay = Replay(rule, timeline)
        changes[rule.name] = [
            change.as_json(("default",)) for now in replay.ticks(until) for change in replay.tick(now).changes
        ]
    return changes


@pytest.mark.parametrize("seed", [1, 2])
def test_elasticsearch_and_the_file_give_the_same_changes_byte_for_byte(elasticsearch, prefix, logs, seed):
    documents = stream(seed, SECONDS)
    waiting = arrivals(documents)
    clock = ManualClock(START + 10)
    around = Surroundings(elasticsearch, clock, field_types(), {}, {"default": ()}, prefix)
    evaluator = Evaluator(rules(), around)
    live: dict[str, list[dict[str, Any]]] = {rule.name: [] for rule in rules()}
    until = START + SECONDS + 70
    while clock.time() <= until:
        visible = [document for arrived, document in waiting if arrived <= clock.time()]
        waiting = waiting[len(visible) :]
        index(elasticsearch, logs, visible)
        for name, changes in live.items():
            changes += [change.as_json(("default",)) for change in evaluator.evaluate(name)]
        if clock.time() % 50 == 0:  # a restart forgets all cells
            evaluator.release()
            evaluator = Evaluator(rules(), around)
        clock.advance(5)
    expected = replayed(documents, until)
    for name, changes in live.items():
        assert changes == expected[name], name
    assert {name for name, changes in live.items() if any(change["to"] == "firing" for change in changes)} >= {
        "ratio",
        "latency",
        "count",
    }
