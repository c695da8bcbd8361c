"""The project's own pipelines, run as they are, into a real Elasticsearch."""

from __future__ import annotations

import base64
import hmac
import http.client
import json
import os
import resource
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from shipper.kql import matches, parse
from shipper.rules.fields import field_types
from shipper.rules.files import load_rule
from tests.support import stack
from tests.support.runner_process import RunnerProcess, ship, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch

pytestmark = [pytest.mark.e2e, pytest.mark.elasticsearch]
ROOT = Path(__file__).parents[3]
SLACK_KEY = "8f742231b10e8888abcd99yyyzzz85a5"


@pytest.fixture
def runner(tmp_path: Path, elasticsearch: Elasticsearch, prefix: str) -> Iterator[RunnerProcess]:
    url = urlsplit(os.environ.get("SHIPPER_TEST_ES") or stack.admin_url())
    assert url.username is not None
    assert url.password is not None
    with RunnerProcess(
        tmp_path,
        "--pipelines",
        str(ROOT / "logstash" / "pipelines.yml"),
        SHIPPER_ES_URL=f"http://{url.hostname}:{url.port}",
        SHIPPER_WRITER_USER=url.username,
        SHIPPER_WRITER_PASSWORD=url.password,
        SHIPPER_CAMPAIGN_USER=url.username,
        SHIPPER_CAMPAIGN_PASSWORD=url.password,
        SHIPPER_HTTP_PASSWORD="hook",
        SHIPPER_BEATS_PORT="0",
        SHIPPER_HTTP_PORT="0",
        SHIPPER_SIGNED_PORT="0",
        SHIPPER_SLACK_SIGNING_SECRET=SLACK_KEY,
        SHIPPER_INDEX_PREFIX=prefix,
    ) as running:
        yield running


def post(runner: RunnerProcess, path: str, body: Any, password: str = "hook") -> int:  # noqa: S107 - made up
    connection = http.client.HTTPConnection(*runner.address("http"), timeout=20)
    credentials = base64.b64encode(f"shipper:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
    try:
        connection.request("POST", path, json.dumps(body), headers)
        return connection.getresponse().status
    finally:
        connection.close()


def post_signed(runner: RunnerProcess, body: str, key: str) -> int:
    """As Slack does: no account, a signature over time and body."""
    stamp = "1795687201"
    signature = hmac.new(key.encode(), f"v0:{stamp}:{body}".encode(), "sha256").hexdigest()
    (address,) = [row["address"] for row in runner.addresses["listeners"] if row["id"] == "signed-webhooks"]
    connection = http.client.HTTPConnection(address, timeout=20)
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signature}",
    }
    try:
        connection.request("POST", "/webhooks/slack", body.encode(), headers)
        return connection.getresponse().status
    finally:
        connection.close()


def stored(elasticsearch: Elasticsearch, index: str) -> dict[str, dict[str, Any]]:
    if not elasticsearch.indices.exists(index=index):
        return {}
    elasticsearch.indices.refresh(index=index)
    return {hit["_id"]: hit["_source"] for hit in elasticsearch.search(index=index, size=100)["hits"]["hits"]}


def test_every_flow_arrives_once_in_its_index(runner: RunnerProcess, elasticsearch: Elasticsearch, prefix: str) -> None:
    stamp = "2026-11-23T10:00:00.000Z"
    shipped = [
        {"@timestamp": stamp, "message": "hello", "@metadata": {"_id": "src-1-0", "stream": "logs", "shipper": "0"}},
        {
            "@timestamp": stamp,
            "system": {"load": {"1": 0.5}},
            "@metadata": {"_id": "load-1", "stream": "metrics", "shipper": "0"},
        },
        {"@timestamp": stamp, "message": '{"broken', "host": {"name": "filebeat"}},
    ]
    for _ in range(2):  # a resend changes nothing
        assert ship(runner.address(), shipped)
    event = {
        "@timestamp": stamp, "tenant": "acme", "actor": {"id": "c1"}, "action": "opened", "event": {"id": "e1"},
        "context": {"campaign": {"id": "spring"}},
    }  # fmt: skip
    assert post(runner, "/", [event, {**event, "event": {"id": "e2"}}]) == 200
    assert post(runner, "/", event) == 200
    assert post(runner, "/", event, password="wrong") == 401

    logs = stored(elasticsearch, f"{prefix}shipper-logs-2026.11.23")
    assert logs["src-1-0"]["message"] == "hello"
    assert "ingested" in logs["src-1-0"]["event"]
    (unparsed,) = [document for key, document in logs.items() if key != "src-1-0"]
    assert unparsed["event"]["dataset"] == "shipper.unparsed"
    assert counts(unparsed)
    assert not counts(logs["src-1-0"])
    assert unparsed["message"] == '{"broken'
    assert list(stored(elasticsearch, f"{prefix}shipper-metrics-2026.11.23")) == ["load-1"]
    campaign = stored(elasticsearch, f"{prefix}campaign-events-2026.11.23")
    assert sorted(campaign) == ["e1", "e2"]
    assert set(campaign["e1"]) == {"@timestamp", "tenant", "actor", "action", "event", "context"}
    runner.signal(signal.SIGTERM)
    assert runner.wait() == 0


