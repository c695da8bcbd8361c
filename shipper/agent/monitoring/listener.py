"""Answers `/metrics`, `/healthz` and `/readyz`, in a thread of its own that waits for nobody.

It is for the host itself: few connections, short requests, a deadline for each. Nothing that comes in can hold up or
end the agent; who is slow is left, and where many are slow the eldest makes room.
"""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import socket
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from shipper.agent.input.addresses import Address, listen
from shipper.agent.monitoring.request import Answer, Request, read_request
from shipper.errors import ShipperError

if TYPE_CHECKING:
    from shipper.agent.deadline import Deadline
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.monitoring")
CONNECTIONS = 32
"""At once."""
DEADLINE = 10.0
"""Seconds for a whole conversation."""
PATIENCE = 3.0
"""Seconds that a request waits for the agent's answer; then it is told that there is none."""
_LINGER = 1.0
_CHUNK = 16384
_RETRY = 5.0
_MODE = 0o600


class Pages(Protocol):
    """Where the answers come from."""

    def page(self, path: str, since: float) -> Answer | None:
        """The answer, or None while the agent has not told how it is since `since` (monotonic seconds)."""

    def missed(self, path: str) -> Answer:
        """The answer where the agent did not tell in time."""


@dataclass(slots=True, eq=False)
class _Peer:
    socket: socket.socket
    since: float
    data: bytes = b""
    request: Request | None = None
    asked: float = 0.0
    out: memoryview = field(default_factory=lambda: memoryview(b""))
    leaving: float | None = None
    """When the answer was out: what still comes is read and thrown away for a moment, so that the answer arrives."""


