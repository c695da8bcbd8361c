"""Findings in rule files: what would make a rule silent, loud, or useless at three in the morning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.errors import ConfigError
from shipper.kql import fields
from shipper.kql.logic import conjuncts, contradiction
from shipper.kql.nodes import And, Exists, Not
from shipper.rules.fields import field_types, is_known
from shipper.rules.files import RuleFile, load_rule, rule_paths
from shipper.rules.query_text import parse_query
from shipper.rules.type.burn_rate import BurnRate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

HIGH_CARDINALITY = frozenset(
    {
        "url.path",
        "url.full",
        "url.original",
        "message",
        "trace.id",
        "span.id",
        "transaction.id",
        "user_agent.original",
        "error.id",
        "event.id",
    }
)
"""Fields with a new value in nearly every document: a group each."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, where, and how to mend it."""

    where: str
    message: str
    hint: str


def lint_paths(paths: Iterable[Path]) -> list[Finding]:
    """All findings in the files and folders, in their order.

    Raises:
        UsageError: a path does not exist.
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
            findings.append(_at(loaded, "name", f"the name is taken by {twin}", "give each rule a name of its own"))
        for check in CHECKS:
            findings += check(loaded)
    return findings


def _at(file: RuleFile, key: str, message: str, hint: str) -> Finding:
    return Finding(file.source.where((key,)), message, hint)


def _tests(file: RuleFile) -> Iterator[Finding]:
    sent = [any((expected.sent or 0) > 0 for expected in case.expect) for case in file.rule.tests]
    if not any(sent):
        yield _at(file, "tests", "no test shows the rule firing", "add a case that expects `sent: 1`")
    if all(sent):
        yield _at(file, "tests", "no test shows the rule staying silent", "add a case that expects `sent: 0`")


def _runbook(file: RuleFile) -> Iterator[Finding]:
    runbook = file.rule.runbook
    if "://" in runbook:
        return
    if not any((folder / runbook).is_file() for folder in file.path.absolute().parents):
        yield _at(file, "runbook", f"the page {runbook} does not exist", "write it, or name one that exists")


def _queries(file: RuleFile) -> Iterator[Finding]:
    rule = file.rule
    named = {"filter": parse_query(rule.filter, rule.name, "filter"), **file.rule.judge().measures.filters}
    for key, node in named.items():
        for name in sorted(fields(node)):
            if not is_known(name):
                yield _at(file, key, f"the field {name} is in none of our templates", "check its spelling")


def _grouping(file: RuleFile) -> Iterator[Finding]:
    for name in file.rule.group_by:
        if name in HIGH_CARDINALITY:
            yield _at(
                file,
                "group_by",
                f"{name} has a value of its own in nearly every document",
                "group by http.route or another field of few values",
            )
        elif field_types().get(name) in ("text", "match_only_text"):
            yield _at(file, "group_by", f"{name} is a text field and cannot be grouped", "group by a keyword field")
        elif not is_known(name):
            yield _at(file, "group_by", f"the field {name} is in none of our templates", "check its spelling")


def _measured(file: RuleFile) -> Iterator[Finding]:
    name = file.rule.judge().measures.number
    if name is not None and not is_known(name):
        yield _at(file, "field", f"the field {name} is in none of our templates", "check its spelling")


def _silence(file: RuleFile) -> Iterator[Finding]:
    rule = file.rule
    if rule.late > rule.retire:
        yield _at(file, "late", "`late` is longer than `retire`", "shorten `late`")
    if rule.every > rule.window and not isinstance(rule, BurnRate):
        yield _at(
            file, "every", "what lies between two windows is never looked at", "evaluate at least once a `window`"
        )
    if rule.hold and rule.hold >= rule.retire:
        yield _at(file, "for", "a group is over before it has breached for so long", "shorten `for`")
    if not rule.notify:
        yield _at(file, "notify", "nobody is notified", "name a route, or leave `notify` out for the default one")


def _conditions(file: RuleFile) -> Iterator[Finding]:
    for doubt in file.rule.doubts():
        yield _at(file, doubt.key, doubt.message, doubt.hint)


def _contradictions(file: RuleFile) -> Iterator[Finding]:
    rule = file.rule
    query = parse_query(rule.filter, rule.name, "filter")
    reason = contradiction(query)
    if reason is not None:
        yield _at(file, "filter", f"no document can match: {reason}", "take one of the two out")
        return
    for name in rule.group_by:
        if Not(Exists(name)) in conjuncts(query):
            yield _at(file, "group_by", f"the filter leaves out every document with {name}", "group by another field")
    for key, node in rule.judge().measures.filters.items():
        reason = contradiction(And((query, node)))
        if reason is not None:
            yield _at(file, key, f"no document of the filter can match: {reason}", "mend the one or the other")


CHECKS: tuple[Callable[[RuleFile], Iterator[Finding]], ...] = (
    _tests,
    _runbook,
    _queries,
    _grouping,
    _measured,
    _silence,
    _conditions,
    _contradictions,
)
