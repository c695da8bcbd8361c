"""Host metrics and heartbeats: names, ids and the truth of the low watermark."""

from __future__ import annotations

import orjson
import pytest

from shipper.agent.metrics.collector import Collector, MetricsSettings
from shipper.agent.metrics.heartbeat import NEVER, mark
from shipper.clock import iso_utc
from shipper.event import Stream, get_field
from tests.support.agent import Rig


@pytest.fixture
def rig(tmp_path):
    (tmp_path / "logs").mkdir()
    rig = Rig(tmp_path / "logs", tmp_path / "state")
    yield rig
    rig.tailer.close()
    rig.registry.close()


def collector(rig, **settings):
    common = {"host": {"name": "h"}, "agent": {"id": "agent0"}}
    return Collector(
        MetricsSettings(**settings), common, lambda: rig.tailer.fleet, rig.registry, rig.delivery, rig.clock
    )


def sample(rig, **settings):
    collector(rig, **settings).sample()
    (batch,) = rig.delivery.take(1000, 1 << 20, 0)
    rig.delivery.settle([batch])
    assert batch.stream is Stream.METRICS
    return dict(zip(batch.ids, map(orjson.loads, batch.documents), strict=True))


def beat(rig):
    documents = sample(rig, host=False)
    (agent,) = [d for d in documents.values() if "source" not in d["shipper"]]
    return agent["shipper"], [d["shipper"] for d in documents.values() if "source" in d["shipper"]]


def test_host_metrics_have_metricbeats_names_and_shares_between_zero_and_one(rig):
    documents = sample(rig, heartbeats=False).values()
    datasets = {document["event"]["dataset"] for document in documents}
    assert {"system.cpu", "system.memory", "system.load"} <= datasets
    names = ["system.cpu.total.norm.pct", "system.memory.actual.used.pct"]
    for name in names:
        (value,) = [get_field(d, name) for d in documents if isinstance(get_field(d, name, None), float)]
        assert 0 <= value <= 1
    assert any(isinstance(get_field(d, "system.load.1", None), float) for d in documents)


def test_ids_are_those_of_agent_kind_and_interval(rig):
    first = set(sample(rig, heartbeats=False))
    rig.clock.advance(3)
    assert set(sample(rig, heartbeats=False)) == first, "the same interval again is the same record"
    rig.clock.advance(10)
    assert not set(sample(rig, heartbeats=False)) & first
    assert all(name.startswith("agent0-") for name in first)


def test_an_idle_agent_is_complete_up_to_now(rig):
    agent, sources = beat(rig)
    assert agent == {"watermark": iso_utc(rig.clock.time()), "lag": {"bytes": 0}}
    assert sources == []


def test_what_is_read_but_not_acknowledged_holds_the_watermark(rig):
    (rig.folder / "a.log").write_text("one\n")
    rig.read()
    (entry,) = rig.registry.entries()
    agent, (source,) = beat(rig)
    assert agent["watermark"] == source["watermark"] == iso_utc(entry.fallback_time)
    assert source["lag"] == {"bytes": 4}
    assert source["source"] == {"id": entry.source, "generation": 0}
    rig.deliver()
    agent, (source,) = beat(rig)
    assert agent["watermark"] == iso_utc(rig.clock.time())
    assert source["lag"] == {"bytes": 0}


def test_bytes_not_read_yet_hold_the_watermark_at_the_last_acknowledged_record(rig):
    (rig.folder / "a.log").write_text("one\n")
    rig.ship()
    with (rig.folder / "a.log").open("a") as file:
        file.write("two\n")
    (harvester,) = rig.tailer.fleet
    found = mark(harvester, rig.registry, rig.delivery, rig.clock.time())
    assert (found.lag, found.watermark) == (4, rig.registry.entries()[0].last_time)


def test_of_a_file_nothing_is_known_of_the_watermark_is_never(rig):
    (rig.folder / "a.log").write_text("one\n")
    rig.tailer.scan()
    agent, _ = beat(rig)
    assert agent["watermark"] == NEVER


def test_a_source_that_neither_changed_nor_lags_has_no_heartbeat_of_its_own(rig):
    (rig.folder / "a.log").write_text("one\n")
    rig.ship()
    each = collector(rig, host=False)
    counts = []
    for _ in range(2):
        each.sample()
        (batch,) = rig.delivery.take(1000, 1 << 20, 0)
        counts.append(len(batch))
        rig.delivery.settle([batch])
        rig.clock.advance(10)
    assert counts == [2, 1]


def test_a_sample_that_finds_no_room_is_counted(rig):
    rig.delivery._budget = 0
    collector(rig).sample()
    assert rig.delivery.counts["metrics_skipped"] > 0
