"""T46: more files than descriptors. The logs must leave some to the output, and each file must get its turn."""

from __future__ import annotations

import gzip

import pytest

from shipper.agent.status import read_status
from tests.support.agent_process import AgentProcess, until
from tests.support.lumberjack_sink import LumberjackSink

pytestmark = pytest.mark.e2e


@pytest.fixture
def logs(tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    for number in range(300):
        (folder / f"{number}.log").write_text("".join(f"{number} {line}\n" for line in range(20)))
    for number in range(20):
        (folder / f"old{number}.log.gz").write_bytes(gzip.compress(f"old {number}\n".encode()))
    return folder


def test_t46_300_files_under_64_descriptors_are_all_delivered(tmp_path, logs):
    with LumberjackSink() as sink:
        agent = AgentProcess(tmp_path / "state", "--path", f"{logs}/*.log*", "--output", sink.url, ulimit="-n 64")
        assert until(lambda: len(sink.logs) == 300 * 20 + 20, 60)
        status = read_status(tmp_path / "state")
        assert status["descriptors"] <= status["descriptor_limit"] == 64
        assert status["open_files"]["count"] <= status["open_files"]["limit"] == 24
        for number in range(300):
            with (logs / f"{number}.log").open("a") as file:
                file.write("again\n")
        assert until(lambda: len(sink.logs) == 300 * 21 + 20, 60)
        assert agent.terminate() == 0
    assert max(sink.received.values()) == 1
    assert "64 file descriptors leave 24 for log files" in (tmp_path / "agent.log").read_text()


def test_the_soft_limit_is_raised_to_what_the_process_is_allowed(tmp_path, logs):
    with LumberjackSink() as sink:
        agent = AgentProcess(tmp_path / "state", "--path", f"{logs}/*.log", "--output", sink.url, ulimit="-S -n 64")
        assert until(lambda: len(sink.logs) == 300 * 20, 60)
        assert read_status(tmp_path / "state")["descriptor_limit"] > 64
        assert agent.terminate() == 0
