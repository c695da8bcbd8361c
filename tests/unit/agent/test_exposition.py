"""`/metrics` as Prometheus's own parser reads it, `/healthz`, and where the listener may listen."""

from __future__ import annotations

from types import SimpleNamespace

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from shipper.agent.monitoring.counters import COUNTS
from shipper.agent.monitoring.exposition import exposition, metric_name
from shipper.agent.monitoring.health import REASONS, Health
from shipper.agent.monitoring.pages import StatusPages
from shipper.agent.monitoring.report import Report
from shipper.agent.monitoring.settings import MonitoringSettings
from shipper.agent.monitoring.watch import Watch
from shipper.agent.output.pool import HostPool
from shipper.agent.sender import Health as Connection
from tests.support.agent import parts_of, write


@pytest.fixture
def pool(rig):
    return HostPool(["sink"], rig.clock)


@pytest.fixture
def watch(rig, pool):
    spooled = SimpleNamespace(
        counts={}, spools=lambda: {"sys": {"bytes": 7, "limit": 9, "refused": ""}}, has_failed=lambda: False
    )
    connection = SimpleNamespace(health=Connection(state="connected", parcels=3))
    parts = parts_of(rig, inputs=[spooled], senders=[connection], pool=pool)
    health = Health(parts, rig.state, list, rig.clock)
    return Watch(Report(parts, health, rig.clock), health, rig.clock)


def told(watch):
    watch.tell()
    assert watch.told is not None
    return watch.told.status


def families(watch, files=50):
    return {each.name: each for each in text_string_to_metric_families(exposition(told(watch), files).decode())}


def value(family, **labels):
    (sample,) = [each for each in family.samples if each.labels == labels]
    return sample.value


def test_prometheus_own_parser_reads_every_series_each_with_help_and_type(rig, watch):
    write(rig, "a.log", "one\ntwo\n")
    rig.ship()
    found = families(watch)
    assert all(family.documentation for family in found.values())
    assert {family.type for family in found.values()} == {"gauge", "counter"}
    assert value(found["shipper_agent_records_delivered"]) == 2
    assert value(found["shipper_agent_read_bytes"]) == 8
    assert value(found["shipper_agent_spool_bytes"], spool="sys") == 7
    assert value(found["shipper_agent_output_connected"], connection="0") == 1
    assert value(found["shipper_agent_output_parcels"], connection="0") == 3
    assert value(found["shipper_agent_dead_letters"]) == 0
    assert value(found["process_resident_memory_bytes"]) > 1e6


def test_each_host_of_the_output_is_told(rig, watch, pool):
    lease = pool.lease()
    lease.connected()
    lease.sent(10)
    host = {"number": "0", "host": "sink"}
    found = families(watch)
    assert value(found["shipper_agent_output_host_up"], **host) == 1
    assert value(found["shipper_agent_output_host_in_flight_records"], **host) == 10
    lease.failed(OSError("refused"))
    rig.clock.advance(5)
    found = families(watch)
    assert value(found["shipper_agent_output_host_up"], **host) == 0
    assert value(found["shipper_agent_output_host_failures"], **host) == 1


def test_every_count_is_a_counter_with_its_unit_from_the_first_scrape(watch):
    text = exposition(told(watch), 50).decode()
    for name, count in COUNTS.items():
        metric = metric_name(name)
        assert f"\n{metric} 0\n" in text
        assert f"# HELP {metric} {count.help}\n# TYPE {metric} counter\n" in text
        assert ("_bytes_total" in metric) == (count.unit == "bytes")


def test_labels_cannot_grow_without_end_and_the_farthest_behind_are_shown(rig, watch):
    for number in range(30):
        write(rig, f"{number}.log", "x" * (number + 1) + "\n")
    rig.read()
    assert len(families(watch, files=5)["shipper_agent_file_lag_bytes"].samples) == 5
    shown = [
        each.labels["path"].rpartition("/")[2] for each in families(watch, 5)["shipper_agent_file_lag_bytes"].samples
    ]
    assert shown == ["29.log", "28.log", "27.log", "26.log", "25.log"]
    assert families(watch, 0)["shipper_agent_file_lag_bytes"].samples == []
    rig.deliver()
    assert families(watch)["shipper_agent_file_lag_bytes"].samples == []
    rig.tailer.fleet.counts.update({f"mark{number}": 1 for number in range(1000)})
    assert len(families(watch)["shipper_agent_marked"].samples) == 100


def test_a_path_of_any_characters_is_one_label(rig, watch):
    name = 'a"b\\n\n{}=,.log'
    write(rig, name, "one\n")
    rig.read()
    (sample,) = families(watch)["shipper_agent_file_lag_bytes"].samples
    assert sample.labels == {"path": str(rig.folder / name)}


def test_each_reason_is_a_series_that_is_one_when_it_holds(rig, watch):
    watch._health.turned()
    found = families(watch)
    assert [each.labels["reason"] for each in found["shipper_agent_unhealthy"].samples] == list(REASONS)
    assert value(found["shipper_agent_healthy"]) == 1
    write(rig, "a.log", "one\n")
    rig.read()
    watch.look()
    rig.clock.advance(200)
    watch._health.turned()
    found = families(watch)
    assert value(found["shipper_agent_healthy"]) == 0
    assert value(found["shipper_agent_unhealthy"], reason="no_acknowledgement") == 1
    assert value(found["shipper_agent_unhealthy"], reason="reader_stuck") == 0


def page(pages, path, watch, rig):
    answer = pages.page(path, rig.clock.monotonic())
    if answer is None:
        watch.tell()
        answer = pages.page(path, rig.clock.monotonic())
    return answer


def test_healthz_says_why_in_json_and_readyz_waits_for_the_first_look_at_all_files(rig, watch):
    pages = StatusPages(watch, 50)
    assert page(pages, "/readyz", watch, rig).status == 503
    watch._health.turned()
    rig.clock.advance(2)
    assert page(pages, "/readyz", watch, rig).status == 200
    assert page(pages, "/healthz", watch, rig).status == 200
    rig.clock.advance(200)
    answer = page(pages, "/healthz", watch, rig)
    assert answer.status == 503
    assert [each["name"] for each in orjson.loads(answer.body)["reasons"]] == ["reader_stuck"]
    assert page(pages, "/nothing", watch, rig).status == 404


def test_many_questions_cost_one_status_a_second(rig, watch):
    pages = StatusPages(watch, 50)
    page(pages, "/metrics", watch, rig)
    first = watch.told
    for _ in range(100):
        assert page(pages, "/metrics", watch, rig).status == 200
    assert watch.told is first


def test_what_listens_elsewhere_than_on_this_host_must_be_allowed():
    for good in ("127.0.0.1:9479", "[::1]:9479", "localhost:9479", "unix:///run/x.sock", "tcp://127.8.0.1:1"):
        assert MonitoringSettings(listen=good).address() is not None
    for remote in ("0.0.0.0:9479", "[::]:9479", "192.0.2.1:9479", "example.test:9479"):
        with pytest.raises(ValueError, match="allow_remote"):
            MonitoringSettings(listen=remote)
        assert MonitoringSettings(listen=remote, allow_remote=True).address() is not None
    for wrong in ("9479", "127.0.0.1", "udp://127.0.0.1:1", "127.0.0.1:99999", ""):
        with pytest.raises(ValueError, match=r"127\.0\.0\.1:PORT"):
            MonitoringSettings(listen=wrong)
