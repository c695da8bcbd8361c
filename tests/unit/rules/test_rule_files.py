from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from shipper.cli.rules import command
from shipper.clock import iso_utc
from shipper.errors import ConfigError, FindingError, UsageError
from shipper.rules.cases import run_case
from shipper.rules.files import load_rule, load_rules
from shipper.rules.lint import lint_paths
from tests.support.rule_stream import START

ROOT = Path(__file__).parents[3]
GOOD = """\
name: burst
type: threshold
summary: many documents
owner: o
runbook: book.md
filter: "log.level: error"
above: 3
window: 10s
every: 10s
grace: 5s
tests:
  - name: five errors
    docs: [{at: 2s, every: 1s, count: 5, set: {log.level: error}}]
    expect:
      - {at: 10s, state: firing, sent: 1, text_has: "5 documents"}
      - {at: 40s, state: resolved, sent: 2, kinds: [firing, resolved]}
  - name: other levels
    docs: [{at: 2s, every: 1s, count: 5, set: {log.level: info}}]
    expect: [{at: 40s, state: ok, sent: 0}]
"""


def write(folder: Path, text: str = GOOD, name: str = "burst.yml") -> Path:
    path = folder / name
    path.write_text(text)
    (folder / "book.md").write_text("# Book\n")
    return path


@pytest.mark.parametrize("folder", ["alert_rules", "shipper/demo/rules"])
def test_every_rule_of_ours_is_without_findings_and_passes_its_tests(folder):
    assert lint_paths([ROOT / folder]) == []
    for loaded in load_rules([ROOT / folder]):
        for case in loaded.rule.tests:
            assert run_case(loaded.rule, case).failures == [], (loaded.rule.name, case.name)


