"""Host metrics and heartbeats: names, ids and the truth of the low watermark."""

from __future__ import annotations

import resource
import signal
from types import SimpleNamespace

import orjson
import psutil
import pytest

from shipper.agent.descriptors import OpenFiles
from shipper.agent.metrics.collector import Collector, MetricsSettings
from shipper.agent.metrics.heartbeat import NEVER, marks
from shipper.agent.metrics.host import DATASETS, Host
from shipper.agent.metrics.processes import ProcessSettings
from shipper.agent.metrics.rate import Growth
from shipper.agent.metrics.spooling import MetricsDecoder, MetricsInput
from shipper.agent.tailer import Tailer
from shipper.clock import ManualClock, iso_utc
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


def test_ids_are_those_of_agent_kind_and_interval_where_there_is_no_spool(rig):
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
    (found,) = marks([harvester], rig.registry, rig.delivery, rig.clock.time())
    assert (found.lag, found.watermark) == (4, rig.registry.entries()[0].last_time)


def test_a_record_that_was_held_holds_the_watermark_until_it_is_offered(rig):
    (rig.folder / "a.log").write_text("no end yet")
    rig.read()
    (harvester,) = rig.tailer.fleet
    assert harvester.at_end
    assert harvester.held
    given = harvester.give_up()  # the thread that samples may run just here
    (found,) = marks([harvester], rig.registry, rig.delivery, rig.clock.time())
    assert (len(given), found.watermark) == (1, NEVER)


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


def test_one_interval_is_sampled_once(rig):
    each = collector(rig, host=False)
    each.sample()
    each.sample()
    assert rig.delivery.counts["read"] == 1


# ---- of the host -----------------------------------------------------------------------------------------------------


def test_every_dataset_can_be_sampled_and_has_its_name_at_the_top(rig):
    host = Host(ManualClock())
    for dataset in DATASETS:
        for _, document in host.sample(dataset):
            assert dataset in document["system"], dataset


def test_cores_are_told_one_by_one():
    documents = [document for _, document in Host(ManualClock()).sample("core")]
    assert [each["system"]["core"]["id"] for each in documents] == [str(n) for n in range(psutil.cpu_count() or 1)]
    assert all(0 <= each["system"]["core"]["total"]["pct"] <= 1 for each in documents)


def disk(*values):
    names = ("read_count", "write_count", "read_bytes", "write_bytes", "read_time", "write_time", "busy_time")
    return SimpleNamespace(**dict(zip(names, values, strict=True)))


def test_disks_have_totals_at_once_and_rates_from_the_second_sample_on(monkeypatch):
    clock = ManualClock()
    host = Host(clock)
    answers = iter(
        [disk(10, 20, 1000, 2000, 1, 2, 100), disk(30, 20, 5000, 2000, 1, 2, 2100), disk(1, 0, 10, 0, 0, 0, 0)]
    )
    monkeypatch.setattr(psutil, "disk_io_counters", lambda perdisk: {"vda": next(answers), "loop0": disk(*[0] * 7)})
    ((name, first),) = host.sample("diskio")
    assert name == "vda", "a device that never worked is left out"
    assert "iostat" not in first["system"]["diskio"]
    assert first["system"]["diskio"]["write"]["bytes"] == 2000
    clock.advance(4)
    ((_, second),) = host.sample("diskio")
    assert second["system"]["diskio"]["iostat"] == {
        "read": {"per_sec": {"bytes": 1000.0}, "request": {"per_sec": 5.0}},
        "write": {"per_sec": {"bytes": 0.0}, "request": {"per_sec": 0.0}},
        "busy": 50.0,
    }
    clock.advance(4)
    ((_, third),) = host.sample("diskio")
    assert "iostat" not in third["system"]["diskio"], "a counter that went back has no rate"


def interface(*values):
    names = "bytes_sent bytes_recv packets_sent packets_recv errin errout dropin dropout"
    return SimpleNamespace(**dict(zip(names.split(), values, strict=True)))


