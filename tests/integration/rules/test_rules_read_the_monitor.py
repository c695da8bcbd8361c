"""From what a real Elasticsearch says of itself, stored as the monitor stores it, to what the library makes of it.

A healthy cluster that others share cannot be made ill, so single numbers of its real answers are changed on their way
into the monitor; the fields, their types in the index and the rules are real. Logstash's answer is the recorded one.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from shipper.clock import ManualClock
from shipper.event import get_field
from shipper.kql import fields
from shipper.rules.evaluator import Evaluator, Surroundings
from shipper.rules.fields import field_types
from shipper.rules.files import load_rule
from shipper.rules.query_text import parse_query
from shipper.rules.state import Status
from shipper.stack.monitor import elasticsearch as of_elasticsearch
from shipper.stack.monitor import logstash as of_logstash
from shipper.stack.monitor.run import Monitor, Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from elasticsearch import Elasticsearch

    from shipper.rules.change import Change
    from shipper.stack.monitor.sample import Sample

pytestmark = [pytest.mark.elasticsearch, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[3]
STATS = json.loads((ROOT / "tests/data/monitor/logstash_node_stats.json").read_bytes())
AT = 983_448_000.0  # 2001-03-01T12:00:00Z
DAY = "shipper-metrics-2001.03.01"
MINUTE = 60


class Ill:
    """A client whose real answers are changed by `spoil` before the monitor sees them."""

    def __init__(self, client: Elasticsearch, spoil: dict[str, Callable[[Any], None]]) -> None:
        self._client, self._spoil = client, spoil
        self.cluster, self.nodes, self.indices = self, self, client.indices

    def state(self, **asked: Any) -> Any:
        return self._client.cluster.state(**asked)

    def stats(self, **asked: Any) -> Any:
        return self._changed("stats", self._client.nodes.stats(**asked))

    def health(self) -> Any:
        return self._changed("health", self._client.cluster.health())

    def _changed(self, name: str, answer: Any) -> Any:
        body = copy.deepcopy(answer.body)
        self._spoil.get(name, lambda _: None)(body)
        return body


def full_disk(stats: Any) -> None:
    for node in stats["nodes"].values():
        node["fs"]["total"]["available_in_bytes"] = node["fs"]["total"]["total_in_bytes"] // 20


def roomy_disk(stats: Any) -> None:
    for node in stats["nodes"].values():
        node["fs"]["total"]["available_in_bytes"] = node["fs"]["total"]["total_in_bytes"] // 2


def full_heap(stats: Any) -> None:
    for node in stats["nodes"].values():
        node["jvm"]["mem"]["heap_used_in_bytes"] = int(node["jvm"]["mem"]["heap_max_in_bytes"] * 0.93)


def red(health: Any) -> None:
    health["status"] = "red"


def full_queue(stats: Any) -> None:
    queue = stats["pipelines"]["logs"]["queue"]
    queue["queue_size_in_bytes"] = int(queue["max_queue_size_in_bytes"] * 0.9)


def cluster(client: Elasticsearch, **spoil: Callable[[Any], None]) -> Callable[[], list[Sample]]:
    return lambda: of_elasticsearch.samples(Ill(client, spoil), "own", ("none*",), 100)  # type: ignore[arg-type]  # as a client


def logstash(spoil: Callable[[Any], None] = lambda _: None) -> Callable[[], list[Sample]]:
    def ask() -> list[Sample]:
        stats = copy.deepcopy(STATS)
        spoil(stats)
        return of_logstash.samples(stats, "http://logstash", 100)

    return ask


def nothing() -> list[Sample]:
    return []


class Night:
    """A monitor and the live evaluator of one library rule, on one clock, minute by minute."""

    def __init__(self, client: Elasticsearch, prefix: str, rule: str) -> None:
        self.client, self.prefix, self.clock = client, prefix, ManualClock(AT)
        self.rule = load_rule(ROOT / f"alert_rules/{rule}.yml").rule
        around = Surroundings(client, self.clock, field_types(), {}, {"default": ()}, prefix)
        self.evaluator = Evaluator([self.rule], around)
        self.changes: list[Change] = []

    def pass_(self, minutes: int, ask: Callable[[], list[Sample]]) -> None:
        for _ in range(minutes):
            monitor = Monitor(self.client, [Source("it", ask)], MINUTE, self.prefix)
            monitor.once(self.clock)
            assert (monitor.tally.refused, monitor.tally.failures) == (0, {})
            self.clock.advance(MINUTE)
            self.changes += self.evaluator.evaluate(self.rule.name)

    def told(self) -> list[tuple[str, dict[str, str]]]:
        loud = (Status.FIRING, Status.RESOLVED)
        return [(change.after.value, change.labels) for change in self.changes if change.after in loud]

    def stored(self) -> list[dict[str, Any]]:
        """What the rule's filter leaves of the documents, looked at outside of the rule."""
        self.client.indices.refresh(index=self.prefix + DAY)
        hits = self.client.search(index=self.prefix + DAY, size=1000)["hits"]["hits"]
        dataset = self.rule.filter.split("event.dataset: ")[1].split()[0]
        return [hit["_source"] for hit in hits if hit["_source"]["event"]["dataset"] == dataset]


