"""A small real HTTP server that answers `_bulk`, for what a real Elasticsearch cannot be made to do on demand."""

from __future__ import annotations

import gzip
import json
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.support.http_service import HttpService, QuietHandler

if TYPE_CHECKING:
    from collections.abc import Callable

    Item = tuple[dict[str, Any], dict[str, Any]]
    Script = Callable[[list[Item]], tuple[int, Any] | None]


class FakeBulk(HttpService):
    """Stores documents by id; `script`, if set, sees each request's items first and may answer in its place.

    `script` returns (status, body) for the whole request, (200, [status of each item]), or None to store.
    """

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], dict[str, Any]] = {}
        self.created: Counter[tuple[str, str]] = Counter()
        self.requests: list[list[Item]] = []
        self.headers: list[dict[str, str]] = []
        self.script: Script | None = None
        self.gate: threading.Event | None = None
        """If set, answers wait for it."""
        self._lock = threading.Lock()
        fake = self

        class Handler(QuietHandler):
            def do_POST(self) -> None:  # noqa: N802 - http.server's name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                if fake.gate is not None:
                    fake.gate.wait(30)
                with fake._lock:
                    fake.headers.append({name.lower(): value for name, value in self.headers.items()})
                    status, answer = fake.answer(body if "/_bulk" in self.path else b"")
                payload = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

        super().__init__(Handler)

    def answer(self, body: bytes) -> tuple[int, Any]:
        if not body.strip():  # nothing to store, or a question that this server does not know
            refused = self.script([]) if self.script else None
            return refused if refused and refused[0] != 200 else (400, {"error": "request body is required"})
        lines = [json.loads(line) for line in body.splitlines()]
        items: list[Item] = list(zip(lines[::2], lines[1::2], strict=True))
        self.requests.append(items)
        scripted = self.script(items) if self.script else None
        if scripted is None:
            return 200, self._report([self._store(*item) for item in items])
        status, answer = scripted
        if isinstance(answer, list):
            for item, code in zip(items, answer, strict=True):
                if code == 201:
                    self._store(*item)
            return status, self._report(answer)
        return status, answer

    def _store(self, action: dict[str, Any], document: dict[str, Any]) -> int:
        ((verb, target),) = action.items()
        key = (target["_index"], target.get("_id") or f"auto-{len(self.documents)}")
        if verb == "create" and key in self.documents:
            return 409
        self.documents[key] = document
        self.created[key] += 1
        return 201

    @staticmethod
    def _report(statuses: list[int]) -> dict[str, Any]:
        reason = {"type": "mapper_parsing_exception", "reason": "failed to parse field"}
        items = [
            {"create": {"status": status} | ({} if status in (200, 201) else {"error": reason})} for status in statuses
        ]
        return {"errors": any(status not in (200, 201) for status in statuses), "items": items}