def test_a_rule_without_mistakes_has_no_findings(tmp_path):
    assert lint_paths([write(tmp_path)]) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('log.level: error"', 'log.level:"', 6, "expected a value"),
        ('log.level: error"', 'log.levle: error"', 6, "the field log.levle is in none of our templates"),
        ('log.level: error"', 'http.response.status_code: many"', 6, "is of type long"),
        ("book.md", "no-book.md", 5, "the page no-book.md does not exist"),
        ("above: 3", "above: 3\ngroup_by: [trace.id]", 8, "a value of its own in nearly every document"),
        ("above: 3", "above: 3\ngroup_by: [message]", 8, "a value of its own in nearly every document"),
        ("sent: 0", "sent: 9", 11, "no test shows the rule staying silent"),
        ("type: threshold", "type: treshold", 2, "invalid value 'treshold'"),
        ("type: threshold\n", "", 1, "the key `type` is missing"),
        ("above: 3", "abov: 3", 7, "unknown key `abov`"),
        ("above: 3", "above: 3\nnotify: []", 8, "nobody is notified"),
        ("above: 3", "metric: avg\nfield: event.duration\nabove: 3", 9, "the bound of event.duration has no unit"),
        ("above: 3", "metric: max\nfield: system.cpu.total.norm.pct\nabove: 90", 9, "is a part of 1"),
        ("above: 3", "below: 0", 7, "a count is never below 0"),
        ("above: 3", "below: 1\ngroup_by: [host.name]", 7, "a group without documents is not seen"),
        ("above: 3", "above: -1", 7, "always above -1"),
        ("every: 10s", "every: 20s\ncell: 10s", 9, "what lies between two windows is never looked at"),
        ("above: 3", "above: 3\nfor: 1d", 8, "a group is over before it has breached for so long"),
        ('log.level: error"', 'log.level: error and not log.level: error"', 6, "a thing and its opposite"),
        ('log.level: error"', 'event.duration > 5 and event.duration < 3"', 6, "above 5 and below 3"),
        (
            'log.level: error"\n',
            'log.level: error and not host.name: *"\ngroup_by: [host.name]\n',
            7,
            "the filter leaves out every document with host.name",
        ),
        (
            "above: 3",
            "of: 'not log.level: error'\nabove_percent: 5",
            7,
            "no document of the filter can match",
        ),
        (
            "above: 3",
            "#\nbad: 'event.outcome: failure'\nobjective_percent: 90\npairs: [{long: 60s, short: 20s, rate: 14.4}]",
            10,
            "the budget burns 10 times too fast: 14.4 is never passed",
        ),
        ("above: 3", "#\nby_percent: 100\ndirection: down", 8, "nothing falls by more than 100 %"),
        ("above: 3", "#\ndirection: down\ndeviations: 20\naround: 20s", 9, "nothing falls further than 10 deviations"),
        ("above: 3", "#\ngroup_by: [host.name]\nhistory: 10s", 9, "forgotten before its window is empty"),
        ("above: 3", "above: 3\ngroup_by: [host]", 8, "host is an object and cannot be grouped"),
        ("above: 3", "above: 3\ngroup_by: ['@timestamp']", 8, "a value of its own in nearly every document"),
        ("above: 3", "above: 3\ngroup_by: [host.name, host.name]", 8, "names a field twice"),
        ("above: 3", "above: 3\nindex: 'shipper-log-*'", 8, "matches no index of ours"),
        ("above: 3", "above: 3\nindex: 'Shipper Logs'", 8, "is no index"),
        ("above: 3", "metric: avg\nfield: message\nunit: ' x'\nabove: 3", 8, "message is no number"),
        ("above: 3", "metric: avg\nfield: host\nunit: ' x'\nabove: 3", 8, "host is no number (an object)"),
        ("above: 3", "#\nfield: message\nabove: 3\n#cardinality", 8, "cannot be told apart"),
        ("above: 3", "#\nfield: host.name\nbelow: 0\n#cardinality", 9, "is never below 0"),
        ('log.level: error"', 'log.level: error and log.level: info"', 6, "cannot be `error` and `info`"),
        (
            'log.level: error"',
            'http.response.status_code >= 500 and http.response.status_code: 404"',
            6,
            "http.response.status_code cannot be 404 and >= 500",
        ),
        ('log.level: error"', 'event.outcome: failed"', 6, "event.outcome is never `failed`"),
        ("owner: o", "owner: ''", 4, "expected text of length >= 1"),
        ("window: 10s", "window: 1.5s", 8, "`window` must be a multiple of the cell"),
        ("above: 3", "above: 3\nseverity: critcal", 8, "invalid enum value 'critcal'"),
        ("log.level: error}}]", "log.levle: error}}]", 13, "the field log.levle is in none of our templates"),
        ("log.level: error}}]", "log: x, log.level: error}}]", 13, "log"),
        ("five errors", "five errors\n    start: tomorrow", 13, "is not a time with a zone"),
        ("state: firing", "state: fireing", 15, "invalid enum value 'fireing'"),
        ("[firing, resolved]", "[firing, resolvd]", 16, "invalid enum value 'resolvd'"),
        ("state: ok, sent: 0", "group: {}", 19, "it expects nothing"),
        ("state: ok, sent: 0", "group: {host.name: a}, sent: 0", 11, "which is not in `group_by`"),
        ("count: 5", "count: 50000000", 13, "expected a whole number <= 1000000"),
        ("    expect:\n", "    faults: [{at: 1s, for: 3s}]\n    expect:\n", 14, "either `kill: evaluator` or"),
        (
            "    expect:\n",
            "    faults: [{at: 1s, for: 3s, kill: elasticsearch}]\n    expect:\n",
            14,
            "invalid enum value 'elasticsearch'",
        ),
    ],
)
def test_a_finding_names_the_line_and_the_way_out(tmp_path, old, new, line, message):
    text = GOOD.replace(old, new, 1)
    kinds = {
        "objective": "burn_rate",
        "by_percent": "change",
        "deviations": "seasonal",
        "history": "flatline",
        "above_percent": "ratio",
        "#cardinality": "cardinality",
    }
    for key, kind in kinds.items():
        if key in new:
            text = text.replace("type: threshold", f"type: {kind}")
    path = write(tmp_path, text)
    (finding,) = lint_paths([path])
    assert message in finding.message
    assert f"burst.yml:{line}" in finding.where
    assert finding.hint


@pytest.mark.parametrize(
    ("query", "drawn"),
    [
        ("log.level: (error or", "log.level: (error or\n                        ^"),
        ("log.level: error)", "log.level: error)\n                    ^"),
        (f"{'log.level: a or ' * 20}log.level:", "log.level:\n" + " " * 45 + "^"),
    ],
)
def test_a_mistake_in_a_query_stands_above_a_caret(tmp_path, query, drawn):
    (finding,) = lint_paths([write(tmp_path, GOOD.replace("log.level: error", query, 1))])
    assert finding.message.endswith(drawn), finding.message
    assert max(map(len, finding.message.splitlines())) < 100


def test_a_mistake_in_a_folded_query_points_into_its_line(tmp_path):
    folded = "filter: >\n  log.level: error\n  and (message: a\n  or\n"
    (finding,) = lint_paths([write(tmp_path, GOOD.replace('filter: "log.level: error"\n', folded, 1))])
    above, caret = finding.message.splitlines()[1:]
    assert above[caret.index("^") - 2 : caret.index("^")] == "or"


def test_an_unknown_field_is_told_with_the_nearest_one(tmp_path):
    (finding,) = lint_paths([write(tmp_path, GOOD.replace("log.level: error", "log.levle: error", 1))])
    assert finding.hint == "did you mean `log.level`?"