def node_name(client: Elasticsearch) -> str:
    (node,) = client.nodes.info()["nodes"].values()
    return str(node["name"])


@pytest.mark.parametrize(
    ("rule", "ill", "well"),
    [
        ("cluster-disk", {"stats": full_disk}, {"stats": roomy_disk}),
        ("cluster-heap", {"stats": full_heap}, {}),
        ("cluster-health", {"health": red}, {}),
    ],
)
def test_a_rule_of_the_cluster_fires_on_what_the_monitor_stores_and_resolves(elasticsearch, ready, rule, ill, well):
    night = Night(elasticsearch, ready, rule)
    night.pass_(3, cluster(elasticsearch, **well))
    assert night.told() == []
    night.pass_(26, cluster(elasticsearch, **ill))
    group = {"elasticsearch.cluster.name": "own"}
    if rule != "cluster-health":
        group["elasticsearch.node.name"] = node_name(elasticsearch)
    assert night.told() == [("firing", group)]
    night.pass_(25, cluster(elasticsearch, **well))
    assert night.told() == [("firing", group), ("resolved", group)]
    has_all_its_fields(night)


def test_logstash_queue_fires_for_the_pipeline_that_is_full_and_for_no_other(elasticsearch, ready):
    night = Night(elasticsearch, ready, "logstash-queue")
    night.pass_(3, logstash())
    night.pass_(12, logstash(full_queue))
    night.pass_(18, logstash())
    group = {"logstash.node.name": "ls-1", "logstash.pipeline.name": "logs"}
    assert night.told() == [("firing", group), ("resolved", group)]
    has_all_its_fields(night, besides="logs")


def test_logstash_silent_fires_when_nothing_is_heard_of_it_and_resolves_when_it_speaks(elasticsearch, ready):
    night = Night(elasticsearch, ready, "logstash-silent")
    night.pass_(5, logstash())
    night.pass_(8, nothing)
    night.pass_(6, logstash())
    group = {"logstash.node.name": "ls-1"}
    assert night.told() == [("firing", group), ("resolved", group)]
    has_all_its_fields(night)


def has_all_its_fields(night: Night, besides: str | None = None) -> None:
    """Each document that the rule is about carries every field that it asks for, mapped as its type needs."""
    rule = night.rule
    wanted = {*rule.group_by, *fields(parse_query(rule.filter, rule.name, "filter"))}
    wanted |= {name for name in (rule.judge().measures.number,) if name}
    stored = night.stored()
    if besides is not None:  # a memory queue has no size to be full of
        stored = [one for one in stored if one["logstash"]["pipeline"]["name"] == besides]
    assert stored
    for name in wanted:
        assert all(get_field(document, name, None) is not None for document in stored), name
        assert name in field_types(), name
