"""The judge of pipeline tests: what passes, and what a failure tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shipper.errors import ConfigError
from shipper.logstash_runner.pipeline_tests import Report, Result, Suite, run_suites

if TYPE_CHECKING:
    from pathlib import Path


def judged(folder: Path, expectation: str, *results: Result) -> Report:
    path = folder / "suite.yml"
    path.write_text(
        f"pipeline: p\nenvironment: {{ NAME: value }}\ntests:\n  - name: a test\n    in: [{{}}]\n    {expectation}\n"
    )

    def trial(suite: Suite, documents: list[dict[str, Any]]) -> list[Result]:
        assert (suite.pipeline, suite.environment, documents) == ("p", {"NAME": "value"}, [{}])
        return list(results)

    return run_suites([path], trial)


EVENT = Result({"a": 1, "b": {"c": "x"}, "@version": "1", "@metadata": {"_id": "i"}}, ["es"], "logs-1")


@pytest.mark.parametrize(
    "expectation",
    [
        "out: [{ a: 1, b: { c: x }, '@metadata': { _id: i } }]",
        "fields: [{ a: 1, b.c: x, '@metadata._id': i, d: null, b: <any> }]",
        "matches: { b.c: '^x$' }",
        "distinct: { '@metadata._id': 1 }",
        "to: [[es]]",
        "index: [logs-1]",
    ],
)
def test_what_is_as_expected_passes(tmp_path: Path, expectation: str) -> None:
    report = judged(tmp_path, expectation, EVENT)
    assert report.failures == []
    assert report.as_text() == "1 of 1 pipeline tests passed; they take 0 of 0 branches"


@pytest.mark.parametrize(
    ("expectation", "reason"),
    [
        ("out: [{ a: 2 }]", '-    "a": 2'),
        ("out: []", "+++ found"),
        ("fields: [{ a: 2 }]", "event 1: a is 1, not 2"),
        ("fields: [{ a: true }]", "event 1: a is 1, not true"),
        ("fields: [{ d: 1 }]", "event 1: d is missing"),
        ("fields: [{ a: null }]", "event 1: a is 1, but should not be there"),
        ("fields: []", "1 events came out, `fields` names 0"),
        ("matches: { b.c: '^y' }", 'b.c is "x", which /^y/ does not match'),
        ("distinct: { a: 2 }", "a has 1 different values, not 2"),
        ("to: [[other]]", "goes to ['es'], not to ['other']"),
        ("index: [logs-2]", "is written to logs-1, not to logs-2"),
    ],
)
def test_a_failure_says_what_is_different(tmp_path: Path, expectation: str, reason: str) -> None:
    report = judged(tmp_path, expectation, EVENT)
    assert report.failed == 1
    text = report.as_text()
    assert "FAILED suite.yml: a test" in text
    assert reason in text
    assert "0 of 1 pipeline tests passed" in text


def test_an_unknown_expectation_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"suite.yml:6: .*unknown key `feilds`"):
        judged(tmp_path, "feilds: [{}]", EVENT)
