"""The agent's metrics and health over real sockets, while it ships, is stuck, and is attacked."""

from __future__ import annotations

import json
import socket
from http.client import HTTPConnection

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shipper.agent.status import read_status
from shipper.errors import UnavailableError
from tests.support.agent_process import AgentProcess, until
from tests.support.lumberjack_sink import LumberjackSink

pytestmark = pytest.mark.e2e


def start(tmp_path, output, **monitoring):
    """An agent with a listener on a free port; (process, address)."""
    (tmp_path / "logs").mkdir(exist_ok=True)
    file = tmp_path / "agent.yml"
    settings = {
        "inputs": [{"type": "file", "paths": [f"{tmp_path}/logs/*.log"]}],
        "output": {"type": "logstash", "hosts": [output]},
        "monitoring": {"listen": "127.0.0.1:0", **monitoring},
        "metrics": {"host": False, "heartbeats": False, "agent": False},
    }
    file.write_text(json.dumps(settings))
    agent = AgentProcess(tmp_path / "state", "-c", str(file))
    found: list[str] = []

    def listening():
        try:
            found[:] = [read_status(tmp_path / "state")["monitoring"]]
        except UnavailableError:
            return False
        return found[0] != ""

    assert until(listening)
    return agent, found[0]


def get(url):
    place, _, path = url.removeprefix("http://").partition("/")
    connection = HTTPConnection(place, timeout=10)
    try:
        connection.request("GET", f"/{path}")
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def address(sink):
    return sink.url.removeprefix("logstash://")


def delivered(url):
    families = {each.name: each for each in text_string_to_metric_families(get(f"{url}/metrics")[1])}
    return families["shipper_agent_records_delivered"].samples[0].value


def test_metrics_and_health_are_served_while_logs_are_shipped_and_clients_misbehave(tmp_path):
    with LumberjackSink() as sink:
        agent, url = start(tmp_path, address(sink))
        host, _, port = url.removeprefix("http://").rpartition(":")
        bad = [socket.create_connection((host, int(port))) for _ in range(100)]
        for number, client in enumerate(bad):
            try:
                client.sendall([b"GET /metr", b"\0" * 1000, b"GET / HTTP/1.1\r\n" + b"a" * 9000][number % 3])
            except OSError:
                continue  # it was made room for another
        (tmp_path / "logs/a.log").write_text("".join(f"line {number}\n" for number in range(1000)))
        assert until(lambda: len(sink.logs) == 1000)
        assert until(lambda: delivered(url) == 1000)
        assert get(f"{url}/healthz") == (200, '{"healthy":true,"reasons":[],"warnings":[]}\n')
        assert get(f"{url}/readyz")[0] == 200
        for client in bad:
            client.close()
        assert agent.terminate() == 0


def test_t46_with_a_peer_that_takes_nothing_health_turns_red_names_the_cause_and_turns_green_again(tmp_path):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    agent, url = start(tmp_path, f"127.0.0.1:{port}", stuck_after="3s")
    (tmp_path / "logs/a.log").write_text("one\n")
    assert until(lambda: get(f"{url}/healthz")[0] == 503)
    (reason,) = json.loads(get(f"{url}/healthz")[1])["reasons"]
    assert reason["name"] == "no_acknowledgement"
    assert "refused" in reason["text"]
    assert '\nshipper_agent_unhealthy{reason="no_acknowledgement"} 1\n' in get(f"{url}/metrics")[1]
    with LumberjackSink(port) as sink:
        assert until(lambda: len(sink.logs) == 1)
        assert until(lambda: get(f"{url}/healthz")[0] == 200)
        assert agent.terminate() == 0


def test_a_place_that_others_reach_is_refused_with_its_line_and_the_way_out(tmp_path):
    file = tmp_path / "agent.yml"
    file.write_text(
        "inputs: [{type: file, paths: [a]}]\noutput: {type: console}\nmonitoring:\n  listen: 0.0.0.0:9479\n"
    )
    agent = AgentProcess(tmp_path / "state", "-c", str(file))
    assert agent.wait() == 2
    text = (tmp_path / "agent.log").read_text()
    assert "agent.yml:3: monitoring" in text
    assert "allow_remote: true" in text


def spooled(tmp_path):
    """The agent's own records on disk, as whole lines."""
    segments = sorted((tmp_path / "state/metrics").glob("*.spool"))
    return [line for path in segments for line in path.read_bytes().splitlines()[1:]]


def test_metrics_made_while_nobody_takes_them_survive_kills_and_arrive_once(tmp_path):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    (tmp_path / "logs").mkdir()
    file = tmp_path / "agent.yml"
    settings = {
        "inputs": [{"type": "file", "paths": [f"{tmp_path}/logs/*.log"]}],
        "output": {"type": "logstash", "hosts": [f"127.0.0.1:{port}"]},
        "metrics": {"interval": "1s", "datasets": ["load"]},
    }
    file.write_text(json.dumps(settings))

    def has_spooled(count):
        return until(lambda: len(spooled(tmp_path)) >= count)

    for count in (3, 6):
        agent = AgentProcess(tmp_path / "state", "-c", str(file))
        assert has_spooled(count)
        agent.kill()
    made = [json.loads(line) for line in spooled(tmp_path)]
    with LumberjackSink(port) as sink:
        agent = AgentProcess(tmp_path / "state", "-c", str(file))
        found: list[object] = []

        def arrived():
            found[:] = [
                {name: value for name, value in document.items() if name != "@metadata"}
                for document in list(sink.documents.values())
            ]
            return all(each in found for each in made)

        assert until(arrived)
        assert agent.terminate() == 0
        assert [found.count(each) for each in made] == [1] * len(made)
