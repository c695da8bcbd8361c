"""Health turns red when the agent is stuck, and says why; T42, T46: others looked well and shipped nothing."""

from __future__ import annotations

import errno
import os
import re
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from shipper.agent.monitoring import health as module
from shipper.agent.monitoring.health import Health
from shipper.agent.monitoring.report import Report
from shipper.agent.monitoring.watch import Watch
from shipper.agent.sender import Health as Connection
from tests.support.agent import parts_of, write


@pytest.fixture
def senders():
    return [SimpleNamespace(health=Connection())]


@pytest.fixture
def inputs():
    return [SimpleNamespace(counts={}, spools=dict, has_failed=lambda: False)]


@pytest.fixture
def threads():
    return []


@pytest.fixture
def parts(rig, senders, inputs):
    return parts_of(rig, inputs=inputs, senders=senders)


@pytest.fixture
def health(rig, parts, threads):
    return Health(parts, rig.state, lambda: threads, rig.clock)


def reasons(health):
    health.turned()
    return {each.name: each.text for each in health.look().reasons}


def test_t46_records_that_wait_without_an_acknowledgement_turn_health_red_and_the_cause_is_named(rig, health, senders):
    write(rig, "a.log", "one\n")
    rig.read()
    assert reasons(health) == {}
    senders[0].health.error = "connection refused"
    rig.clock.advance(119)
    assert reasons(health) == {}
    rig.clock.advance(1)
    text = reasons(health)["no_acknowledgement"]
    assert "1 records wait" in text
    assert "120 s" in text
    assert "sink: connection refused" in text
    rig.deliver()
    assert reasons(health) == {}


def test_t46_a_disk_that_refuses_a_spool_or_the_dead_letters_turns_health_red(rig, health, inputs, parts, monkeypatch):
    spool = {"bytes": 0, "limit": 1 << 20, "refused": "No space left on device"}
    inputs[0].spools = lambda: {"log": spool}
    assert reasons(health) == {"state_not_writable": "the spool log: No space left on device; what it gets waits"}
    spool["refused"] = ""
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", _read_only)
        with pytest.raises(OSError, match="Read-only"):
            parts.letters.append([])
    text = "the dead letters: Read-only file system; what is refused waits"
    assert reasons(health) == {"state_not_writable": text}
    rig.clock.advance(61)
    assert reasons(health) == {}


def _read_only(*_):
    raise OSError(errno.EROFS, "Read-only file system")


def test_t46_a_slow_peer_that_still_acknowledges_is_well(rig, health):
    for number in range(10):
        write(rig, "a.log", f"{number}\n")
        rig.read()
        rig.clock.advance(100)
        rig.delivery.settle([rig.queue.pop(0)])
        write(rig, "a.log", "more\n")
        rig.read()
        assert reasons(health) == {}


def test_t46_a_source_that_gets_nothing_through_while_others_do_turns_health_red_and_is_named(rig, health):
    write(rig, "blocked.log", "one\n")
    rig.read()
    blocked = rig.queue.pop()
    found = []
    for number in range(14):
        write(rig, "fine.log", f"{number}\n")
        rig.ship()
        found.append(reasons(health))
        rig.clock.advance(10)
    assert found[:12] == [{}] * 12
    assert "blocked.log" in found[13]["source_stuck"]
    rig.delivery.settle([blocked])
    assert reasons(health) == {}


def test_t46_a_long_queue_that_is_worked_off_in_order_is_well(rig, health):
    for number in range(40):
        write(rig, f"{number}.log", "one\n")
    rig.read()
    for _ in range(40):
        rig.clock.advance(60)
        assert reasons(health) == {}
        rig.delivery.settle([rig.queue.pop(0)])


def test_an_agent_with_nothing_to_send_is_well_for_ever(rig, health):
    reasons(health)
    rig.clock.advance(1e6)
    assert reasons(health) == {}


def test_records_that_come_after_a_long_quiet_time_have_the_whole_time_to_be_acknowledged(rig, health):
    reasons(health)
    rig.clock.advance(10_000)
    reasons(health)
    write(rig, "a.log", "one\n")
    rig.read()
    assert reasons(health) == {}


def test_a_reader_that_hangs_is_told(rig, health):
    health.turned()
    rig.clock.advance(121)
    assert [each.name for each in health.look().reasons] == ["reader_stuck"]


def test_a_thread_that_ended_is_named(health, threads, inputs):
    dead = threading.Thread(target=int, name="sender-0")
    dead.start()
    dead.join()
    threads.append(dead)
    assert "sender-0" in reasons(health)["thread_ended"]
    threads.clear()
    inputs[0].has_failed = lambda: True
    assert "input" in reasons(health)["thread_ended"]


def test_an_agent_that_ends_is_not_called_ill_because_its_threads_end(rig, health, threads):
    health.turned()
    dead = threading.Thread(target=int, name="sender-0")
    dead.start()
    dead.join()
    threads.append(dead)
    health.ending()
    rig.clock.advance(121)
    assert health.look().reasons == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_state_directory_that_is_not_ours_turns_health_red(rig, health):
    rig.state.chmod(0o500)
    try:
        assert "permission" in reasons(health)["state_not_writable"]
    finally:
        rig.state.chmod(0o700)


def test_a_state_directory_that_went_away_turns_health_red(rig, health, tmp_path):
    rig.state.rename(tmp_path / "elsewhere")
    assert "No such file" in reasons(health)["state_not_writable"]
    (tmp_path / "elsewhere").rename(rig.state)
    assert reasons(health) == {}


def test_a_registry_that_the_disk_refuses_turns_health_red_until_it_is_taken(rig, health, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    write(rig, "a.log", "one\n")
    with monkeypatch.context() as patch:
        patch.setattr(rig.registry._journal, "append", refuse)
        rig.tailer.scan()
        assert "No space left" in reasons(health)["state_not_writable"]
    rig.tailer.scan()
    assert reasons(health) == {}


def test_every_reason_has_its_name_in_the_metrics():
    source = Path(module.__file__).read_text()
    reasons = source.partition("def _warnings")[0]
    assert set(re.findall(r'Finding\(\s*"(\w+)"', reasons)) == set(module.REASONS)


def test_what_needs_no_restart_is_a_warning(rig, health, senders, inputs):
    senders[0].health.error = "dead letters cannot be stored"
    inputs[0].spools = lambda: {"syslog": {"bytes": 95, "limit": 100, "refused": ""}}
    (rig.folder / "b.log").write_bytes(b"\0\1\2")
    rig.ship()
    health.turned()
    verdict = health.look()
    assert verdict.healthy
    assert {each.name for each in verdict.warnings} == {"output_failing", "spool_nearly_full", "files_left_out"}


def test_the_watch_says_once_what_became_red_and_once_that_it_is_well_again(rig, parts, health, caplog):
    watch = Watch(Report(parts, health, rig.clock), health, rig.clock)
    with caplog.at_level("INFO", "shipper.agent.monitoring"):
        rig.clock.advance(200)
        watch.look()
        watch.look()
        health.turned()
        watch.look()
        watch.look()
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]


def test_a_defect_in_a_look_does_not_end_the_watch(rig, parts, health, caplog):
    parts.fleet = lambda: 1 / 0
    Watch(Report(parts, health, rig.clock), health, rig.clock).look()
    assert "could not be judged" in caplog.text
