"""A server on a real socket and the handler behind it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from shipper.config import Size
from shipper.lumberjack.server import LumberjackServer, ServerSettings, ServerTls, SessionSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shipper.lumberjack.session import Done, Peer


class Sink:
    """A handler that keeps what it got and answers when it is told to."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.peers: list[Peer] = []
        self.held: list[Done] = []
        self.hold = False
        self.arrived = threading.Condition()

    def __call__(self, events: list[dict[str, Any]], peer: Peer, done: Done) -> None:
        with self.arrived:
            self.events += events
            self.peers.append(peer)
            if self.hold:
                self.held.append(done)
            self.arrived.notify_all()
        if not self.hold:
            done(True)

    def wait_for(self, count: int) -> None:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.events) >= count, 10), f"{len(self.events)} of {count}"


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def serve(sink: Sink) -> Iterator[Callable[..., LumberjackServer]]:
    servers: list[LumberjackServer] = []

    def start(tls: ServerTls | None = None, unanswered: int = 1 << 25, **session: Any) -> LumberjackServer:
        settings = ServerSettings(port=0, tls=tls, unanswered=Size(unanswered), session=SessionSettings(**session))
        server = LumberjackServer(settings, sink)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop(0.5)
