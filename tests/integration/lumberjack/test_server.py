"""The Lumberjack server over real sockets, held to what Logstash 9.5.2 was observed to do."""

from __future__ import annotations

import select
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
from logstash_async.transport import BeatsTransport

from shipper.config import Duration, Size
from shipper.errors import UnavailableError
from shipper.lumberjack.frames import encode_compressed, encode_event, encode_events, encode_window
from shipper.lumberjack.server import LumberjackServer, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.lumberjack.conftest import Sink


def connect(server: LumberjackServer) -> socket.socket:
    return socket.create_connection(server.address, timeout=10)


def window(*payloads: bytes, first: int = 1) -> bytes:
    return encode_window(len(payloads)) + encode_events(payloads, first)


def read(peer: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += peer.recv(count - len(data))
    return data


def is_silent(peer: socket.socket, seconds: float = 0.15) -> bool:
    return not select.select([peer], [], [], seconds)[0]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_window_gets_one_ack_with_its_highest_sequence(serve: Callable[..., LumberjackServer], sink: Sink) -> None:
    with connect(serve()) as peer:
        peer.sendall(window(b'{"n":1}', b'{"n":2}', b'{"n":3}', first=101))
        assert read(peer, 6) == b"2A\0\0\0\x67"
        assert is_silent(peer)
    assert [event["n"] for event in sink.events] == [1, 2, 3]
    assert sink.peers[0].host == "127.0.0.1"


def test_several_compressed_frames_in_a_window_get_one_ack(serve: Callable[..., LumberjackServer], sink: Sink) -> None:
    with connect(serve()) as peer:
        peer.sendall(encode_window(2))
        peer.sendall(encode_compressed(encode_event(1, b"{}")))
        assert is_silent(peer)
        peer.sendall(encode_compressed(encode_event(2, b"{}")))
        assert read(peer, 6) == b"2A\0\0\0\2"


def test_an_empty_window_is_answered_by_zero(serve: Callable[..., LumberjackServer]) -> None:
    with connect(serve()) as peer:
        peer.sendall(encode_window(0))
        assert read(peer, 6) == b"2A\0\0\0\0"


def test_pipelined_windows_are_acked_each_and_in_order_though_accepted_out_of_order(
    serve: Callable[..., LumberjackServer], sink: Sink
) -> None:
    sink.hold = True
    with connect(serve()) as peer:
        peer.sendall(window(b'{"n":1}') + window(b'{"n":2}', b'{"n":3}'))
        sink.wait_for(3)
        sink.held[1](True)
        assert is_silent(peer)
        sink.held[0](True)
        assert read(peer, 12) == b"2A\0\0\0\1" + b"2A\0\0\0\2"


def test_keepalives_come_while_the_handler_holds_a_window_and_stop_with_the_ack(
    serve: Callable[..., LumberjackServer], sink: Sink
) -> None:
    sink.hold = True
    with connect(serve(keepalive=Duration(0.1))) as peer:
        peer.sendall(window(b"{}"))
        assert read(peer, 12) == b"2A\0\0\0\0" * 2
        sink.held[0](True)
        answer = b"2A\0\0\0\0"
        while answer == b"2A\0\0\0\0":
            answer = read(peer, 6)
        assert answer == b"2A\0\0\0\1"
        assert is_silent(peer, 0.3)


def test_an_unfinished_window_gets_keepalives_and_no_idle_timeout(serve: Callable[..., LumberjackServer]) -> None:
    with connect(serve(keepalive=Duration(0.1), idle_timeout=Duration(0.2))) as peer:
        peer.sendall(encode_window(2) + encode_event(1, b"{}"))
        assert read(peer, 36) == b"2A\0\0\0\0" * 6
        peer.sendall(encode_event(2, b"{}"))
        answer = b"2A\0\0\0\0"
        while answer == b"2A\0\0\0\0":
            answer = read(peer, 6)
        assert answer == b"2A\0\0\0\2"


def test_an_idle_peer_is_reset_after_the_timeout(serve: Callable[..., LumberjackServer]) -> None:
    with connect(serve(idle_timeout=Duration(0.2))) as peer:
        peer.sendall(window(b"{}"))
        assert read(peer, 6) == b"2A\0\0\0\1"
        with pytest.raises(ConnectionResetError):
            peer.recv(1)


@pytest.mark.parametrize(
    "bad",
    [
        b"{not json",
        b"[1,2]",
        b'"text"',
        b'{"a":"\xff"}',
        b'{"a":NaN}',
        b'{"a":"\\ud800"',
        b"[" * 5000,
    ],
)
def test_a_bad_event_resets_without_ack_and_what_stood_before_it_is_delivered(
    serve: Callable[..., LumberjackServer], sink: Sink, bad: bytes
) -> None:
    with connect(serve()) as peer:
        peer.sendall(window(b'{"n":1}', bad, b'{"n":3}'))
        with pytest.raises(ConnectionResetError):
            peer.recv(1)
    sink.wait_for(1)
    assert sink.events == [{"n": 1}]


@pytest.mark.parametrize(
    "bad",
    [
        b"1W\0\0\0\1",
        b"2X\0\0\0\1",
        b"2C\0\0\0\4abcd",
        b"2W\xff\xff\xff\xff",
        b"2A\0\0\0\1",
        encode_event(1, b"{}"),
        window(b"{}", b"{}")[:-12] + encode_window(1),
    ],
    ids=["version", "type", "zlib", "gigabytes", "ack", "no window", "window in window"],
)
def test_a_bad_frame_resets_without_ack(serve: Callable[..., LumberjackServer], bad: bytes) -> None:
    with connect(serve()) as peer:
        peer.sendall(bad)
        with pytest.raises(ConnectionResetError):
            peer.recv(1)


def test_half_surrogates_become_the_replacement_character(serve: Callable[..., LumberjackServer], sink: Sink) -> None:
    with connect(serve()) as peer:
        peer.sendall(window(b'{"a":"x\\ud800y","b":"\\ud83d\\ude00"}'))
        assert read(peer, 6) == b"2A\0\0\0\1"
    assert sink.events == [{"a": "x\ufffdy", "b": "\U0001f600"}]


def test_reading_stops_while_windows_are_unanswered(serve: Callable[..., LumberjackServer], sink: Sink) -> None:
    sink.hold = True
    with connect(serve(windows_in_flight=2)) as peer:
        for _ in range(2):
            peer.sendall(window(b"{}"))
        sink.wait_for(2)
        peer.sendall(window(b"{}"))
        time.sleep(0.2)
        assert len(sink.events) == 2
        sink.held[0](True)
        sink.wait_for(3)


def test_beyond_the_shared_budget_each_connection_has_one_window_open(
    serve: Callable[..., LumberjackServer], sink: Sink
) -> None:
    sink.hold = True
    server = serve(unanswered=10)
    with connect(server) as one, connect(server) as other:
        one.sendall(window(b'{"text":"0123456789"}'))
        sink.wait_for(1)
        one.sendall(window(b"{}"))
        other.sendall(window(b"{}"))
        sink.wait_for(2)
        assert is_silent(other)
        assert len(sink.events) == 2
        sink.held[0](True)
        sink.wait_for(3)


def test_a_window_of_many_bytes_is_handed_on_in_parts_with_one_ack(
    serve: Callable[..., LumberjackServer], sink: Sink
) -> None:
    with connect(serve(chunk=Size(100))) as peer:
        peer.sendall(window(*[b'{"text":"0123456789"}'] * 50))
        assert read(peer, 6) == b"2A\0\0\0\x32"
        assert is_silent(peer)
    assert len(sink.events) == 50
    assert len(sink.peers) == 10


def test_a_refused_window_resets_without_ack(serve: Callable[..., LumberjackServer], sink: Sink) -> None:
    sink.hold = True
    with connect(serve()) as peer:
        peer.sendall(window(b"{}"))
        sink.wait_for(1)
        sink.held[0](False)
        with pytest.raises(ConnectionResetError):
            peer.recv(1)


def test_stop_acknowledges_what_was_handed_on_and_closes_in_order(
    serve: Callable[..., LumberjackServer], sink: Sink
) -> None:
    sink.hold = True
    server = serve()
    with connect(server) as peer, connect(server) as idle:
        peer.sendall(window(b"{}"))
        sink.wait_for(1)
        wait_until(lambda: server.connections == 2)
        stopping = threading.Thread(target=server.stop, args=(5,))
        stopping.start()
        assert idle.recv(1) == b""
        sink.held[0](True)
        assert read(peer, 6) == b"2A\0\0\0\1"
        assert peer.recv(1) == b""
        stopping.join(5)
    assert server.connections == 0


def test_stop_cuts_a_window_that_nobody_answers_when_the_time_is_up(
    serve: Callable[..., LumberjackServer], sink: Sink
) -> None:
    sink.hold = True
    server = serve(keepalive=Duration(0.05))
    with connect(server) as peer:
        peer.sendall(window(b"{}"))
        sink.wait_for(1)
        server.stop(0.1)
        assert server.connections == 0


def test_an_answer_after_the_peer_left_harms_nobody(serve: Callable[..., LumberjackServer], sink: Sink) -> None:
    sink.hold = True
    server = serve(keepalive=Duration(0.05))
    with connect(server) as peer:
        peer.sendall(window(b"{}"))
        sink.wait_for(1)
    wait_until(lambda: server.connections == 0)
    sink.held[0](True)


def test_a_taken_port_is_an_error_for_people(serve: Callable[..., LumberjackServer], sink: Sink) -> None:
    port = serve().address[1]
    with pytest.raises(UnavailableError, match="cannot listen"):
        LumberjackServer(ServerSettings(port=port), sink)


def test_python_logstash_async_ships_through_its_beats_transport(
    serve: Callable[..., LumberjackServer], sink: Sink
) -> None:
    host, port = serve().address
    transport = BeatsTransport(
        host=host,
        port=port,
        timeout=5,
        ssl_enable=False,
        ssl_verify=False,
        keyfile=None,
        certfile=None,
        ca_certs=None,
        ssl_verify_flags=None,
    )
    transport.send([b'{"message":"one"}', b'{"message":"two"}'])
    transport.send([b'{"message":"three"}'])
    transport.close()
    assert [event["message"] for event in sink.events] == ["one", "two", "three"]
