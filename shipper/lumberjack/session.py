"""One Lumberjack connection of the server: a thread that alone touches its socket.

Windows are handed on as they become whole and acknowledged in order, each when its receipt says so. Reading
stops while too many windows are unanswered: that is the back-pressure.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import socket
import ssl
import struct
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.config import Duration, Settings, Size
from shipper.errors import ShipperError
from shipper.lumberjack.frames import Event, Frame, FrameError, FrameParser, Limits, Window, encode_ack
from shipper.lumberjack.payload import decode_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.clock import Clock

    Events = list[dict[str, Any]]
    Done = Callable[[bool], None]
    Handler = Callable[[Events, "Peer", Done], None]

_log = logging.getLogger(__name__)
_READ = 256 * 1024
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER on, zero seconds: close answers with RST."""


class SessionSettings(Settings, frozen=True):
    """How one connection is treated. Times in seconds, sizes in bytes."""

    idle_timeout: Duration = Duration(60)
    keepalive: Duration = Duration(5)
    handshake_timeout: Duration = Duration(10)
    windows_in_flight: int = 4
    chunk: Size = Size(16 * 1024 * 1024)
    """A window larger than this is handed on in parts, so that it never stands in memory whole."""
    frame: Size = Size(Limits().frame)
    unpacked: Size = Size(Limits().unpacked)
    window: int = Limits().window

    def limits(self) -> Limits:
        """The parser's share."""
        return Limits(frame=self.frame, unpacked=self.unpacked, window=self.window)


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end."""

    host: str
    port: int


class Budget:
    """Bytes of unanswered windows of all connections; beyond the limit a connection may have one window only."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self._lock = threading.Lock()

    @property
    def has_room(self) -> bool:
        """Is there less than the limit?"""
        return self._used < self._limit

    def take(self, size: int) -> None:
        """Count `size` more bytes (fewer if negative)."""
        with self._lock:
            self._used += size


@dataclass(frozen=True, slots=True)
class Shared:
    """What the sessions of a server have in common."""

    clock: Clock
    budget: Budget


class Receipt:
    """One delivery that waits for its answer; `sequence` is None where nothing is to be acknowledged."""

    __slots__ = ("_session", "answer", "sequence", "size")

    def __init__(self, session: Session, sequence: int | None, size: int) -> None:
        self._session = session
        self.sequence = sequence
        self.size = size
        self.answer: bool | None = None

    def done(self, accepted: bool) -> None:
        """Say, from any thread and once, whether the events are accepted; refusing resets the connection."""
        self.answer = accepted
        self._session.wake()


class _Gathering:
    """The window that is being read."""

    def __init__(self, count: int) -> None:
        self.missing = count
        self.highest = 0
        self.events: Events = []
        self.size = 0


