"""The real socket, spoken to byte by byte."""

import http.client
import logging
import socket
import struct
from collections.abc import Iterator

import pytest
from markupsafe import Markup

from shipper.errors import UnavailableError
from shipper.web import Page, Query, Server, Site


def fall(_: Query) -> Markup:
    raise RuntimeError("a fault of ours with a detail")


@pytest.fixture
def server() -> Iterator[Server]:
    pages = [Page("/", "Home", lambda _: Markup("<p>home</p>")), Page("/fault", "Fault", fall)]
    with Server(Site(pages)) as running:
        yield running


def ask(server: Server, method: str, path: str, host: str | None = None) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.putrequest(method, path, skip_host=True)
        if host != "":
            connection.putheader("Host", host or f"127.0.0.1:{server.port}")
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_a_page_is_served_with_the_policy_headers(server: Server):
    status, headers, body = ask(server, "GET", "/")
    assert status == 200
    assert b"<p>home</p>" in body
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_localhost_is_this_machine_too(server: Server):
    assert ask(server, "GET", "/", f"localhost:{server.port}")[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", ""])
def test_a_foreign_host_name_is_refused_before_any_page_runs(server: Server, host: str):
    status, _, body = ask(server, "GET", "/", host.format(port=server.port))
    assert status == 421
    assert b"home" not in body


def test_two_host_headers_are_refused(server: Server):
    good = f"127.0.0.1:{server.port}"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
        raw.sendall(f"GET / HTTP/1.1\r\nHost: {good}\r\nHost: evil\r\nConnection: close\r\n\r\n".encode())
        assert b" 421 " in raw.recv(100)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_only_reading_is_served(server: Server, method: str):
    assert ask(server, method, "/")[0] == 501


def test_head_has_the_length_and_no_body(server: Server):
    status, headers, body = ask(server, "HEAD", "/")
    assert status == 200
    assert int(headers["content-length"]) > 100
    assert body == b""


def test_a_fault_is_logged_whole_and_told_without_detail(server: Server, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR):
        status, _, body = ask(server, "GET", "/fault")
    assert status == 500
    assert b"detail" not in body
    assert "a fault of ours with a detail" in caplog.text
    assert ask(server, "GET", "/")[0] == 200


def test_it_listens_on_loopback_alone(server: Server):
    assert server._http.server_address[0] == "127.0.0.1"


def test_a_taken_port_is_an_error_with_a_next_step(server: Server):
    with pytest.raises(UnavailableError, match="cannot listen") as caught:
        Server(Site([Page("/", "Home", lambda _: Markup(""))]), port=server.port)
    assert "--port" in (caught.value.hint or "")


def test_after_close_the_port_is_free_again():
    site = Site([Page("/", "Home", lambda _: Markup(""))])
    with Server(site) as first:
        port = first.port
    with Server(site, port=port) as second:
        assert second.port == port


def test_readers_that_leave_at_any_moment_print_nothing(server: Server, capfd: pytest.CaptureFixture[str]):
    for part in (b"GET / HT", b"\x16\x03\x01\x00\r\n\r\n", b"GET / HTTP/1.1\r\nHo"):
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", server.port)) as leaving:
                leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                leaving.sendall(part)
    assert ask(server, "GET", "/")[0] == 200
    server.close()
    assert "Traceback" not in capfd.readouterr().err
