"""Findings in rule files: what would make a rule silent, loud, or useless at three in the morning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.errors import ConfigError
from shipper.kql.logic import conjuncts, contradiction
from shipper.kql.nodes import And, Exists, Not
from shipper.rules.files import RuleFile, load_rule, rule_paths
from shipper.rules.finding import Finding, at
from shipper.rules.lint_fields import FIELD_CHECKS, SINGLE
from shipper.rules.lint_tests import TEST_CHECKS
from shipper.rules.query_text import parse_query
from shipper.rules.type.burn_rate import BurnRate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


def lint_paths(paths: Iterable[Path]) -> list[Finding]:
    """All findings in the files and folders, in their order.

    Raises:
        UsageError: a path does not exist, a folder cannot be read, or there is no rule at all.
    """
    findings: list[Finding] = []
    names: dict[str, Path] = {}
    for path in rule_paths(paths):
        try:
            loaded = load_rule(path)
        except ConfigError as error:
            findings.append(
                Finding(error.where or str(path), error.message, error.hint or "see docs/concepts/rules.md")
            )
            continue
        twin = names.setdefault(loaded.rule.name, path)
        if twin is not path:
            findings.append(at(loaded, "name", f"the name is taken by {twin}", "give each rule a name of its own"))
        for check in CHECKS:
            findings += check(loaded)
    return findings


def _runbook(file: RuleFile) -> Iterator[Finding]:
    runbook = file.rule.runbook
    if "://" in runbook:
        return
    if not any((folder / runbook).is_file() for folder in file.path.absolute().parents):
        yield at(file, "runbook", f"the page {runbook} does not exist", "write it, or name one that exists")


def _silence(file: RuleFile) -> Iterator[Finding]:
    rule = file.rule
    if rule.late > rule.retire:
        yield at(file, "late", "`late` is longer than `retire`", "shorten `late`")
    if rule.every > rule.window and not isinstance(rule, BurnRate):
        yield at(file, "every", "what lies between two windows is never looked at", "evaluate at least once a `window`")
    if rule.hold and rule.hold >= rule.retire:
        yield at(file, "for", "a group is over before it has breached for so long", "shorten `for`")
    if not rule.notify:
        yield at(file, "notify", "nobody is notified", "name a route, or leave `notify` out for the default one")


def _conditions(file: RuleFile) -> Iterator[Finding]:
    for doubt in file.rule.doubts():
        yield at(file, doubt.key, doubt.message, doubt.hint)


def _contradictions(file: RuleFile) -> Iterator[Finding]:
    rule = file.rule
    query = parse_query(rule.filter, rule.name, "filter")
    reason = contradiction(query, SINGLE)
    if reason is not None:
        yield at(file, "filter", f"no document can match: {reason}", "take one of the two out")
        return
    for name in rule.group_by:
        if Not(Exists(name)) in conjuncts(query):
            yield at(file, "group_by", f"the filter leaves out every document with {name}", "group by another field")
    for key, node in rule.judge().measures.filters.items():
        reason = contradiction(And((query, node)), SINGLE)
        if reason is not None:
            yield at(file, key, f"no document of the filter can match: {reason}", "mend the one or the other")


CHECKS: tuple[Callable[[RuleFile], Iterator[Finding]], ...] = (
    *TEST_CHECKS,
    _runbook,
    *FIELD_CHECKS,
    _silence,
    _conditions,
    _contradictions,
)