def test_interfaces_have_rates_beside_their_totals(monkeypatch):
    clock = ManualClock()
    host = Host(clock)
    answers = iter([interface(0, 100, 0, 1, 0, 0, 0, 0), interface(50, 600, 5, 11, 0, 0, 7, 0)])
    monkeypatch.setattr(psutil, "net_io_counters", lambda pernic: {"eth0": next(answers), "lo": None})
    list(host.sample("network"))
    clock.advance(10)
    ((_, document),) = host.sample("network")
    network = document["system"]["network"]
    assert network["in"]["per_sec"] == {"bytes": 50.0, "packets": 1.0}
    assert network["out"]["per_sec"] == {"bytes": 5.0, "packets": 0.5}
    assert network["in"]["dropped"] == 7


def test_what_is_gone_is_forgotten_and_a_clock_that_stands_gives_no_rate():
    clock = ManualClock()
    growth = Growth(clock)
    assert growth.per_second("a", {"x": 1}) is None
    assert growth.per_second("a", {"x": 2}) is None
    growth.forget_others()
    growth.forget_others()
    clock.advance(1)
    assert growth.per_second("a", {"x": 3}) is None


def burn(seconds):
    begin = psutil.Process().cpu_times().user
    while psutil.Process().cpu_times().user - begin < seconds:
        sum(range(10_000))


def test_the_process_that_took_most_cpu_and_the_one_that_holds_most_memory_are_told_by_name_alone():
    clock = ManualClock()
    host = Host(clock, ProcessSettings(by_cpu=1, by_memory=1))
    first = [document for _, document in host.sample("process")]
    assert len(first) == 1, "of CPU nothing is known before the second sample"
    burn(0.3)
    clock.advance(1)
    documents = [document for _, document in host.sample("process")]
    assert 1 <= len(documents) <= 2
    busiest = max(documents, key=lambda each: each["system"]["process"]["cpu"]["total"]["pct"])
    assert busiest["system"]["process"]["cpu"]["total"]["pct"] > 0
    assert busiest["system"]["process"]["memory"]["rss"]["bytes"] > 0
    assert {"pid", "name", "parent", "cpu", "memory"} == set(busiest["process"])


def test_command_lines_are_sent_only_if_wanted_and_then_without_the_secrets_that_we_know(tmp_path):
    import subprocess
    import sys

    held = subprocess.Popen(
        [sys.executable, "-c", "x = bytearray(64 << 20); input()", "--password=hunter2secret", "plain"],
        stdin=subprocess.PIPE,
    )
    try:
        settings = ProcessSettings(by_cpu=1, by_memory=100, command_line=True)
        lines = {}
        for _ in range(100):
            documents = [document for _, document in Host(ManualClock(), settings).sample("process")]
            lines = {each["process"]["pid"]: each["process"].get("command_line", "") for each in documents}
            if "plain" in lines.get(held.pid, ""):
                break
        assert "plain" in lines[held.pid]
        assert "hunter2secret" not in lines[held.pid]
    finally:
        held.communicate(b"\n")


def test_neither_by_cpu_nor_by_memory_is_a_mistake():
    with pytest.raises(ValueError, match="leave `process` out"):
        ProcessSettings(by_cpu=0, by_memory=0)


