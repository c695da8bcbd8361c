"""A TCP proxy between the agent and its peer, with faults on demand."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING

from tests.chaos.plan import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BUSY = (
    b"HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    b"Connection: close\r\n\r\n{}"
)
_TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
LARGE = 40_000
"""Bytes of a request that are too many while `TOO_LARGE`."""


class Proxy:
    """Forwards 127.0.0.1:`port` to what `target` says then; a fault holds while its context is open.

    Attributes:
        hits: how often a fault really met traffic.
    """

    def __init__(self, target: Callable[[], tuple[str, int]], seed: int = 0) -> None:
        self._target = target
        self._random = random.Random(seed)
        self._fault: Fault | None = None
        self._closed = False
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        self.hits = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @contextlib.contextmanager
    def fault(self, fault: Fault) -> Iterator[None]:
        """While open, connections suffer; those that a fault left in disorder are cut at its end."""
        self._fault = fault
        if fault in (Fault.RESET, Fault.REFUSE):
            self._cut()
        try:
            yield
        finally:
            self._fault = None
            if fault is not Fault.SLOW:
                self._cut()

    def close(self) -> None:
        """Accept no more, and cut what is open."""
        self._closed = True
        self._listener.shutdown(socket.SHUT_RDWR)  # else the accept that waits goes on, and holds a descriptor
        self._listener.close()
        self._cut()

    def _cut(self) -> None:
        with self._lock:
            pairs, self._pairs = list(self._pairs), set()
        for pair in pairs:
            for each in pair:
                _reset(each)

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        fault = self._fault
        if fault in (Fault.BUSY, Fault.REFUSE):
            self.hits += 1
            self._answer_at_once(client, fault)
            return
        try:
            server = socket.create_connection(self._target(), timeout=10)
        except OSError:
            _reset(client)
            return
        server.settimeout(None)
        pair = (client, server)
        with self._lock:
            self._pairs.add(pair)
        back = threading.Thread(target=self._pump, args=(server, client, False), daemon=True)
        back.start()
        self._pump(client, server, True)
        back.join()
        with self._lock:
            self._pairs.discard(pair)
        for each in pair:
            with contextlib.suppress(OSError):
                each.close()

    def _answer_at_once(self, client: socket.socket, fault: Fault) -> None:
        if fault is Fault.REFUSE:
            _reset(client)
            return
        _answer(client, _BUSY)

    def _pump(self, source: socket.socket, sink: socket.socket, outward: bool) -> None:
        passed = 0
        try:
            while data := source.recv(65536):
                fault = self._fault
                if fault is not None:
                    data = self._suffer(fault, data, source, sink, outward, passed)
                passed += len(data)
                if outward and b"POST " in data[:5]:
                    passed = len(data)
                sink.sendall(data)
        except OSError:
            pass
        finally:
            with contextlib.suppress(OSError):
                sink.shutdown(socket.SHUT_WR)

    def _suffer(
        self, fault: Fault, data: bytes, source: socket.socket, sink: socket.socket, outward: bool, passed: int
    ) -> bytes:
        """The bytes to pass on.

        Raises:
            OSError: none, and no more.
        """
        self.hits += 1
        if fault is Fault.STALL:
            while self._fault is Fault.STALL:
                time.sleep(0.02)
        elif fault is Fault.SLOW:
            time.sleep(0.05)
        elif fault is Fault.BUSY and outward:
            self._refuse_request(source, sink, _BUSY)
        elif fault is Fault.TOO_LARGE and outward and passed + len(data) > LARGE:
            self._refuse_request(source, sink, _TOO_LARGE)
        elif fault is Fault.HALF_ANSWER and not outward:
            sink.sendall(data[: len(data) // 2])
            _reset(sink)
            raise OSError
        elif fault is Fault.HALF_ACKNOWLEDGED and not outward and data[:2] == b"2A" and len(data) == 6:
            sink.sendall(b"2A" + struct.pack(">I", int.from_bytes(data[2:], "big") // 2))
            time.sleep(0.02)  # else the reset takes the half with it
            _reset(sink)
            raise OSError
        elif fault is Fault.GARBLED_ANSWER and not outward:
            return bytes(byte ^ 0x5A for byte in data[:6]) + data[6:]
        elif fault is Fault.GARBLED_REQUEST and outward and len(data) > 400:
            at = self._random.randrange(300, len(data))
            return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
        return data

    def _refuse_request(self, client: socket.socket, server: socket.socket, answer: bytes) -> None:
        _reset(server)
        _answer(client, answer)
        raise OSError


def _answer(client: socket.socket, answer: bytes) -> None:
    """Answer, and close so that the answer is not lost behind unread bytes."""
    with contextlib.suppress(OSError):
        client.sendall(answer)
        client.shutdown(socket.SHUT_WR)
        client.settimeout(0.5)
        while client.recv(1 << 20):
            pass
    with contextlib.suppress(OSError):
        client.close()


def _reset(connection: socket.socket) -> None:
    """Close with RST, as a machine that died."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        connection.close()
