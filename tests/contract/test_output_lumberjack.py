"""The `logstash` output against receivers that misbehave: nothing lost, nothing doubled by id."""

from __future__ import annotations

import socket
import time

import pytest

from shipper.agent.output.logstash import LogstashSettings
from shipper.clock import SystemClock
from shipper.config import Duration
from shipper.lumberjack.client import LumberjackClient, StalledError, connect
from shipper.lumberjack.frames import encode_ack
from shipper.lumberjack.server import LumberjackServer, ServerSettings, accepting
from shipper.lumberjack.session import SessionSettings
from tests.support.agent_process import until
from tests.support.lumberjack_peer import Store, acknowledge
from tests.support.lumberjack_sink import LumberjackSink
from tests.support.pipe import Pipe, batch
from tests.support.raw_peer import RawPeer

ALL = [f"id-0-{number}" for number in range(1000)]


def settings_of(peer, **more):
    return LogstashSettings(hosts=[peer.address], backoff_max=Duration(1), **more)


def ship(tmp_path, peer, store, **more):
    """A thousand records; returns the pipe after everything was acknowledged."""
    with Pipe(tmp_path, settings_of(peer, **more)) as pipe:
        for start in range(0, 1000, 100):
            pipe.delivery.offer(batch(start, 100))
        assert until(pipe.delivery.is_idle)
    assert sorted(store.documents) == sorted(ALL)
    assert pipe.delivery.counts["delivered"] == 1000
    return pipe


def faulty(store, fault, connections=3):
    """A peer whose first connections answer each window by `fault(connection, count)`, then soundly."""
    left = [connections]

    def behave(connection, _):
        left[0] -= 1
        store.serve(connection, fault if left[0] >= 0 else acknowledge)

    return RawPeer(behave)


