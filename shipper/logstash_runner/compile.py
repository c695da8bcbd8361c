"""Sections compiled once to plain functions: no tree is walked while events pass.

`compile_filters` gives a function from a batch to what is left of it (and to what split and clone made of it);
`compile_outputs` one that hands each output the events of a batch that reach it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from shipper.logstash_runner import tree
from shipper.logstash_runner.condition import compile_condition
from shipper.logstash_runner.fault import ConditionFault, EventFault
from shipper.logstash_runner.filter import FILTERS, OUTSIDE
from shipper.logstash_runner.plugin import Context, RegisterError, bind, find

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shipper.clock import Clock
    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.filter.base import Filter
    from shipper.logstash_runner.tree import If, Plugin, Section

    Choose = Callable[[Event], int]
    Observe = Callable[[If, int], None]
    """Told of each decision: the branch taken, counted from 0; the number of branches means `else`, or none."""

_log = logging.getLogger(__name__)


class Receiver(Protocol):
    """What the outputs of a section are to the routing."""

    def receive(self, events: Sequence[Event]) -> None:
        """Take events."""


def compile_filters(
    section: Section, environment: Mapping[str, str], clock: Clock, observe: Observe | None = None
) -> Callable[[list[Event]], list[Event]]:
    """The filter section as a function on batches. Each event passes all filters before the next one does.

    Raises:
        ConfigError: the section would not start; with file, line and column.
    """
    run = _block([_step(item, environment, clock, observe) for item in section.body]).one

    def filter_batch(events: list[Event]) -> list[Event]:
        left: list[Event] = []
        for event in events:
            made = run(event)
            if made is not None:
                left += made
            elif not event.cancelled:
                left.append(event)
        return left

    return filter_batch


def make_filter(plugin: Plugin, environment: Mapping[str, str], clock: Clock) -> Filter:
    """One filter, ready for events.

    Raises:
        ConfigError: it is unknown, wrongly configured or refuses to start.
    """
    declared = find(plugin, "filter", FILTERS, OUTSIDE)
    options = bind(plugin, "filter", declared.options, environment)
    try:
        return declared(options, Context(plugin.place, environment, clock))
    except EventFault as fault:  # a field reference whose brackets do not fit together
        raise RegisterError(str(fault), where=str(plugin.place), hint="write name or [outer][inner]") from fault


def compile_outputs(
    section: Section,
    environment: Mapping[str, str],
    make_output: Callable[[Plugin], Receiver],
    observe: Observe | None = None,
) -> Callable[[list[Event]], None]:
    """The output section as a function on batches: each output gets its events of the batch at once, in order.

    `make_output` is called once for each plugin, in the order of the file.

    Raises:
        ConfigError: a condition is wrong, or `make_output` raises it.
    """
    outputs: list[Receiver] = []
    route = _routing(section.body, environment, make_output, outputs, observe)

    def deliver(events: list[Event]) -> None:
        taken: list[list[Event]] = [[] for _ in outputs]
        for event in events:
            try:
                route(event, taken)
            except ConditionFault as fault:
                _log.warning("event dropped: %s", fault)
                for batch in taken:
                    if batch and batch[-1] is event:
                        batch.pop()
        for output, batch in zip(outputs, taken, strict=True):
            if batch:
                output.receive(batch)

    return deliver


@dataclass(frozen=True, slots=True)
class _Step:
    """One plugin, branch or body.

    Attributes:
        one: takes one event; None if it is still the only one (or cancelled), else all events left in its place.
        many: the same for events that travel together, as those that split and clone made.
    """

    one: Callable[[Event], list[Event] | None]
    many: Callable[[list[Event]], list[Event]]


def _block(steps: list[_Step]) -> _Step:
    if len(steps) == 1:
        return steps[0]
    ones = [step.one for step in steps]
    manys = [step.many for step in steps]

    def run(event: Event) -> list[Event] | None:
        for number, one in enumerate(ones):
            made = one(event)
            if made is not None:
                return _through(manys[number + 1 :], made)
            if event.cancelled:
                return None
        return None

    return _Step(run, lambda events: _through(manys, events))


def _through(manys: list[Callable[[list[Event]], list[Event]]], events: list[Event]) -> list[Event]:
    for many in manys:
        events = many(events)
    return events


def _step(item: Plugin | If, environment: Mapping[str, str], clock: Clock, observe: Observe | None) -> _Step:
    if isinstance(item, tree.Plugin):
        return _filtering(make_filter(item, environment, clock), item)
    bodies = [
        _block([_step(inner, environment, clock, observe) for inner in body])
        for body in (*(branch.body for branch in item.branches), item.otherwise or ())
    ]
    return _branching(item, _chooser(item, environment, observe), bodies)


def _branching(item: If, choose: Choose, bodies: list[_Step]) -> _Step:
    ones = [body.one for body in bodies]
    nothing = len(bodies) == 2 and not item.otherwise

    def run(event: Event) -> list[Event] | None:
        try:
            number = choose(event)
        except ConditionFault as fault:
            _log.warning("event dropped at %s: %s", item.place, fault)
            event.cancel()
            return None
        return None if nothing and number else ones[number](event)

    def run_many(events: list[Event]) -> list[Event]:
        """Branch after branch, as Logstash runs a batch."""
        parts: list[list[Event]] = [[] for _ in bodies]
        for event in events:
            try:
                parts[choose(event)].append(event)
            except ConditionFault as fault:
                _log.warning("event dropped at %s: %s", item.place, fault)
        return [event for body, part in zip(bodies, parts, strict=True) for event in body.many(part)]

    return _Step(run, run_many)


def _filtering(filter_: Filter, plugin: Plugin) -> _Step:
    apply = filter_.apply

    def run(event: Event) -> list[Event] | None:
        try:
            made = apply(event)
        except EventFault as fault:
            # Logstash would stop the pipeline here; one event is not worth that
            _log.warning("%s at %s: %s", plugin.name, plugin.place, fault)
            event.tag("_filter_error")
            return None
        if not made:
            return None
        return made if event.cancelled else [event, *made]

    def run_many(events: list[Event]) -> list[Event]:
        left: list[Event] = []
        for event in events:
            made = run(event)
            if made is not None:
                left += made
            elif not event.cancelled:
                left.append(event)
        return left

    return _Step(run, run_many)


def _chooser(item: If, environment: Mapping[str, str], observe: Observe | None) -> Choose:
    conditions = [compile_condition(branch.condition, environment) for branch in item.branches]
    if len(conditions) == 1:
        only = conditions[0]

        def choose(event: Event) -> int:
            return 0 if only(event) else 1
    else:

        def choose(event: Event) -> int:
            for number, condition in enumerate(conditions):
                if condition(event):
                    return number
            return len(conditions)

    if observe is None:
        return choose

    def watched(event: Event) -> int:
        number = choose(event)
        observe(item, number)
        return number

    return watched


def _routing(
    body: tree.Body,
    environment: Mapping[str, str],
    make_output: Callable[[Plugin], Receiver],
    outputs: list[Receiver],
    observe: Observe | None,
) -> Callable[[Event, list[list[Event]]], None]:
    steps: list[Callable[[Event, list[list[Event]]], None]] = []
    for item in body:
        if isinstance(item, tree.Plugin):
            outputs.append(make_output(item))
            steps.append(_delivery(len(outputs) - 1))
            continue
        bodies = [
            _routing(inner, environment, make_output, outputs, observe)
            for inner in (*(branch.body for branch in item.branches), item.otherwise or ())
        ]
        steps.append(_fork(_chooser(item, environment, observe), bodies))

    def route(event: Event, taken: list[list[Event]]) -> None:
        for step in steps:
            step(event, taken)

    return route


def _delivery(number: int) -> Callable[[Event, list[list[Event]]], None]:
    def deliver(event: Event, taken: list[list[Event]]) -> None:
        taken[number].append(event)

    return deliver


def _fork(
    choose: Choose, bodies: list[Callable[[Event, list[list[Event]]], Any]]
) -> Callable[[Event, list[list[Event]]], None]:
    def fork(event: Event, taken: list[list[Event]]) -> None:
        bodies[choose(event)](event, taken)

    return fork
