"""ElastAlert2 beside us: our rules in its words, and its alerts read back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.incidents.beside import owned
from benchmarks.incidents.peer.elastalert2 import expressible, read
from benchmarks.incidents.peer.passthrough import kind
from benchmarks.incidents.score import score
from benchmarks.incidents.trouble import twelve
from benchmarks.incidents.world import START
from shipper.errors import UsageError
from shipper.rules.files import load_rules

RULES = Path(__file__).parents[3] / "alert_rules"


def test_every_rule_of_the_library_has_a_counterpart_or_a_reason_why_not():
    rules = [loaded.rule for loaded in load_rules([RULES])]
    found, missing = expressible(rules, "p-")
    assert found.keys() | missing.keys() == {rule.name for rule in rules}
    assert not found.keys() & missing.keys()
    assert {"traffic-unusual", "availability-budget", "apdex"} <= missing.keys()
    assert all(rule["index"].startswith("p-") for rule in found.values())


def test_bound_window_groups_and_least_number_are_the_same():
    found, _ = expressible([loaded.rule for loaded in load_rules([RULES])], "p-")
    burst, ratio, p95, busy = (found[name] for name in ("error-burst", "error-ratio", "latency-p95", "saturation"))
    assert (burst["type"], burst["num_events"], burst["timeframe"]) == ("frequency", 51, {"seconds": 300})
    assert (burst["query_key"], burst["use_terms_query"]) == ("service.name", True)
    assert (ratio["max_percentage"], ratio["min_denominator"], ratio["buffer_time"]) == (5, 50, {"seconds": 300})
    assert (p95["max_threshold"], p95["min_doc_count"], p95["query_key"]) == (1e9, 20, "http.route")
    assert busy["max_threshold"] == 8 * 0.8 * 300 * 1e9
    assert busy["query_key"] == ["service.name", "host.name"]


def test_an_alert_of_its_is_scored_as_one_of_ours_and_the_top_value_counts_as_named():
    (bad,) = (trouble for trouble in twelve(START) if trouble.name == "bad deploy on one host")
    alert = {
        "at": bad.begin + 120, "rule": "error-ratio", "labels": {"service.name": "shop"},
        "tops": {"host.name": {"shop-1": 10, "shop-2": 90}, "error.type": {}},
    }  # fmt: skip
    end = {"took": {"seconds": 1.5, "cpu_seconds": 1.0, "runs": 3}, "version": "2.31.0", "rules": 1}
    told = read([json.dumps(alert), json.dumps(end)])
    (found,) = score(told.alerts, [bad], 1, told.tops).found
    assert (found.intervals, found.grouped, found.named) == (2.0, False, True)
    assert (told.version, told.took["runs"]) == ("2.31.0", 3)


def test_an_alert_by_route_alone_is_about_the_service_of_the_route_as_ours_is():
    line = {"at": 1, "rule": "latency-p95", "labels": {"http.route": "/send"}, "tops": {}}
    end = {"took": {"seconds": 1, "cpu_seconds": 1, "runs": 1}, "version": "2.31.0", "rules": 1}
    (alert,) = read([json.dumps(line), json.dumps(end)]).alerts
    assert owned(alert).labels == {"service.name": "mail", "http.route": "/send"}
    assert owned(owned(alert)) == owned(alert)


def test_a_run_without_an_end_is_no_result():
    with pytest.raises(UsageError, match="no end"):
        read(['{"at": 1, "rule": "r", "labels": {}, "tops": {}}'])


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/a-*/_search?size=0", "search"),
        ("GET", "/_search/scroll", "search"),
        ("POST", "/a/_pit?keep_alive=1m", "search"),
        ("PUT", "/a/_doc/1", "write"),
        ("GET", "/a/_doc/1", "other"),
        ("GET", "/", "other"),
    ],
)
def test_requests_are_counted_by_what_they_are_for(method, path, expected):
    assert kind(method, path) == expected
