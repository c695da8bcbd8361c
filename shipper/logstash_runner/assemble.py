"""From a pipeline's text to a plan that the runner can run."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shipper.clock import Clock, SystemClock
from shipper.errors import ConfigError
from shipper.logstash_runner import input as inputs
from shipper.logstash_runner import output as outputs
from shipper.logstash_runner import tree
from shipper.logstash_runner.compile import compile_filters, compile_outputs
from shipper.logstash_runner.dead_letters import DeadLetterStore, DroppedLetters
from shipper.logstash_runner.event import Event
from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.filter.base import Decoration
from shipper.logstash_runner.flow import Flow
from shipper.logstash_runner.grammar import parse
from shipper.logstash_runner.identity import id_conflicts
from shipper.logstash_runner.input.base import Written
from shipper.logstash_runner.output.base import OutputContext
from shipper.logstash_runner.output.nodes import unmoved
from shipper.logstash_runner.plugin import FilterOptions, bind
from shipper.logstash_runner.plugin import find as find_declared
from shipper.logstash_runner.runner import InputPlan, PipelinePlan, Runner

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

    from shipper.logstash_runner.dead_letters import DeadLetters
    from shipper.logstash_runner.output.base import Output
    from shipper.logstash_runner.output.nodes import Locate
    from shipper.logstash_runner.plugin import InputOptions
    from shipper.logstash_runner.runner import Find
    from shipper.logstash_runner.settings import PipelineSettings

_log = logging.getLogger(__name__)


def assemble(
    pipelines: Sequence[PipelineSettings],
    environment: Mapping[str, str],
    data: Path | None,
    clock: Clock | None = None,
    locate: Locate = unmoved,
) -> Runner:
    """A runner of these pipelines, its addresses bound; `locate` says where a cluster moved to.

    Raises:
        ConfigError: a pipeline would not start, or they do not fit together.
        UnavailableError: an address is taken.
    """
    clock = clock or SystemClock()
    return Runner(pipelines, Assembler(environment, data, clock, locate), clock=clock, data=data)


def read_pipeline(settings: PipelineSettings) -> tuple[str, tree.Pipeline]:
    """The text of a pipeline and its syntax tree, whose places name the file each part comes from.

    Raises:
        ConfigError: a file cannot be read, or is no configuration.
    """
    if settings.text is not None:
        return settings.text, parse(settings.text, "-e" if settings.id == "main" else settings.id)
    texts: list[str] = []
    sections: list[tree.Section] = []
    for path in settings.files:
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot be read: {error}", where=str(path)) from error
        texts.append(text)
        sections += parse(text, str(path)).sections
    return "\n".join(texts), tree.Pipeline(tuple(sections))


@dataclass(frozen=True, slots=True)
class Assembler:
    """The runner's `Builder`."""

    environment: Mapping[str, str]
    data: Path | None
    clock: Clock
    locate: Locate = unmoved

    def __call__(self, settings: PipelineSettings, find: Find, stopping: threading.Event) -> PipelinePlan:
        text, pipeline = read_pipeline(settings)
        for conflict in id_conflicts(pipeline, self.environment):
            raise conflict
        made = _Outputs(self, settings, find, stopping, _shared(pipeline.section("output").body))
        filters = compile_filters(pipeline.section("filter"), self.environment, self.clock)
        route = compile_outputs(pipeline.section("output"), self.environment, made.make)
        plans, addresses, ordered = self._inputs(pipeline.section("input"))
        return PipelinePlan(
            id=settings.id,
            text=text,
            flow=Flow(filters, route, made.outputs),
            inputs=plans,
            addresses=addresses,
            targets=frozenset(made.targets),
            ordered=ordered,
        )

    def _inputs(
        self, section: tree.Section
    ) -> tuple[list[InputPlan], dict[str, Callable[[list[Event]], list[Event]]], bool]:
        plans: list[InputPlan] = []
        addresses: dict[str, Callable[[list[Event]], list[Event]]] = {}
        ordered = False
        for number, plugin in enumerate(_only_plugins(section), 1):
            declared = find_declared(plugin, "input", inputs.INPUTS, inputs.OUTSIDE)
            options = bind(plugin, "input", declared.options, self.environment)
            decorate = _decoration(options)
            if isinstance(options, inputs.PipelineInputOptions):
                addresses[options.address] = _arrival(decorate)
                continue
            assert declared.prepare is not None
            make = declared.prepare(options, Written(plugin, self.environment))
            name = options.id or f"{plugin.name}-{number}"
            plans.append(InputPlan(plugin.name, name, make, self._to_event(decorate)))
            ordered = ordered or declared.ordered
        return plans, addresses, ordered

    def _to_event(self, decorate: Callable[[Event], None] | None) -> Callable[[dict[str, Any]], Event]:
        clock, of = self.clock, Event.of
        if decorate is None:
            return lambda document: of(document, clock)

        def to_event(document: dict[str, Any]) -> Event:
            event = of(document, clock)
            decorate(event)
            return event

        return to_event

    def letters(self, settings: PipelineSettings) -> DeadLetters:
        """Where the outputs of a pipeline put what is refused for good."""
        root = self.environment.get("SHIPPER_DLQ_PATH")
        if not settings.dead_letters or not root:
            return DroppedLetters()
        return DeadLetterStore(Path(root) / settings.id, settings.dead_letter_bytes)


