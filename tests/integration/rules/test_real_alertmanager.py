"""The notifier against a real Alertmanager (Debian: `prometheus-alertmanager`), which tells a webhook of its own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from shipper.clock import iso_utc
from shipper.config import Duration
from shipper.rules.bundle import bundle
from shipper.rules.change import Kind
from shipper.rules.notifier import Sent
from shipper.rules.notifier.alertmanager import AlertmanagerSettings
from tests.contract.test_notifiers import notification

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from shipper.rules.notification import Notification

NAMES = ("prometheus-alertmanager", "alertmanager")
BINARY = os.environ.get("SHIPPER_TEST_ALERTMANAGER") or next(filter(None, map(shutil.which, NAMES)), None)
pytestmark = pytest.mark.skipif(
    BINARY is None, reason="no Alertmanager: install prometheus-alertmanager, or name it in SHIPPER_TEST_ALERTMANAGER"
)
CONFIG = """
route: {{receiver: hook, group_by: ["..."], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers: [{{name: hook, webhook_configs: [{{url: "{url}", send_resolved: true}}]}}]
"""


@dataclass
class Running:
    """An Alertmanager, and what it told its receiver."""

    url: str
    told: list[dict[str, Any]] = field(default_factory=list)

    def alerts(self) -> list[dict[str, Any]]:
        """What it holds for active."""
        with urllib.request.urlopen(f"{self.url}/api/v2/alerts?active=true", timeout=5) as answer:  # noqa: S310 - ours
            found: list[dict[str, Any]] = json.load(answer)
            return found

    def heard(self) -> list[tuple[str, str]]:
        return [
            (alert["status"], alert["labels"].get("service_name", "")) for body in self.told for alert in body["alerts"]
        ]


def wait_for(check: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + 60
    while not check():
        assert time.monotonic() < until, what
        time.sleep(0.05)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    found = Running("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            pass

    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, (tmp_path / "log.txt").open("wb") as log:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        config = tmp_path / "alertmanager.yml"
        config.write_text(CONFIG.format(url=f"http://127.0.0.1:{server.server_port}/"))
        found.url = f"http://127.0.0.1:{port}"
        process = subprocess.Popen(
            [
                str(BINARY), f"--config.file={config}", f"--storage.path={tmp_path / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
            ],
            stdout=log, stderr=log,
        )  # fmt: skip
        try:
            wait_for(lambda: process.poll() is not None or _answers(found.url), "it does not start")
            assert process.poll() is None, (tmp_path / "log.txt").read_text()
            yield found
        finally:
            process.kill()
            process.wait()
            server.shutdown()
            thread.join()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/-/ready", timeout=1):  # noqa: S310 - ours
            return True
    except OSError:
        return False


def told(service: str, kind: Kind = Kind.FIRING, rule: str = "error-ratio") -> Notification:
    now = time.time()
    return msgspec.structs.replace(
        notification(kind), rule=rule, group={"service.name": service}, at=iso_utc(now), since=iso_utc(now - 60)
    )


def test_a_real_alertmanager_tells_of_what_fires_and_of_its_end(running):
    made = AlertmanagerSettings(url=running.url, every=Duration(60)).build()
    assert made.notify(bundle([told("shop"), told("mail", rule="slow")])) == Sent()
    wait_for(lambda: len(running.heard()) == 2, "both are told")
    assert sorted(running.heard()) == [("firing", "mail"), ("firing", "shop")]
    (shop,) = (alert for alert in running.alerts() if alert["labels"]["service_name"] == "shop")
    assert shop["labels"] == {
        "alertname": "error-ratio", "severity": "critical", "owner": "platform", "service_name": "shop",
    }  # fmt: skip
    assert shop["annotations"]["runbook"] == "docs/runbooks/errors.md"
    assert made.notify(told("shop", Kind.RESOLVED)) == Sent()
    wait_for(lambda: ("resolved", "shop") in running.heard(), "its end is told")
    assert [alert["labels"]["service_name"] for alert in running.alerts()] == ["mail"]
    made.close()


def test_what_a_real_alertmanager_does_not_hear_of_ends_and_what_it_does_stays(running):
    made = AlertmanagerSettings(url=running.url, every=Duration(1)).build()
    kept, forgotten = told("kept"), told("forgotten")
    assert made.notify(bundle([kept, forgotten])) == Sent()
    wait_for(lambda: len(running.heard()) == 2, "both are told")

    def gone() -> bool:
        assert made.keep_alive([kept]) == Sent()
        return ("resolved", "forgotten") in running.heard()

    wait_for(gone, "the forgotten one ends")
    assert ("resolved", "kept") not in running.heard()
    assert [alert["labels"]["service_name"] for alert in running.alerts()] == ["kept"]
    made.close()
