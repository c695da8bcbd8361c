"""Every case recorded on Logstash 9.5.2: filter text and events in, events out; configurations accepted and refused."""

from __future__ import annotations

import json
from itertools import zip_longest
from pathlib import Path

import pytest

from shipper.clock import ManualClock
from shipper.errors import ConfigError
from shipper.logstash_runner.check import check
from shipper.logstash_runner.compile import compile_filters
from shipper.logstash_runner.event import Event
from shipper.logstash_runner.grammar import parse

CASES = Path(__file__).parents[2].parent / "shared" / "logstash_cases"
ENVIRONMENT = {"GOLDEN_VAR": "from-env"}
OUTSIDE = {"cidr", "de_dot", "truncate", "urldecode", "useragent"}

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"the recorded cases are not here: {CASES.name}")


def cases(*, config: bool):
    found = []
    for path in sorted(CASES.glob("*.jsonl")) if CASES.is_dir() else []:
        if (path.stem == "config") == config:
            found += [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [pytest.param(case, id=case["id"]) for case in found]


@pytest.mark.parametrize("case", cases(config=False))
def test_filters_do_to_events_what_logstash_does(case, tmp_path):
    environment = dict(ENVIRONMENT, GOLDEN_FILES=str(tmp_path))
    for name, content in case.get("files", {}).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    section = parse("filter {\n" + case["filter"] + "\n}").section("filter")
    clock = ManualClock()

    if case["group"] in OUTSIDE:
        with pytest.raises(ConfigError, match="outside of the subset"):
            compile_filters(section, environment, clock)
        return
    filters = compile_filters(section, environment, clock)

    found = [shown(left) for given in case["events"] for left in filters([Event.of(given, clock)])]
    for number, (one, other) in enumerate(zip_longest(found, case["output"])):
        assert strict(one) == strict(other), f"event {number} differs"


@pytest.mark.parametrize("case", cases(config=True))
def test_configurations_are_accepted_and_refused_as_by_logstash(case):
    report = check(case["config"], environment=ENVIRONMENT)

    assert (report.valid, report.starts) == (case["valid"], case["starts"])
    assert case["message_contains"] in "\n".join(problem.message for problem in report.problems)


def shown(event: Event):
    """As the recording shows an event: as JSON, without @version, with metadata that is not empty."""
    document = json.loads(event.encode())
    document.pop("@version", None)
    metadata = event.whole().get("@metadata")
    return {**document, "@metadata": metadata} if metadata else document


def strict(value):
    """A value that differs wherever JSON does: 1 is not 1.0, true is not 1."""
    if isinstance(value, dict):
        return {key: strict(item) for key, item in value.items()}
    if isinstance(value, list):
        return [strict(item) for item in value]
    return type(value).__name__, value
