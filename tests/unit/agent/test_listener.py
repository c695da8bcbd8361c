"""The listener on real sockets: whatever comes in, a probe is answered, and nothing ends or waits."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import socket
import time

import pytest

from shipper.agent.deadline import Deadline
from shipper.agent.input.addresses import Address, parse
from shipper.agent.monitoring import listener as module
from shipper.agent.monitoring.listener import CONNECTIONS, Listener
from shipper.agent.monitoring.request import LONGEST, Answer
from shipper.clock import SystemClock
from tests.support.agent_process import until


class Fixed:
    """Answers at once, with a body of `size`; `told` False: the agent says nothing."""

    def __init__(self, size: int = 3) -> None:
        self.size = size
        self.told = True
        self.asked = 0

    def page(self, path: str, since: float) -> Answer | None:
        self.asked += 1
        return Answer(200, b"x" * self.size) if self.told else None

    def missed(self, path: str) -> Answer:
        return Answer(503, b"stuck")


@pytest.fixture
def pages():
    return Fixed()


@pytest.fixture
def listener(pages, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.3)
    monkeypatch.setattr(module, "DEADLINE", 0.8)
    listener = Listener(Address("tcp", ("127.0.0.1", 0)), pages, SystemClock())
    listener.start()
    assert until(lambda: listener.place != "")
    yield listener
    assert listener.is_alive()
    listener.stop(Deadline(SystemClock(), 5.0))
    assert not listener.is_alive()


def connect(listener):
    host, _, port = listener.place.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)), 10)


def everything(client):
    """What comes until the other side closes; a reset ends it too."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := client.recv(65536):
            parts.append(part)
    return b"".join(parts)


def say(listener, data):
    with connect(listener) as client:
        with contextlib.suppress(OSError):
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        return everything(client)


def get(listener, path=b"/metrics", host=b"127.0.0.1"):
    return say(listener, b"GET %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (path, host))


def works(listener):
    return get(listener).startswith(b"HTTP/1.1 200 ")


def test_a_request_is_answered_and_the_connection_ends(listener):
    answer = get(listener)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Length: 3" in head
    assert b"Connection: close" in head
    assert body == b"xxx"


def test_head_has_the_length_and_no_body(listener):
    head, _, body = say(listener, b"HEAD / HTTP/1.0\r\n\r\n").partition(b"\r\n\r\n")
    assert b"Content-Length: 3" in head
    assert body == b""


def test_a_request_may_come_byte_by_byte(listener):
    with connect(listener) as client:
        for byte in b"GET / HTTP/1.1\r\nHost: localhost:9\r\n\r\n":
            client.sendall(bytes([byte]))
        assert everything(client).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"POST /metrics HTTP/1.1\r\n\r\n", b"405"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"400"),
        (b"\0" * 100, b"400"),
        (b"GET  / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /\xff HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/9.9\r\n\r\n", b"400"),
        (b"get / http/1.1\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 20_000, b"431"),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 50_000, b"431"),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"403"),
        (b"GET / HTTP/1.1\nHost: 10.0.0.7:1\n\n", b"200"),
        (b"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", b"200"),
    ],
    ids=range(12),
)
def test_what_is_no_request_of_ours_gets_its_answer(listener, data, status):
    assert say(listener, data)[9:12] == status
    assert works(listener)


def test_half_a_request_is_left_after_the_deadline_and_holds_up_nobody(listener):
    begin = time.monotonic()
    with connect(listener) as client:
        client.sendall(b"GET /metr")
        assert works(listener)
        assert time.monotonic() - begin < 0.8
        assert everything(client) == b""


def test_a_client_that_never_says_anything_is_left(listener):
    with connect(listener) as client:
        assert everything(client) == b""


def test_a_client_that_does_not_read_its_answer_is_left_and_holds_up_nobody(listener, pages):
    pages.size = 64 << 20
    with connect(listener) as client:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert until(lambda: pages.asked == 1)
        pages.size = 3
        assert works(listener)
        assert until(lambda: not listener._peers)
        assert len(everything(client)) < 64 << 20


