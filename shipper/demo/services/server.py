"""The HTTP shell of the demonstration's services: routes, a duration, and an incident that can be switched on."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTROL_PATH = "/-/incident"
"""POST {"kind": "slow" | "errors", "seconds": 20}: the incident starts now and ends by itself. Never logged."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the service sees it."""

    method: str
    path: str
    query: Mapping[str, str]
    trace: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A finished request: what was answered, and how long it took."""

    request: Request
    target: str
    status: int
    size: int
    seconds: float
    agent: str


class Service(Protocol):
    """What each service fills in."""

    def answer(self, request: Request, incident: Incident) -> tuple[int, dict[str, object]]:
        """Do the work: (status, JSON body)."""

    def record(self, exchange: Exchange) -> None:
        """Log the finished request."""


class Incident:
    """A trouble that is on until its time is over."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def start(self, kind: str, seconds: float) -> None:
        """Switch `kind` on for `seconds`."""
        self._until[kind] = time.monotonic() + seconds

    def is_on(self, kind: str) -> bool:
        """Is `kind` on now?"""
        return time.monotonic() < self._until.get(kind, 0.0)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ServiceServer

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == CONTROL_PATH:
            order = json.loads(body)
            self.server.incident.start(str(order["kind"]), float(order["seconds"]))
            self._reply(200, {"ok": True})
            return
        self._serve()

    def _serve(self) -> None:
        begin = time.perf_counter()
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        request = Request(self.command, parts.path, query, self.headers.get("X-Trace-Id", query.get("rid", "")))
        status, body = self.server.service.answer(request, self.server.incident)
        size = self._reply(status, body)
        seconds = time.perf_counter() - begin
        agent = self.headers.get("User-Agent", "-")
        self.server.service.record(Exchange(request, self.path, status, size, seconds, agent))

    def _reply(self, status: int, body: dict[str, object]) -> int:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        return len(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """The service logs in its own way."""


class ServiceServer(ThreadingHTTPServer):
    """Serves one `Service` on a free loopback port."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, service: Service, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.service = service
        self.incident = Incident()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def serve_until(self, stop: threading.Event) -> None:
        """Serve until `stop` is set; open requests end first."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        stop.wait()
        self.shutdown()
        thread.join()
        self.server_close()
