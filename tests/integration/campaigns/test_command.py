"""The commands, as they are typed."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner

from shipper.cli.campaigns import command
from shipper.errors import FindingError, UsageError
from shipper.simulate.campaign import Plan, simulate
from tests.integration.campaigns.indexed import cluster_options, put

pytestmark = pytest.mark.elasticsearch


def test_run_report_explain_and_rebuild_agree_with_the_truth(elasticsearch, prefix, tmp_path):
    made = simulate(Plan(date(2026, 11, 1), contacts=10, entry_days=2, horizon=3))
    put(elasticsearch, prefix, made.events)
    options = [*cluster_options(elasticsearch, tmp_path / "secret"), "--prefix", prefix, "--json"]

    def call(*words):
        result = CliRunner().invoke(command, [*words, *options])
        assert result.exception is None, result.exception
        return json.loads(result.stdout)

    early = CliRunner().invoke(command, ["report", "attribution", *options]).exception
    assert isinstance(early, UsageError)
    assert "nothing to report yet" in str(early)
    assert call("run", "--once")["invalid"] == 0
    for goal, models in made.truth["attribution"].items():
        shown = call("report", "attribution", "--model", "time_decay", "--goal", goal)
        rows = {row["channel"]: {"credit": row["credit"], "value": row["value"]} for row in shown["rows"]}
        assert rows == models["time_decay"]
    shown = call("report", "cohorts", "--campaign", "welcome")
    wanted = [row for row in made.truth["cohorts"]["purchase"] if row["campaign"] == "welcome"]
    assert [{key: row[key] for key in wanted[0]} for row in shown["rows"]] == wanted
    assert call("explain", "contact-0001")["entries"][0]["campaign"] == "welcome"
    assert call("rebuild")["cells_differing"] == 0


def test_a_difference_is_a_finding_and_an_unknown_contact_a_mistake(elasticsearch, prefix, tmp_path):
    made = simulate(Plan(date(2026, 11, 1), contacts=4, entry_days=1, horizon=2))
    put(elasticsearch, prefix, made.events)
    options = [*cluster_options(elasticsearch, tmp_path / "secret"), "--prefix", prefix]
    assert isinstance(CliRunner().invoke(command, ["rebuild", *options]).exception, FindingError)
    assert CliRunner().invoke(command, ["rebuild", "--apply", *options]).exception is None
    assert CliRunner().invoke(command, ["rebuild", *options]).exception is None
    stranger = CliRunner().invoke(command, ["explain", "nobody", "--tenant", "acme", *options])
    assert isinstance(stranger.exception, UsageError)
