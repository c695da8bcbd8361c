"""What the listener serves, made from the status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from shipper.agent.monitoring.exposition import CONTENT_TYPE, exposition
from shipper.agent.monitoring.request import Answer
from shipper.agent.monitoring.watch import FRESH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.agent.monitoring.watch import Watch

_INDEX = b"shipper agent: /metrics (Prometheus), /healthz, /readyz (JSON)\n"
_PATHS = ("/metrics", "/healthz", "/readyz")


class StatusPages:
    """Asks the watch, never the agent itself."""

    def __init__(self, watch: Watch, files: int) -> None:
        """Show at most `files` files in `/metrics`."""
        self._watch = watch
        self._files = files

    def page(self, path: str, since: float) -> Answer | None:
        """See `Pages`."""
        if path == "/":
            return Answer(200, _INDEX)
        if path not in _PATHS:
            return Answer(404, b"there is only /metrics, /healthz and /readyz\n")
        told = self._watch.told
        if told is None or told.at < since - FRESH:
            self._watch.ask()
            return None
        return self._made(path, told.status)

    def missed(self, path: str) -> Answer:
        """See `Pages`."""
        if path == "/metrics":
            return Answer(503, b"the agent does not tell how it is; see its log\n")
        text = "the agent does not tell how it is; a disk may hang"
        return _json(503, {"healthy": False, "reasons": [{"name": "watch_stuck", "text": text}], "warnings": []})

    def _made(self, path: str, status: Mapping[str, Any]) -> Answer:
        if path == "/metrics":
            return Answer(200, exposition(status, self._files), CONTENT_TYPE)
        if path == "/readyz":
            return _json(200 if status["ready"] else 503, {"ready": status["ready"]})
        return _json(200 if status["health"]["healthy"] else 503, status["health"])


def _json(code: int, document: Mapping[str, Any]) -> Answer:
    return Answer(code, orjson.dumps(document) + b"\n", "application/json")