def test_a_client_that_closes_at_once_is_nothing(listener):
    for _ in range(200):
        connect(listener).close()
    assert works(listener)


def test_more_connections_than_are_taken_make_room_for_each_other_and_a_probe_gets_through(listener):
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(listener)) for _ in range(3 * CONNECTIONS)]
        for client in clients:
            with contextlib.suppress(OSError):
                client.sendall(b"GET ")
        assert works(listener)
        assert len(listener._peers) <= CONNECTIONS


def test_junk_of_any_kind_ends_nothing(listener):
    chance = random.Random(7)
    for _ in range(150):
        data = chance.randbytes(chance.randrange(1, 3 * LONGEST))
        if chance.random() < 0.5:
            data = b"GET / HTTP/1.1\r\n" + data
        say(listener, data if chance.random() < 0.5 else data + b"\r\n\r\n")
    assert works(listener)


def test_t46_an_agent_that_does_not_tell_how_it_is_is_not_waited_for(listener, pages):
    pages.told = False
    begin = time.monotonic()
    assert get(listener, b"/healthz").startswith(b"HTTP/1.1 503 ")
    assert time.monotonic() - begin > 0.25


def test_an_answer_that_comes_a_moment_later_is_waited_for(listener, pages):
    pages.told = False
    with connect(listener) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\n\r\n")
        assert until(lambda: pages.asked >= 1)
        pages.told = True
        listener.wake()
        assert everything(client).startswith(b"HTTP/1.1 200 ")


def test_a_page_that_cannot_be_made_is_said_and_costs_no_other_connection_its_answer(listener, pages, monkeypatch):
    with connect(listener) as other:
        other.sendall(b"GET / HT")
        with monkeypatch.context() as patch:
            patch.setattr(pages, "page", lambda path, since: 1 / 0)
            assert get(listener).startswith(b"HTTP/1.1 500 ")
        other.sendall(b"TP/1.1\r\n\r\n")
        assert everything(other).startswith(b"HTTP/1.1 200 ")


def test_without_descriptors_it_waits_and_goes_on(listener):
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    host, _, port = listener.place.removeprefix("http://").rpartition(":")
    fillers = []
    with socket.socket() as late:
        resource.setrlimit(resource.RLIMIT_NOFILE, (late.fileno() + 20, limits[1]))
        try:
            with contextlib.suppress(OSError):
                while True:
                    fillers.append(os.open(os.devnull, os.O_RDONLY))
            late.connect((host, int(port)))
            late.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert until(lambda: listener._said)
        finally:
            for filler in fillers:
                os.close(filler)
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert everything(late).startswith(b"HTTP/1.1 200 ")


def test_a_place_that_is_taken_is_tried_again_until_it_is_free(pages, monkeypatch, caplog):
    monkeypatch.setattr(module, "_RETRY", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        listener = Listener(Address("tcp", ("127.0.0.1", port)), pages, SystemClock())
        listener.start()
        assert until(lambda: "not served" in caplog.text)
        assert listener.place == ""
    try:
        assert until(lambda: listener.place != "")
        assert works(listener)
    finally:
        listener.stop(Deadline(SystemClock(), 5.0))
    assert caplog.text.count("not served") == 1


def test_a_unix_socket_is_ours_alone_survives_a_kill_before_and_any_host_may_be_named_there(tmp_path, pages):
    path = tmp_path / "m.sock"
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(path))
    stale.close()
    listener = Listener(parse(f"unix://{path}"), pages, SystemClock())
    listener.start()
    assert until(lambda: listener.place == f"unix://{path}")
    assert path.stat().st_mode & 0o777 == 0o600
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(b"GET / HTTP/1.1\r\nHost: any.example\r\n\r\n")
        assert everything(client).startswith(b"HTTP/1.1 200 ")
    listener.stop(Deadline(SystemClock(), 5.0))
    assert not path.exists()
