"""An end in order takes no longer than it was given, however many peers hang."""

from __future__ import annotations

import socket
import time

import pytest
import yaml

from shipper.agent.status import read_status
from tests.support.agent_process import AgentProcess, until
from tests.support.lumberjack_sink import LumberjackSink

pytestmark = pytest.mark.e2e
_SPARE = 2.0 + 3.0
"""Seconds that threads get to notice it, and that a busy machine may take for the rest."""


@pytest.fixture
def mutes():
    """Peers that take a connection and never answer."""
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
    yield [f"127.0.0.1:{door.getsockname()[1]}" for door in doors]
    for door in doors:
        door.close()


def start(tmp_path, hosts, deadline):
    (tmp_path / "logs").mkdir(exist_ok=True)
    config = {
        "inputs": [
            {"type": "file", "paths": [f"{tmp_path}/logs/*.log"]},
            {"type": "syslog", "name": "one", "listen": [f"unix://{tmp_path}/one.sock"]},
            {"type": "syslog", "name": "two", "listen": [f"unix://{tmp_path}/two.sock"]},
        ],
        "output": {"type": "logstash", "hosts": hosts, "connections": 4},
        "metrics": {"host": False, "heartbeats": False, "agent": False},
        "shutdown_timeout": deadline,
    }
    (tmp_path / "agent.yml").write_text(yaml.safe_dump(config))
    return AgentProcess(tmp_path / "state", "-c", str(tmp_path / "agent.yml"))


@pytest.mark.parametrize(("deadline", "seconds"), [("0s", 0.0), ("1s", 1.0)])
def test_many_peers_that_never_answer_do_not_prolong_an_end(tmp_path, mutes, deadline, seconds):
    agent = start(tmp_path, mutes, deadline)
    lines = [f"line {number}" for number in range(20_000)]
    (tmp_path / "logs/a.log").write_text("\n".join([*lines, ""]))
    state = tmp_path / "state"
    assert until(lambda: (state / "agent.sock").exists() and read_status(state)["queue"]["records"] > 5000)
    began = time.monotonic()
    code = agent.terminate(timeout=30)
    assert time.monotonic() - began < seconds + _SPARE
    assert code == 4
    assert "records unacknowledged" in (tmp_path / "agent.log").read_text()
    with LumberjackSink() as sink:
        again = start(tmp_path, [sink.url.rpartition("/")[2]], "10s")
        assert until(lambda: len(sink.documents) == len(lines))
        assert again.terminate() == 0
        assert sorted(each["message"] for each in sink.documents.values()) == sorted(lines)
        assert max(sink.received.values()) == 1


def test_a_second_sigterm_changes_nothing(tmp_path, mutes):
    agent = start(tmp_path, mutes, "1s")
    (tmp_path / "logs/a.log").write_text("one\n")
    state = tmp_path / "state"
    assert until(lambda: (state / "agent.sock").exists() and read_status(state)["queue"]["records"] == 1)
    agent.process.terminate()
    agent.process.terminate()
    assert agent.terminate(timeout=30) == 4
