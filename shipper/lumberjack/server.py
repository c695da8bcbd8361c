"""A Lumberjack v2 server that answers as Logstash's beats input does.

One acknowledgement a window, with its highest sequence, once the handler accepted its events; `2A 0` every five
seconds while that takes long; RST without an acknowledgement on anything that is no frame.
"""

from __future__ import annotations

import logging
import socket
import threading
from typing import TYPE_CHECKING, Any

from shipper.clock import Clock, SystemClock
from shipper.config import Settings, Size
from shipper.errors import UnavailableError
from shipper.lumberjack.session import Budget, Peer, Session, SessionSettings, Shared
from shipper.lumberjack.tls import ServerTls, TlsContext

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.lumberjack.session import Done, Events, Handler

__all__ = ["LumberjackServer", "Peer", "ServerSettings", "ServerTls", "SessionSettings", "accepting"]

_log = logging.getLogger(__name__)


class ServerSettings(Settings, frozen=True):
    """Where to listen (port 0 takes a free one) and how."""

    host: str = "127.0.0.1"
    port: int = 5044
    tls: ServerTls | None = None
    connections: int = 1000
    unanswered: Size = Size(32 * 1024 * 1024)
    """While more bytes than this wait for their answers, each connection may have one window open only."""
    session: SessionSettings = SessionSettings()


def accepting(function: Callable[[list[dict[str, Any]], Peer], None]) -> Handler:
    """A handler from a plain function that returns soon: returning accepts, a `ShipperError` refuses."""

    def handler(events: Events, peer: Peer, done: Done) -> None:
        function(events, peer)
        done(True)

    return handler


class LumberjackServer:
    """Listens from construction on; `start` begins to serve, `stop` ends in order.

    The handler gets (events, peer, done) on a connection's own thread and must not block: it calls `done(True)`,
    from any thread, when the events are safe, or `done(False)` to have the peer send them again.
    """

    def __init__(self, settings: ServerSettings, handler: Handler, clock: Clock | None = None) -> None:
        """Bind the address.

        Raises:
            UnavailableError: the address is taken or not ours.
            ConfigError: the certificate cannot be used.
        """
        self._settings = settings
        self._handler = handler
        self._clock = clock or SystemClock()
        self._shared = Shared(self._clock, Budget(settings.unanswered))
        self._tls = TlsContext(settings.tls) if settings.tls else None
        self._listener = _listen(settings.host, settings.port)
        self._sessions: dict[Session, threading.Thread] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._accept, name="lumberjack-accept", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """(host, port) that clients reach."""
        host, port = self._listener.getsockname()[:2]
        return str(host), int(port)

    @property
    def connections(self) -> int:
        """How many peers are connected."""
        with self._lock:
            return len(self._sessions)

    def start(self) -> None:
        """Serve in threads of our own."""
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Close the listener, read no more, wait up to `timeout` seconds for open answers, then cut."""
        self._stopping.set()
        self._listener.close()
        if self._thread.ident is not None:
            self._thread.join()
        with self._lock:
            sessions = dict(self._sessions)
        for session in sessions:
            session.stop()
        deadline = self._clock.monotonic() + timeout
        for session, thread in sessions.items():
            thread.join(max(0.0, deadline - self._clock.monotonic()))
            if thread.is_alive():
                session.abort()
                thread.join(1.0)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, address = self._listener.accept()
            except TimeoutError:
                continue
            except OSError as error:
                if self._stopping.is_set():
                    return
                _log.error("cannot accept connections now: %s", error)
                self._clock.wait(self._stopping, 1.0)
                continue
            self._serve(connection, Peer(str(address[0]), int(address[1])))

    def _serve(self, connection: socket.socket, peer: Peer) -> None:
        if self.connections >= self._settings.connections:
            _log.warning("%s: refused, %d peers are connected", peer.host, self._settings.connections)
            connection.close()
            return
        session = Session(connection, peer, self._handler, self._settings.session, self._shared)
        thread = threading.Thread(target=self._run, args=(session,), name=f"lumberjack-{peer.host}", daemon=True)
        with self._lock:
            self._sessions[session] = thread
        thread.start()

    def _run(self, session: Session) -> None:
        try:
            session.run(self._tls.current() if self._tls else None)
        finally:
            with self._lock:
                del self._sessions[session]


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise UnavailableError(
            f"cannot listen: {error.strerror}", where=f"{host}:{port}", hint="choose another port, or 0 for a free one"
        ) from error
    listener.settimeout(0.2)
    return listener