def half_then_gone(connection, count):
    connection.sendall(encode_ack(max(1, count // 2)))
    return False


def half_then_whole(connection, count):
    for sequence in (count // 3, 2 * count // 3, count):
        if sequence:
            connection.sendall(encode_ack(sequence))
    return True


def byte_by_byte(connection, count):
    for byte in encode_ack(0) + encode_ack(count):
        connection.sendall(bytes((byte,)))
    return True


def test_t41_a_half_acknowledged_window_is_sent_again_whole_after_the_connection_broke(tmp_path):
    store = Store()
    with faulty(store, half_then_gone) as peer:
        pipe = ship(tmp_path, peer, store)
    assert pipe.senders[0].health.failures == 3
    assert max(store.received.values()) > 1  # on the wire; the ids make it once


@pytest.mark.parametrize("answer", [half_then_whole, byte_by_byte])
def test_acknowledgements_in_parts_and_in_pieces_are_followed_without_a_resend(tmp_path, answer):
    store = Store()
    with faulty(store, answer, connections=1000) as peer:
        pipe = ship(tmp_path, peer, store)
    assert pipe.senders[0].health.failures == 0
    assert max(store.received.values()) == 1


@pytest.mark.parametrize("place", range(6))
def test_a_corrupted_byte_of_an_acknowledgement_never_settles_what_was_not_taken(tmp_path, place):
    def corrupted(connection, count):
        answer = bytearray(encode_ack(count))
        answer[place] ^= 0x80
        connection.sendall(answer)
        return False

    store = Store()
    with faulty(store, corrupted) as peer:
        pipe = ship(tmp_path, peer, store)
    assert pipe.senders[0].health.failures == 3


def test_t44_an_answer_that_claims_gigabytes_is_refused_by_its_header(tmp_path):
    def huge(connection, _):
        connection.sendall(b"2C\xff\xff\xff\xf0" + b"x" * 1000)
        return False

    store = Store()
    with faulty(store, huge) as peer:
        pipe = ship(tmp_path, peer, store)
        assert pipe.senders[0].health.failures == 3


def test_a_slow_reader_gets_everything_once(tmp_path):
    store = Store()

    def behave(connection, _):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        store.serve(connection, read=512)

    with RawPeer(behave) as peer:
        pipe = ship(tmp_path, peer, store, compression=0)
    assert pipe.senders[0].health.failures == 0
    assert max(store.received.values()) == 1


def converse(client):
    for _ in range(50):
        client.send([b"x" * 1_000_000])
    while True:
        client.receive(1.0)


@pytest.mark.parametrize("reads", [False, True], ids=["reads nothing", "reads and never answers"])
def test_t42_a_peer_that_stalls_is_given_up_after_the_time_for_silence(reads):
    def stall(connection, ended):
        while reads and connection.recv(65536):
            pass
        ended.wait(20)

    with RawPeer(stall) as peer:
        host, _, port = peer.address.rpartition(":")
        client = LumberjackClient(connect(host, int(port)), SystemClock(), timeout=0.3, compression=0)
        begin = time.monotonic()
        with pytest.raises(StalledError):
            converse(client)
        client.close()
        assert time.monotonic() - begin < 10


def test_slow_start_begins_small_one_at_a_time_and_doubles_with_each_acknowledgement(tmp_path):
    store = Store()
    outstanding = []

    def behave(connection, _):
        store.serve(connection, answer)

    def answer(connection, count):
        connection.settimeout(0.05)
        try:
            early = bool(connection.recv(1, socket.MSG_PEEK))
        except TimeoutError:
            early = False
        connection.settimeout(None)
        outstanding.append(early)
        return acknowledge(connection, count)

    with RawPeer(behave) as peer, Pipe(tmp_path, settings_of(peer, window=500, pipelining=2)) as pipe:
        pipe.delivery.offer(batch(0, 2000))
        assert until(pipe.delivery.is_idle)
    assert store.windows == [64, 128, 256, 500, 500, 500, 52]
    assert outstanding[:3] == [False, False, False]


def test_without_slow_start_windows_are_whole_from_the_first_on(tmp_path):
    store = Store()
    with (
        RawPeer(lambda connection, _: store.serve(connection)) as peer,
        Pipe(tmp_path, settings_of(peer, window=500, slow_start=False)) as pipe,
    ):
        pipe.delivery.offer(batch(0, 1000))
        assert until(pipe.delivery.is_idle)
    assert store.windows == [500, 500]


def test_t43_no_more_windows_are_on_the_way_than_pipelining_says(tmp_path):
    store = Store()
    most = []

    def hold(connection, count):
        """Answer only when nothing more comes."""
        held.append(count)
        connection.settimeout(0.1)
        try:
            connection.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            most.append(len(held))
            for each in held:
                acknowledge(connection, each)
            held.clear()
        connection.settimeout(None)
        return True

    held: list[int] = []
    with RawPeer(lambda connection, _: store.serve(connection, hold)) as peer:
        ship(tmp_path, peer, store, window=100, pipelining=3)
    assert max(most) <= 3


def test_a_peer_that_closes_an_idle_connection_is_no_failure(tmp_path):
    got = []
    server = LumberjackServer(
        ServerSettings(port=0, session=SessionSettings(idle_timeout=Duration(0.2))),
        accepting(lambda events, peer: got.extend(events)),
    )
    server.start()
    try:
        settings = LogstashSettings(hosts=["{}:{}".format(*server.address)])
        with Pipe(tmp_path, settings) as pipe:
            for number in range(3):
                pipe.delivery.offer(batch(number, 1))
                assert until(pipe.delivery.is_idle)
                assert until(lambda: pipe.output.pool.report()[0]["connections"] == 0), "left, and seen to be left"
            assert pipe.senders[0].health.failures == 0
            assert pipe.output.pool.report()[0]["connects"] == 3
        assert len(got) == 3
    finally:
        server.stop(1.0)


def test_t41_a_stop_waits_for_what_is_on_the_way_so_that_nothing_is_sent_twice(tmp_path):
    with LumberjackSink(delay=0.1) as sink:
        settings = LogstashSettings(hosts=["{}:{}".format(*sink.server.address)], window=100)
        with Pipe(tmp_path, settings) as pipe:
            for start in range(0, 1000, 100):
                pipe.delivery.offer(batch(start, 100))
        assert pipe.delivery.unsettled() == 0
        assert max(sink.received.values()) == 1
