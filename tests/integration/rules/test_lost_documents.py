"""What goes with its index resolves nothing: windows that had it are incomplete, and it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shipper.clock import ManualClock, iso_utc
from shipper.rules.evaluator import Evaluator, Surroundings
from shipper.rules.fields import field_types
from shipper.rules.overview import overview
from tests.integration.rules.conftest import MAPPINGS
from tests.support.rule_receiver import Receiver
from tests.support.rule_stream import START, rule

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch


pytestmark = pytest.mark.elasticsearch

BURST = "name: burst\ntype: threshold\nabove: 3\nwindow: 30s\nevery: 10s\ncell: 10s\ngrace: 2s\nlate: 20s\n"
QUIET = (
    "name: quiet\ntype: flatline\nbelow: 3\nwindow: 30s\nevery: 10s\ncell: 10s\ngrace: 2s\nlate: 20s\nexpect: [{}]\n"
)


class Watched:
    """An evaluator of one rule, its clock, and what it told."""

    def __init__(self, client: Elasticsearch, prefix: str, text: str) -> None:
        self.client, self.prefix = client, prefix
        self.clock, self.receiver = ManualClock(START), Receiver()
        around = Surroundings(
            client, self.clock, field_types(), {"hook": self.receiver}, {"default": ("hook",)}, prefix
        )  # fmt: skip
        self.rule = rule(text)
        self.evaluator = Evaluator([self.rule], around)
        self.look()

    def look(self, seconds: int = 0) -> None:
        """Evaluate now, and every two seconds for a while."""
        self.evaluator.evaluate(self.rule.name)
        for _ in range(0, seconds, 2):
            self.clock.advance(2)
            self.evaluator.evaluate(self.rule.name)

    @property
    def problems(self) -> list[str]:
        found: list[str] = overview(self.client, self.prefix, self.clock.time())["rules"][self.rule.name]["problems"]
        return found


def send(client: Elasticsearch, index: str, start: int, count: int) -> None:
    for number in range(count):
        document = {"@timestamp": iso_utc(START + start + number), "service": {"name": "shop"}}
        client.index(index=index, id=f"{start}-{number}", document=document)


@pytest.fixture
def other(elasticsearch: Elasticsearch, logs: str) -> str:
    name = logs.replace("2026.01.05", "2026.01.04")
    elasticsearch.indices.create(index=name, mappings=MAPPINGS)
    return name


@pytest.mark.parametrize("how", ["deleted", "closed", "made anew"])
def test_an_alert_whose_documents_go_with_their_index_is_not_resolved_by_that(elasticsearch, prefix, logs, other, how):
    watched = Watched(elasticsearch, prefix, BURST)
    send(elasticsearch, logs, 0, 10)
    watched.look(14)
    assert watched.receiver.kinds == ["firing"]
    if how == "closed":
        elasticsearch.indices.close(index=logs)
    else:
        elasticsearch.indices.delete(index=logs)
    if how == "made anew":
        send(elasticsearch, logs, 13, 2)
    watched.look(20)  # to 34: windows that had them end until 40
    assert watched.receiver.kinds == ["firing", "incomplete"]
    said = f"10 documents went with the index {logs}"
    assert watched.receiver.seen[-1].text == f"{said}: windows that had them are incomplete, and resolve nothing"
    assert watched.problems == [said]
    watched.look(30)
    assert watched.receiver.kinds[2:] in (["resolved", "complete"], ["complete", "resolved"])
    assert watched.problems == []


def test_an_index_that_is_closed_and_opened_again_changes_nothing(elasticsearch, prefix, logs, other):
    watched = Watched(elasticsearch, prefix, BURST)
    send(elasticsearch, logs, 0, 10)
    watched.look(14)
    elasticsearch.indices.close(index=logs)
    watched.look(10)
    elasticsearch.indices.open(index=logs, wait_for_active_shards="1")
    send(elasticsearch, logs, 20, 10)
    watched.look(10)
    assert watched.receiver.kinds == ["firing", "incomplete", "complete"]
    assert watched.problems == []


def test_silence_is_not_found_in_windows_whose_documents_went_with_an_index(elasticsearch, prefix, logs, other):
    for start in range(-40, 0, 10):
        send(elasticsearch, logs, start, 5)
    watched = Watched(elasticsearch, prefix, QUIET)
    for start in range(0, 40, 10):
        send(elasticsearch, logs, start, 5)
        watched.look(10)
    assert watched.receiver.kinds == []
    elasticsearch.indices.delete(index=logs)
    for start in range(40, 60, 10):
        send(elasticsearch, logs, start, 1)
        watched.look(10)
    assert watched.receiver.kinds == []
    watched.look(30)
    assert "firing" in watched.receiver.kinds


def test_documents_that_are_deleted_by_themselves_are_a_change_like_any_other(elasticsearch, prefix, logs, other):
    watched = Watched(elasticsearch, prefix, BURST)
    send(elasticsearch, logs, 0, 10)
    watched.look(14)
    for number in range(10):
        elasticsearch.delete(index=logs, id=f"0-{number}")
    watched.look(10)
    assert watched.receiver.kinds == ["firing", "resolved"]
    assert watched.problems == []


def test_what_goes_with_an_index_while_elasticsearch_fails_is_missed_all_the_same(elasticsearch, prefix, logs, other):
    watched = Watched(elasticsearch, prefix, BURST)
    send(elasticsearch, logs, 0, 10)
    watched.look(14)
    state = f"{prefix}shipper-rule-state"
    elasticsearch.indices.close(index=state)
    watched.look(8)
    elasticsearch.indices.delete(index=logs)
    elasticsearch.indices.open(index=state, wait_for_active_shards="1")
    watched.look(10)
    assert watched.receiver.kinds == ["firing", "incomplete"]
