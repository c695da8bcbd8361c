"""T46: more files than descriptors. The logs must leave some to the output, and each file must get its turn."""

from __future__ import annotations

import contextlib
import gzip
import json
import signal
import socket

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


def test_t46_more_syslog_senders_than_descriptors_leave_some_to_an_output_that_comes_later(tmp_path, logs):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        hosts = [f"127.0.0.1:{probe.getsockname()[1]}"]
    inputs = [
        {"type": "file", "paths": [f"{logs}/*.log"]},
        {"type": "syslog", "listen": [f"unix://{tmp_path}/in.sock"]},
    ]
    config = {"inputs": inputs, "output": {"type": "logstash", "hosts": hosts}}
    (tmp_path / "agent.yml").write_text(json.dumps(config))
    state = tmp_path / "state"
    agent = AgentProcess(state, "-c", str(tmp_path / "agent.yml"), ulimit="-n 64")
    assert until((state / "agent.sock").exists)  # the last of what it opens
    with contextlib.ExitStack() as stack:
        for number in range(80):
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.connect(f"{tmp_path}/in.sock")
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused already
                client.sendall(b"<13>sender %d\n" % number)

        def served_and_refused():
            counts = read_status(state)["counts"]
            return counts.get("syslog_received", 0), counts.get("syslog_refused", 0)

        assert until(lambda: sum(served_and_refused()) == 80)
        served, refused = served_and_refused()
        assert served > 20
        assert refused > 20
        with LumberjackSink(port=int(hosts[0].rpartition(":")[2])) as sink:
            assert until(lambda: len(sink.logs) == 300 * 20 + served, 60)
            assert agent.terminate() == 0
    assert max(sink.received.values()) == 1


def test_a_reload_that_adds_connections_takes_their_descriptors_from_the_logs_and_gives_them_back(tmp_path, logs):
    file, state = tmp_path / "agent.yml", tmp_path / "state"
    tailed = {"type": "file", "paths": [f"{logs}/*.log"]}
    received = {"type": "syslog", "listen": [f"unix://{tmp_path}/in.sock"], "connections": 50}

    def configure(*inputs):
        file.write_text(json.dumps({"inputs": inputs, "output": {"type": "console"}}))

    def share():
        return read_status(state)["open_files"]

    configure(tailed)
    agent = AgentProcess(state, "-c", str(file), ulimit="-n 128")
    assert until(lambda: (state / "agent.sock").exists() and share()["limit"] == 128 - 40)
    assert until(lambda: share()["count"] == 88)
    for inputs, left in (([tailed, received], 38), ([tailed], 88)):
        configure(*inputs)
        agent.process.send_signal(signal.SIGHUP)
        assert until(lambda: share()["limit"] == left)  # noqa: B023 - called within the turn
        assert until(lambda: share()["count"] <= left)  # noqa: B023 - as above
    assert agent.terminate() == 0
