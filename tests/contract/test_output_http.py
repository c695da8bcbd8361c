"""What an HTTP peer may cost, however it behaves: bounded time and bounded memory."""

from __future__ import annotations

import threading
import time

import pytest

from shipper.agent.output.http import HttpPeer, parse_url
from shipper.clock import SystemClock
from shipper.errors import ProtocolError
from tests.support.raw_peer import RawPeer, http_request

MANY = b"x" * 65536


def no_tls():
    raise AssertionError("these hosts speak plain HTTP")


def peer_of(raw, timeout=5.0):
    return HttpPeer(parse_url(f"http://{raw.address}", no_tls), SystemClock(), connect_timeout=5, timeout=timeout)


def ask(peer, limit=1_000_000):
    return peer.exchange("POST", "/_bulk", b"{}\n", {}, limit=limit)


def endless_body(connection, ended):
    http_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while not ended.is_set():
        connection.sendall(MANY)


def endless_chunks(connection, ended):
    http_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not ended.is_set():
        connection.sendall(b"10000\r\n" + MANY + b"\r\n")


def huge_length(connection, ended):
    http_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    while not ended.is_set():
        connection.sendall(MANY)


@pytest.mark.parametrize("behave", [endless_body, endless_chunks, huge_length])
def test_an_answer_without_an_end_costs_no_more_than_its_limit(behave):
    with RawPeer(behave) as raw:
        peer = peer_of(raw)
        with pytest.raises(ProtocolError, match="more than 1000000 bytes"):
            ask(peer)
        peer.close()


def drip(first, piece):
    def behave(connection, ended):
        http_request(connection)
        connection.sendall(first)
        while not ended.wait(0.05):
            connection.sendall(piece)

    return behave


@pytest.mark.parametrize(
    "behave",
    [
        drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        drip(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(b"", b""),
    ],
    ids=["body", "headers", "continue", "nothing"],
)
def test_an_answer_that_drips_ends_with_the_time_for_the_whole_of_it(behave):
    with RawPeer(behave) as raw:
        peer = peer_of(raw, timeout=0.5)
        begin = time.monotonic()
        with pytest.raises(OSError, match=r"within 0\.5 s|timed out"):
            ask(peer)
        peer.close()
        assert time.monotonic() - begin < 4


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"2A\0\0\0\1",
        b"HTTP/1.1 twohundred OK\r\n\r\n",
    ],
    ids=["nothing", "short", "short chunk", "no chunk", "another protocol", "no status"],
)
def test_an_answer_that_breaks_off_or_is_none_is_an_error(answer):
    def behave(connection, _):
        http_request(connection)
        connection.sendall(answer)

    with RawPeer(behave) as raw:
        peer = peer_of(raw)
        with pytest.raises((OSError, ProtocolError)):
            ask(peer)
        peer.close()


def test_a_connection_serves_many_requests_and_is_opened_anew_when_the_peer_closed_it_in_order():
    answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1", b"HTTP/1.0 200 OK\r\n\r\n2"]

    def behave(connection, _):
        for answer in answers:
            http_request(connection)
            connection.sendall(answer)

    with RawPeer(behave) as raw:
        peer = peer_of(raw)
        assert [ask(peer).body for _ in range(4)] == [b"1", b"2", b"1", b"2"]
        assert raw.connections == 2
        peer.close()


def test_a_request_that_waits_ends_at_once_when_it_is_interrupted():
    asked = threading.Event()

    def behave(connection, ended):
        http_request(connection)
        asked.set()
        ended.wait(20)

    with RawPeer(behave) as raw:
        peer = peer_of(raw, timeout=20)

        def stop():
            asked.wait(10)
            peer.interrupt()

        stopper = threading.Thread(target=stop)
        stopper.start()
        begin = time.monotonic()
        with pytest.raises((OSError, ProtocolError)):
            ask(peer)
        assert time.monotonic() - begin < 10
        stopper.join()
        peer.close()