def counts(document: dict[str, Any]) -> bool:
    """Does the library's rule about dead letters, which fires above 0, count the document?"""
    rule = load_rule(ROOT / "alert_rules/dead-letters.yml").rule
    return matches(parse(rule.filter), document, field_types())


def test_a_signed_webhook_is_stored_once_and_a_forged_one_leaves_a_single_trace(
    runner: RunnerProcess, elasticsearch: Elasticsearch, prefix: str
) -> None:
    delivery = {
        "type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event_time": 1795687200,
        "event": {"type": "reaction_added", "user": "Zo\u00eb", "item": {"channel": "C1", "ts": "1.5"}},
    }  # fmt: skip
    body = json.dumps(delivery, ensure_ascii=False)  # what is signed are its bytes, blanks and umlauts included
    assert [post_signed(runner, body, SLACK_KEY) for _ in range(2)] == [200, 200]
    assert [post_signed(runner, body + " " * number, "guessed") for number in range(3)] == [200, 200, 200]

    campaign = stored(elasticsearch, f"{prefix}campaign-events-2026.11.26")
    assert list(campaign) == ["Ev1"]
    assert campaign["Ev1"]["actor"] == {"id": "Zo\u00eb", "type": "member"}
    assert campaign["Ev1"]["action"] == "reacted"
    logs = stored(elasticsearch, f"{prefix}shipper-logs-*")
    assert len({key.rsplit(".", 1)[0] for key in logs}) == 1  # an hour may end between two of them
    (trace, *_) = logs.values()
    assert trace["event"]["dataset"] == "shipper.unparsed"
    assert "127.0.0.1 was refused" in trace["message"]


def test_an_event_without_a_time_of_its_own_is_kept_aside_once_however_often_it_is_sent(
    runner: RunnerProcess, elasticsearch: Elasticsearch, prefix: str
) -> None:
    event = {"tenant": "acme", "actor": {"id": "c1"}, "action": "opened", "event": {"id": "e1"}}
    for _ in range(2):
        assert post(runner, "/", [event, {**event, "@timestamp": "2026-11-23T10:00:00Z", "event": {"id": "e2"}}]) == 200
        assert (
            post(runner, "/webhooks/flat", {"event_id": 7, "tenant": "acme", "actor_id": "c1", "action": "open"}) == 200
        )

    assert list(stored(elasticsearch, f"{prefix}campaign-events-*")) == ["e2"]
    kept = stored(elasticsearch, f"{prefix}shipper-logs-*")  # by id: a day may end between the two
    assert sorted(json.loads(record["message"]).get("event_id", 0) for record in kept.values()) == [0, 7]
    assert all("send @timestamp as ISO 8601" in record["error"]["message"] for record in kept.values())


def test_what_does_not_fit_the_index_is_indexed_with_the_reason(
    runner: RunnerProcess, elasticsearch: Elasticsearch, prefix: str
) -> None:
    def record(number: int, size: Any) -> dict[str, Any]:
        return {
            "@timestamp": "2026-11-23T10:00:00.000Z", "message": f"m{number}", "size": size,
            "@metadata": {"_id": f"r{number}", "stream": "logs", "shipper": "0"},
        }  # fmt: skip

    index = f"{prefix}shipper-logs-2026.11.23"
    assert ship(runner.address(), [record(1, 1)])
    assert ship(runner.address(), [record(2, {"not": "a number"}), record(3, 3)])
    everywhere = f"{prefix}shipper-logs-*"
    wait_until(lambda: "dead-r2" in stored(elasticsearch, everywhere))
    assert sorted(stored(elasticsearch, index)) == ["r1", "r3"]
    dead = stored(elasticsearch, everywhere)["dead-r2"]
    assert abs(datetime.fromisoformat(dead["@timestamp"]).timestamp() - time.time()) < 300, "it is refused now"
    assert dead["event"]["start"] == "2026-11-23T10:00:00.000Z"
    assert dead["message"] == "m2"
    assert dead["event"]["dataset"] == "shipper.dead_letter"
    assert counts(dead)
    assert "size" in dead["error"]["message"]
    assert dead["error"]["code"] == "elasticsearch-logs"


def test_the_pipelines_own_tests_pass_within_two_seconds() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(
        [sys.executable, "-m", "shipper", "logstash", "test", "--json"], cwd=ROOT, capture_output=True, check=False
    )
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 2
    report = json.loads(done.stdout)
    assert report["failures"] == []
    assert done.returncode == 0
    assert report["total"] >= 48


def test_a_failing_pipeline_test_fails_the_command_with_a_readable_reason(tmp_path: Path) -> None:
    suite = tmp_path / "wrong.yml"
    suite.write_text("pipeline: metrics\ntests:\n  - name: wrong\n    in: [{}]\n    to: [[nowhere]]\n")
    done = subprocess.run(
        [sys.executable, "-m", "shipper", "logstash", "test", str(suite)], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert b"FAILED wrong.yml: wrong" in done.stdout
    assert b"goes to ['elasticsearch-metrics'], not to ['nowhere']" in done.stdout