class Listener(threading.Thread):
    """`address` is bound in the thread, and tried again where it is taken: metrics are no reason not to ship logs.

    Attributes:
        place: where it listens now, empty while it does not.
    """

    def __init__(self, address: Address, pages: Pages, clock: Clock, *, any_host: bool = False) -> None:
        super().__init__(name="monitoring", daemon=True)
        self._address = address
        self._pages = pages
        self._clock = clock
        self._any_host = any_host or address.is_local
        self._ended = threading.Event()
        self._peers: deque[_Peer] = deque()
        self._wakes, self._waker = socket.socketpair()
        self._wakes.setblocking(False)
        self._waker.setblocking(False)
        self._said = False
        self.place = ""

    def run(self) -> None:
        while not self._ended.is_set():
            try:
                door = listen(self._address, _MODE)
            except (ShipperError, OSError) as error:
                if not self._said:
                    _LOG.error("metrics and health are not served: %s", error)
                self._said = True
                self._ended.wait(_RETRY)
                continue
            self._said = False
            try:
                self._serve(door)
            except Exception:  # noqa: BLE001 - whatever came in: it must not end the agent, nor silence its health
                _LOG.exception("metrics and health are served anew")
                self._ended.wait(0.5)
            finally:
                self._close(door)

    def stop(self, deadline: Deadline) -> None:
        self._ended.set()
        self.wake()
        if self.ident is not None:
            self.join(deadline.last())
        self._wakes.close()
        self._waker.close()

    def wake(self) -> None:
        """There may be answers now; from any thread."""
        try:
            self._waker.send(b".")
        except OSError:
            return  # full, so it will wake; or closed

    # ---- the thread ----------------------------------------------------------------------------------------------

    def _serve(self, door: socket.socket) -> None:
        self.place = _place(self._address, door)
        _LOG.info("metrics and health at %s", self.place)
        self._selector = selectors.DefaultSelector()
        with self._selector:
            self._selector.register(door, selectors.EVENT_READ)
            self._selector.register(self._wakes, selectors.EVENT_READ)
            while not self._ended.is_set():
                for key, _ in self._selector.select(self._wait()):
                    if key.fileobj is door:
                        self._accept(door)
                    elif key.fileobj is self._wakes:
                        self._wakes.recv(_CHUNK)
                    elif key.data in self._peers:
                        self._serve_one(key.data)
                self._tend()

    def _wait(self) -> float | None:
        """Seconds until a deadline can pass."""
        if not self._peers:
            return None
        return 0.1 if any(peer.request is not None for peer in self._peers) else 0.5

    def _accept(self, door: socket.socket) -> None:
        try:
            connection, _ = door.accept()
        except BlockingIOError:
            return
        except OSError as error:  # out of descriptors, perhaps: let others have theirs first
            if not self._said:
                _LOG.warning("a connection to the metrics could not be taken: %s", error.strerror)
            self._said = True
            self._ended.wait(0.2)
            return
        if len(self._peers) >= CONNECTIONS:
            self._leave(self._peers[0])
        connection.setblocking(False)
        peer = _Peer(connection, self._clock.monotonic())
        self._peers.append(peer)
        self._selector.register(connection, selectors.EVENT_READ, peer)

    def _serve_one(self, peer: _Peer) -> None:
        try:
            if peer.out:
                self._write(peer)
            elif peer.leaving is not None:
                self._discard(peer)
            else:
                self._read(peer)
        except BlockingIOError:
            return
        except OSError:
            self._leave(peer)

    def _read(self, peer: _Peer) -> None:
        data = peer.socket.recv(_CHUNK)
        peer.data += data
        read = read_request(peer.data, any_host=self._any_host)
        if isinstance(read, Answer):
            self._selector.unregister(peer.socket)
            self._answer(peer, read.encoded())
        elif read is not None:
            self._selector.unregister(peer.socket)  # what else it says does not matter
            peer.request, peer.asked = read, self._clock.monotonic()
            self._try(peer)
        elif not data:
            self._leave(peer)

    def _try(self, peer: _Peer) -> None:
        """Answer, if the agent has told how it is, or did not in time."""
        request = peer.request
        assert request is not None, "checked by the caller"
        try:
            answer = self._pages.page(request.path, peer.asked)
        except Exception:  # noqa: BLE001 - a defect in one page must not cost the others theirs
            _LOG.exception("%s could not be made", request.path)
            answer = Answer(500, b"this page could not be made; the agent's log says why\n")
        if answer is None and self._clock.monotonic() - peer.asked >= PATIENCE:
            answer = self._pages.missed(request.path)
        if answer is not None:
            peer.request = None
            self._answer(peer, answer.encoded(head_only=request.head_only))

    def _answer(self, peer: _Peer, data: bytes) -> None:
        peer.out = memoryview(data)
        self._selector.register(peer.socket, selectors.EVENT_WRITE, peer)

    def _write(self, peer: _Peer) -> None:
        peer.out = peer.out[peer.socket.send(peer.out) :]
        if not peer.out:
            peer.socket.shutdown(socket.SHUT_WR)
            peer.leaving = self._clock.monotonic()
            self._selector.modify(peer.socket, selectors.EVENT_READ, peer)

    def _discard(self, peer: _Peer) -> None:
        if not peer.socket.recv(_CHUNK):
            self._leave(peer)

    def _tend(self) -> None:
        """Answer who waits for the agent, and leave who is too slow."""
        now = self._clock.monotonic()
        for peer in list(self._peers):
            if peer.request is not None:
                self._try(peer)
            lingered = peer.leaving is not None and now - peer.leaving >= _LINGER
            if lingered or now - peer.since >= DEADLINE:
                self._leave(peer)

    def _leave(self, peer: _Peer) -> None:
        self._peers.remove(peer)
        with contextlib.suppress(KeyError):  # it waits for its answer
            self._selector.unregister(peer.socket)
        peer.socket.close()

    def _close(self, door: socket.socket) -> None:
        self.place = ""
        door.close()
        for peer in self._peers:
            peer.socket.close()
        self._peers.clear()
        if isinstance(self._address.place, str):
            with contextlib.suppress(OSError):
                os.unlink(self._address.place)


def _place(address: Address, door: socket.socket) -> str:
    """As one would write it: the port that was taken, where any was asked for."""
    if isinstance(address.place, str):
        return str(address)
    host, port = door.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
