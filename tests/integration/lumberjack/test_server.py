"""The Lumberjack server over real sockets, held to what Logstash 9.5.2 was observed to do."""

from __future__ import annotations

import select
import socket
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from logstash_async.transport import BeatsTransport

from shipper.config import Duration, Size
from shipper.errors import ConfigError, UnavailableError
from shipper.lumberjack.frames import encode_compressed, encode_event, encode_events, encode_window
from shipper.lumberjack.server import LumberjackServer, ServerSettings, ServerTls, SessionSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from shipper.lumberjack.session import Done, Peer


class Sink:
    """A handler that keeps what it got and answers when it is told to."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.peers: list[Peer] = []
        self.held: list[Done] = []
        self.hold = False
        self.arrived = threading.Condition()

    def __call__(self, events: list[dict[str, Any]], peer: Peer, done: Done) -> None:
        with self.arrived:
            self.events += events
            self.peers.append(peer)
            if self.hold:
                self.held.append(done)
            self.arrived.notify_all()
        if not self.hold:
            done(True)

    def wait_for(self, count: int) -> None:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.events) >= count, 10), f"{len(self.events)} of {count}"


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def serve(sink: Sink) -> Iterator[Callable[..., LumberjackServer]]:
    servers: list[LumberjackServer] = []

    def start(tls: ServerTls | None = None, unanswered: int = 1 << 25, **session: Any) -> LumberjackServer:
        settings = ServerSettings(port=0, tls=tls, unanswered=Size(unanswered), session=SessionSettings(**session))
        server = LumberjackServer(settings, sink)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop(0.5)


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


class Certificates:
    """A small authority made with openssl."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._openssl("req", "-x509", "-newkey", "ec", *self._curve, "-nodes", "-days", "2", "-subj", "/CN=ca",
                      "-keyout", "ca.key", "-out", "ca.crt")  # fmt: skip

    _curve = ("-pkeyopt", "ec_paramgen_curve:prime256v1")

    def issue(self, name: str, out: str | None = None) -> None:
        out = out or name
        self._openssl("req", "-newkey", "ec", *self._curve, "-nodes", "-subj", f"/CN={name}", "-addext",
                      "subjectAltName=IP:127.0.0.1", "-keyout", f"{out}.key", "-out", f"{out}.csr")  # fmt: skip
        self._openssl("x509", "-req", "-in", f"{out}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-days", "2",
                      "-copy_extensions", "copy", "-out", f"{out}.crt")  # fmt: skip

    def __truediv__(self, name: str) -> Path:
        return self.folder / name

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    made = Certificates(tmp_path_factory.mktemp("certificates"))
    made.issue("server")
    made.issue("client")
    return made


def beats(server: LumberjackServer, certificates: Certificates, *, client: str | None) -> BeatsTransport:
    host, port = server.address
    return BeatsTransport(
        host=host,
        port=port,
        timeout=5,
        ssl_enable=True,
        ssl_verify=True,
        keyfile=str(certificates / f"{client}.key") if client else None,
        certfile=str(certificates / f"{client}.crt") if client else None,
        ca_certs=str(certificates / "ca.crt"),
        ssl_verify_flags=None,
    )


def test_mutual_tls_takes_a_known_client_and_refuses_the_others(
    serve: Callable[..., LumberjackServer], sink: Sink, certificates: Certificates
) -> None:
    tls = ServerTls(
        certificate=certificates / "server.crt",
        key=certificates / "server.key",
        authorities=(certificates / "ca.crt",),
        verify="required",
    )
    server = serve(tls=tls, keepalive=Duration(0.05))
    sink.hold = True
    transport = beats(server, certificates, client="client")
    sender = threading.Thread(target=transport.send, args=([b'{"n":%d}' % n for n in range(25)],))
    sender.start()
    sink.wait_for(25)
    time.sleep(0.2)  # some keepalives through TLS
    sink.held[0](True)
    sender.join(5)
    transport.close()
    stranger = beats(server, certificates, client=None)
    with pytest.raises(OSError):
        stranger.send([b'{"n":"stranger"}'])
    stranger.close()
    assert len(sink.events) == 25


def test_a_renewed_certificate_serves_new_connections_and_a_broken_one_keeps_the_old(
    serve: Callable[..., LumberjackServer], sink: Sink, certificates: Certificates
) -> None:
    certificates.issue("first", out="renewed")
    server = serve(tls=ServerTls(certificate=certificates / "renewed.crt", key=certificates / "renewed.key"))

    def subject() -> str:
        import ssl

        context = ssl.create_default_context(cafile=certificates / "ca.crt")
        with connect(server) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as peer:
            shown = peer.getpeercert()
        assert shown is not None
        return str(dict(pair[0] for pair in shown["subject"])["commonName"])  # type: ignore[misc]  # the stubs know only the union

    assert subject() == "first"
    certificates.issue("second", out="renewed")
    assert subject() == "second"
    (certificates / "renewed.key").write_text("broken")
    assert subject() == "second"


def test_a_key_that_does_not_fit_is_an_error_for_people(sink: Sink, certificates: Certificates) -> None:
    tls = ServerTls(certificate=certificates / "server.crt", key=certificates / "client.key")
    with pytest.raises(ConfigError, match="key belongs to the certificate"):
        LumberjackServer(ServerSettings(port=0, tls=tls), sink)
