"""A cluster of three on this machine: one node dies in the middle of ingest, and nothing is lost or doubled."""

from __future__ import annotations

import json
import signal
import socket
import ssl
from pathlib import Path

import pytest
from elasticsearch import ConnectionError as Unreachable

from shipper.elastic.client import connect, for_role
from shipper.errors import UsageError
from shipper.home import Home
from shipper.stack import members, node
from shipper.stack.local import LocalStack, Options
from tests.support.agent_process import AgentProcess, until
from tests.support.runner_process import RunnerProcess

pytestmark = [pytest.mark.elasticsearch, pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(400)]

DAY = "shipper-logs-2001.03.01"


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    stack = LocalStack(Home(tmp_path_factory.mktemp("three") / "home"), Options(nodes=3))
    yield stack
    for agent in list(AgentProcess.running):
        agent.kill()
    stack.down(delete=True)
    assert not stack.folder.exists()


@pytest.fixture(scope="module")
def endpoints(stack):
    return stack.up()


@pytest.fixture
def admin(stack, endpoints):
    # not `endpoints`: a node that was killed may have come back on another port
    with connect(for_role(stack._home.endpoints(), "admin")) as client:
        yield client


def write(path, numbers, day="2001.03.01"):
    with path.open("a") as file:
        for number in numbers:
            line = {
                "@timestamp": f"{day.replace('.', '-')}T12:00:00.000Z",
                "log.level": "info",
                "message": f"order {number}",
            }
            file.write(json.dumps(line) + "\n")


def count(client, index=DAY):
    """Documents found; 0 while nothing answers, just after a node died (the client rests nodes that said 503)."""
    patient = client.options(ignore_status=503)
    try:
        patient.indices.refresh(index=index, ignore_unavailable=True)
        return patient.count(index=index, ignore_unavailable=True).get("count", 0)
    except Unreachable:
        return 0


def messages(client, index=DAY):
    client.indices.refresh(index=index)
    hits = client.search(index=index, size=10_000, source=["message"])["hits"]["hits"]
    return sorted(hit["_source"]["message"] for hit in hits)


def the_node_with_the_primary(client, stack):
    (shard,) = client.search_shards(index=DAY)["shards"]
    primary = next(copy["node"] for copy in shard if copy["primary"])
    name = client.nodes.info(node_id=primary)["nodes"][primary]["name"]
    names = ["local", "local-2", "local-3"]
    return members.folders(stack.folder, 3)[names.index(name)]


def test_a_node_killed_during_ingest_loses_and_doubles_nothing_and_comes_back(stack, endpoints, admin, tmp_path):
    log = tmp_path / "shop.log"
    write(log, range(2000))
    agent = AgentProcess(tmp_path / "state", "--path", str(log), environment={"SHIPPER_HOME": str(stack._home.path)})
    assert until(lambda: count(admin) > 0, 60)
    assert admin.indices.get_settings(index=DAY)[DAY]["settings"]["index"]["number_of_replicas"] == "1"
    admin.cluster.health(index=DAY, wait_for_status="green")
    victim = the_node_with_the_primary(admin, stack)
    write(log, range(2000, 4000))
    for process in node.processes(victim):
        process.send_signal(signal.SIGKILL)
    write(log, range(4000, 6000))
    assert until(lambda: count(admin) >= 6000, 90)
    assert agent.terminate() == 0
    assert messages(admin) == sorted(f"order {number}" for number in range(6000))
    assert [member["url"] is None for member in stack.status()["members"]].count(True) == 1

    again = stack.up()
    assert again.accounts == endpoints.accounts
    assert len(again.hosts) == 3
    with connect(for_role(again, "admin")) as client:
        assert client.cluster.health(wait_for_status="green", timeout="60s")["number_of_nodes"] == 3
        assert len(messages(client)) == 6000


@pytest.mark.parametrize("number", [0, 1, 2], ids=["the first-named node", "the second", "the third"])
def test_any_node_killed_while_the_pipelines_ingest_loses_and_doubles_nothing(
    stack, endpoints, admin, tmp_path, number
):
    day = f"2001.04.0{number + 1}"
    index = f"shipper-logs-{day}"
    (tmp_path / "home").symlink_to(stack._home.path)
    pipelines = str(Path(__file__).resolve().parents[3] / "logstash" / "pipelines.yml")
    with RunnerProcess(tmp_path, "--pipelines", pipelines) as runner:
        log = tmp_path / "shop.log"
        write(log, range(2000), day)
        host, port = runner.address("beats")
        output = f"logstash://{host}:{port}"
        agent = AgentProcess(tmp_path / "state", "--path", str(log), "--output", output)
        assert until(lambda: count(admin, index) > 0, 60)
        admin.cluster.health(index=index, wait_for_status="green")
        write(log, range(2000, 4000), day)
        for process in node.processes(members.folders(stack.folder, 3)[number]):
            process.send_signal(signal.SIGKILL)
        write(log, range(4000, 6000), day)
        assert until(lambda: count(admin, index) >= 6000, 90)
        assert agent.terminate() == 0
    assert messages(admin, index) == sorted(f"order {order}" for order in range(6000))
    with connect(for_role(stack.up(), "admin")) as client:
        client.cluster.health(wait_for_status="green", timeout="60s")


def test_fewer_nodes_than_there_are_would_lose_shards_and_are_refused(stack, endpoints):
    with pytest.raises(UsageError, match="has 3 nodes"):
        LocalStack(stack._home, Options(nodes=1)).up()


def test_a_stranger_on_this_machine_cannot_join_the_nodes(stack, endpoints):
    ports = (stack.folder / "logs" / "transport.ports").read_text().split()
    host, _, port = next(line for line in ports if line.startswith("127.0.0.1:")).partition(":")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((host, int(port)), timeout=10) as peer, context.wrap_socket(peer) as stranger:
        assert stranger.getpeercert(binary_form=True), "the nodes speak TLS"
        assert not answered(stranger)


def answered(stranger):
    try:
        stranger.sendall(b"ES\0\0\0\0")
        return bool(stranger.recv(1))
    except (ssl.SSLError, ConnectionError):
        return False
