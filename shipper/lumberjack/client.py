"""A Lumberjack v2 client: whole windows out, acknowledgements in, several windows on the way.

A peer that is alive but blocked sends keepalives (`2A 0`); they are waited for as long as they come. A peer that
says nothing for `timeout` seconds while something is on the way is given up.
"""

from __future__ import annotations

import select
import socket
import struct
from collections import deque
from typing import TYPE_CHECKING

from isal import isal_zlib

from shipper.errors import ProtocolError
from shipper.lumberjack.frames import Ack, FrameParser, Limits, encode_events, encode_window

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from shipper.clock import Clock

_U32 = struct.Struct(">I")
_SLICE = 1.0
"""Seconds between two looks at the stop flag while waiting."""


class StalledError(OSError):
    """The peer neither took, acknowledged nor kept alive for too long."""


class LumberjackClient:
    """One connection; used by one thread, but for `interrupt`."""

    def __init__(self, sock: socket.socket, clock: Clock, *, timeout: float = 30.0, compression: int = 1) -> None:
        """Use a connected socket (TLS or not).

        Args:
            sock: connected; it is ours from now on.
            clock: measures the silence.
            timeout: seconds of silence after which the peer counts as dead.
            compression: 0 none, 1-3 ISA-L levels.
        """
        self._socket = sock
        self._clock = clock
        self._timeout = timeout
        self._compression = compression
        self._parser = FrameParser(Limits(frame=16, unpacked=16))
        self._windows: deque[int] = deque()
        self._finished = 0
        self._answers = 0
        self._heard = clock.monotonic()
        self._interrupted = False
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    @property
    def in_flight(self) -> int:
        """Windows sent and not yet acknowledged."""
        return len(self._windows)

    def send(self, payloads: Sequence[bytes]) -> None:
        """Send one window of JSON events; acknowledgements of earlier ones may arrive meanwhile.

        Raises:
            OSError: the connection broke or stalled (StalledError).
            ProtocolError: the peer does not speak Lumberjack v2.
        """
        frames = encode_events(payloads)
        if self._compression:
            packed = isal_zlib.compress(frames, self._compression)
            frames = b"2C" + _U32.pack(len(packed)) + packed
        if not self._windows:
            self._heard = self._clock.monotonic()
        self._windows.append(len(payloads))
        self._write(encode_window(len(payloads)) + frames)

    def receive(self, wait: float) -> int:
        """The number of windows, oldest first, that were acknowledged since the last call.

        Waits up to `wait` seconds for the first.

        Raises:
            OSError, ProtocolError: as `send`.
        """
        deadline = self._clock.monotonic() + wait
        while not self._finished and self._windows:
            left = deadline - self._clock.monotonic()
            readable, _ = self._select(min(max(left, 0), _SLICE), writing=False)
            if readable:
                self._read()
            elif left <= 0:
                break
            else:
                self._check_alive()
        finished, self._finished = self._finished, 0
        return finished

    def greet(self, wait: float) -> bool:
        """Did the peer answer an empty window, which says nothing, within `wait` seconds?

        Raises:
            OSError, ProtocolError: as `send`.
        """
        self._write(encode_window(0))
        deadline = self._clock.monotonic() + wait
        before = self._answers
        while self._answers == before and (left := deadline - self._clock.monotonic()) > 0:
            if self._select(min(left, _SLICE), writing=False)[0]:
                self._read()
        return self._answers > before

    def is_open(self) -> bool:
        """Has the peer left the connection open, as far as can be told without sending?

        Raises:
            OSError, ProtocolError: it has not, and windows are on the way.
        """
        try:
            while self._select(0, writing=False)[0]:
                self._read()
        except (OSError, ProtocolError):
            if self._interrupted or self._windows:
                raise
            return False
        return True

    def interrupt(self) -> None:
        """From another thread: let the call that waits end with an OSError."""
        self._interrupted = True

    def close(self) -> None:
        self._socket.close()

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                sent = self._socket.send(view)
            except BlockingIOError:
                sent = 0
            except OSError as error:
                if not _wants_more(error):
                    raise
                sent = 0
            if sent:
                view = view[sent:]
                self._heard = self._clock.monotonic()
                continue
            readable, _ = self._select(_SLICE, writing=True)
            if readable:
                self._read()
            self._check_alive()

    def _read(self) -> None:
        try:
            data = self._socket.recv(4096)
        except BlockingIOError:
            return
        except OSError as error:
            if _wants_more(error):
                return
            raise
        if not data:
            raise ConnectionResetError("the peer closed the connection")
        self._heard = self._clock.monotonic()
        for frame in self._parser.feed(data):
            if not isinstance(frame, Ack):
                raise ProtocolError("the peer sent something else than an acknowledgement")
            self._answers += 1
            if frame.sequence:
                self._acknowledged(frame.sequence)

    def _acknowledged(self, sequence: int) -> None:
        if not self._windows or sequence > self._windows[0]:
            raise ProtocolError(f"the peer acknowledged event {sequence}, which was not sent")
        if sequence == self._windows[0]:
            self._windows.popleft()
            self._finished += 1

    def _select(self, seconds: float, *, writing: bool) -> tuple[bool, bool]:
        if self._interrupted:
            raise InterruptedError("stopped")
        pending = getattr(self._socket, "pending", None)
        if pending is not None and pending():  # TLS has decrypted bytes that the kernel knows nothing of
            return True, False
        poller = select.poll()
        poller.register(self._socket, select.POLLIN | (select.POLLOUT if writing else 0))
        events = poller.poll(seconds * 1000)
        flags = events[0][1] if events else 0
        return bool(flags & ~select.POLLOUT), bool(flags & select.POLLOUT)

    def _check_alive(self) -> None:
        if self._interrupted:
            raise InterruptedError("stopped")
        silent = self._clock.monotonic() - self._heard
        if silent > self._timeout:
            raise StalledError(f"no acknowledgement and no keepalive for {silent:.0f} s")


def connect(
    host: str, port: int, *, timeout: float = 10.0, tls: ssl.SSLContext | None = None, name: str | None = None
) -> socket.socket:
    """A connected socket; `name` is the server's name for TLS (default: `host`).

    Raises:
        OSError: refused, unreachable, timed out, or the certificate is not accepted.
    """
    sock = socket.create_connection((host, port), timeout)
    if tls is None:
        return sock
    try:
        return tls.wrap_socket(sock, server_hostname=name or host)
    except BaseException:
        sock.close()
        raise


def _wants_more(error: OSError) -> bool:
    """A TLS socket that waits for the other direction."""
    return type(error).__name__ in ("SSLWantReadError", "SSLWantWriteError")
