"""`rules replay --from`: what Elasticsearch holds gives the changes that the same documents give as a file."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from click.testing import CliRunner

from shipper.cli.rules import command
from shipper.clock import iso_utc
from shipper.errors import UnavailableError, UsageError
from tests.support import stack
from tests.support.http_proxy import HttpProxy
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


def account(folder: Path, role: str, prefix: str = "") -> Path:
    home = stack.shared_endpoints()
    who = home.account(role)
    target = {"url": home.elasticsearch, "user": who.user, "password": who.password}
    path = folder / f"{role}.yml"
    path.write_text(yaml.safe_dump({"index_prefix": prefix, "elasticsearch": target}))
    return path


BURST = "name: burst\ntype: threshold\nsummary: s\nowner: o\nrunbook: r\nabove: 0\nfilter: 'service.name: quiet'\n"


@pytest.mark.skipif("SHIPPER_TEST_ES" in os.environ, reason="needs the accounts of the local stack")
def test_who_may_only_read_can_replay_and_is_told_what_status_lacks(elasticsearch, tmp_path):
    service = f"only-read-{os.getpid()}"
    document = {"@timestamp": iso_utc(START), "event": {"ingested": iso_utc(START)}, "service": {"name": service}}
    stored = elasticsearch.index(index="shipper-logs-2026.01.05", document=document, refresh=True)
    rule, target = tmp_path / "burst.yml", str(account(tmp_path, "shipper_reader"))
    rule.write_text(BURST.replace("quiet", service))
    span = ("--from", iso_utc(START - 60), "--to", iso_utc(START + 3600))
    assert [change["to"] for change in replay("-c", target, "--rule", str(rule), *span)] == ["firing", "resolved"]
    for arguments in (["status"], ["silence", "list"]):
        result = CliRunner().invoke(command, [*arguments, "-c", target])
        assert isinstance(result.exception, UnavailableError), result.output
        assert "indices:data/read/search" in result.exception.message
    elasticsearch.delete(index="shipper-logs-2026.01.05", id=stored["_id"])


def test_status_without_any_evaluator_makes_no_index(elasticsearch, prefix, tmp_path):
    result = CliRunner().invoke(command, ["status", "-c", str(settings(tmp_path, prefix))], catch_exceptions=False)
    assert result.stdout == "no rule was evaluated yet\n"
    assert not elasticsearch.indices.exists(index=f"{prefix}shipper-rule-state*", allow_no_indices=False)


def test_a_replay_ends_now_where_no_end_is_given(elasticsearch, prefix, logs, tmp_path):
    now = time.time()
    silent = {"@timestamp": iso_utc(now - 1800), "service": {"name": "shop"}}
    elasticsearch.index(index=logs, document=silent, refresh=True)
    rule = tmp_path / "silent.yml"
    rule.write_text(
        "name: silent\ntype: flatline\nsummary: s\nowner: o\nrunbook: r\ngroup_by: [service.name]\nremind: 1h\n"
    )
    arguments = ("-c", str(settings(tmp_path, prefix)), "--rule", str(rule), "--from", iso_utc(now - 3600))
    found = replay(*arguments)
    assert [change["to"] for change in found] == ["firing"]
    assert found[0]["at"] < iso_utc(now)


def test_a_cluster_that_is_lost_on_the_way_leaves_no_half_of_a_replay(elasticsearch, prefix, logs, tmp_path):
    elasticsearch.index(index=logs, document={"@timestamp": iso_utc(START), "service": {"name": "quiet"}}, refresh=True)
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "a.yml").write_text(BURST)
    (rules / "b.yml").write_text(BURST.replace("burst", "other") + "index: shipper-metrics-*\n")
    path = settings(tmp_path, prefix)
    span = ("--from", iso_utc(START - 60), "--to", iso_utc(START + 3600))
    whole = replay("-c", str(path), "--rule", str(rules), *span)
    assert [change["rule"] for change in whole] == ["burst", "burst"]
    opened: list[str] = []

    def lose(method: str, where: str) -> None:
        if method == "POST" and "/_pit?" in where:
            opened.append(where)
        if len(opened) > 2:  # the first rule's documents and heartbeats are copied, and those of the second are begun
            raise ConnectionResetError

    config = yaml.safe_load(path.read_text())
    with HttpProxy(config["elasticsearch"]["url"], meet=lose) as proxy:
        config["elasticsearch"]["url"] = proxy.url
        path.write_text(yaml.safe_dump(config))
        result = CliRunner().invoke(command, ["replay", "-c", str(path), "--rule", str(rules), *span, "--json"])
    assert isinstance(result.exception, UnavailableError), result.output
    assert result.stdout == ""
    assert "shipper-metrics" in opened[2]
