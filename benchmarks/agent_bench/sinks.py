"""Peers that acknowledge and count, in a process of their own; they decode no event."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.sharedctypes import Synchronized

_ROOT = json.dumps(
    {"name": "sink", "version": {"number": "7.17.29", "build_flavor": "default"}, "tagline": "You Know, for Search"}
).encode()
_ITEM = b'{"create":{"status":201}}'


def _lumberjack(peer: socket.socket, reader: BinaryIO, events: Any, size: Any, delay: float) -> None:
    count = 0
    while head := reader.read(6):
        kind, number = head[1:2], struct.unpack(">I", head[2:])[0]
        if kind == b"W":
            count = number
        elif kind == b"C":
            reader.read(number)
            time.sleep(delay)
            with events.get_lock():
                events.value += count
                size.value += number
            peer.sendall(b"2A" + struct.pack(">I", count))
        else:
            raise ValueError(f"the sink takes compressed windows only, not {kind!r}")


def _bulk(peer: socket.socket, reader: BinaryIO, events: Any, size: Any, delay: float) -> None:
    while request := reader.readline():
        length, packed = 0, False
        while (line := reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.lower().partition(b":")
            length = int(value) if name == b"content-length" else length
            packed = packed or (name == b"content-encoding" and b"gzip" in value)
            if name == b"expect":
                peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = reader.read(length)
        answer = _ROOT
        if b"_bulk" in request:
            time.sleep(delay)
            count = (gzip.decompress(body) if packed else body).count(b"\n") // 2
            answer = b'{"took":1,"errors":false,"items":[%b]}' % b",".join([_ITEM] * count)
            with events.get_lock():
                events.value += count
                size.value += length
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Elastic-Product: Elasticsearch\r\n"
        peer.sendall(b"%bContent-Length: %d\r\n\r\n" % (head, len(answer)))
        peer.sendall(answer if not request.startswith(b"HEAD") else b"")


_SPEAK = {"lumberjack": _lumberjack, "bulk": _bulk}


def _serve(kind: str, pipe: Connection, events: Any, size: Any, delay: float) -> None:
    server = socket.create_server(("127.0.0.1", 0), backlog=16)
    pipe.send(server.getsockname()[1])
    while True:
        peer, _ = server.accept()
        reader = peer.makefile("rb", 1 << 20)
        threading.Thread(target=_speak, args=(kind, peer, reader, events, size, delay), daemon=True).start()


def _speak(kind: str, peer: socket.socket, reader: BinaryIO, events: Any, size: Any, delay: float) -> None:
    with peer, reader:
        try:
            _SPEAK[kind](peer, reader, events, size, delay)
        except ConnectionError:
            return  # the shipper was stopped


class Sink:
    """A sink of one kind (`lumberjack` or `bulk`) on a port of its own; each answer takes it `delay` seconds."""

    def __init__(self, kind: str, delay: float = 0.0) -> None:
        ours, theirs = multiprocessing.Pipe()
        self._events: Synchronized[int] = multiprocessing.Value("q", 0)
        self._size: Synchronized[int] = multiprocessing.Value("q", 0)
        arguments = (kind, theirs, self._events, self._size, delay)
        self._process = multiprocessing.Process(target=_serve, args=arguments, daemon=True)
        self._process.start()
        self.port: int = ours.recv()

    def reset(self) -> None:
        """Count from nothing."""
        self._events.value = self._size.value = 0

    @property
    def events(self) -> int:
        return self._events.value

    @property
    def size(self) -> int:
        """Bytes received: windows or bodies, as they travelled."""
        return self._size.value

    def close(self) -> None:
        self._process.kill()
