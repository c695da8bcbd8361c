"""A small real HTTP proxy before Elasticsearch that may answer in its place, as a load balancer does."""

from __future__ import annotations

import gzip
import http.client
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.support.http_service import HttpService, QuietHandler

if TYPE_CHECKING:
    from collections.abc import Callable

    Say = Callable[[int, bytes], int | None]
    Meet = Callable[[str, str], None]

_KEPT = ("Content-Type", "X-Elastic-Product")
"""Headers of an answer that its client looks at."""


class HttpProxy(HttpService):
    """Forwards requests to `target`.

    `meet(method, path)` is called before a request is forwarded and may keep it waiting.
    `before(number, body)` and `after(number, body)` see each request (numbered from 1, its body unpacked) before and
    after it was forwarded; the status that they return, if any, is the answer in place of the target's.
    """

    def __init__(
        self, target: str, before: Say | None = None, after: Say | None = None, meet: Meet | None = None
    ) -> None:
        self.requests = 0
        self._lock = threading.Lock()
        proxy = self
        parts = urlsplit(target)

        class Handler(QuietHandler):
            def do_POST(self) -> None:  # noqa: N802 - http.server's name
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if meet is not None:
                    meet(self.command, self.path)
                with proxy._lock:
                    proxy.requests += 1
                    number = proxy.requests
                plain = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
                status = before(number, plain) if before else None
                data, kept = b"said by the proxy", {}
                if status is None:
                    upstream = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
                    headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                    upstream.request(self.command, self.path, body, headers)
                    answer = upstream.getresponse()
                    status, data = answer.status, answer.read()
                    kept = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
                    upstream.close()
                    status = (after(number, plain) if after else None) or status
                self.send_response(status)
                for name, value in kept.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PUT = do_DELETE = do_HEAD = do_POST  # noqa: N815 - the names that http.server calls

        super().__init__(Handler)
