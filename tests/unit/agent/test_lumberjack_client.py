"""The client's patience, on a manual clock and a socket pair."""

from __future__ import annotations

import socket
from typing import cast

import pytest

from shipper.clock import ManualClock
from shipper.errors import ProtocolError
from shipper.lumberjack.client import LumberjackClient, StalledError
from shipper.lumberjack.frames import Event, FrameParser, Window, encode_ack


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


class Tcpless:
    """A socket pair knows no TCP options."""

    def __init__(self, sock):
        self._sock = sock

    def setsockopt(self, *_):
        pass

    def __getattr__(self, name):
        return getattr(self._sock, name)


def client(pair, clock=None, **options):
    sock = cast("socket.socket", Tcpless(pair[0]))
    return LumberjackClient(sock, clock or ManualClock(), **options)


@pytest.mark.parametrize("compression", [0, 1, 3])
def test_a_window_starts_at_sequence_one_and_announces_its_size(pair, compression):
    sender = client(pair, compression=compression)
    sender.send([b'{"a":1}', b'{"a":2}'])
    frames = FrameParser().feed(pair[1].recv(65536))
    assert frames == [Window(2), Event(1, b'{"a":1}'), Event(2, b'{"a":2}')]


def test_windows_are_acknowledged_in_order(pair):
    sender = client(pair)
    sender.send([b"{}"] * 3)
    sender.send([b"{}"] * 2)
    pair[1].sendall(encode_ack(3) + encode_ack(2))
    assert sender.receive(1.0) == 2
    assert sender.in_flight == 0


def test_a_partial_acknowledgement_finishes_nothing(pair):
    sender = client(pair)
    sender.send([b"{}"] * 3)
    pair[1].sendall(encode_ack(2))
    assert sender.receive(0) == 0
    pair[1].sendall(encode_ack(3))
    assert sender.receive(0) == 1


def test_t41_a_keepalive_is_neither_progress_nor_an_error(pair):
    clock = ManualClock()
    sender = client(pair, clock, timeout=30)
    sender.send([b"{}"])
    for _ in range(10):
        clock.advance(25)
        pair[1].sendall(encode_ack(0))
        assert sender.receive(0) == 0
    assert sender.in_flight == 1


def test_silence_while_something_is_on_the_way_is_a_dead_peer(pair):
    clock = ManualClock()
    sender = client(pair, clock, timeout=30)
    sender.send([b"{}"])
    clock.advance(31)
    with pytest.raises(StalledError):
        sender.receive(1.0)


@pytest.mark.parametrize("answer", [encode_ack(7), b"2J\0\0\0\1\0\0\0\2{}", b"HTTP/1.1"])
def test_an_answer_that_cannot_be_is_a_protocol_error(pair, answer):
    sender = client(pair)
    sender.send([b"{}"])
    pair[1].sendall(answer)
    with pytest.raises(ProtocolError):
        sender.receive(1.0)


def test_a_closed_connection_is_an_error(pair):
    sender = client(pair)
    sender.send([b"{}"])
    pair[1].close()
    with pytest.raises(OSError):
        sender.receive(1.0)
