"""`rules replay --from`: what Elasticsearch holds gives the changes that the same documents give as a file."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from click.testing import CliRunner

from shipper.cli.rules import command
from shipper.clock import iso_utc
from shipper.errors import UnavailableError, UsageError
from tests.support import stack
from tests.support.rule_stream import RULES, START, TIMES, stream

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.elasticsearch


def beats() -> list[dict[str, Any]]:
    return [
        {
            "@timestamp": iso_utc(START + at),
            "event": {"ingested": iso_utc(START + at), "dataset": "shipper.heartbeat"},
            "agent": {"id": "a"},
            "shipper": {"watermark": iso_utc(START + at - 20)},
        }
        for at in range(0, 240, 5)
    ]


def replay(*arguments: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(command, ["replay", *arguments, "--json"], catch_exceptions=False)
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_elasticsearch_and_a_file_of_its_documents_replay_alike(elasticsearch, prefix, logs, tmp_path):
    documents = {document["_id"]: document for document in stream(4, 200)}
    operations: list[dict[str, Any]] = []
    for name, document in documents.items():
        operations += [{"create": {"_id": name}}, {key: value for key, value in document.items() if key != "_id"}]
    assert not elasticsearch.bulk(index=logs, operations=operations)["errors"]
    metrics: list[dict[str, Any]] = []
    for beat in beats():
        metrics += [{"create": {}}, beat]
    assert not elasticsearch.bulk(index=logs.replace("logs", "metrics"), operations=metrics)["errors"]
    rules = tmp_path / "rules"
    rules.mkdir()
    for name in ("ratio", "latency", "count", "cardinality"):
        head = "summary: s\nowner: o\nrunbook: r\nfilter: 'service.name: *'\n"
        (rules / f"{name}.yml").write_text(head + RULES[name] + TIMES)
    events = tmp_path / "events.ndjson"
    events.write_text("\n".join(json.dumps(document) for document in [*documents.values(), *beats()]))
    target = settings(tmp_path, prefix)
    span = ("--from", iso_utc(START - 100), "--to", iso_utc(START + 200))
    from_file = replay("--events", str(events), "--rule", str(rules), *span)
    assert replay("-c", str(target), "--rule", str(rules), *span) == from_file
    assert {change["to"] for change in from_file} >= {"firing", "resolved"}
    assert all(change["at"] < iso_utc(START + 200) for change in from_file)
    later = replay("--events", str(events), "--rule", str(rules), "--from", iso_utc(START + 60), *span[2:])
    assert later == [change for change in from_file if change["at"] >= iso_utc(START + 60)]
    told = CliRunner().invoke(command, ["replay", "-c", str(target), "--rule", str(rules), *span]).stdout
    sent = sum(len(change["notifications"]) for change in from_file)
    rows = told.partition("number\n")[2].splitlines()[1:]
    assert sum(int(row.split()[-1]) for row in rows) == sent


def settings(folder: Path, prefix: str) -> Path:
    address = urlsplit(os.environ.get("SHIPPER_TEST_ES") or stack.admin_url())
    target = {"url": f"{address.scheme}://{address.hostname}:{address.port}"}
    if address.username and address.password:
        target |= {"user": address.username, "password": unquote(address.password)}
    path = folder / "evaluator.yml"
    path.write_text(yaml.safe_dump({"index_prefix": prefix, "elasticsearch": target}))
    return path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "nothing to replay"),
        (("--from", "yesterday"), "--from: 'yesterday' is not a date"),
        (("--from", "2026-01-02", "--to", "2026-01-01"), "`--to` is not after `--from`"),
    ],
)
def test_a_span_that_makes_no_sense_is_refused(arguments, message):
    result = CliRunner().invoke(command, ["replay", "--rule", "alert_rules", *arguments])
    assert isinstance(result.exception, UsageError)
    assert message in result.exception.message


def test_a_cluster_that_cannot_be_reached_ends_the_replay_with_the_reason(tmp_path):
    path = tmp_path / "evaluator.yml"
    path.write_text("elasticsearch: {url: 'http://127.0.0.1:1'}\n")
    result = CliRunner().invoke(command, ["replay", "-c", str(path), "--rule", "alert_rules", "--from", "2026-01-01"])
    assert isinstance(result.exception, UnavailableError)
