"""A webhook that remembers what it was told, and rules and config for real evaluator processes that tell it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tests.support import stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

RULE = """
name: burst
type: threshold
summary: too many documents
owner: tests
runbook: docs/runbooks/errors.md
above: 3
window: 4s
every: 1s
cell: 1s
grace: 1s
late: 30s
group_by: [service.name]
"""
CONFIG = """
elasticsearch: {{url: "{url}", user: "{user}", password: "{password}"}}
index_prefix: "{prefix}"
lease: {lease}
watch: {{to: []}}  # on a busy machine a rule of every second lags, which is not what is asked here
notifiers:
  hook: {{type: webhook, url: "{hook}", secret: s3cret}}
routes:
  default: [hook]
"""


@dataclass
class Hook:
    """What it was told; `before` is called with each body before it is answered."""

    url: str = ""
    told: list[dict[str, Any]] = field(default_factory=list)
    before: Callable[[dict[str, Any]], None] = lambda body: None
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, body: dict[str, Any]) -> None:
        with self.changed:
            self.told.append(body)
            self.before(body)
            self.changed.notify_all()

    def wait_for(self, number: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.told) >= number, timeout=60), self.told


@contextlib.contextmanager
def hook() -> Iterator[Hook]:
    """One that listens until the block is left."""
    found = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["Idempotency-Key"] == body["key"]
            found.take(body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *arguments: Any) -> None:
            pass  # a killed sender does not wait for its answer

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_port}/"
        yield found
        server.shutdown()
        thread.join()


def cluster() -> tuple[str, str, str]:
    """Address, user and password of the tests' Elasticsearch."""
    parts = urlsplit(os.environ.get("SHIPPER_TEST_ES") or stack.admin_url())
    account = unquote(parts.username or ""), unquote(parts.password or "")
    return f"{parts.scheme}://{parts.hostname}:{parts.port}", *account


def configure(folder: Path, prefix: str, hook: Hook, *, url: str | None = None, lease: str = "2s") -> None:
    """Write `evaluator.yml` and `burst.yml`; `url` is that of a proxy before the cluster."""
    address, user, password = cluster()
    folder.mkdir(exist_ok=True)
    config = CONFIG.format(
        url=url or address, user=user, password=password, prefix=prefix, hook=hook.url, lease=lease
    )  # fmt: skip
    (folder / "evaluator.yml").write_text(config)
    (folder / "burst.yml").write_text(RULE)


def start(folder: Path) -> subprocess.Popen[bytes]:
    """An evaluator of a configured folder; what it logs goes into `log.txt` there."""
    command = [sys.executable, "-m", "shipper", "rules", "run", "-c", str(folder / "evaluator.yml")]
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen([*command, "--rules", str(folder / "burst.yml")], stdout=log, stderr=log)
