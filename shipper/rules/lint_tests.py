"""Findings about the tests inside a rule: none that fires, none that stays silent, fields that no document has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.errors import ConfigError
from shipper.rules.cases import check_case
from shipper.rules.fields import is_known
from shipper.rules.finding import Finding, at
from shipper.rules.lint_fields import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.rules.files import RuleFile


def _both_ways(file: RuleFile) -> Iterator[Finding]:
    sent = [any((expected.sent or 0) > 0 for expected in case.expect) for case in file.rule.tests]
    if not any(sent):
        yield at(file, "tests", "no test shows the rule firing", "add a case that expects `sent: 1`")
    if all(sent):
        yield at(file, "tests", "no test shows the rule staying silent", "add a case that expects `sent: 0`")


def _documents(file: RuleFile) -> Iterator[Finding]:
    for number, case in enumerate(file.rule.tests):
        for index, documents in enumerate(case.docs):
            for name in documents.set:
                if not is_known(name):
                    yield unknown(file, ("tests", number, "docs", index, "set", name), name)


def _stories(file: RuleFile) -> Iterator[Finding]:
    for number, case in enumerate(file.rule.tests):
        try:
            check_case(file.rule, case)
        except ConfigError as error:
            key = "start" if "`start" in error.message else "docs"
            yield at(file, ("tests", number, key), error.message, error.hint or "mend `set`")


TEST_CHECKS = (_both_ways, _documents, _stories)
