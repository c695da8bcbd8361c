"""HTTP to one host, with bounds: a time to connect in, a time for a whole answer, a size for its body."""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from shipper.errors import ProtocolError
from shipper.lumberjack.client import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shipper.clock import Clock

_PORT = 9200
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Address:
    """Where requests go.

    Attributes:
        path: in front of each request's own, for hosts behind a prefix.
        server_name: the name in the peer's certificate, where it is not `host`.
    """

    host: str
    port: int
    path: str = ""
    tls: ssl.SSLContext | None = None
    server_name: str | None = None


def parse_url(url: str, tls: Callable[[], ssl.SSLContext] | None = None, server_name: str | None = None) -> Address:
    """The address in a URL; `tls` gives the context for https."""
    parts = urlsplit(url)
    context = tls() if tls is not None and parts.scheme == "https" else None
    return Address(parts.hostname or "", parts.port or _PORT, parts.path.rstrip("/"), context, server_name)


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer."""

    status: int
    body: bytes


class HttpPeer:
    """One connection, used by one thread but for `interrupt`; opened anew when the peer closed it in order.

    Every method may raise OSError (also: the time is over) or ProtocolError; then the connection is of no more use.
    """

    def __init__(self, address: Address, clock: Clock, *, connect_timeout: float, timeout: float) -> None:
        """Nothing is connected yet.

        Args:
            address: of the peer.
            clock: measures the time for an answer.
            connect_timeout: seconds for each of TCP and TLS.
            timeout: seconds for sending a request, and again from then to the last byte of its answer.
        """
        self._address = address
        self._clock = clock
        self._connect_timeout = connect_timeout
        self._timeout = timeout
        self._deadline = 0.0
        self._interrupted = False
        self._socket: socket.socket | None = None
        self._http = _Connection(address.host, address.port, self._dial)
        self._http.default_port = 443 if address.tls else 80

    def hurry(self, patience: float) -> None:
        """Give each request no more than so many seconds, where that is less than agreed."""
        self._timeout = min(self._timeout, patience)

    @property
    def connection(self) -> socket.socket | None:
        """What it is connected by now."""
        return self._socket

    def connect(self) -> None:
        """Connect now; else the first request does."""
        self._http.connect()

    def is_stale(self) -> bool:
        """With no request on its way: has the peer closed the connection, or said what nobody asked?"""
        sock = self._socket
        if sock is None:
            return False
        try:
            sock.settimeout(0)
            sock.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True
        return True

    def exchange(self, method: str, path: str, body: bytes, headers: Mapping[str, str], *, limit: int) -> Reply:
        """One request and its answer; a body of more than `limit` bytes is a ProtocolError."""
        try:
            self._http.request(method, self._address.path + path, body, dict(headers))
            self._deadline = self._clock.monotonic() + self._timeout
            response = self._http.getresponse()
            data = _read(response, limit)
        except http.client.HTTPException as error:
            raise ProtocolError(f"not an HTTP answer: {error!r}") from error
        if response.will_close:
            self.close()
        return Reply(response.status, data)

    def interrupt(self) -> None:
        """From another thread: let the call that waits end with an error."""
        self._interrupted = True
        sock = self._socket
        if sock is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not TLS's own: a thread reads there now

    def close(self) -> None:
        self._http.close()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _dial(self) -> socket.socket:
        if self._interrupted:
            raise InterruptedError("stopped")
        address = self._address
        sock = connect(
            address.host, address.port, timeout=self._connect_timeout, tls=address.tls, name=address.server_name
        )
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._socket = sock
        return cast("socket.socket", _TimedSocket(sock, self._timeout, self._left))

    def _left(self) -> float:
        left = self._deadline - self._clock.monotonic()
        if left <= 0:
            raise TimeoutError(f"no whole answer within {self._timeout:g} s")
        return left


def _read(response: http.client.HTTPResponse, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := response.read(_CHUNK):
        size += len(part)
        if size > limit:
            raise ProtocolError(f"an answer of more than {limit} bytes")
        parts.append(part)
    if response.length:
        raise ConnectionResetError("the answer broke off")
    return b"".join(parts)


class _Connection(http.client.HTTPConnection):
    """Dials as it is told: http.client itself knows neither another name for TLS nor a timeout for connecting."""

    def __init__(self, host: str, port: int, dial: Callable[[], socket.socket]) -> None:
        super().__init__(host, port)
        self._dial = dial

    def connect(self) -> None:
        self.sock = self._dial()


class _TimedSocket:
    """What http.client uses of a socket; reading ends with the deadline, however slowly bytes drip in."""

    def __init__(self, sock: socket.socket, timeout: float, left: Callable[[], float]) -> None:
        self._socket = sock
        self._timeout = timeout
        self._left = left

    def sendall(self, data: bytes) -> None:
        self._socket.settimeout(self._timeout)  # of the whole, not of each write
        self._socket.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - http.client only reads
        return io.BufferedReader(_TimedReader(self._socket, self._left), _CHUNK)

    def close(self) -> None:
        """Left to HttpPeer: http.client closes before the answer is read."""


class _TimedReader(io.RawIOBase):
    """Closing it leaves the socket open, for the next request."""

    def __init__(self, sock: socket.socket, left: Callable[[], float]) -> None:
        self._socket = sock
        self._left = left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # the base takes any writable buffer
        self._socket.settimeout(self._left())
        return self._socket.recv_into(buffer)
