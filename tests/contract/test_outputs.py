"""What every output promises: what it settles has arrived, what it cannot settle raises, ids travel with records."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from shipper.agent.output import OUTPUTS, make_output
from shipper.agent.output.console import ConsoleSettings
from shipper.agent.output.elasticsearch import ElasticsearchSettings
from shipper.agent.output.file import FileOutputSettings
from shipper.agent.output.logstash import LogstashSettings
from shipper.clock import SystemClock
from shipper.config import Secret
from tests.support.agent_process import until
from tests.support.fake_bulk import FakeBulk
from tests.support.lumberjack_sink import LumberjackSink
from tests.support.pipe import Pipe, batch
from tests.support.raw_peer import RawPeer

if TYPE_CHECKING:
    from shipper.agent.output.base import Settled


class LogstashTarget:
    def __init__(self, tmp_path):
        self.sink = LumberjackSink()

    def __enter__(self):
        self.sink.__enter__()
        host, port = self.sink.server.address
        self.settings = LogstashSettings(hosts=[f"{host}:{port}"], window=100)
        return self

    def __exit__(self, *error):
        self.sink.__exit__(*error)

    def messages(self):
        return [document["message"] for document in self.sink.documents.values()]


class ElasticsearchTarget:
    def __init__(self, tmp_path):
        self.fake = FakeBulk()

    def __enter__(self):
        self.fake.__enter__()
        self.settings = ElasticsearchSettings(hosts=[self.fake.url], user="u", password=Secret("p"))
        return self

    def __exit__(self, *error):
        self.fake.__exit__(*error)

    def messages(self):
        return [document["message"] for document in self.fake.documents.values()]


class FileTarget:
    def __init__(self, tmp_path):
        self.path = tmp_path / "out.ndjson"
        self.settings = FileOutputSettings(path=self.path)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def messages(self):
        return [json.loads(text)["message"] for text in self.path.read_text().splitlines()]


TARGETS = [LogstashTarget, ElasticsearchTarget, FileTarget]


def settle(session, count):
    settled: list[Settled] = []
    while len(settled) < count:
        settled += session.receive(1.0)
    return settled


@pytest.mark.parametrize("kind", TARGETS)
def test_what_is_settled_has_arrived_in_order(kind, tmp_path):
    with kind(tmp_path) as target:
        session = make_output(target.settings, SystemClock()).open(0)
        for start in range(0, 1000, 250):
            session.send([batch(start, 200), batch(start + 200, 50)])
            (settled,) = settle(session, 1)
            assert [len(each) for each in settled.batches] == [200, 50]
            assert settled.rejects == []
            assert target.messages() == [f"x {n}" for n in range(start + 250)]
        session.close()


def test_every_output_is_under_this_contract_or_only_prints():
    assert set(OUTPUTS) == {LogstashSettings, ElasticsearchSettings, FileOutputSettings, ConsoleSettings}


@pytest.mark.parametrize("kind", [LogstashTarget, ElasticsearchTarget])
def test_a_peer_that_is_not_there_is_an_oserror(kind, tmp_path):
    with kind(tmp_path) as target:
        output = make_output(target.settings, SystemClock())
    with pytest.raises(OSError):
        output.open(0)


@pytest.mark.parametrize("kind", [LogstashTarget, ElasticsearchTarget])
def test_no_secret_is_in_the_name_of_an_output(kind, tmp_path):
    with kind(tmp_path) as target:
        assert "p@" not in make_output(target.settings, SystemClock()).name
        assert "'p'" not in repr(target.settings)


def test_t34_a_too_large_request_is_halved_down_to_the_record_that_is_too_large(tmp_path):
    def script(items):
        return (413, {}) if any("monster" in doc["message"] for _, doc in items) else None

    with ElasticsearchTarget(tmp_path) as target, Pipe(tmp_path, target.settings) as pipe:
        target.fake.script = script
        pipe.delivery.offer(batch(0, 100))
        pipe.delivery.offer(batch(100, 1, "monster"))
        pipe.delivery.offer(batch(101, 100))
        assert until(pipe.delivery.is_idle)
        assert len(target.messages()) == 200
        assert [letter.id for letter in pipe.letters.list()] == ["id-0-100"]
        assert pipe.delivery.counts["dead_lettered"] == 1
        assert pipe.delivery.counts["delivered"] == 200


def test_t35_t36_t37_only_the_refused_items_are_sent_again_and_the_poisoned_one_is_buried(tmp_path):
    seen = []

    def script(items):
        seen.append([doc["message"] for _, doc in items])
        if len(seen) == 1:
            return 200, [201, 429, 403, 400, 409, 503]
        return None

    with ElasticsearchTarget(tmp_path) as target, Pipe(tmp_path, target.settings) as pipe:
        target.fake.script = script
        pipe.delivery.offer(batch(0, 6))
        assert until(pipe.delivery.is_idle)
        assert seen[1:] == [["x 1", "x 2", "x 5"]]
        (letter,) = pipe.letters.list()
        assert (letter.id, letter.status) == ("id-0-3", 400)
        assert json.loads(bytes(letter.document))["message"] == "x 3"


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_t40_a_request_refused_as_a_whole_is_sent_again_for_ever(tmp_path, status):
    left = [2]

    def script(items):
        left[0] -= 1
        return (status, {"error": "not now"}) if left[0] >= 0 else None

    with ElasticsearchTarget(tmp_path) as target, Pipe(tmp_path, target.settings) as pipe:
        target.fake.script = script
        pipe.delivery.offer(batch(0, 10))
        assert until(pipe.delivery.is_idle)
        assert len(target.messages()) == 10


def test_the_bulk_request_carries_the_account_and_is_compressed(tmp_path):
    with ElasticsearchTarget(tmp_path) as target, Pipe(tmp_path, target.settings) as pipe:
        pipe.delivery.offer(batch(0, 10))
        assert until(pipe.delivery.is_idle)
        assert target.fake.headers[0]["authorization"] == "Basic dTpw"
        assert target.fake.headers[0]["content-encoding"] == "gzip"
        assert {index for index, _ in target.fake.documents} == {"shipper-logs-2026.03.01"}


def test_a_window_that_is_half_taken_and_reset_is_sent_again_whole(tmp_path):
    with LogstashTarget(tmp_path) as target, Pipe(tmp_path, target.settings) as pipe:
        target.sink.refuse = lambda window: window == 2
        for start in range(0, 1000, 100):
            pipe.delivery.offer(batch(start, 100))
        assert until(pipe.delivery.is_idle)
        assert sorted(target.messages()) == sorted(f"x {n}" for n in range(1000))


def test_t42_it_reconnects_after_the_peer_was_gone(tmp_path):
    with LogstashTarget(tmp_path) as target:
        port = target.sink.server.address[1]
        settings = target.settings
    with Pipe(tmp_path, settings) as pipe:
        pipe.delivery.offer(batch(0, 10))
        assert until(lambda: pipe.senders[0].health.failures > 1)
        with LumberjackSink(port) as sink:
            assert until(pipe.delivery.is_idle)
            assert len(sink.documents) == 10


def test_the_next_host_takes_over(tmp_path):
    with LumberjackSink() as sink:
        host, port = sink.server.address
        with Pipe(tmp_path, LogstashSettings(hosts=["127.0.0.1:1", f"{host}:{port}"])) as pipe:
            pipe.delivery.offer(batch(0, 10))
            assert until(pipe.delivery.is_idle)


def keepalives(connection, ended):
    while not ended.wait(0.05):
        connection.sendall(b"2A\0\0\0\0")


def silence(connection, ended):
    ended.wait(20)


def test_t41_a_peer_that_keeps_alive_is_waited_for_and_never_reset(tmp_path):
    with RawPeer(keepalives) as peer, Pipe(tmp_path, LogstashSettings(hosts=[peer.address])) as pipe:
        pipe.delivery.offer(batch(0, 10))
        time.sleep(1.0)
        assert peer.connections == 1
        assert pipe.senders[0].health.failures == 0
        assert not pipe.delivery.is_idle()
        pipe.senders[0].stop()


def test_a_stopped_sender_ends_within_seconds_whatever_the_peer_does(tmp_path):
    with RawPeer(silence) as peer, Pipe(tmp_path, LogstashSettings(hosts=[peer.address])) as pipe:
        pipe.delivery.offer(batch(0, 10))
        assert until(lambda: peer.connections == 1)
        time.sleep(0.2)
        begin = time.monotonic()
        pipe.senders[0].stop()
        pipe.senders[0].join(5)
        assert time.monotonic() - begin < 3
        assert pipe.delivery.unsettled() == 10


def test_a_peer_that_speaks_another_protocol_settles_nothing(tmp_path):
    def http(connection, ended):
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with RawPeer(http) as peer, Pipe(tmp_path, LogstashSettings(hosts=[peer.address])) as pipe:
        pipe.delivery.offer(batch(0, 10))
        assert until(lambda: pipe.senders[0].health.failures > 0)
        assert pipe.delivery.unsettled() == 10
        pipe.senders[0].stop()


def test_a_sender_told_to_leave_takes_nothing_more_and_what_comes_is_left_to_others(tmp_path):
    """A reload changed the output: what is read after it goes to the new one."""
    settings = FileOutputSettings(path=tmp_path / "old.ndjson")
    with Pipe(tmp_path / "state", settings) as pipe:
        pipe.delivery.offer(batch(0, 10))
        assert until(pipe.delivery.is_idle)
        pipe.senders[0].leave()
        pipe.delivery.offer(batch(10, 10))
        pipe.senders[0].join(10)
        assert not pipe.senders[0].is_alive()
        assert pipe.delivery.unsettled() == 10
        assert [len(each) for each in pipe.delivery.take(100, 1 << 20, 0)] == [10]
    assert len((tmp_path / "old.ndjson").read_text().splitlines()) == 10
