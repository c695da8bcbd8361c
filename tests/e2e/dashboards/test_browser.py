"""The preview as a user meets it: the command, its address, the page in a real browser."""

import base64
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from elasticsearch import Elasticsearch

from shipper.home import Account, Endpoints, Home
from tests.support import dashboard_data as data

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
SHIPPER = (sys.executable, "-m", "shipper")
pytestmark = [pytest.mark.e2e, pytest.mark.elasticsearch]


def recent(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The hour of the tests moved to the last hour."""
    shift = datetime.now(UTC) - timedelta(hours=1) - datetime(2026, 1, 1, tzinfo=UTC)
    return [{**one, "@timestamp": (datetime.fromisoformat(one["@timestamp"]) + shift).isoformat()} for one in documents]


@pytest.fixture
def environment(elasticsearch: Elasticsearch, prefix: str, tmp_path: Path) -> dict[str, str]:
    """A home that knows the cluster of the tests as its local stack, with data of the last hour."""
    data.load(elasticsearch, prefix, "shipper-logs", recent(data.LOGS))
    data.load(elasticsearch, prefix, "shipper-metrics", recent(data.METRICS))
    data.load(elasticsearch, prefix, "shipper-alerts", recent(data.ALERTS))
    url, account = reader_of(elasticsearch)
    Home(tmp_path / "home").publish(Endpoints(url, {"shipper_reader": account}))
    return {**os.environ, "SHIPPER_HOME": str(tmp_path / "home")}


def reader_of(client: Elasticsearch) -> tuple[str, Account]:
    """The address and the account that the client itself uses."""
    node = next(iter(client.transport.node_pool.all()))
    given = client._headers["authorization"].split(" ", 1)[1]
    user, _, password = base64.b64decode(given).decode().partition(":")
    return node.base_url, Account(user, password)


@pytest.fixture
def address(environment: dict[str, str], prefix: str) -> Iterator[str]:
    """The running command's address."""
    arguments = (*SHIPPER, "dashboards", "preview", "--prefix", prefix, "--json")
    with subprocess.Popen(
        arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(3)]
            assert lines[0], process.communicate()[1]
            yield str(json.loads("".join(lines))["url"])
        finally:
            watchdog.cancel()
            process.terminate()
            process.wait(30)


def dom(url: str, profile: Path) -> str:
    """The document after its scripts ran."""
    assert BROWSER is not None
    arguments = (BROWSER, *QUIET, f"--user-data-dir={profile}", "--virtual-time-budget=4000", "--dump-dom", url)
    return subprocess.run(arguments, capture_output=True, text=True, timeout=90, check=True).stdout


needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="no chromium here (Debian: apt-get install chromium): the page is not opened in a browser"
)


def test_the_page_is_served_to_this_machine_and_to_no_other_name(address: str):
    host = urlsplit(address).netloc
    for name, status in ((host, 200), ("shipper.example", 421)):
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request("GET", "/", headers={"Host": name})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status == status


@needs_browser
def test_a_browser_shows_every_panel_and_no_error(address: str, tmp_path: Path):
    text = dom(address, tmp_path / "profile")
    assert len(re.findall(r'<section class="panel ', text)) == 14
    assert text.count('role="img"') == 5
    assert "panel-error" not in text
    assert "Nothing in this time range" not in text
    assert '<span id="theme-name">auto</span>' in text


@needs_browser
def test_a_browser_runs_the_script_of_the_file_and_nothing_else(
    environment: dict[str, str], prefix: str, tmp_path: Path
):
    target = tmp_path / "overview.html"
    arguments = (*SHIPPER, "dashboards", "preview", "--prefix", prefix, "--once", str(target))
    subprocess.run(arguments, env=environment, check=True, timeout=60)
    probe = target.read_text().replace("</main>", "</main><script>document.title='broken in'</script>")
    target.write_text(probe)
    text = dom(target.as_uri(), tmp_path / "profile")
    assert "<title>Service overview · Shipper</title>" in text
    assert text.count('role="img"') == 5


def test_execute_prints_every_panel_as_json(environment: dict[str, str], prefix: str):
    arguments = (*SHIPPER, "dashboards", "execute", "--prefix", prefix, "--from", "now-2h", "--json")
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=60, check=True)
    boards = {one["dashboard"]: one["panels"] for one in json.loads(done.stdout)}
    [records] = [one for one in boards["Service overview"] if one["panel"] == "Log records"]
    assert records["documents"] == 20
    assert records["tables"] == [{"columns": ["Log records", "services"], "rows": [[20, 3]]}]


def test_without_a_stack_the_next_step_is_told(tmp_path: Path):
    arguments = (*SHIPPER, "dashboards", "preview")
    environment = {**os.environ, "SHIPPER_HOME": str(tmp_path)}
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert "shipper stack up" in done.stderr
