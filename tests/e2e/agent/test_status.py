"""`shipper agent status` beside a running agent."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading

import pytest

from shipper.agent.status import read_status
from tests.support.agent_cli import shipper, write
from tests.support.agent_process import AgentProcess, until
from tests.support.fake_bulk import FakeBulk
from tests.support.lumberjack_sink import LumberjackSink

pytestmark = pytest.mark.e2e


def test_an_agent_that_waits_for_its_peer_at_the_end_does_not_call_itself_ill(tmp_path, logs):
    write(logs / "a.log", "a", 100)
    state = tmp_path / "state"
    with FakeBulk() as fake:
        fake.gate = threading.Event()
        agent = AgentProcess(state, "--path", f"{logs}/*.log", "--output", f"elasticsearch+{fake.url}")
        assert until(lambda: (state / "agent.sock").exists() and read_status(state)["counts"]["read"] >= 100)
        agent.process.send_signal(signal.SIGTERM)
        ill = until(lambda: bool(read_status(state)["health"]["reasons"]), seconds=1.5)  # its threads end one by one
        fake.gate.set()
        assert agent.wait() == 0
    assert not ill


def test_status_shows_a_host_that_came_back_as_well_long_before_a_connection_changes(tmp_path, logs):
    write(logs / "a.log", "a", 100)
    state = tmp_path / "state"
    config = tmp_path / "agent.yml"
    with LumberjackSink() as one, LumberjackSink() as two:
        places = [sink.url.rpartition("/")[2] for sink in (one, two)]
        one.server.stop(1.0)
        config.write_text(
            f"inputs: [{{type: file, paths: ['{logs}/*.log']}}]\n"
            f"output: {{type: logstash, hosts: {places}, connections: 2, ttl: 0s}}\n"
        )
        agent = AgentProcess(state, "-c", str(config))
        assert until((state / "agent.sock").exists)

        def hosts():
            return {each["host"]: each["state"] for each in read_status(state)["output"]["hosts"]}

        assert until(lambda: hosts()[places[0]] == "failing")
        with LumberjackSink(port=int(places[0].rpartition(":")[2])):
            assert until(lambda: hosts()[places[0]] in ("idle", "connected"))
            assert until(
                lambda: "failing" not in {each["state"] for each in read_status(state)["output"]["connections"]}
            )
            assert agent.terminate() == 0


def test_status_shows_lag_counts_and_the_outputs_health(tmp_path, logs):
    write(logs / "a.log", "a", 100)
    state = tmp_path / "state"
    with LumberjackSink() as sink:
        agent = AgentProcess(state, "--path", f"{logs}/*.log", "--output", sink.url)
        assert until(lambda: len(sink.logs) == 100)
        assert until(
            lambda: json.loads(shipper("status", "--state", str(state), "--json").stdout)["files"][0]["lag_bytes"] == 0
        )
        status = json.loads(shipper("status", "--state", str(state), "--json").stdout)
        text = shipper("status", "--state", str(state)).stdout
        agent.terminate()
    assert status["counts"]["delivered"] >= 100  # and metrics, where the machine was slow
    assert status["output"]["connections"][0]["state"] == "connected"
    assert status["files"][0]["acknowledged"] == (logs / "a.log").stat().st_size
    assert "connected" in text
    assert shipper("status", "--state", str(state)).returncode == 3


def test_status_watched_is_one_object_a_line_or_plain_text_in_a_pipe_and_ends_cleanly_with_ctrl_c(tmp_path, logs):
    write(logs / "a.log", "a", 100)
    (logs / "b.log").write_bytes(b"\0\1\2")
    state = tmp_path / "state"
    with LumberjackSink() as sink:
        agent = AgentProcess(state, "--path", f"{logs}/*.log", "--output", sink.url)
        assert until(lambda: len(sink.logs) == 100)
        for options in ([], ["--json"]):
            command = [sys.executable, "-m", "shipper", "agent", "status", "--state", str(state), "--watch"]
            watching = subprocess.Popen([*command, "--interval", "0.1", *options], stdout=subprocess.PIPE, text=True)
            assert watching.stdout is not None
            shown = [watching.stdout.readline() for _ in range(60 if not options else 3)]
            watching.send_signal(signal.SIGINT)
            rest, _ = watching.communicate(timeout=20)
            assert watching.returncode == 0
            if options:
                assert [json.loads(line)["files"][0]["path"] for line in shown] == [str(logs / "a.log")] * 3
            else:
                text = "".join([*shown, rest])
                assert "\x1b" not in text
                assert text.count("shipper ") >= 2
                assert f"left out {logs / 'b.log'}: it looks binary" in text
                assert "warning: " in text
                assert "healthy\n" in text
        agent.terminate()
