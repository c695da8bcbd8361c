"""The status document: lag in bytes and seconds, the oldest record that waits, rates, counts that never go back."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from shipper.agent.monitoring.counters import COUNTS, Kind, by_kind
from shipper.agent.monitoring.health import Health
from shipper.agent.monitoring.report import Report, losses
from tests.support.agent import LineDecoder, lines, parts_of, write

AGENT = Path(__file__).parents[3] / "shipper/agent"


@pytest.fixture
def report(rig):
    parts = parts_of(rig)
    return Report(parts, Health(parts, rig.state, list, rig.clock), rig.clock)


def the_file(report):
    (file,) = report.snapshot()["files"]
    return file


def test_lag_is_in_bytes_and_in_seconds_of_the_oldest_record_that_waits(rig, report):
    write(rig, "a.log", "one\n")
    os.utime(rig.folder / "a.log", (rig.clock.time() - 90, rig.clock.time() - 90))
    rig.read()
    status = report.snapshot()
    assert (status["files"][0]["lag_bytes"], status["files"][0]["lag_seconds"]) == (4, 90)
    assert status["lag"] == {"bytes": 4, "files": 1}
    oldest = status["oldest_unacknowledged"]
    assert (oldest["path"], oldest["age_seconds"]) == (str(rig.folder / "a.log"), 90)
    rig.deliver()
    status = report.snapshot()
    assert (status["files"][0]["lag_bytes"], status["files"][0]["lag_seconds"]) == (0, 0)
    assert status["oldest_unacknowledged"] is None


def test_bytes_not_read_yet_are_as_old_as_the_last_look_that_found_none_at_most(rig, report):
    write(rig, "a.log", "one\n")
    os.utime(rig.folder / "a.log", (rig.clock.time(), rig.clock.time()))
    rig.ship()
    rig.clock.advance(10_000)
    rig.tailer.scan()
    rig.clock.advance(3)
    write(rig, "a.log", "two\n")
    assert (the_file(report)["lag_bytes"], the_file(report)["lag_seconds"]) == (4, 3)


def test_of_a_file_that_was_never_read_the_age_is_not_known(rig, report):
    write(rig, "a.log", "one\n")
    rig.tailer.scan()
    assert the_file(report)["lag_seconds"] is None
    assert report.snapshot()["oldest_unacknowledged"] is None


def test_a_line_without_its_end_is_as_old_as_what_was_whole_before_it(rig, report):
    write(rig, "a.log", "one\n")
    os.utime(rig.folder / "a.log", (rig.clock.time(), rig.clock.time()))
    rig.ship()
    rig.clock.advance(5)
    write(rig, "a.log", "half")
    rig.ship()
    rig.clock.advance(7)
    rig.tailer.scan()
    assert (the_file(report)["held"], the_file(report)["lag_seconds"]) == (4, 12)


def test_rates_are_of_records_and_bytes_read_and_delivered(rig, report):
    report.sample()
    write(rig, "a.log", lines("a", 100))
    rig.ship()
    rig.clock.advance(10)
    rates = report.snapshot()["rates"]
    size = (rig.folder / "a.log").stat().st_size
    assert rates["seconds"] == 10
    assert (rates["records_read"], rates["records_delivered"]) == (10, 10)
    assert rates["bytes_read"] == round(size / 10, 2)
    assert rates["bytes_delivered"] > rates["bytes_read"]


class Marking(LineDecoder):
    def _records(self, lines, terminated=1):
        decoded = super()._records(lines, terminated)
        decoded.counts = {"redacted": len(decoded.offsets)}
        return decoded


def test_what_a_files_codec_counted_is_kept_when_the_file_is_gone(rig, report):
    rig.tailer._inputs[0]._make = Marking
    write(rig, "a.log", "one\ntwo\n")
    rig.ship()
    assert the_file(report)["counts"] == {"redacted": 2}
    assert report.snapshot()["counts"]["redacted"] == 2
    (rig.folder / "a.log").unlink()
    rig.ship()
    rig.clock.advance(60)
    rig.ship()
    assert report.snapshot()["files"] == []
    assert report.snapshot()["counts"]["redacted"] == 2


def test_every_count_of_the_agent_is_explained():
    source = "".join(path.read_text() for path in AGENT.rglob("*.py"))
    counted = set(re.findall(r'counts\["(\w+)"\] [+-]=', source))
    assert len(counted) > 15
    assert counted - set(COUNTS) == set()


def test_losses_are_told_apart_from_what_only_changed():
    counts = {"read": 5, "bytes_lost": 3, "redacted": 2, "syslog_dropped": 0, "of_a_codec": 1}
    assert losses(counts) == {"bytes_lost": 3}
    assert by_kind(counts)[Kind.CHANGED] == {"of_a_codec": 1, "redacted": 2}
