"""Several hosts: who takes over, who is left alone and tried again, how evenly they are used."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack
from typing import Any

import pytest

from shipper.agent.output import make_output, open_any
from shipper.agent.output.elasticsearch import ElasticsearchSettings
from shipper.agent.output.logstash import LogstashSettings
from shipper.agent.output.visitor import Visitor
from shipper.clock import SystemClock
from shipper.config import Duration
from tests.support.agent_process import until
from tests.support.fake_bulk import FakeBulk
from tests.support.lumberjack_sink import LumberjackSink
from tests.support.pipe import Pipe, batch
from tests.support.raw_peer import RawPeer


class TwoNodes:
    """Two `_bulk` servers with one index, as two nodes of a cluster; `refusing[n]` is the status n answers with."""

    def __init__(self):
        self.nodes = [FakeBulk(), FakeBulk()]
        self.nodes[1].documents = self.nodes[0].documents
        self.nodes[1].created = self.nodes[0].created
        self.refusing = {}
        for number, node in enumerate(self.nodes):
            node.script = lambda items, number=number: self.answer(number)

    def answer(self, number):
        status = self.refusing.get(number)
        return (status, {"error": "not now"}) if status else None

    def __enter__(self):
        self.stack = ExitStack()
        for node in self.nodes:
            self.stack.enter_context(node)
        return self

    def __exit__(self, *error):
        self.stack.close()

    def settings(self, **more):
        return ElasticsearchSettings(hosts=[node.url for node in self.nodes], backoff_max=Duration(1), **more)

    @property
    def doubled(self):
        return [key for key, count in self.nodes[0].created.items() if count > 1]


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
def test_t40_another_host_takes_over_from_one_that_refuses_everything_and_it_is_used_again_when_it_is_well(
    tmp_path, status
):
    with TwoNodes() as cluster, Pipe(tmp_path, cluster.settings(ttl=Duration(0.1))) as pipe:
        cluster.refusing[0] = status
        sent = 0

        def go_on():  # the other host does the work, until the bad one was tried
            nonlocal sent
            pipe.delivery.offer(batch(sent, 10))
            sent += 10
            return until(pipe.delivery.is_idle)

        assert until(lambda: go_on() and pipe.host(cluster.nodes[0].url)["failures"] >= 2)
        bad, good = (pipe.host(node.url) for node in cluster.nodes)
        assert (bad["state"], good["failed"]) == ("failing", 0)
        assert bad["error"] == f'status {status}: {{"error": "not now"}}'
        assert len(cluster.nodes[0].documents) == sent

        cluster.refusing.clear()
        assert until(lambda: go_on() and pipe.host(cluster.nodes[0].url)["failures"] == 0)
        assert pipe.host(cluster.nodes[0].url)["last_error"] == bad["error"]
        assert len(cluster.nodes[0].documents) == sent
        assert cluster.doubled == []


def test_t42_all_hosts_refuse_and_it_goes_on_for_ever(tmp_path):
    with TwoNodes() as cluster, Pipe(tmp_path, cluster.settings()) as pipe:
        cluster.refusing = {0: 429, 1: 503}
        pipe.delivery.offer(batch(0, 100))
        assert until(lambda: all(host["failures"] >= 2 for host in pipe.output.pool.report()))
        assert pipe.delivery.unsettled() == 100
        cluster.refusing.clear()
        assert until(pipe.delivery.is_idle)
        assert (len(cluster.nodes[0].documents), cluster.doubled) == (100, [])


@pytest.mark.parametrize(("refusals", "resent"), [(1, 0), (5, 50)], ids=["soon well", "given up"])
def test_what_was_taken_before_a_refusal_is_kept_or_sent_again_and_not_doubled(tmp_path, refusals, resent):
    """Halves of a request that was too large: one is in, then the host refuses the other."""
    seen = []

    def script(items):
        seen.append(len(items))
        if len(seen) == 1:
            return 413, {}
        return (429, {}) if 2 < len(seen) <= 2 + refusals else None

    with FakeBulk() as fake:
        fake.script = script
        settings = ElasticsearchSettings(hosts=[fake.url], backoff_max=Duration(1))
        with Pipe(tmp_path, settings) as pipe:
            pipe.delivery.offer(batch(0, 100))
            assert until(pipe.delivery.is_idle)
            assert seen[:3] == [100, 50, 50]
            assert len(fake.documents) == 100
            assert pipe.senders[0].health.duplicates >= resent
            assert pipe.senders[0].health.failures == (1 if resent else 0)
            assert pipe.delivery.counts["dead_lettered"] == 0


def black_hole():
    """A socket that takes no more connections, as a host behind a firewall that drops: SYNs stay unanswered."""
    server = socket.create_server(("127.0.0.1", 0), backlog=0)
    waiting = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(server.getsockname())
        waiting.append(filler)
    return server, waiting


@pytest.mark.parametrize("kind", ["elasticsearch", "logstash"])
def test_a_host_that_drops_packets_costs_the_time_to_connect_only(tmp_path, kind):
    server, waiting = black_hole()
    dead = f"127.0.0.1:{server.getsockname()[1]}"
    with FakeBulk() as fake, LumberjackSink() as sink:
        times: dict[str, Any] = {"connect_timeout": Duration(0.3), "timeout": Duration(600)}
        settings: LogstashSettings | ElasticsearchSettings
        if kind == "elasticsearch":
            settings = ElasticsearchSettings(hosts=[f"http://{dead}", fake.url], **times)
        else:
            settings = LogstashSettings(hosts=[dead, "{}:{}".format(*sink.server.address)], **times)
        for number in range(4):  # whichever is first
            with Pipe(tmp_path / str(number), settings) as pipe:
                pipe.delivery.offer(batch(number * 10, 10))
                assert until(pipe.delivery.is_idle, 10)
        assert len(fake.documents) + len(sink.documents) == 40
    for each in (server, *waiting):
        each.close()


def test_a_host_that_never_ends_the_tls_handshake_costs_the_time_to_connect_only(tmp_path):
    def silence(_, ended):
        ended.wait(20)

    with RawPeer(silence) as silent:
        settings = ElasticsearchSettings(hosts=[f"https://{silent.address}"], connect_timeout=Duration(0.3))
        with Pipe(tmp_path, settings) as pipe:
            pipe.delivery.offer(batch(0, 10))
            assert until(lambda: pipe.senders[0].health.failures > 0, 10)
            pipe.senders[0].stop()


def test_connections_are_spread_over_the_hosts(tmp_path):
    full = threading.Event()
    with TwoNodes() as cluster:
        for node in cluster.nodes:
            node.gate = full
        with Pipe(tmp_path, cluster.settings(connections=4, batch=10)) as pipe:
            for start in range(0, 400, 10):
                pipe.delivery.offer(batch(start, 10))
            assert until(lambda: [host["in_flight"] for host in pipe.output.pool.report()] == [20, 20])
            full.set()
            assert until(pipe.delivery.is_idle)
        assert len(cluster.nodes[0].documents) == 400
        assert cluster.doubled == []


@pytest.mark.parametrize("kind", ["elasticsearch", "logstash"])
def test_one_connection_uses_all_hosts_in_turn_by_its_time_to_live_without_a_failure(tmp_path, kind):
    with TwoNodes() as cluster, LumberjackSink() as one, LumberjackSink() as two:
        if kind == "elasticsearch":
            settings = cluster.settings(ttl=Duration(0.1))
        else:
            hosts = ["{}:{}".format(*sink.server.address) for sink in (one, two)]
            settings = LogstashSettings(hosts=hosts, ttl=Duration(0.1), pipelining=4)
        sent = 0
        with Pipe(tmp_path, settings) as pipe:
            while not all(host["connects"] > 2 for host in pipe.output.pool.report()):
                pipe.delivery.offer(batch(sent, 10))
                sent += 10
                assert until(pipe.delivery.is_idle)
            first, second = (host["connects"] for host in pipe.output.pool.report())
            assert abs(first - second) <= 1
            assert pipe.senders[0].health.failures == 0
        arrived = cluster.nodes[0].documents if kind == "elasticsearch" else {**one.documents, **two.documents}
        assert len(arrived) == sent
        if kind == "logstash":
            assert max((one.received + two.received).values()) == 1


def test_a_lumberjack_host_that_resets_half_taken_windows_is_left_for_the_other_one(tmp_path):
    with LumberjackSink() as bad, LumberjackSink() as good:
        bad.refuse = lambda window: True
        hosts = ["{}:{}".format(*sink.server.address) for sink in (bad, good)]
        with Pipe(tmp_path, LogstashSettings(hosts=hosts, window=100, ttl=Duration(0.1))) as pipe:
            sent = 0
            while not (bad.windows and good.windows):
                pipe.delivery.offer(batch(sent, 100))
                sent += 100
                assert until(pipe.delivery.is_idle)
            assert pipe.host(hosts[0])["failed"] > 0
            assert pipe.host(hosts[1])["failed"] == 0
        assert set(good.documents) == {f"id-0-{n}" for n in range(sent)}
        assert max(good.received.values()) == 1


def visited_until(visitor, condition):
    def look():
        visitor.visit()
        return condition()

    return until(look)


def is_mute(connection, ended):
    ended.wait(0.3)


@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_host_of_elasticsearch_that_recovered_is_known_to_be_well_while_the_other_does_the_work(
    tmp_path, monkeypatch, status
):
    monkeypatch.setattr("shipper.agent.output.pool._UNVISITED", 0.0)
    with TwoNodes() as cluster, Pipe(tmp_path, cluster.settings()) as pipe:
        visitor = Visitor(lambda: pipe.output, SystemClock())
        name = cluster.nodes[0].url
        cluster.refusing = {0: status, 1: status}
        pipe.delivery.offer(batch(0, 10))
        assert until(lambda: pipe.host(name)["failures"] > 0)
        del cluster.refusing[1]
        assert until(pipe.delivery.is_idle)
        refused = pipe.host(name)["failures"]
        assert visited_until(visitor, lambda: pipe.host(name)["failures"] > refused)
        assert str(status) in pipe.host(name)["error"]
        cluster.refusing.clear()
        assert visited_until(visitor, lambda: pipe.host(name)["failures"] == 0)
        assert (pipe.host(name)["state"], pipe.output.pool.errors()) == ("idle", [])
        assert len(cluster.nodes[0].documents) == 10


def test_a_host_of_logstash_that_recovered_is_known_to_be_well_while_the_other_does_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr("shipper.agent.output.pool._UNVISITED", 0.0)
    with LumberjackSink() as good, LumberjackSink() as gone:
        places = ["{}:{}".format(*sink.server.address) for sink in (gone, good)]
        gone.server.stop(1.0)
        with Pipe(tmp_path, LogstashSettings(hosts=places, connections=2)) as pipe:
            visitor = Visitor(lambda: pipe.output, SystemClock())
            while not pipe.host(places[0])["failures"]:
                pipe.delivery.offer(batch(0, 10))
                assert until(pipe.delivery.is_idle)
            with LumberjackSink(port=int(places[0].rpartition(":")[2])) as back:
                assert visited_until(visitor, lambda: pipe.host(places[0])["failures"] == 0)
                assert pipe.output.pool.errors() == []
                assert until(lambda: "failing" not in {sender.health.state for sender in pipe.senders})
                assert back.documents == {}


def test_t42_a_host_that_takes_connections_and_never_answers_stays_failing_and_holds_up_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr("shipper.agent.output.pool._UNVISITED", 0.0)
    monkeypatch.setattr("shipper.agent.output.visitor._PATIENCE", 0.1)
    with RawPeer(is_mute) as mute, LumberjackSink() as good:
        hosts = [mute.address, "{}:{}".format(*good.server.address)]
        with Pipe(tmp_path, LogstashSettings(hosts=hosts)) as pipe:
            pipe.output.pool.failed(0, 0, "no acknowledgement")
            visitor = Visitor(lambda: pipe.output, SystemClock())
            assert visited_until(visitor, lambda: pipe.host(mute.address)["failures"] == 3)
            assert pipe.host(mute.address)["error"] == "no acknowledgement"
            pipe.delivery.offer(batch(0, 10))
            assert until(pipe.delivery.is_idle)


def test_a_command_that_asks_once_takes_the_first_host_that_is_there():
    with FakeBulk() as fake:
        output = make_output(ElasticsearchSettings(hosts=["http://127.0.0.1:1", fake.url]), SystemClock())
        session = open_any(output)
        session.send([batch(0, 3)])
        assert len(session.receive(1.0)) == 1
        session.close()
        assert len(fake.documents) == 3
    with pytest.raises(ConnectionRefusedError):
        open_any(output)
