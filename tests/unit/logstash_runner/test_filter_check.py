"""Checking and linting pipeline files."""

from __future__ import annotations

import pytest

from shipper.logstash_runner.check import check
from shipper.logstash_runner.lint import RULES

OUTPUT = "output { elasticsearch { action => create document_id => '%{[@metadata][_id]}' index => 'i' } }"


def findings(text: str, rule: str):
    report = check(text, "a.conf")
    assert report.starts, report.problems
    return [finding.message for finding in report.findings if finding.rule == rule]


def test_a_good_pipeline_starts_without_findings():
    report = check("input { stdin { } } filter { mutate { add_tag => ['x'] } } output { stdout { } }")
    assert (report.valid, report.starts, report.problems, report.findings) == (True, True, (), ())


def test_every_problem_is_reported_with_its_place():
    report = check("input { stdin { } }\nfilter {\n  mutat { }\n  mutate { convert => { a1 => nope } }\n}", "a.conf")
    assert (report.valid, report.starts) == (False, False)
    assert [problem.where for problem in report.problems] == ["a.conf:3:3", "a.conf:4:3"]


def test_what_only_this_runner_lacks_is_valid_but_does_not_start():
    report = check("input { stdin { } } filter { ruby { code => 'x' } } output { kafka { } }")
    assert (report.valid, report.starts, len(report.problems)) == (True, False, 2)


def test_two_plugins_with_one_id_are_refused_across_sections_and_branches():
    report = check(
        "input { stdin { id => 'x' } }\nfilter { if [a] { drop { id => '${N:x}' } } }\noutput { null { id => 'z' } }",
        "a.conf",
    )
    (problem,) = report.problems
    assert (report.valid, problem.where) == (False, "a.conf:2:26")
    assert problem.message == "Two plugins have the id 'x', please fix this conflict"


def test_an_input_section_with_conditions_does_not_start():
    report = check("input { if [a] { stdin { } } } output { null { } }", "a.conf")
    assert (report.valid, report.starts, report.problems[0].where) == (True, False, "a.conf:1:9")


def test_a_grok_expression_that_is_no_regular_expression_is_refused_in_rubys_words():
    report = check("input { stdin { } } filter { grok { match => { 'm' => '(%{INT:n}' } } } output { null { } }")
    assert report.problems[0].message.startswith("end pattern with unmatched parenthesis: /((?<n>")
    assert report.problems[0].message.endswith("/m")


def test_syntax_errors_have_a_place():
    report = check("filter {", "a.conf")
    assert (report.valid, report.problems[0].where) == (False, "a.conf:1:9")


@pytest.mark.parametrize(
    ("filters", "output", "found"),
    [
        ("", OUTPUT, 1),
        ("if ![@metadata][_id] { fingerprint { target => '[@metadata][_id]' } }", OUTPUT, 0),
        ("if [a] { fingerprint { target => '[@metadata][_id]' } }", OUTPUT, 1),
        (
            (
                "if [a] { mutate { copy => { 'a' => '[@metadata][_id]' } } }"
                " else { fingerprint { target => '[@metadata][_id]' } }"
            ),
            OUTPUT,
            0,
        ),
        ("if [@metadata][_id] { drop { } } else { fingerprint { target => '[@metadata][_id]' } }", OUTPUT, 0),
        (
            "if [a] { mutate { copy => { 'a' => '[@metadata][_id]' } } }",
            OUTPUT.replace("{ elastic", "{ if [a] { elastic", 1) + " }",
            0,
        ),
    ],
)
def test_a_document_id_that_may_be_the_literal_text_is_found(filters, output, found):
    text = f"input {{ stdin {{ }} }} filter {{ {filters} }} {output}"
    assert len(findings(text, "unguarded-id")) == found


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ("mutate { add_field => { '[host][name]' => 'x' 'labels' => 'y' '[shipper][flags]' => 'z' } }", []),
        ("mutate { add_field => { '[my][own]' => 'x' } }", ["my.own"]),
        ("mutate { rename => { 'a' => 'odd' } } mutate { remove_field => ['odd'] }", []),
        ("grok { match => { 'message' => '%{INT:odd} %{IP:[source][ip]}' } }", ["odd"]),
        ("dissect { mapping => { 'message' => '%{odd} %{+odd/2} %{?skip} %{&skip} %{[host][name]->} %{}' } }", ["odd"]),
        ("csv { columns => ['odd', 'message'] }", ["odd"]),
        ("translate { source => 'a' target => 'odd' dictionary => { 'a' => 'b' } }", ["odd"]),
    ],
)
def test_fields_that_nobody_knows_are_found(filters, names):
    text = f"input {{ stdin {{ }} }} filter {{ {filters} }}"
    assert [message.split()[2] for message in findings(text, "not-ecs")] == names


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ("if [a] { drop { } } else if [a] { mutate { } }", "an earlier branch has the same condition"),
        ("drop { } mutate { }", "the drop before it takes all"),
        ("if 1 == 1 { mutate { } }", "the same for every event"),
        ('if [a] in ["x"] { mutate { } }', "read as the name of a field"),
        ('if [a] == ["x", "y"] { mutate { } }', "by its first element only"),
    ],
)
def test_branches_that_are_never_or_always_taken_are_found(filters, words):
    (message,) = findings(f"input {{ stdin {{ }} }} filter {{ {filters} }}", "unreachable")
    assert words in message


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("password => 'letmein'", 1),
        ("password => '${PASSWORD:letmein}'", 1),
        ("hosts => ['http://u:letmein@h:9200']", 1),
        ("api_key => 'a:b'", 1),
    ],
)
def test_secrets_in_the_file_are_found(options, found):
    output = f"elasticsearch {{ index => 'i' document_id => 'x' action => create {options} }}"
    text = f"input {{ stdin {{ }} }} output {{ {output} }}"
    assert len(findings(text, "secret")) == found


