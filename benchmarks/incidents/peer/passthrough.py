"""A way to Elasticsearch that counts what goes through it and answers `GET /` where the cluster does not.

Clients that ask for the version that way refuse the local server core, which answers 405.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shipper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host", "te", "upgrade"})
"""Headers that belong to one connection."""


class PassThrough(ThreadingHTTPServer):
    """Listens on loopback; `counts` has requests by kind: `search`, `write`, `other`."""

    daemon_threads = True

    def __init__(self, upstream: str, version: str) -> None:
        """`upstream`: http://host:port; `version`: what `GET /` says where the cluster does not.

        Raises:
            UsageError: the address is not plain HTTP.
        """
        parts = urlsplit(upstream)
        if parts.scheme != "http" or parts.hostname is None:
            raise UsageError(f"the pass-through speaks plain HTTP, not {parts.scheme}", hint="use the local stack")
        self.upstream = (parts.hostname, parts.port or 9200)
        self.version = version
        self.counts: Counter[str] = Counter()
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def count(self, method: str, path: str) -> None:
        """Note one request."""
        with self.lock:
            self.counts[kind(method, path)] += 1


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: PassThrough

    def setup(self) -> None:
        super().setup()
        self.upstream = http.client.HTTPConnection(*self.server.upstream, timeout=120)

    def finish(self) -> None:
        self.upstream.close()
        super().finish()

    def _forward(self) -> None:
        self.server.count(self.command, self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        self.upstream.request(self.command, self.path, body or None, headers)
        answer = self.upstream.getresponse()
        content, status = answer.read(), answer.status
        sent = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP]
        if status == http.HTTPStatus.METHOD_NOT_ALLOWED and self.path.partition("?")[0] == "/":
            content, status = _banner(self.server.version), 200
            sent = [("Content-Type", "application/json"), ("X-elastic-product", "Elasticsearch")]
        self.send_response_only(status)
        for name, value in sent:
            self.send_header(name, value)
        self.send_header("Content-Length", answer.getheader("Content-Length") or str(len(content))
                         if self.command == "HEAD" else str(len(content)))  # fmt: skip
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _forward  # noqa: N815 - the names that the library looks for


def kind(method: str, path: str) -> str:
    """What a request is for: a search (with its point in time and scroll), a write, or something else."""
    parts = path.partition("?")[0].split("/")
    if {"_search", "_pit", "_msearch", "_count"} & set(parts):
        return "search"
    if method in ("PUT", "POST", "DELETE") and {"_doc", "_create", "_update", "_bulk"} & set(parts):
        return "write"
    return "other"


def _banner(version: str) -> bytes:
    number = {"number": version, "build_flavor": "default", "lucene_version": "9"}
    return json.dumps({"name": "local", "version": number, "tagline": "You Know, for Search"}).encode()


@contextmanager
def passing(upstream: str, version: str) -> Iterator[PassThrough]:
    """A pass-through that runs until the block ends."""
    with PassThrough(upstream, version) as server:
        thread = threading.Thread(target=server.serve_forever, name="pass-through", daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