class _Outputs:
    """Makes the outputs of one pipeline and remembers them."""

    def __init__(
        self,
        assembler: Assembler,
        settings: PipelineSettings,
        find: Find,
        stopping: threading.Event,
        shared: bool,
    ) -> None:
        self._assembler = assembler
        self._find = find
        self._stopping = stopping
        self._shared = shared
        self._letters = assembler.letters(settings)
        self.outputs: list[Output] = []
        self.targets: set[str] = set()

    def make(self, plugin: tree.Plugin) -> Output:
        """One output, ready."""
        environment = self._assembler.environment
        declared = find_declared(plugin, "output", outputs.OUTPUTS, outputs.OUTSIDE)
        options = bind(plugin, "output", declared.options, environment)
        context = OutputContext(
            plugin=plugin,
            id=options.id or f"{plugin.name}-{len(self.outputs) + 1}",
            environment=environment,
            clock=self._assembler.clock,
            letters=self._letters,
            find=self._find,
            shared=self._shared,
            stopping=self._stopping,
            locate=self._assembler.locate,
        )
        made = declared.make(options, context)
        self.outputs.append(made)
        self.targets.update(getattr(options, "send_to", ()))
        return made


def _only_plugins(section: tree.Section) -> list[tree.Plugin]:
    for item in section.body:
        if isinstance(item, tree.If):
            raise ConfigError("an input section has no conditions", where=str(item.place))
    return [item for item in section.body if isinstance(item, tree.Plugin)]


def _shared(body: tree.Body) -> bool:
    """May one event reach more than one output of the section?"""
    return _most(body) > 1


def _most(body: tree.Body) -> int:
    """The most outputs that one event can reach."""
    return sum(
        1
        if isinstance(item, tree.Plugin)
        else max([*(_most(branch.body) for branch in item.branches), _most(item.otherwise or ())])
        for item in body
    )


def _decoration(options: InputOptions) -> Callable[[Event], None] | None:
    """`type`, `add_field` and `tags` of an input, as Logstash's: a field that is there already becomes a list."""
    if not (options.type or options.tags or options.add_field):
        return None
    add = Decoration(FilterOptions(add_field=options.add_field, add_tag=options.tags))

    def decorate(event: Event) -> None:
        if options.type:
            event.data.setdefault("type", options.type)
        try:
            add(event)
        except EventFault as fault:  # something else stands where a field should go
            _log.info("an input's options do not fit an event: %s", fault)

    return decorate


def _arrival(decorate: Callable[[Event], None] | None) -> Callable[[list[Event]], list[Event]]:
    def arrive(events: list[Event]) -> list[Event]:
        if decorate is not None:
            for event in events:
                decorate(event)
        return events

    return arrive
