"""What is doubtful in a pipeline that would start: one module a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.logstash_runner.lint.branches import branches
from shipper.logstash_runner.lint.fields import fields
from shipper.logstash_runner.lint.finding import Finding
from shipper.logstash_runner.lint.identity import identity
from shipper.logstash_runner.lint.patterns import patterns
from shipper.logstash_runner.lint.secrets import secrets
from shipper.logstash_runner.lint.traps import traps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from shipper.logstash_runner.tree import Pipeline

    Rule = Callable[[Pipeline, Mapping[str, str]], Iterator[Finding]]

RULES: Mapping[str, Rule] = {
    "unguarded-id": identity,
    "not-ecs": fields,
    "unreachable": branches,
    "secret": secrets,
    "unused-pattern": patterns,
    "trap": traps,
}
"""Name of a rule -> rule."""

__all__ = ["RULES", "Finding", "lint"]


def lint(pipeline: Pipeline, environment: Mapping[str, str]) -> list[Finding]:
    """All findings, in the order of the file."""
    found = [finding for rule in RULES.values() for finding in rule(pipeline, environment)]
    return sorted(found, key=lambda finding: (finding.place.origin, finding.place.line, finding.place.column))
