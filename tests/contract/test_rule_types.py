"""What every rule type owes the engine, whichever it is."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from shipper import config
from shipper.clock import iso_utc
from shipper.errors import ConfigError
from shipper.kql import parse, to_dsl
from shipper.rules.fields import field_types
from shipper.rules.replay import Replay, Timeline
from shipper.rules.type import TYPES, AnyRule
from shipper.rules.verdict import Outcome
from tests.support.rule_stream import START, rule, stream

if TYPE_CHECKING:
    from shipper.rules.rule import Rule

NEEDED: dict[str, str] = {
    "apdex": "target_ms: 20\nbelow: 0.5\nmin_samples: 5\n",
    "burn_rate": "bad: 'event.outcome: failure'\nobjective_percent: 99\nmin_count: 5\n"
    "pairs: [{long: 60s, short: 20s, rate: 5}]\n",
    "cardinality": "field: event.outcome\nabove: 1\n",
    "change": "by_percent: 100\nreference: 60s\nmin_count: 5\n",
    "flatline": "below: 5\n",
    "latency": "above_ms: 60\nmin_samples: 5\n",
    "new_term": "learn: 40s\nhistory: 60s\n",
    "ratio": "of: 'event.outcome: failure'\nabove_percent: 25\nmin_count: 5\n",
    "saturation": "workers: 1\nmin_samples: 5\n",
    "seasonal": "min_count: 5\naround: 60s\n",
    "spike": "times: 2\nmin_count: 5\nreference: 60s\n",
    "threshold": "above: 10\n",
}
TIMES = "window: 20s\nevery: 10s\ncell: 10s\ngrace: 5s\nlate: 30s\nflapping: {times: 99}\n"


@pytest.fixture(params=sorted(TYPES))
def made(request: pytest.FixtureRequest) -> Rule:
    return rule(f"name: r\ntype: {request.param}\n{NEEDED[request.param]}{TIMES}group_by: [service.name]\n")


def timeline(seed: int, *, shuffled: bool = False) -> Timeline:
    known = {document["_id"]: document for document in stream(seed, 160)}
    documents = [{key: value for key, value in document.items() if key != "_id"} for document in known.values()]
    if shuffled:
        random.Random(seed).shuffle(documents)
    found = Timeline()
    for document in documents:
        found.add(document)
    return found


def changes(made: Rule, found: Timeline) -> list[dict[str, Any]]:
    replay = Replay(made, found)
    return [change.as_json(()) for now in replay.ticks(START + 260) for change in replay.tick(now).changes]


def test_the_model_refuses_what_it_does_not_know(made):
    kind = type(made)
    tag = kind.__struct_config__.tag
    text = f"summary: s\nowner: o\nrunbook: r\nname: r\ntype: {tag}\n{NEEDED[str(tag)]}{TIMES}group_by: [a]\nabov: 1\n"
    with pytest.raises(ConfigError, match="unknown key `abov`"):
        config.bind(config.parse(text), AnyRule)  # type: ignore[arg-type]  # a union


def test_the_model_is_frozen(made):
    with pytest.raises(AttributeError):
        made.name = "other"
    assert msgspec.structs.replace(made, severity="info") != made


def test_it_looks_no_further_back_than_it_says(made):
    judge = made.judge()
    asked: list[tuple[int, int]] = []

    class View:
        def window(self, seconds, ago=0):
            asked.append((seconds + ago, ago))
            return Replay(made, Timeline()).engine.store.window((), 0, 0)

        def everyone(self, seconds):
            return self.window(seconds)

        def last_heard(self, ago):
            return None

        def had_incident(self, seconds, ago):
            return False

    verdict = judge.judge(View())
    allowed = [(judge.span, 0), *judge.past]
    assert all(any(start <= first and end >= last for first, last in allowed) for start, end in asked)
    assert verdict.text
    assert verdict.outcome in (Outcome.CLEAR, Outcome.NO_DATA, Outcome.BREACH)


def test_without_documents_it_stays_silent_unless_absence_is_its_business(made):
    found = Timeline()
    for at in (0, 200):
        found.add(
            {"@timestamp": iso_utc(START + at), "service": {"name": "once"}, "event": {"ingested": iso_utc(START + at)}}
        )
    fired = [change for change in changes(made, found) if change["to"] == "firing"]
    assert bool(fired) == (type(made).__struct_config__.tag == "flatline")


def test_the_order_of_documents_with_one_arrival_time_does_not_matter(made):
    assert changes(made, timeline(3)) == changes(made, timeline(3, shuffled=True))


def test_its_evidence_can_be_asked_of_elasticsearch(made):
    for facts in ({}, {"usual": 2.5, "now": 7.0}, {"usual": 1e12, "now": 0.0}):
        evidence = made.judge().evidence(facts)
        if evidence is not None:
            assert to_dsl(parse(evidence), field_types())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("type: threshold\n", "exactly one of `above` and `below`"),
        ("type: threshold\nabove: 1\nbelow: 2\n", "exactly one of `above` and `below`"),
        ("type: threshold\nabove: 1\nmetric: avg\n", "every other metric needs one"),
        ("type: threshold\nabove: 1\nwindow: 90s\n", "`window` must be a multiple of the cell (60 s)"),
        ("type: threshold\nabove: 1\nfor: 10s\n", "`for` must be a multiple of the cell"),
        ("type: ratio\nof: 'a: 1'\nabove_percent: 100\n", "< 100"),
        ("type: new_term\n", "`new_term` needs `group_by`"),
        ("type: flatline\ngroup_by: [a]\nexpect: [{b: x}]\n", "names every `group_by` field"),
        ("type: spike\ntimes: 3\nreference: 1m\n", "not shorter than `window`"),
        (
            "type: burn_rate\nbad: 'a: 1'\nobjective_percent: 99\npairs: [{long: 5m, short: 1h, rate: 2}]\n",
            "the short one shorter",
        ),
        ("type: cardinality\nfield: a\n", "exactly one of `above` and `below`"),
        ("type: change\nby_percent: 10\nmetric: avg\n", "`metric: avg` needs `field`"),
        ("type: change\nby_percent: 10\nmetric: count\nfield: a\n", "`metric: count` takes no `field`"),
        ("type: change\nby_percent: 10\nmetric: percent\n", "`metric: percent` needs `of`"),
        ("type: change\nby_percent: 10\nreference: 1m\n", "not shorter than `window`"),
        ("type: change\nby_percent: 10\nreference: 10m\nusual: median\n", "three windows at least"),
        ("type: seasonal\naround: 5m\n", "at least two windows"),
        ("type: seasonal\nweeks: 1\n", "`min_weeks` cannot be more than `weeks`"),
        ("type: saturation\nworkers: 0\n", "> 0"),
        ("type: treshold\nabove: 1\n", "invalid value 'treshold'"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_with_the_reason(text, message):
    with pytest.raises(ConfigError) as caught:
        rule(f"name: r\n{text}")
    assert message in str(caught.value)
