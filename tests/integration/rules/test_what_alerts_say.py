"""What an alert of each type says on real documents in a real index, word for word, as the person on call reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from shipper import config
from shipper.clock import ManualClock, iso_utc
from shipper.rules.engine import Engine
from shipper.rules.evaluator import Evaluator, Surroundings
from shipper.rules.explain import explain
from shipper.rules.fields import field_types
from shipper.rules.notifier import Outcome, Sent
from shipper.rules.notifier.text import lines
from shipper.rules.query import CellReader
from shipper.rules.state import RuleState
from shipper.rules.type import AnyRule
from tests.support.rule_stream import START

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from shipper.rules.notification import Notification
    from shipper.rules.rule import Rule

pytestmark = pytest.mark.elasticsearch

GOLDEN = Path(__file__).parents[2] / "data/alert_texts.txt"
COMMON = "summary: Something is wrong\nowner: shop-team\nrunbook: docs/runbooks/errors.md\nseverity: critical\n"
BY_ROUTE = "group_by: [service.name, http.route]\n"
BY_SERVICE = "group_by: [service.name]\n"
RULES = {
    "apdex": BY_SERVICE + "type: apdex\ntarget_ms: 100\nbelow: 0.9\nbad: 'event.outcome: failure'\n",
    "average": BY_ROUTE + "type: threshold\nmetric: avg\nfield: event.duration\nabove: 300000000\n",
    "burn-rate": BY_SERVICE + "type: burn_rate\nbad: 'event.outcome: failure'\nobjective_percent: 99.9\n",
    "cardinality": BY_SERVICE + "type: cardinality\nfield: trace.id\nabove: 1000\nwindow: 10m\n",
    "change": BY_ROUTE + "type: change\nmetric: percentile\nfield: event.duration\nby_percent: 100\nreference: 10m\n",
    "change-of-part": BY_SERVICE + "type: change\nmetric: percent\nof: 'event.outcome: failure'\nby_percent: 100\n"
    "reference: 10m\n",
    "count": BY_SERVICE + "type: threshold\nfilter: 'log.level: error'\nabove: 20\n",
    "flatline": BY_SERVICE + "type: flatline\nexpect: [{service.name: payments}]\n",
    "latency": BY_ROUTE + "type: latency\nabove_ms: 500\n",
    "new-term": "group_by: [service.name, error.type]\ntype: new_term\nfilter: 'error.type: *'\nhistory: 1h\n"
    "learn: 10m\n",
    "ratio": BY_SERVICE + "type: ratio\nof: 'event.outcome: failure'\nabove_percent: 3\n",
    "saturation": BY_SERVICE + "type: saturation\nworkers: 2\nabove_percent: 20\n",
    "seasonal": BY_SERVICE + "type: seasonal\nweeks: 2\n",
    "spike": "group_by: [host.name]\ntype: spike\ntimes: 3\nreference: 10m\n",
}


class Ear:
    """A receiver that keeps what it hears."""

    def __init__(self) -> None:
        self.told: list[Notification] = []

    def notify(self, notification: Notification) -> Outcome:
        self.told.append(notification)
        return Sent()

    def close(self) -> None:
        """Nothing to release."""


def request(number: int, second: float) -> dict[str, Any]:
    """Requests over three hosts and two routes in turn; from 15:00 to 20:00 the new version on web-3 is ill."""
    host, route = number % 3 + 1, ("/items/{id}", "/checkout")[number // 3 % 2]
    ill = 900 <= second < 1200 and host == 3
    failed, slow = ill and number % 4 == 0, ill and route == "/checkout"
    milliseconds = (2000 if slow else 20) + number % 10
    document = {
        "@timestamp": iso_utc(START + second),
        "message": f"GET {route} {500 if failed else 200}",
        "trace": {"id": f"{number:032x}"},
        "host": {"name": f"web-{host}"},
        "service": {"name": "shop", "version": "1.4.2" if ill else "1.4.1"},
        "http": {"route": route, "response": {"status_code": 500 if failed else 200}},
        "event": {"outcome": "failure" if failed else "success", "duration": milliseconds * 1_000_000},
        "log": {"level": "error" if failed else "info"},
    }
    if failed:
        document["error"] = {"id": "a1b2c3d4e5f60718", "type": "DeadlockDetected", "message": "deadlock\ndetected"}
    return document


def documents() -> list[dict[str, Any]]:
    """Half an hour of requests, a few of the same time in the two weeks before, and a service that falls silent."""
    found = [request(number, number / 2) for number in range(3600)]
    found += [
        {"@timestamp": iso_utc(START + second - week * 7 * 86400), "service": {"name": "shop"}}
        for week in (1, 2)
        for second in range(-1800, 5400, 10)
    ]
    silent = {"service": {"name": "mail"}, "host": {"name": "mail-1"}, "message": "bye\x1b[31m", "error": {"type": "E"}}
    found.append({"@timestamp": iso_utc(START + 5), **silent})
    known = {"service": {"name": "shop"}, "error": {"type": "DeadlockDetected"}}
    found.append({"@timestamp": iso_utc(START - 10 * 86400), **known})  # longer ago than any rule looks back
    beats = [*range(0, 1800, 5), *(1020 + part / 10 for part in range(600))]
    return found + [{"@timestamp": iso_utc(START + second), "host": {"name": "cron-1"}} for second in beats]


@pytest.fixture
def stored(elasticsearch: Elasticsearch, prefix: str) -> str:
    """Indices mapped as the templates map them, with the documents."""
    for name in ("shipper-logs-2026.01.05", "shipper-metrics-2026.01.05", "shipper-alerts"):
        template = elasticsearch.indices.simulate_index_template(name=name)["template"]
        elasticsearch.indices.create(
            index=prefix + name, mappings=template["mappings"], settings={"number_of_replicas": 0}
        )
    operations: list[dict[str, Any]] = []
    for document in documents():
        operations += [{"create": {}}, document]
    answer = elasticsearch.bulk(index=f"{prefix}shipper-logs-2026.01.05", operations=operations, refresh=True)
    assert not answer["errors"]
    return prefix


def rules() -> list[Rule]:
    return [
        config.bind(config.parse(f"name: {name}\n{COMMON}{text}", "rule.yml"), AnyRule)  # type: ignore[arg-type]  # a union
        for name, text in RULES.items()
    ]


def told(client: Elasticsearch, prefix: str, minutes: list[float]) -> list[Notification]:
    """What all rules say when they are evaluated at those minutes."""
    ear, clock = Ear(), ManualClock(START)
    around = Surroundings(
        client, clock, field_types(), {"ear": ear}, {"default": ("ear",)}, prefix,
        kibana="https://kibana.example/s/ops", runbooks="https://git.example/shipper/",
    )  # fmt: skip
    evaluator, watched = Evaluator(rules(), around), list(RULES)
    for minute in minutes:
        clock.advance(START + 60 * minute - clock.time())
        for name in watched:
            evaluator.evaluate(name)
    evaluator.release()
    return ear.told


def test_an_alert_of_each_type_says_what_how_much_since_when_what_differs_and_where_to_look(elasticsearch, stored):
    said = told(elasticsearch, stored, [14, 19, 26])
    texts = {(one.rule, one.kind.value, one.where): [one.title, *lines(one)] for one in said}
    firing = {key: text for key, text in texts.items() if key[1] == "firing"}
    assert {rule for rule, _, _ in firing} == set(RULES), "each type has fired"
    ended = texts["latency", "resolved", "service.name=shop http.route=/checkout"]
    shown = [*(firing[key] for key in sorted(firing)), ended]
    assert "\n\n".join("\n    ".join(text) for text in shown) + "\n" == GOLDEN.read_text()


def test_of_each_type_the_requests_that_explain_shows_find_what_it_says(elasticsearch, stored):
    reader = CellReader(elasticsearch, field_types(), stored)
    for rule in rules():
        state = RuleState(shape=list(rule.group_by), learned=True)
        data = explain(rule, reader, state, START + 19 * 60)
        keys: set[tuple[tuple[str, Any], ...]] = set()
        for number, one in enumerate(data["requests"]):
            answer = elasticsearch.perform_request(
                one["method"], one["path"], body=json.loads(json.dumps(one["body"])),
                headers={"accept": "application/json", "content-type": "application/json"},
            )  # fmt: skip
            buckets = answer["aggregations"]["cells"]["buckets"]
            if number == 0:
                found = [bucket["key"] for bucket in buckets]
                keys = {tuple((name, key[name]) for name in key if name != "d") for key in found}
                assert len(keys) == data["cells"] > 0, rule.name
            else:
                assert buckets, f"{rule.name}: the older times have documents too"
        assert len(data["requests"]) == 1 + len(Engine(rule).judge.past), rule.name
        breaches = [group for group in data["groups"] if group["outcome"] == "breach"]
        assert breaches, rule.name
        for group in breaches:
            assert group["text"], rule.name
            assert group["why"] == "it breaches now, and is judged at the next evaluation"
            assert group["last_cells"], rule.name
