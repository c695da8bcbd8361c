"""A TCP peer that does what it is told with each connection: for faults that no sound server commits."""

from __future__ import annotations

import gzip
import socket
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    Behaviour = Callable[[socket.socket, threading.Event], None]


class RawPeer:
    """`behave(connection, ended)` runs for one connection after the other; an OSError in it ends that connection."""

    def __init__(self, behave: Behaviour) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._behave = behave
        self.connections = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.address = "{}:{}".format(*self._server.getsockname())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                try:
                    self._behave(connection, self._ended)
                except OSError:
                    continue


def http_request(connection: socket.socket) -> bytes:
    """Read one whole HTTP request with a body, and return that.

    Raises:
        ConnectionResetError: the client left.
    """
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-len"))
    while len(body) < length:
        body += _more(connection)
    return body


def all_taken(body: bytes) -> bytes:
    """What Elasticsearch answers to a `_bulk` request of creates when it took all of them."""
    plain = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    items = b",".join([b'{"create":{"status":201}}'] * (plain.count(b"\n") // 2))
    return b'{"errors":false,"items":[%b]}' % items


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionResetError("the client left")
    return data
