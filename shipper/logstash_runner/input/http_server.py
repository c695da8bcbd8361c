"""A small HTTP/1.1 server for the http input: threads, basic auth, limits, TLS."""

from __future__ import annotations

import base64
import contextlib
import hmac
import logging
import socket
import threading
import zlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

from shipper.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.lumberjack.tls import TlsContext

_log = logging.getLogger(__name__)
_IDLE_SECONDS = 30.0
_DISCARDED = 1024 * 1024


class Request(NamedTuple):
    """One request; header names in lower case."""

    method: str
    path: str
    version: str
    headers: dict[str, str]
    body: bytes
    peer: str


class Response(NamedTuple):
    """What is answered."""

    status: int
    text: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """`threads` requests are worked on at once; bodies of at most `body` bytes, plain or unpacked."""

    threads: int = 4
    body: int = 100 * 1024 * 1024
    busy_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class HttpAccess:
    """The one account that may send, if there is one."""

    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def admits(self, header: str | None) -> bool:
        """Does an Authorization header name the account?"""
        if self.user is None or self.password is None:
            return True
        wanted = "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return hmac.compare_digest(wanted.encode(), (header or "").encode("utf-8", "replace"))


class HttpServer:
    """Listens from construction on; `answer` is called on a thread for each request that passed all checks."""

    def __init__(
        self,
        address: tuple[str, int],
        answer: Callable[[Request], Response],
        *,
        limits: HttpLimits,
        access: HttpAccess,
        tls: TlsContext | None = None,
    ) -> None:
        """Bind the address.

        Raises:
            UnavailableError: the address is taken or not ours.
        """
        self.answer = answer
        self.limits = limits
        self.access = access
        self.tls = tls
        self.slots = threading.BoundedSemaphore(limits.threads)
        try:
            self._server = _Listener(address, self)
        except OSError as error:
            raise UnavailableError(
                f"cannot listen: {error.strerror}",
                where=f"{address[0]}:{address[1]}",
                hint="choose another port, or 0 for a free one",
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="http-accept", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """(host, port) that clients reach."""
        host, port = self._server.server_address[:2]
        return str(host), int(port)

    def start(self) -> None:
        """Serve in threads of our own."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Take no more connections and let requests in work end, for up to `timeout` seconds each."""
        if self._thread.ident is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        taken = [self.slots.acquire(timeout=timeout) for _ in range(self.limits.threads)]
        for acquired in taken:
            if acquired:
                self.slots.release()
        self._server.cut()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], owner: HttpServer) -> None:
        self.owner = owner
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(_IDLE_SECONDS)
        if self.owner.tls is not None:
            request = self.owner.tls.current().wrap_socket(request, server_side=True)
        with self._lock:
            self._open.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            with self._lock:
                self._open.discard(request)
            request.close()

    def cut(self) -> None:
        """End the connections that are still open."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base's signature
        _log.info("%s: http connection lost", client_address[0], exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "shipper"
    sys_version = ""
    server: _Listener

    def handle_any(self) -> None:
        owner = self.server.owner
        if not owner.access.admits(self.headers.get("Authorization")):
            self._discard()
            self._reply(Response(401, "unauthorized", (("WWW-Authenticate", 'Basic realm="Logstash HTTP Input"'),)))
        elif not owner.slots.acquire(timeout=owner.limits.busy_seconds):
            self._discard()
            self._reply(Response(429, "busy", (("Retry-After", "1"),)))
        else:
            try:  # the slot is held until the answer is written: a stop waits for it
                self._reply(self._answered())
            finally:
                owner.slots.release()

    def _reply(self, response: Response) -> None:
        payload = response.text.encode()
        self.send_response(response.status)
        for name, value in response.headers or (("Content-Type", "text/plain"),):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - the base's names

    def _answered(self) -> Response:
        owner = self.server.owner
        body = self._body(owner.limits.body)
        if isinstance(body, Response):
            self.close_connection = True
            return body
        headers = {name.lower(): value for name, value in self.headers.items()}
        return owner.answer(
            Request(self.command, self.path, self.request_version, headers, body, str(self.client_address[0]))
        )

    def _discard(self) -> None:
        """Read what a refused sender still sends, for else it sees a reset in place of the answer."""
        self.close_connection = True
        length = self.headers.get("Content-Length", "0")
        if length.isdecimal():
            self.rfile.read(min(int(length), _DISCARDED))

    def _body(self, limit: int) -> bytes | Response:
        if "Transfer-Encoding" in self.headers:
            return Response(411, "send a Content-Length")
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal():
            return Response(400, "bad Content-Length")
        if int(length) > limit:
            self._discard()
            return Response(413, f"at most {limit} bytes")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            return Response(400, "the body ended early")
        if self.headers.get("Content-Encoding", "identity") in ("gzip", "x-gzip", "deflate"):
            return _unpacked(body, limit)
        return body

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's signature
        _log.debug("%s: %s", self.client_address[0], format % args)


def _unpacked(body: bytes, limit: int) -> bytes | Response:
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        data = inflater.decompress(body, limit + 1)
    except zlib.error:
        return Response(400, "the body is damaged")
    if len(data) > limit:
        return Response(413, f"at most {limit} bytes unpacked")
    return data if inflater.eof else Response(400, "the body ended early")
