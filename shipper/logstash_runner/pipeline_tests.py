"""Tests of pipelines, as data: events in, what must come out, and which outputs get it.

A file (logstash/tests/*.yml) names a `pipeline`, its `environment` where it matters, and its `tests`. A test
has a `name`, `in` (events, `@metadata` among their keys) and any of:
- `out`: the events after the filters, whole (in order; `@version` does not count);
- `fields`: for each event dotted names and values; null: must be absent; `<any>`: must be there;
- `matches`, `distinct`: dotted name -> a regular expression for each event; -> how many different values there are;
- `to`: for each event the ids of the outputs that get it; `index`: for each event the index it is written to.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from shipper import config
from shipper.config import Settings
from shipper.event import MISSING, get_field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    Document = dict[str, Any]
    Trial = Callable[["Suite", list[Document]], "list[Result]"]


class Case(Settings, frozen=True, rename={"given": "in"}):
    """One test."""

    name: str
    given: list[dict[str, Any]]
    out: list[dict[str, Any]] | None = None
    fields: list[dict[str, Any]] | None = None
    matches: dict[str, str] = msgspec.field(default_factory=dict)
    distinct: dict[str, int] = msgspec.field(default_factory=dict)
    to: list[list[str]] | None = None
    index: list[str] | None = None


class Suite(Settings, frozen=True):
    """One file."""

    pipeline: str
    tests: list[Case]
    environment: dict[str, str] = msgspec.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """An event after the filters (`@metadata` among its keys), the outputs that got it, and its index."""

    document: Document
    outputs: list[str]
    index: str | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that failed, with the reasons as readable lines."""

    file: str
    name: str
    reasons: tuple[str, ...]


@dataclass(slots=True)
class Report:
    """What a run of files gave; `untaken` names those of the `branches` that no test took."""

    total: int = 0
    failures: list[Failure] = field(default_factory=list)
    untaken: list[str] = field(default_factory=list)
    branches: int = 0

    @property
    def failed(self) -> int:
        """Failed tests."""
        return len(self.failures)

    def as_data(self) -> dict[str, Any]:
        """For `--json`."""
        failures = [{"file": f.file, "name": f.name, "reasons": list(f.reasons)} for f in self.failures]
        return {
            "total": self.total,
            "failed": self.failed,
            "failures": failures,
            "branches": self.branches,
            "untaken": self.untaken,
        }

    def as_text(self) -> str:
        """For people."""
        lines = [
            line
            for failure in self.failures
            for line in (f"FAILED {failure.file}: {failure.name}", *(f"    {reason}" for reason in failure.reasons))
        ]
        lines += [f"no test takes this branch: {name}" for name in self.untaken]
        taken = self.branches - len(self.untaken)
        tests = f"{self.total - self.failed} of {self.total} pipeline tests passed"
        return "\n".join([*lines, f"{tests}; they take {taken} of {self.branches} branches"])


def run_suites(paths: Sequence[Path], trial: Trial) -> Report:
    """Run all tests of the files.

    Raises:
        ConfigError: a file is no suite.
    """
    report = Report()
    for path in paths:
        suite = config.bind(config.load(path, {}), Suite)
        for case in suite.tests:
            results = trial(suite, case.given)
            report.total += 1
            reasons = tuple(_judge(case, results))
            if reasons:
                report.failures.append(Failure(path.name, case.name, reasons))
    return report


def _judge(case: Case, results: list[Result]) -> Iterator[str]:
    documents = [result.document for result in results]
    if case.out is not None:
        yield from _difference(case.out, [_comparable(document) for document in documents])
    if case.fields is not None:
        yield from _count("fields", case.fields, results)
        for number, (wanted, document) in enumerate(zip(case.fields, documents, strict=False), 1):
            yield from _fields(number, wanted, document)
    for name, pattern in case.matches.items():
        for number, document in enumerate(documents, 1):
            value = _value(document, name)
            if not isinstance(value, str) or not re.search(pattern, value, re.DOTALL):
                yield f"event {number}: {name} is {_show(value)}, which /{pattern}/ does not match"
    for name, count in case.distinct.items():
        values = {json.dumps(_value(document, name), default=str, sort_keys=True) for document in documents}
        if len(values) != count:
            yield f"{name} has {len(values)} different values, not {count}: {', '.join(sorted(values))}"
    yield from _places(case, results)


def _places(case: Case, results: list[Result]) -> Iterator[str]:
    if case.to is not None:
        yield from _count("to", case.to, results)
        for number, (wanted, result) in enumerate(zip(case.to, results, strict=False), 1):
            if wanted != result.outputs:
                yield f"event {number}: goes to {result.outputs}, not to {wanted}"
    if case.index is not None:
        yield from _count("index", case.index, results)
        for number, (index, result) in enumerate(zip(case.index, results, strict=False), 1):
            if index != result.index:
                yield f"event {number}: is written to {result.index}, not to {index}"


def _count(what: str, wanted: list[Any], results: list[Result]) -> Iterator[str]:
    if len(wanted) != len(results):
        yield f"{len(results)} events came out, `{what}` names {len(wanted)}"


def _fields(number: int, wanted: dict[str, Any], document: Document) -> Iterator[str]:
    for name, value in wanted.items():
        found = _value(document, name)
        if value is None:
            if found is not MISSING:
                yield f"event {number}: {name} is {_show(found)}, but should not be there"
        elif found is MISSING:
            yield f"event {number}: {name} is missing"
        elif value != "<any>" and (found != value or isinstance(found, bool) != isinstance(value, bool)):
            yield f"event {number}: {name} is {_show(found)}, not {_show(value)}"


def _value(document: Document, name: str) -> Any:
    return get_field(document, name)


def _show(value: Any) -> str:
    return "missing" if value is MISSING else json.dumps(value, ensure_ascii=False, default=str)


def _comparable(document: Document) -> Document:
    return {key: value for key, value in document.items() if key != "@version"}


def _difference(wanted: list[Document], found: list[Document]) -> Iterator[str]:
    if wanted == found:
        return
    yield from difflib.unified_diff(_lines(wanted), _lines(found), "expected", "found", lineterm="")


def _lines(events: list[Document]) -> list[str]:
    return json.dumps(events, indent=2, sort_keys=True, ensure_ascii=False, default=str).splitlines()
