"""The on-call side of the demonstration: takes webhook notifications and keeps them."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class _Handler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            notification = json.loads(body)
        except ValueError:
            self.send_response(400)
        else:
            self.server.take(notification)
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """The notifications themselves are the log."""


class Webhook(ThreadingHTTPServer):
    """A receiver on a free loopback port; `notifications` holds what came, in order."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.notifications: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._told = 0
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/alerts"

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def take(self, notification: dict[str, Any]) -> None:
        """Keep one notification."""
        with self._lock:
            self.notifications.append(notification)

    def fresh(self) -> list[dict[str, Any]]:
        """What came since the last call."""
        with self._lock:
            told, self._told = self._told, len(self.notifications)
            return self.notifications[told:]

    def stop(self) -> None:
        """Stop listening, if it ever began."""
        if self._thread.ident is not None:  # shutdown() would wait for a loop that never ran
            self.shutdown()
            self._thread.join()
        self.server_close()