def test_a_folder_without_a_rule_or_that_cannot_be_read_is_no_success(tmp_path):
    (tmp_path / "empty").mkdir()
    result = CliRunner().invoke(command, ["lint", str(tmp_path / "empty")])
    assert isinstance(result.exception, UsageError)
    assert "there is no rule" in str(result.exception)
    (tmp_path / "r").mkdir()
    write(tmp_path / "r")
    (tmp_path / "r" / "loop.yml").symlink_to(tmp_path / "gone.yml")
    (finding,) = lint_paths([tmp_path / "r"])
    assert "cannot be read" in finding.message


def test_a_rule_file_may_end_with_yaml_and_is_read_once_however_often_it_is_named(tmp_path):
    (tmp_path / "below").mkdir()
    path = write(tmp_path / "below", name="burst.yaml")
    write(tmp_path)
    (tmp_path / "burst.yml").unlink()
    assert [loaded.path for loaded in load_rules([tmp_path, path, tmp_path / "below"])] == [path]
    assert lint_paths([path, tmp_path]) == []


def test_one_finding_is_not_findings(tmp_path):
    path = write(tmp_path, GOOD.replace("above: 3", "above: -1"))
    result = CliRunner().invoke(command, ["lint", str(path)])
    assert isinstance(result.exception, FindingError)
    assert result.stdout.endswith("\n1 finding\n")
    assert str(result.exception).startswith("1 finding in the rules")
    assert json.loads(CliRunner().invoke(command, ["lint", str(path), "--json"]).stdout)[0]["hint"]


def test_two_rules_of_one_name_are_refused(tmp_path):
    write(tmp_path)
    write(tmp_path, name="twin.yml")
    with pytest.raises(ConfigError, match="`burst` is taken"):
        load_rules([tmp_path])
    assert ["is taken" in finding.message for finding in lint_paths([tmp_path])] == [True]


def test_no_rule_at_all_is_a_mistake(tmp_path):
    with pytest.raises(UsageError, match="there is no rule"):
        load_rules([tmp_path])
    with pytest.raises(UsageError, match="no such file"):
        load_rules([tmp_path / "no"])


@pytest.mark.parametrize(
    ("old", "new", "failure"),
    [
        ("state: firing", "state: ok", "at 10s: state is firing, expected ok"),
        ("sent: 2", "sent: 1", "at 40s: sent is 2, expected 1"),
        ("5 documents", "6 documents", "without '6 documents'"),
        ("state: ok, sent: 0", "complete: false", "complete is"),
    ],
)
def test_a_wrong_expectation_fails_with_what_was_found(tmp_path, old, new, failure):
    rule = load_rule(write(tmp_path, GOOD.replace(old, new, 1))).rule
    failures = [str(unmet) for case in rule.tests for unmet in run_case(rule, case).failures]
    assert len(failures) == 1
    assert failure in failures[0]


def test_a_case_may_kill_the_evaluator_and_break_shards_on_a_night_of_clock_change(tmp_path):
    faulty = GOOD + (
        "  - name: trouble\n    start: '2026-03-29T00:30:00Z'\n    watermark: 2s\n"
        "    docs: [{at: 2s, every: 1s, count: 5, set: {log.level: error}}]\n"
        "    faults: [{at: 20s, for: 30s, shards_failed: 1}, {at: 60s, for: 20s, kill: evaluator}]\n"
        "    expect:\n      - {at: 10s, state: firing, sent: 1, complete: true}\n"
        "      - {at: 40s, state: firing, sent: 1, complete: false}\n      - {at: 90s, state: resolved, sent: 2}\n"
    )
    rule = load_rule(write(tmp_path, faulty)).rule
    assert run_case(rule, rule.tests[-1]).failures == []


def test_the_test_command_ends_with_a_finding_when_a_test_fails(tmp_path):
    path = write(tmp_path, GOOD.replace("sent: 2", "sent: 1", 1))
    result = CliRunner().invoke(command, ["test", str(path), "--json"])
    assert isinstance(result.exception, FindingError)
    failed = json.loads(result.stdout)["failed"][0]
    line = 1 + next(number for number, text in enumerate(path.read_text().splitlines()) if "sent: 1, kinds" in text)
    assert (failed["test"], failed["where"]) == ("five errors", f"{path}:{line}")
    assert CliRunner().invoke(command, ["test", str(write(tmp_path)), "--json"]).exit_code == 0


def test_a_failed_test_shows_its_line_what_was_expected_and_got_and_what_happened(tmp_path):
    wrong = GOOD.replace("state: firing", "state: ok", 1).replace("5 documents", "6 documents", 1)
    path = write(tmp_path, wrong)
    shown = CliRunner().invoke(command, ["test", str(path)]).stdout.splitlines()
    line = 1 + next(number for number, text in enumerate(wrong.splitlines()) if "state: ok" in text)
    assert shown[:2] == ["burst: five errors  (- expected, + got)", f"  {path}:{line}: at 10s"]
    assert shown[2:4] == ["    - state: ok", "    + state: firing"]
    assert "    - text_has: 6 documents" in shown
    assert any(text.endswith("[firing sent]") and "ok -> firing  5 documents" in text for text in shown)


