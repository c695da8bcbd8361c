"""`shipper rules run` as a new user types it: no config, the local stack's own account, its templates."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from shipper.clock import iso_utc
from shipper.elastic.client import connect, for_role
from shipper.home import Home

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.elasticsearch, pytest.mark.e2e]

RULE = """
name: {name}
type: ratio
summary: many failures
owner: tests
runbook: docs/runbooks/errors.md
filter: 'service.name: "{service}"'
of: "event.outcome: failure"
above_percent: 10
min_count: 3
group_by: [service.name]
window: 60s
every: 1s
cell: 1s
"""


def shipper(home: Path, *arguments: str) -> Any:
    environment = {**os.environ, "SHIPPER_HOME": str(home)}
    command = [sys.executable, "-m", "shipper", "rules", *arguments, "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert arguments[0] != "run" or "rules: 1, watching" in done.stderr, "it says what it does"
    return json.loads(done.stdout)


def test_the_evaluators_account_is_enough_and_the_alert_is_a_document(endpoints, tmp_path):
    Home(tmp_path / "home").publish(endpoints)
    service = f"rules-test-{time.time_ns()}"
    path = tmp_path / "failures.yml"
    path.write_text(RULE.format(name=service, service=service))
    now = time.time()
    with connect(for_role(endpoints, "admin")) as admin:
        index = f"shipper-logs-{iso_utc(now)[:10].replace('-', '.')}"
        for number in range(6):
            outcome = "failure" if number % 2 else "success"
            document = {
                "@timestamp": iso_utc(now - number - 1),
                "service": {"name": service},
                "event": {"outcome": outcome},
                "message": f"request {number}",
            }
            admin.create(index=index, id=f"{service}-{number}", document=document)
        explained = shipper(tmp_path / "home", "explain", str(path))
        assert [group["outcome"] for group in explained["groups"]] == ["breach"]
        assert explained["problems"] == []
        (request,) = shipper(tmp_path / "home", "explain", str(path), "--requests")
        assert (request["method"], request["path"]) == ("POST", "/shipper-logs-*/_search")
        assert request["body"]["aggs"] == explained["requests"][0]["body"]["aggs"]
        changes = shipper(tmp_path / "home", "run", "--once", "--rules", str(path))
        assert [(change["to"], change["value"]) for change in changes] == [("firing", 50.0)]
        admin.indices.refresh(index="shipper-alerts")
        found = admin.search(index="shipper-alerts", query={"term": {"service.name": service}})["hits"]["hits"]
        assert [hit["_source"]["rule"]["name"] for hit in found] == [service]
        assert found[0]["_source"]["event"]["kind"] == "alert"
