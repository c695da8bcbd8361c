"""`stack status` on the real Elasticsearch: numbers that were put there, and findings that were made on purpose."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from datetime import date

import pytest

from shipper.clock import SystemClock, iso_utc
from shipper.elastic.capability import probe
from shipper.home import Home
from shipper.stack.findings import lacks, security_findings, shard_findings
from shipper.stack.flow_state import flow_state
from shipper.stack.retention import Daily

pytestmark = pytest.mark.elasticsearch


def put(client, index, number, **fields):
    client.create(index=index, id=str(number), document=fields, refresh=True)


def test_the_flow_is_told_from_what_arrived(elasticsearch, ready):
    now = time.time()
    logs, metrics = f"{ready}shipper-logs-2001.01.01", f"{ready}shipper-metrics-2001.01.01"
    for number in range(30):
        event = {"ingested": iso_utc(now - number)}
        put(elasticsearch, logs, number, **{"@timestamp": iso_utc(now - number), "event": event})
    fresh = {"ingested": iso_utc(now - 600)}
    put(elasticsearch, logs, 30, **{"@timestamp": iso_utc(now), "event": {**fresh, "dataset": "shipper.dead_letter"}})
    put(elasticsearch, logs, 31, **{"@timestamp": iso_utc(now), "event": fresh, "source": {"ip": "none"}})
    for number, (agent, behind) in enumerate((("a", 90), ("a", 40), ("b", 5))):
        put(
            elasticsearch,
            metrics,
            number,
            **{"@timestamp": iso_utc(now), "event": {"dataset": "shipper.heartbeat"}, "agent": {"id": agent}},
            shipper={"watermark": iso_utc(now - behind)},
        )
    state = flow_state(elasticsearch, SystemClock(), ready)
    assert state.documents_per_second == 0.1
    assert state.newest == iso_utc(now)
    assert state.agents == 2
    assert 40 <= (state.lag_seconds or 0) < 40 + 60
    assert (state.dead_letters_24h, state.unparsed_24h, state.fields_left_out_24h) == (1, 0, 1)


def test_a_cluster_without_data_has_no_rate_and_no_lag(elasticsearch, prefix):
    state = flow_state(elasticsearch, SystemClock(), prefix)
    assert (state.documents_per_second, state.newest, state.lag_seconds, state.agents) == (0, None, None, 0)


def test_the_local_stack_on_loopback_has_no_open_door(elasticsearch, endpoints):
    assert list(security_findings(elasticsearch, endpoints.hosts, probe(elasticsearch))) == []


def test_passwords_over_plain_http_to_another_host_are_a_finding(elasticsearch):
    (found,) = security_findings(elasticsearch, ["http://es.example:9200"], probe(elasticsearch))
    assert "travel in the clear to http://es.example:9200" in found.what


def test_a_cluster_without_security_is_one_finding_and_no_more_is_asked(elasticsearch):
    open_cluster = dataclasses.replace(probe(elasticsearch), security=False)
    assert [found.area for found in security_findings(elasticsearch, ["http://h"], open_cluster)] == ["security"]


@pytest.mark.parametrize(
    ("documents", "size", "shards", "found"),
    [(1, 60 * 2**30, 1, 1), (1, 60 * 2**30, 2, 0), (300_000_000, 1, 1, 1), (1000, 1000, 1, 0)],
)
def test_a_shard_beyond_the_sizing_rule_is_a_finding(elasticsearch, documents, size, shards, found):
    day = Daily("shipper-logs-2001.01.01", "u", "logs", date(2001, 1, 1), documents, size, size, shards, None)
    findings = [one for one in shard_findings(elasticsearch, [day], probe(elasticsearch)) if one.area == "shards"]
    assert len(findings) == found


def test_what_the_local_core_lacks_is_named(elasticsearch):
    text = " ".join(lacks(probe(elasticsearch)))
    assert "SLM" in text
    assert "second data node" in text


def test_the_command_tells_days_flow_findings_and_what_is_missing(elasticsearch, endpoints, prefix, tmp_path):
    put(elasticsearch, f"{prefix}shipper-logs-2001.01.01", 1, **{"@timestamp": "2001-01-01T00:00:00Z"})
    Home(tmp_path / "home").publish(endpoints)
    secret = tmp_path / "admin"
    secret.write_text(endpoints.account("admin").password)
    command = [sys.executable, "-m", "shipper", "stack", "status", "--url", endpoints.elasticsearch, "--user", "admin"]
    command += ["--password-file", str(secret), "--prefix", prefix]
    environment = {**os.environ, "SHIPPER_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [*command, "--json", "--strict"], env=environment, capture_output=True, text=True, check=False
    )
    report = json.loads(done.stdout)
    assert [(day["index"], day["documents"], day["shards"]) for day in report["days"]] == [
        (f"{prefix}shipper-logs-2001.01.01", 1, 1)
    ]
    assert report["flow"]["agents"] == 0
    assert done.returncode == (1 if report["findings"] else 0)
    text = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert text.returncode == 0, text.stderr
    assert f"{prefix}shipper-logs-2001.01.01" in text.stdout
