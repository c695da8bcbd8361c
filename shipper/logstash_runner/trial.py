"""Tries a pipeline on given events: its filters and its routing, with outputs that only take notes."""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shipper.clock import ManualClock
from shipper.errors import UsageError
from shipper.logstash_runner import output as outputs
from shipper.logstash_runner.assemble import read_pipeline
from shipper.logstash_runner.compile import compile_filters, compile_outputs
from shipper.logstash_runner.event import Event
from shipper.logstash_runner.output.elasticsearch import ElasticsearchOptions
from shipper.logstash_runner.pipeline_tests import Report, Result, Suite, run_suites
from shipper.logstash_runner.plugin import bind, find
from shipper.logstash_runner.settings import load_pipelines
from shipper.logstash_runner.template import compile_template
from shipper.logstash_runner.tree import If, Plugin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from shipper.logstash_runner.settings import PipelineSettings

_VARIABLE = re.compile(r"\$\{([A-Za-z_][\w.]*)\}")


class Trial:
    """One pipeline, compiled for tests; remembers which branches were taken."""

    def __init__(self, settings: PipelineSettings, environment: Mapping[str, str]) -> None:
        """Compile it. A variable without a value is given one, for what is tested does not depend on it.

        Raises:
            ConfigError: the pipeline would not start.
        """
        text, pipeline = read_pipeline(settings)
        values = {**{name: f"test-{name}" for name in _VARIABLE.findall(text)}, **environment}
        self._id = settings.id
        self._clock = ManualClock()
        self._notes = _Notes(values)
        self._taken: dict[str, set[int]] = defaultdict(set)
        self._sections = [pipeline.section("filter"), pipeline.section("output")]
        self._filters = compile_filters(self._sections[0], values, self._clock, self._observe)
        self._route = compile_outputs(self._sections[1], values, self._notes.make, self._observe)

    def __call__(self, documents: list[dict[str, Any]]) -> list[Result]:
        """Filter and route events made of `documents`, each on its own, in order."""
        results: list[Result] = []
        for document in documents:
            for event in self._filters([Event.of(copy.deepcopy(document), self._clock)]):
                self._notes.begin()
                self._route([event])
                results.append(Result(event.whole(), self._notes.reached, self._notes.index))
        return results

    def untaken(self) -> list[str]:
        """The branches that no event took, as `file:line:column: …`."""
        return [
            f"{place}: {name}"
            for section in self._sections
            for place, name, number in _branches(section.body)
            if number not in self._taken[place]
        ]

    def branches(self) -> int:
        """How many branches the filters and outputs have."""
        return sum(len(_branches(section.body)) for section in self._sections)

    def _observe(self, node: If, number: int) -> None:
        self._taken[str(node.place)].add(number)


@dataclass(slots=True)
class _Notes:
    """Which outputs an event reached, and the index it would be written to."""

    environment: Mapping[str, str]
    reached: list[str] = field(default_factory=list)
    index: str | None = None
    made: int = 0

    def begin(self) -> None:
        self.reached = []
        self.index = None

    def make(self, plugin: Plugin) -> _Note:
        declared = find(plugin, "output", outputs.OUTPUTS, outputs.OUTSIDE)
        options = bind(plugin, "output", declared.options, self.environment)
        self.made += 1
        index = compile_template(options.index) if isinstance(options, ElasticsearchOptions) else None
        return _Note(self, options.id or f"{plugin.name}-{self.made}", index)


@dataclass(frozen=True, slots=True)
class _Note:
    notes: _Notes
    id: str
    index: Callable[[Event], str] | None

    def receive(self, events: Sequence[Event]) -> None:
        self.notes.reached.append(self.id)
        if self.index is not None:
            self.notes.index = self.index(events[0])


def run_files(paths: Sequence[Path], pipelines_file: Path, environment: Mapping[str, str]) -> Report:
    """Run test files against the pipelines of a `pipelines.yml`.

    Raises:
        ConfigError: a file is wrong.
        UsageError: a test file names a pipeline that is not there.
    """
    known = {settings.id: settings for settings in load_pipelines(pipelines_file, environment)}
    trials: dict[tuple[str, tuple[tuple[str, str], ...]], Trial] = {}

    def trial(suite: Suite, documents: list[dict[str, Any]]) -> list[Result]:
        if suite.pipeline not in known:
            raise UsageError(
                f"there is no pipeline `{suite.pipeline}`",
                where=str(pipelines_file),
                hint=f"one of: {', '.join(known)}",
            )
        key = suite.pipeline, tuple(sorted(suite.environment.items()))
        if key not in trials:
            trials[key] = Trial(known[suite.pipeline], {**environment, **suite.environment})
        return trials[key](documents)

    report = run_suites(paths, trial)
    report.untaken = _untaken([(pipeline, made.untaken()) for (pipeline, _), made in trials.items()])
    report.branches = sum({pipeline: made.branches() for (pipeline, _), made in trials.items()}.values())
    return report


def _untaken(trials: Sequence[tuple[str, list[str]]]) -> list[str]:
    """The branches that no trial of their pipeline took."""
    left: dict[str, list[str]] = {}
    for pipeline, lines in trials:
        left[pipeline] = [line for line in left.get(pipeline, lines) if line in lines]
    return [line for lines in left.values() for line in lines]


def _branches(body: Sequence[Plugin | If]) -> list[tuple[str, str, int]]:
    """(place of the `if`, which branch, its number) of every branch in a body; an `if` without `else` has one too."""
    found: list[tuple[str, str, int]] = []
    for item in body:
        if isinstance(item, Plugin):
            continue
        names = ["if", *(f"else if {number}" for number in range(1, len(item.branches))), "else"]
        found += [(str(item.place), name, number) for number, name in enumerate(names)]
        for branch in item.branches:
            found += _branches(branch.body)
        found += _branches(item.otherwise or ())
    return found
