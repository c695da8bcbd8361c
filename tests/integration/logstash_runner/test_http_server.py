"""The http input's server over real sockets: access, limits, threads, TLS left to the Lumberjack tests' twin."""

from __future__ import annotations

import gzip
import http.client
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from shipper.errors import UnavailableError
from shipper.logstash_runner.input.http_server import HttpAccess, HttpLimits, HttpServer, Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterator


class Site:
    def __init__(self, limits: HttpLimits, access: HttpAccess) -> None:
        self.requests: list[Request] = []
        self.gate = threading.Event()
        self.gate.set()
        self.server = HttpServer(("127.0.0.1", 0), self.answer, limits=limits, access=access)
        self.server.start()

    def answer(self, request: Request) -> Response:
        self.requests.append(request)
        assert self.gate.wait(10)
        return Response(200, "ok")

    def post(self, body: bytes, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection(*self.server.address, timeout=10)
        try:
            connection.request("POST", "/hook?x=1", body, {k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    options: dict[str, Any] = getattr(request, "param", {})
    made = Site(HttpLimits(**options.get("limits", {})), HttpAccess(**options.get("access", {})))
    yield made
    made.gate.set()
    made.server.stop(2)


def test_a_request_reaches_the_answer_with_its_parts(site: Site) -> None:
    assert site.post(b"{}", Content_Type="application/json") == (200, "ok")
    (request,) = site.requests
    assert (request.method, request.path, request.version, request.body) == ("POST", "/hook?x=1", "HTTP/1.1", b"{}")
    assert request.headers["content-type"] == "application/json"
    assert request.peer == "127.0.0.1"


def test_a_connection_serves_several_requests(site: Site) -> None:
    connection = http.client.HTTPConnection(*site.server.address, timeout=10)
    for _ in range(3):
        connection.request("PUT", "/", b"x")
        assert connection.getresponse().read() == b"ok"
    connection.close()
    assert len(site.requests) == 3


@pytest.mark.parametrize("site", [{"access": {"user": "u", "password": "p"}}], indirect=True)
def test_only_the_account_may_send(site: Site) -> None:
    assert site.post(b"x")[0] == 401
    assert site.post(b"x", Authorization="Basic dTp3cm9uZw==")[0] == 401
    assert site.post(b"x" * 900_000) == (401, "unauthorized")
    assert site.post(b"x", Authorization="Basic dTpw")[0] == 200
    assert len(site.requests) == 1
    assert "p" not in repr(site.server.access).replace("HttpAccess(user='u')", "")


@pytest.mark.parametrize("site", [{"limits": {"body": 100}}], indirect=True)
def test_bodies_are_bounded_plain_and_unpacked(site: Site) -> None:
    assert site.post(b"x" * 101)[0] == 413
    assert site.post(gzip.compress(b"\0" * 1_000_000)[:90], Content_Encoding="gzip")[0] == 413
    assert site.post(gzip.compress(b"x" * 100), Content_Encoding="gzip")[0] == 200
    assert site.post(b"no gzip", Content_Encoding="gzip")[0] == 400
    assert [request.body for request in site.requests] == [b"x" * 100]


def test_a_body_that_ends_early_or_has_no_length_is_refused(site: Site) -> None:
    with socket.create_connection(site.server.address, timeout=10) as peer:
        peer.sendall(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert peer.recv(100).startswith(b"HTTP/1.1 411")
    with socket.create_connection(site.server.address, timeout=10) as peer:
        peer.sendall(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")
        peer.shutdown(socket.SHUT_WR)
        assert peer.recv(100).startswith(b"HTTP/1.1 400")
    assert site.requests == []


@pytest.mark.parametrize("site", [{"limits": {"threads": 1, "busy_seconds": 0.1}}], indirect=True)
def test_more_requests_than_threads_are_told_to_come_again(site: Site) -> None:
    site.gate.clear()
    first = threading.Thread(target=site.post, args=(b"first",))
    first.start()
    while not site.requests:
        pass
    assert site.post(b"second") == (429, "busy")
    site.gate.set()
    first.join(5)
    assert site.post(b"third")[0] == 200


def test_stop_lets_a_request_in_work_end(site: Site) -> None:
    site.gate.clear()
    answers: list[tuple[int, str]] = []
    sender = threading.Thread(target=lambda: answers.append(site.post(b"x")))
    sender.start()
    while not site.requests:
        time.sleep(0.01)
    stopping = threading.Thread(target=site.server.stop, args=(30,))
    stopping.start()
    site.gate.set()
    sender.join(30)
    stopping.join(30)
    assert answers == [(200, "ok")]
    with pytest.raises(OSError):
        site.post(b"late")


def test_a_taken_port_is_an_error_for_people(site: Site) -> None:
    with pytest.raises(UnavailableError, match="cannot listen"):
        HttpServer(site.server.address, site.answer, limits=HttpLimits(), access=HttpAccess())
