"""A real Lumberjack server that keeps what it accepted, by id, as an index with `create` would."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

from shipper.lumberjack.server import LumberjackServer, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.lumberjack.server import Peer
    from shipper.lumberjack.tls import ServerTls


class LumberjackSink:
    """`documents` is first-wins by `[@metadata][_id]`; `received` counts every arrival, resends too."""

    def __init__(self, port: int = 0, delay: float = 0.0, tls: ServerTls | None = None) -> None:
        self.documents: dict[str, dict[str, Any]] = {}
        self.received: Counter[str] = Counter()
        self.windows = 0
        self.delay = delay
        self.refuse: Callable[[int], bool] = lambda window: False
        self._lock = threading.Lock()
        self._open = threading.Event()
        self._open.set()
        self.server = LumberjackServer(ServerSettings(port=port, tls=tls), self._handle)

    def __enter__(self) -> Self:
        self.server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.set()
        self.server.stop(1.0)

    @property
    def url(self) -> str:
        host, port = self.server.address
        return f"logstash://{host}:{port}"

    def _handle(self, events: list[dict[str, Any]], peer: Peer, done: Callable[[bool], None]) -> None:
        self._open.wait()
        with self._lock:
            self.windows += 1
            refused = self.refuse(self.windows)
            for event in events if not refused else events[: len(events) // 2]:
                name = event["@metadata"]["_id"]
                self.received[name] += 1
                self.documents.setdefault(name, event)
        if self.delay:
            time.sleep(self.delay)
        done(not refused)

    def hold(self) -> None:
        """Take nothing until `release`."""
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    @property
    def repeated(self) -> int:
        """How many records came again."""
        with self._lock:
            return sum(self.received.values()) - len(self.documents)

    @property
    def logs(self) -> dict[str, dict[str, Any]]:
        """Without the agent's own metrics."""
        with self._lock:
            return {k: v for k, v in self.documents.items() if v["@metadata"]["stream"] == "logs"}
