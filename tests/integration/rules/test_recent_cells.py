"""What an evaluator keeps of the cells is what it would read, whatever came, changed or went meanwhile."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from shipper.clock import iso_utc
from shipper.rules.engine import Engine
from shipper.rules.fields import field_types
from shipper.rules.query import CellReader
from shipper.rules.recent import Recent
from shipper.rules.state import RuleState
from tests.support.rule_stream import RULES, START, TIMES, rule

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from shipper.rules.query import Reading
    from shipper.rules.rule import Rule
    from shipper.rules.verdict import Measures

pytestmark = pytest.mark.elasticsearch

NUMBERS = "name: numbers\ntype: threshold\nabove: 1\ngroup_by: [http.response.status_code, service.name]\n"
LOOKS = 24


class Counting(CellReader):
    """Remembers how many cells came."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        super().__init__(client, field_types(), prefix)
        self.reads: list[int] = []

    def read(
        self, rule: Rule, measures: Measures, start: int, end: int, *, since: int | None = None, marked: bool = False
    ) -> Reading:
        reading = super().read(rule, measures, start, end, since=since, marked=marked)
        self.reads.append(len(reading.cells))
        return reading


def document(source: random.Random, at: float) -> dict[str, Any]:
    return {
        "@timestamp": iso_utc(at),
        "service": {"name": source.choice(["shop", "mail", "pay"])},
        "event": {"duration": source.randrange(1 << 28), "outcome": source.choice(["success", "failure"])},
        "http": {"response": {"status_code": source.choice([200, 404, 500])}},
        "system": {"cpu": {"total": {"norm": {"pct": source.random()}}}, "network": {"in": {"bytes": 7}}},
    }


def cells(engine: Engine, start: int, end: int) -> dict[Any, Any]:
    step = engine.rule.step
    return {
        (group, at): engine.store.window(group, at, at + step)
        for at in range(start, end, step)
        for group in sorted(engine.store.groups(at, at + step))
    }


@pytest.mark.parametrize("name", [*RULES, "numbers"])
def test_kept_cells_are_those_a_whole_reading_gives_though_documents_come_change_and_go(
    elasticsearch, prefix, logs, name, monkeypatch
):
    monkeypatch.setattr("shipper.rules.query.PAGE", 40)
    source = random.Random(name)
    text = NUMBERS + TIMES.partition("\n")[2] if name == "numbers" else RULES[name] + TIMES
    kept, whole = Engine(rule(text)), Engine(rule(text))
    reader = CellReader(elasticsearch, field_types(), prefix)
    known: list[str] = []
    recent, state = Recent(reader), RuleState(shape=list(kept.rule.group_by), last=START)
    state.learned = True
    for look in range(LOOKS):
        now = START + 10 * look + (5 if source.random() < 0.5 else 0)
        operations: list[dict[str, Any]] = []
        for _ in range(source.randrange(12)):
            late = source.uniform(0, 80) if source.random() < 0.2 else source.uniform(0, 10)
            operations += [{"create": {}}, document(source, now - late)]
        for _ in range(source.randrange(3) if len(known) > 5 else 0):
            gone = known.pop(source.randrange(len(known)))
            operations.append({"delete": {"_id": gone}})
            if source.random() < 0.5:  # and another in the very same slice: the count is as before
                operations[-1] = {"index": {"_id": gone}}
                operations.append(document(source, now - 15))
        if operations:
            answer = elasticsearch.bulk(index=logs, operations=operations)
            assert not answer["errors"]
            known += [item["create"]["_id"] for item in answer["items"] if "create" in item]
        if source.random() < 0.8:  # else another evaluator had the rule meanwhile
            assert recent.fill(kept, state, now) == []
            start, end = kept.reach(state, now), kept.schedule(state).boundary(now)
            full = reader.read(whole.rule, whole.judge.measures, start, end)
            whole.store.replace(start, end, full.cells)
            assert cells(kept, start, end) == cells(whole, start, end), f"look {look}"
        if source.random() < 0.7:
            state.last = max(START, now // kept.rule.interval * kept.rule.interval - kept.rule.interval)


def test_what_was_judged_for_good_is_not_read_again_but_for_what_came_late(elasticsearch, prefix, logs):
    source, reader = random.Random(1), Counting(elasticsearch, prefix)
    engine, state = Engine(rule(RULES["latency"] + TIMES)), RuleState(shape=["service.name"], last=START, learned=True)
    recent = Recent(reader)
    operations: list[dict[str, Any]] = []
    for at in range(START - 100, START + 100):
        operations += [{"create": {}}, document(source, at) | {"service": {"name": "shop"}}]
    assert not elasticsearch.bulk(index=logs, operations=operations)["errors"]
    recent.fill(engine, state, START + 10)
    for now in (START + 20, START + 30):
        state.last = now - 10
        recent.fill(engine, state, now)
    first, *others = reader.reads
    assert first > 10
    assert others == [2, 2], "the two cells since the last boundary"
    late = document(source, START - 20) | {"service": {"name": "shop"}}
    elasticsearch.index(index=logs, document=late)
    state.last = START + 30
    recent.fill(engine, state, START + 40)
    assert reader.reads[3:] == [2, 1]
    assert engine.store.window(("shop",), START - 20, START - 15).count == 6


def test_after_a_failed_reading_everything_is_read_again(elasticsearch, prefix, logs):
    reader = Counting(elasticsearch, prefix)
    engine, state = Engine(rule(RULES["count"] + TIMES)), RuleState(shape=["service.name"], last=START, learned=True)
    recent, source = Recent(reader), random.Random(2)
    for at in range(START - 40, START + 40, 5):
        elasticsearch.index(index=logs, document=document(source, at))
    assert recent.fill(engine, state, START + 10) == []
    elasticsearch.indices.close(index=logs)
    state.last = START + 10
    assert recent.fill(engine, state, START + 20) != []
    elasticsearch.indices.open(index=logs)
    elasticsearch.cluster.health(index=logs, wait_for_status="yellow")
    assert recent.fill(engine, state, START + 20) == []
    assert reader.reads[-1] == 12


def test_f2_what_the_watermark_promises_is_found_though_another_rule_has_just_looked(elasticsearch, prefix, logs):
    """The agent's promise may be newer than the look's refresh: it is kept only if one more comes after it was read."""
    elasticsearch.indices.put_settings(index=logs, settings={"refresh_interval": "-1"})
    watched = rule("name: r\ntype: threshold\nabove: 0\nwindow: 10s\nevery: 10s\ncell: 10s\n")
    reader = CellReader(elasticsearch, field_types(), prefix)
    reader.look(START + 20)

    def seen() -> int:
        cells = reader.read(watched, watched.judge().measures, START, START + 10).cells
        return sum(cell.count for cell in cells.values())

    assert seen() == 0, "another rule of the same look, which waits for no watermark"
    elasticsearch.index(index=logs, document={"@timestamp": iso_utc(START + 5), "message": "late"})
    beat = {"@timestamp": iso_utc(START + 19), "event": {"dataset": "shipper.heartbeat"}, "agent": {"id": "a"}}
    elasticsearch.index(
        index=logs.replace("logs", "metrics"), document={**beat, "shipper": {"watermark": iso_utc(START + 19)}}
    )
    assert reader.watermark(START + 20) == START + 19, "the agent says that all before this was acknowledged"
    assert seen() == 1
