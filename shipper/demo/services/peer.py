"""How one service calls another: JSON over HTTP, the trace id handed on."""

from __future__ import annotations

import http.client
import json
import threading
from typing import Any


class Peer:
    """A service downstream; one kept-alive connection a thread."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._local = threading.local()

    def get(self, path: str, trace: str) -> tuple[int, dict[str, Any]]:
        """(status, body) of GET `path`; a stale connection is opened again once.

        Raises:
            OSError: the peer does not answer.
        """
        try:
            return self._once(path, trace)
        except (http.client.HTTPException, ConnectionError):
            self._local.connection = None
            return self._once(path, trace)

    def _once(self, path: str, trace: str) -> tuple[int, dict[str, Any]]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
            self._local.connection = connection
        connection.request("GET", path, headers={"X-Trace-Id": trace, "User-Agent": "demo-service/1.0"})
        response = connection.getresponse()
        body: dict[str, Any] = json.loads(response.read())
        return response.status, body
