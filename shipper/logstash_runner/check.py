"""Whether a pipeline file would start, and what is doubtful in it.

`valid` is what Logstash's `--config.test_and_exit` says: syntax, plugins, options and their types. `starts` also makes
every filter: patterns, dictionaries, conversions. Findings are opinions; they never keep a pipeline from starting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shipper.clock import SystemClock
from shipper.errors import ConfigError
from shipper.logstash_runner import codec as codecs
from shipper.logstash_runner import input as inputs
from shipper.logstash_runner import output as outputs
from shipper.logstash_runner import tree
from shipper.logstash_runner.compile import make_filter
from shipper.logstash_runner.condition import compile_condition
from shipper.logstash_runner.filter import FILTERS
from shipper.logstash_runner.filter import OUTSIDE as OUTSIDE_FILTERS
from shipper.logstash_runner.grammar import parse
from shipper.logstash_runner.identity import id_conflicts
from shipper.logstash_runner.input.base import Declaration, Written
from shipper.logstash_runner.lint import Finding, lint
from shipper.logstash_runner.plugin import OutsideSubsetError, RegisterError, bind, find

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.clock import Clock
    from shipper.logstash_runner.plugin import Declared


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps the pipeline from starting; `where` is file:line:column."""

    message: str
    where: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on one file.

    Attributes:
        valid: Logstash's configuration test accepts it.
        starts: the pipeline would start, here and on Logstash.
    """

    valid: bool
    starts: bool
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Verdict:
    problems: list[Problem] = field(default_factory=list)
    valid: bool = True

    def add(self, error: ConfigError, where: str) -> None:
        self.problems.append(Problem(error.message, error.where or where, error.hint))
        # what only this runner lacks is valid for Logstash
        self.valid = self.valid and isinstance(error, RegisterError | OutsideSubsetError)

    def add_each(self, errors: Iterator[ConfigError], where: str) -> None:
        try:
            for error in errors:
                self.add(error, where)
        except ConfigError as error:  # a variable that is missing is told where its plugin is checked
            self.valid = self.valid and isinstance(error, RegisterError | OutsideSubsetError)


def check(
    text: str, origin: str = "<config>", environment: Mapping[str, str] | None = None, clock: Clock | None = None
) -> Report:
    """Check the text of one pipeline; nothing is opened but the files that filters name."""
    try:
        pipeline = parse(text, origin)
    except ConfigError as error:
        return Report(valid=False, starts=False, problems=(Problem(error.message, error.where or origin, error.hint),))
    return check_pipeline(pipeline, origin, environment, clock)


def check_pipeline(
    pipeline: tree.Pipeline,
    origin: str = "<config>",
    environment: Mapping[str, str] | None = None,
    clock: Clock | None = None,
) -> Report:
    """As `check`, from a syntax tree (of several files, maybe)."""
    env = environment or {}
    verdict = _Verdict()
    for kind in ("input", "filter", "output"):
        body = pipeline.section(kind).body
        for condition in _conditions(body):
            try:
                compile_condition(condition, env)
            except ConfigError as error:
                verdict.add(error, str(condition.place))
        for plugin in tree.plugins(body):
            try:
                _check_plugin(kind, plugin, env, clock or SystemClock())
            except ConfigError as error:
                verdict.add(error, str(plugin.place))
    verdict.add_each(_whole(pipeline, env), origin)
    if not pipeline.section("input").body and not pipeline.section("output").body:
        verdict.problems.append(
            Problem("Missing Filter End Vertex: there is neither an input nor an output", origin, "add them")
        )
    findings = lint(pipeline, env) if verdict.valid else ()
    return Report(verdict.valid, not verdict.problems, tuple(verdict.problems), tuple(findings))


def _whole(pipeline: tree.Pipeline, environment: Mapping[str, str]) -> Iterator[ConfigError]:
    """What no plugin is wrong with alone."""
    for item in pipeline.section("input").body:
        if isinstance(item, tree.If):
            yield RegisterError("an input section has no conditions", where=str(item.place))
    yield from id_conflicts(pipeline, environment)


def _conditions(body: tree.Body) -> Iterator[tree.Condition]:
    for item in body:
        if isinstance(item, tree.If):
            for branch in item.branches:
                yield branch.condition
                yield from _conditions(branch.body)
            yield from _conditions(item.otherwise or ())


def _check_plugin(kind: str, plugin: tree.Plugin, environment: Mapping[str, str], clock: Clock) -> None:
    if kind == "filter":
        find(plugin, "filter", FILTERS, OUTSIDE_FILTERS)
        make_filter(plugin, environment, clock)
        return
    known: Mapping[str, Declared] = inputs.INPUTS if kind == "input" else outputs.OUTPUTS
    elsewhere = inputs.OUTSIDE if kind == "input" else outputs.OUTSIDE
    found = find(plugin, kind, known, elsewhere)
    options = bind(plugin, kind, found.options, environment)
    chosen = getattr(options, "codec", None)
    if isinstance(chosen, tree.Plugin):
        declared = find(chosen, "codec", codecs.CODECS, codecs.OUTSIDE)
        bind(chosen, "codec", declared.options, environment)
    if isinstance(found, Declaration) and found.prepare is not None:
        try:
            found.prepare(options, Written(plugin, environment))
        except OutsideSubsetError:
            raise
        except ConfigError as error:  # Logstash looks at these when it starts, not when it tests
            raise RegisterError(error.message, where=error.where, hint=error.hint) from error