def test_patterns_that_are_not_used_are_found(tmp_path):
    (tmp_path / "own").write_text("USED x\nUNUSED y\n")
    text = (
        "input { stdin { } } filter { grok { "
        f"patterns_dir => ['{tmp_path}'] pattern_definitions => {{ AA => 'a' BB => 'b' }}"
        " match => { 'message' => '%{USED} %{AA}' } } }"
    )
    assert sorted(message.split()[2] for message in findings(text, "unused-pattern")) == ["BB", "UNUSED"]


EACH_RULE = """input { stdin { } }
filter {
  mutate {
    add_field => {
      "message" => "x"
      "odd" => "y"
    }
  }
  grok {
    pattern_definitions => {
      "USED" => "a"
      "UNUSED" => "b"
    }
    match => { "message" => "%{USED}" }
  }
  if "a" == "a" { drop { } }
  json { source => "message" }
}
output {
  elasticsearch {
    hosts => ["h"]
    index => "logs"
    action => "create"
    password => "letmein"
    user => "u"
    document_id => "%{id}"
  }
}
"""


def test_every_finding_names_its_line_its_column_and_a_fix():
    report = check(EACH_RULE, "each.conf")
    places = {finding.rule: finding.where for finding in report.findings}
    assert places == {
        "not-ecs": "each.conf:6:7",
        "unused-pattern": "each.conf:12:7",
        "unreachable": "each.conf:16:3",
        "trap": "each.conf:17:3",
        "secret": "each.conf:24:5",
        "unguarded-id": "each.conf:26:5",
    }
    assert places.keys() == RULES.keys()
    assert all(finding.fix for finding in report.findings)


def test_traps_are_found():
    text = (
        "input { beats { port => 5044 } } filter { json { source => 'm' } } output { elasticsearch { index => 'i' } }"
    )
    assert len(findings(text, "trap")) == 3


def test_a_source_that_is_a_list_of_one_is_checked_too():
    assert findings("filter { json { source => ['m'] } } output { stdout { } }", "trap")


def test_json_into_the_root_is_no_trap_where_the_same_text_was_looked_at_in_a_target_before():
    looked, spread = "json { source => 'm' target => '[@metadata][body]' }", "json { source => 'm' }"

    def trapped(filters: str) -> int:
        return len(findings(f"filter {{ {filters} }} output {{ stdout {{ }} }}", "trap"))

    assert trapped(f"{looked} if [@metadata][body][@timestamp] {{ {spread} }}") == 0
    assert trapped(f"{spread} {looked}") == 1
    assert trapped(f"{looked} json {{ source => 'n' }}") == 1
