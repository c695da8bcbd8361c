from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest

from shipper.clock import iso_utc
from tests.support import stack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.elasticsearch, pytest.mark.e2e]

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
lease: 2s
watch: {{to: []}}  # on a busy machine a rule of every second lags, which is not what is asked here
notifiers:
  hook: {{type: webhook, url: "{hook}", secret: s3cret}}
routes:
  default: [hook]
"""
GROUPED = "routing: [{to: [hook], group_by: [rule], group_wait: 1s, group_interval: 1s}]"
ROUTED = "routing: [{to: [hook], match: ['service.name=sh*']}]"


@dataclass
class Receiver:
    """A webhook that kills its sender at the first notification of each kind, before it answers."""

    url: str = ""
    told: list[dict[str, Any]] = field(default_factory=list)
    victim: subprocess.Popen[bytes] | None = None
    killed: set[str] = field(default_factory=set)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, body: dict[str, Any]) -> None:
        with self.changed:
            self.told.append(body)
            if body["kind"] not in self.killed and self.victim is not None:
                self.killed.add(body["kind"])
                os.kill(self.victim.pid, signal.SIGKILL)
            self.changed.notify_all()

    def wait_for(self, number: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.told) >= number, timeout=60), self.told


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

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
            pass  # the killed sender does not wait for its answer

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_port}/"
        yield found
        server.shutdown()
        thread.join()


def start(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "shipper", "rules", "run", "-c", str(folder / "evaluator.yml")]
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen([*command, "--rules", str(folder / "burst.yml")], stdout=log, stderr=log)


@pytest.mark.parametrize("routing", ["", GROUPED, ROUTED], ids=["plain", "grouped", "routed"])
def test_an_evaluator_killed_while_it_sends_sends_again_with_the_same_key_and_nothing_else(
    elasticsearch, prefix, receiver, tmp_path, routing
):
    parts = urlsplit(os.environ.get("SHIPPER_TEST_ES") or stack.admin_url())
    config = CONFIG.format(
        url=f"{parts.scheme}://{parts.hostname}:{parts.port}", user=unquote(parts.username or ""),
        password=unquote(parts.password or ""), prefix=prefix, hook=receiver.url,
    )  # fmt: skip
    (tmp_path / "evaluator.yml").write_text(f"{config}\n{routing}\n")
    (tmp_path / "burst.yml").write_text(RULE)
    index = f"{prefix}shipper-logs-2026.01.05"
    properties = {"@timestamp": {"type": "date"}, "service": {"properties": {"name": {"type": "keyword"}}}}
    elasticsearch.indices.create(index=index, mappings={"properties": properties})
    receiver.victim = start(tmp_path)
    started = [receiver.victim]
    try:
        time.sleep(3)  # let it judge quiet windows first
        for _ in range(10):
            elasticsearch.index(index=index, document={"@timestamp": iso_utc(time.time()), "service": {"name": "shop"}})
        for expected in (1, 3):
            receiver.wait_for(expected)
            assert receiver.victim.wait(10) == -signal.SIGKILL
            receiver.victim = start(tmp_path)
            started.append(receiver.victim)
        receiver.wait_for(4)
        time.sleep(3)  # whatever would come twice comes now
        receiver.victim.send_signal(signal.SIGTERM)
        assert receiver.victim.wait(20) == 0, (tmp_path / "log.txt").read_text()
    finally:
        for process in started:
            process.kill()
            process.wait()
    assert [body["kind"] for body in receiver.told] == ["firing", "firing", "resolved", "resolved"]
    assert len({body["key"] for body in receiver.told}) == 2
    assert len({body["episode"] for body in receiver.told}) == 1
    assert receiver.told[0] == receiver.told[1]
    assert receiver.told[0]["group"] == {"service.name": "shop"}