def test_a_dataset_that_the_system_hides_is_counted_said_once_and_hides_no_other(rig, monkeypatch, caplog):
    def hidden(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(psutil, "net_io_counters", hidden)
    each = collector(rig, heartbeats=False)
    for _ in range(3):
        each.sample()
        rig.clock.advance(10)
    assert rig.delivery.counts["metrics_failed"] == 3
    assert caplog.text.count("does not tell of network") == 1
    batches = rig.delivery.take(1000, 1 << 20, 0)
    assert len(batches) == 3
    assert any(b"system.load" in document for document in batches[2].documents)


def test_a_name_that_is_not_utf_8_does_not_lose_the_sample(rig, monkeypatch):
    monkeypatch.setattr(psutil, "net_io_counters", lambda pernic: {"et\udc80h": interface(*range(8))})
    documents = sample(rig, heartbeats=False, datasets=["network"])
    assert [each["system"]["network"]["name"] for each in documents.values()] == ["et?h"]


# ---- through the spool -----------------------------------------------------------------------------------------------


class Spooled:
    """A rig whose tailer reads the metrics' spool too."""

    def __init__(self, rig, limit=1 << 20):
        self.rig = rig
        self.input = MetricsInput(rig.state, limit, rig.registry)
        rig.tailer = Tailer([*rig.tailer._inputs, self.input], rig.registry, rig.delivery, rig.clock, OpenFiles(500))
        self.collector = collector(rig, host=False)
        self.collector.spool = self.input

    def tick(self):
        self.rig.clock.advance(10)
        self.collector.sample()

    def delivered(self):
        """Documents of metrics that left, in order."""
        self.rig.read()
        found = [
            (name, orjson.loads(document))
            for batch in self.rig.queue
            if batch.stream is Stream.METRICS
            for name, document in zip(batch.ids, batch.documents, strict=True)
        ]
        self.rig.delivery.settle(self.rig.queue)
        self.rig.queue = []
        self.rig.registry.commit()
        return found


def test_metrics_leave_through_the_spool_as_they_were_made_and_once(rig):
    spooled = Spooled(rig)
    for _ in range(3):
        spooled.tick()
    found = spooled.delivered()
    assert [each["@timestamp"] for _, each in found] == [iso_utc(rig.clock.time() - back) for back in (20, 10, 0)]
    assert all(each["agent"] == {"id": "agent0"} and each["host"] == {"name": "h"} for _, each in found)
    assert all("log" not in each for _, each in found)
    assert len({name for name, _ in found}) == 3
    assert spooled.delivered() == []


def test_heartbeats_say_nothing_of_the_spool_that_carries_them(rig):
    spooled = Spooled(rig)
    for _ in range(3):
        spooled.tick()
        ((_, beat),) = spooled.delivered()
        assert beat["shipper"] == {"watermark": beat["@timestamp"], "lag": {"bytes": 0}}


def test_metrics_wait_for_a_dead_peer_and_survive_a_crash(rig):
    spooled = Spooled(rig)
    for _ in range(5):
        spooled.tick()
    rig.read()  # handed on, and acknowledged by nobody
    rig.crash()
    spooled = Spooled(rig)
    spooled.tick()
    stamps = [each["@timestamp"] for _, each in spooled.delivered()]
    assert sorted(stamps) == [iso_utc(rig.clock.time() - back) for back in (50, 40, 30, 20, 10, 0)]


def test_a_full_spool_leaves_out_new_samples_and_counts_them_and_trims_what_was_delivered(rig):
    spooled = Spooled(rig)
    kept = 0
    while not rig.delivery.counts["metrics_skipped"]:
        spooled.input.append([b'{"@timestamp":"2026-01-01T00:00:00.000Z","x":"%b"}' % (b"x" * 60_000)])
        kept += 1
        if not spooled.input.spool.has_room():
            spooled.tick()
    assert rig.delivery.counts["metrics_skipped"] == 1
    assert kept > 10
    spooled.delivered()
    assert rig.tailer.wants_scan or spooled.input.wants_scan()
    rig.tailer.scan()
    spooled.tick()
    assert len(spooled.delivered()) == 1


def test_a_disk_that_refuses_the_spool_does_not_silence_the_metrics(rig):
    spooled = Spooled(rig)
    spooled.tick()
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40, limits[1]))
    try:
        spooled.tick()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, old)
    assert spooled.input.counts["spool_failures"] == 1
    names = [name for name, _ in spooled.delivered()]
    assert len(names) == 2
    assert sum(name.startswith("agent0-heartbeat-") for name in names) == 1, (
        "without the spool it leaves under the interval's name"
    )


def test_a_line_that_the_disk_damaged_is_left_out_and_counted(rig):
    good = b'{"@timestamp":"2026-01-01T00:00:00.000Z"}\n'
    decoder = MetricsDecoder(None, fallback_time=0.0, end=32)
    decoded = decoder.feed(good + b"\0\0\0\n" + good[:10])
    assert (decoded.offsets, decoded.end, decoded.counts) == ([32], 32 + len(good) + 4, {"metrics_damaged": 1})
    assert decoder.feed(good[10:]).offsets == [32 + len(good) + 4]