def test_replay_prints_one_json_object_a_change(tmp_path):
    events = tmp_path / "events.ndjson"
    lines = [
        json.dumps(
            {
                "_id": str(number),
                "@timestamp": iso_utc(START + 2),
                "event": {"ingested": iso_utc(START + 3)},
                "log": {"level": "error"},
            }
        )
        for number in range(5)
    ]
    events.write_text("\n".join([*lines, *lines, ""]))
    arguments = ["replay", "--events", str(events), "--rule", str(write(tmp_path)), "--json"]
    result = CliRunner().invoke(command, arguments)
    changes = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(change["from"], change["to"], change["value"]) for change in changes] == [
        ("ok", "firing", 5.0), ("firing", "resolved", 0.0),
    ]  # fmt: skip
    assert [[sent["kind"] for sent in change["notifications"]] for change in changes] == [["firing"], ["resolved"]]
    assert set(changes[0]) >= {"rule", "group", "at", "from", "to", "value", "complete", "notifications"}
    assert CliRunner().invoke(command, arguments).stdout == result.stdout


def test_replay_says_when_there_was_nothing_or_all_was_outside_of_the_time(tmp_path):
    events, rule = tmp_path / "events.ndjson", str(write(tmp_path))
    events.write_text("")
    result = CliRunner().invoke(command, ["replay", "--events", str(events), "--rule", rule, "--json"])
    assert (result.stdout, result.exit_code) == ("", 0)
    assert "no document to replay for burst" in result.stderr
    line = json.dumps({"@timestamp": iso_utc(START + 2), "log": {"level": "error"}})
    events.write_text("\n".join([line] * 5))
    after = ["replay", "--events", str(events), "--rule", rule, "--from", "2030-01-01"]
    result = CliRunner().invoke(command, after)
    assert result.stdout == "nothing would have been sent\n"
    assert "2 changes outside of --from and --to left out" in result.stderr


def test_replay_reads_standard_input(tmp_path):
    line = json.dumps({"@timestamp": iso_utc(START + 2), "log": {"level": "error"}}) + "\n"
    arguments = [sys.executable, "-m", "shipper", "rules", "replay", "--events", "-", "--rule", str(write(tmp_path))]
    told = subprocess.run([*arguments, "--json"], input=line * 5, capture_output=True, text=True, check=True)
    assert [json.loads(each)["to"] for each in told.stdout.splitlines()] == ["firing", "resolved"]


def test_a_mistyped_rule_is_told_the_near_one_by_file_and_by_name(tmp_path, monkeypatch):
    write(tmp_path)
    (tmp_path / "alert_rules").mkdir()
    write(tmp_path / "alert_rules")
    (tmp_path / "evaluator.yml").write_text("rules: [alert_rules]\n")
    monkeypatch.chdir(tmp_path)
    for arguments, near in [
        (["explain", "brust.yml"], "did you mean `burst.yml`?"),
        (["explain", "brust", "-c", "evaluator.yml"], "did you mean `burst`?"),
        (["ack", "brust", "-c", "evaluator.yml"], "did you mean `burst`?"),
        (["lint", "alert_rules/brust.yml"], "did you mean `alert_rules/burst.yml`?"),
        (["replay", "--events", "x", "--rule", "alert_rule"], "did you mean `alert_rules`?"),
    ]:
        result = CliRunner().invoke(command, arguments)
        assert isinstance(result.exception, UsageError), arguments
        assert result.exception.hint == near, arguments


@pytest.mark.parametrize("line", ["{", "[]", '{"message": "no date"}'])
def test_replay_names_the_line_it_cannot_read(tmp_path, line):
    events = tmp_path / "events.ndjson"
    events.write_text(f'{{"@timestamp": "{iso_utc(START)}"}}\n{line}\n')
    result = CliRunner().invoke(command, ["replay", "--events", str(events), "--rule", str(write(tmp_path))])
    assert isinstance(result.exception, UsageError)
    assert str(result.exception.where).endswith("events.ndjson:2")


def test_the_library_is_what_a_team_needs_on_day_one_and_each_runbook_names_its_rules():
    loaded = load_rules([ROOT / "alert_rules"])
    assert len(loaded) >= 20
    for file in loaded:
        title = (ROOT / file.rule.runbook).read_text().partition("\n")[0]
        assert file.rule.name in title.partition(": ")[2].split(", "), (file.rule.name, title)
        assert len(file.rule.tests) >= 2, file.rule.name