class Session:
    """Serves one connection until it ends; `run` is the body of its thread."""

    def __init__(
        self, connection: socket.socket, peer: Peer, handler: Handler, settings: SessionSettings, shared: Shared
    ) -> None:
        clock = shared.clock
        self.peer = peer
        self._budget = shared.budget
        self._socket = connection
        self._handler = handler
        self._settings = settings
        self._clock = clock
        self._parser = FrameParser(settings.limits())
        self._window: _Gathering | None = None
        self._receipts: deque[Receipt] = deque()
        self._quiet_since = clock.monotonic()
        self._sent_at = self._quiet_since
        self._stopping = threading.Event()
        self._aborted = False
        self._wake_lock = threading.Lock()
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_writer, False)

    def run(self, context: ssl.SSLContext | None = None) -> None:
        """Serve; ends when the peer leaves, breaks the protocol, idles too long, or after `stop`."""
        try:
            self._socket.settimeout(self._settings.handshake_timeout)
            if context is not None:
                self._socket = context.wrap_socket(self._socket, server_side=True)
            self._socket.settimeout(self._settings.keepalive)
            self._serve()
            self._socket.close()
        except FrameError as error:
            _log.warning("%s: connection reset: %s", self.peer.host, error)
        except ShipperError as error:
            _log.error("%s: events refused, connection reset: %s", self.peer.host, error)
        except ssl.SSLError as error:
            _log.warning("%s: TLS failed: %s", self.peer.host, error.reason or error)
        except OSError as error:
            _log.info("%s: connection lost: %s", self.peer.host, error)
        finally:
            self._budget.take(-sum(receipt.size for receipt in self._receipts))
            self._reset()
            self._close_wake()

    def stop(self) -> None:
        """Read no more; end once everything handed on is answered."""
        self._stopping.set()
        self.wake()

    def abort(self) -> None:
        """Cut the connection under the session's hands; what waits for an answer gets none."""
        self._aborted = True
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # the TLS method would drop its state under recv
        self.stop()

    def wake(self) -> None:
        """Let the session look at its receipts."""
        with self._wake_lock:
            if self._wake_writer >= 0:
                with contextlib.suppress(BlockingIOError):  # a full pipe wakes as well
                    os.write(self._wake_writer, b"\0")

    def _serve(self) -> None:
        poll = select.poll()
        poll.register(self._wake_reader, select.POLLIN)
        registered = ended = False
        while True:
            if self._aborted:
                raise ConnectionAbortedError("stopped before everything was answered")
            self._answer()
            if (ended or self._stopping.is_set()) and not self._receipts:
                return
            wants = not ended and self._has_room()
            if wants and not registered:
                poll.register(self._socket, select.POLLIN)
            elif registered and not wants:
                poll.unregister(self._socket)
            registered = wants
            if wants and self._undelivered():
                ended = not self._read()
                continue
            for descriptor, _ in poll.poll(self._patience() * 1000):
                if descriptor == self._wake_reader:
                    os.read(self._wake_reader, 4096)
                else:
                    ended = not self._read()
            self._tick()

    def _has_room(self) -> bool:
        if self._stopping.is_set():
            return False
        if not self._receipts:
            return True
        return self._budget.has_room and len(self._receipts) < self._settings.windows_in_flight

    def _undelivered(self) -> bool:
        """Are there decrypted bytes that no poll will announce?"""
        return isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0

    def _read(self) -> bool:
        """Take what there is; False at the end of the stream."""
        try:
            data = self._socket.recv(_READ)
        except (TimeoutError, ssl.SSLWantReadError):
            return True  # half a TLS record: not for us yet
        if not data:
            return False
        self._quiet_since = self._clock.monotonic()
        try:
            for frame in self._parser.feed(data):
                self._take(frame)
        except FrameError:
            for frame in self._parser.salvaged:
                self._take(frame)
            self._hand_on(None)  # as Logstash: what stood before the bad frame is taken, but not acknowledged
            raise
        return True

    def _take(self, frame: Frame) -> None:
        if isinstance(frame, Event):
            self._gather(frame)
        elif isinstance(frame, Window):
            if self._window is not None:
                raise FrameError(f"a new window while {self._window.missing} events of the last are missing")
            if not self._receipts:
                self._sent_at = self._clock.monotonic()
            if frame.count:
                self._window = _Gathering(frame.count)
            else:
                self._expect(0, 0).answer = True
        else:
            raise FrameError("an acknowledgement from a client")

    def _gather(self, event: Event) -> None:
        window = self._window
        if window is None:
            raise FrameError("an event outside a window")
        window.events.append(decode_event(event.payload))
        window.size += len(event.payload)
        window.missing -= 1
        window.highest = max(window.highest, event.sequence)
        if not window.missing:
            self._hand_on(window.highest)
            self._window = None
        elif window.size >= self._settings.chunk:
            self._hand_on(None)

    def _hand_on(self, sequence: int | None) -> None:
        window = self._window
        if window is None or (not window.events and sequence is None):
            return
        events, size = window.events, window.size
        window.events, window.size = [], 0
        self._handler(events, self.peer, self._expect(sequence, size).done)

    def _expect(self, sequence: int | None, size: int) -> Receipt:
        receipt = Receipt(self, sequence, size)
        self._budget.take(size)
        self._receipts.append(receipt)
        return receipt

    def _answer(self) -> None:
        """Acknowledge the windows at the head that are accepted."""
        while self._receipts and self._receipts[0].answer is not None:
            receipt = self._receipts.popleft()
            self._budget.take(-receipt.size)
            if not receipt.answer:
                raise ShipperError("the pipeline does not take events now")
            if receipt.sequence is not None:
                self._send(receipt.sequence)

    def _send(self, sequence: int) -> None:
        self._socket.sendall(encode_ack(sequence))
        self._sent_at = self._quiet_since = self._clock.monotonic()

    def _busy(self) -> bool:
        return self._window is not None or bool(self._receipts)

    def _patience(self) -> float:
        """Seconds until there is something to say or to end."""
        now = self._clock.monotonic()
        if self._busy():
            due = self._sent_at + self._settings.keepalive
        else:
            due = self._quiet_since + self._settings.idle_timeout
        return max(0.0, due - now)

    def _tick(self) -> None:
        if self._patience() > 0:
            return
        if not self._busy():
            raise TimeoutError(f"idle for {self._settings.idle_timeout:g} s")
        self._send(0)

    def _reset(self) -> None:
        """End with RST, unless the connection ended in order."""
        with contextlib.suppress(OSError):
            if self._socket.fileno() >= 0:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._socket.close()

    def _close_wake(self) -> None:
        with self._wake_lock:
            os.close(self._wake_reader)
            os.close(self._wake_writer)
            self._wake_writer = -1
