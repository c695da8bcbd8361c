"""Runs pipelines: connects them, starts and stops them in order, and reloads those whose files changed."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from shipper.clock import Clock, SystemClock
from shipper.errors import ConfigError, ShipperError, UnavailableError
from shipper.logstash_runner.input.base import InputContext
from shipper.logstash_runner.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.flow import Flow
    from shipper.logstash_runner.input.base import Done, Input
    from shipper.logstash_runner.settings import PipelineSettings

    Find = Callable[[str], Callable[[list[Event]], None]]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InputPlan:
    """An input that is checked but not listening yet.

    Attributes:
        make: builds it; the port is that of an earlier life of the same input, else None.
        to_event: a document of it as an event, with the input's common options applied.
    """

    plugin: str
    id: str
    make: Callable[[InputContext, int | None], Input]
    to_event: Callable[[dict[str, Any]], Event]


@dataclass(frozen=True, slots=True)
class PipelinePlan:
    """A pipeline, checked and compiled.

    Attributes:
        addresses: of its `pipeline` inputs, each with what is done to events that arrive there.
        targets: addresses that its outputs send to.
        ordered: has inputs whose order is worth keeping, so one worker is the default.
    """

    id: str
    text: str
    flow: Flow
    inputs: Sequence[InputPlan]
    addresses: Mapping[str, Callable[[list[Event]], list[Event]]]
    targets: frozenset[str]
    ordered: bool


class Builder(Protocol):
    """Turns settings into a plan."""

    def __call__(self, settings: PipelineSettings, find: Find, stopping: threading.Event) -> PipelinePlan:
        """Read, check and compile; raise `ConfigError` where the pipeline would not start."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where an input can be reached."""

    pipeline: str
    plugin: str
    id: str
    host: str
    port: int


@dataclass(slots=True)
class _Running:
    settings: PipelineSettings
    plan: PipelinePlan
    workers: Workers
    inputs: dict[str, Input] = field(default_factory=dict)


class Runner:
    """The pipelines of one process.

    Args:
        data: folder for offsets; None keeps none.
    """

    def __init__(
        self,
        pipelines: Sequence[PipelineSettings],
        build: Builder,
        *,
        clock: Clock | None = None,
        data: Path | None = None,
    ) -> None:
        """Check, compile and bind everything; nothing is served before `start`.

        Raises:
            ConfigError: a pipeline would not start, or they do not fit together.
            UnavailableError: an address is taken.
        """
        self._build = build
        self._clock = clock or SystemClock()
        self._data = data
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._failure: BaseException | None = None
        self._routes: dict[str, tuple[str, Callable[[list[Event]], list[Event]]]] = {}
        self._pipelines: dict[str, _Running] = {}
        self._unfinished = 0
        self._lock = threading.Lock()
        plans = [(settings, self._plan(settings)) for settings in pipelines]
        self._connect([plan for _, plan in plans])
        for settings, plan in plans:
            self._pipelines[plan.id] = self._prepare(settings, plan)
        try:
            for running in self._pipelines.values():
                self._bind(running, {})
        except ShipperError:
            self._stop_inputs(0.0)
            raise

    @property
    def listeners(self) -> list[Listener]:
        """Every input with an address."""
        return [
            Listener(name, plan.plugin, plan.id, *address)
            for name, running in self._pipelines.items()
            for plan in running.plan.inputs
            if (address := getattr(running.inputs[plan.id], "address", None)) is not None
        ]

    def start(self) -> None:
        """Serve, in threads."""
        for running in self._pipelines.values():
            running.workers.start()
        for running in self._pipelines.values():
            for source in running.inputs.values():
                source.start()

    def wait(self, seconds: float) -> bool:
        """True once every input has come to its end, or a pipeline failed; at most `seconds`."""
        return self._ended.wait(seconds)

    def stop(self, timeout: float) -> bool:
        """Take no more, finish what was taken within about `timeout` seconds; False if something was refused.

        Raises:
            BaseException: what made a pipeline fail.
        """
        deadline = self._clock.monotonic() + timeout
        cutter = threading.Timer(timeout, self._stopping.set)  # outputs that wait for a peer give up then
        cutter.daemon = True
        cutter.start()
        self._stop_inputs(timeout)
        drained = all(
            running.workers.drain(max(0.0, deadline - self._clock.monotonic())) for running in self._pipelines.values()
        )
        self._stopping.set()
        cutter.cancel()
        for running in self._pipelines.values():
            running.workers.close()
            running.plan.flow.retire()
        if self._failure is not None:
            raise self._failure
        return drained and not any(running.workers.refused for running in self._pipelines.values())

    def reload(self) -> list[str]:
        """Read the files again and swap the pipelines that changed; the ids of those.

        Raises:
            ConfigError: a new pipeline would not start; all old ones go on.
        """
        plans = {name: self._plan(running.settings) for name, running in self._pipelines.items()}
        changed = [name for name, plan in plans.items() if plan.text != self._pipelines[name].plan.text]
        for name, plan in plans.items():
            if name not in changed:
                plan.flow.retire()
        self._connect([plans[name] if name in changed else running.plan for name, running in self._pipelines.items()])
        for name in changed:
            self._swap(self._pipelines[name], plans[name])
        return changed

    def process(self, pipeline: str, events: list[Event]) -> None:
        """Run `events` through a pipeline on this thread."""
        self._pipelines[pipeline].plan.flow.process(events)

    def _plan(self, settings: PipelineSettings) -> PipelinePlan:
        return self._build(settings, self._find, self._stopping)

    def _find(self, address: str) -> Callable[[list[Event]], None]:
        name, arrive = self._routes[address]
        return lambda events: self.process(name, arrive(events))

    def _connect(self, plans: Sequence[PipelinePlan]) -> None:
        """Take over the addresses of `plans`, if they fit together."""
        routes: dict[str, tuple[str, Callable[[list[Event]], list[Event]]]] = {}
        for plan in plans:
            for address, arrive in plan.addresses.items():
                if address in routes:
                    raise ConfigError(f"two pipelines have the address `{address}`", where=f"pipeline {plan.id}")
                routes[address] = (plan.id, arrive)
        for plan in plans:
            for target in sorted(plan.targets - routes.keys()):
                raise ConfigError(
                    f"no pipeline has the address `{target}`",
                    where=f"pipeline {plan.id}",
                    hint="run all pipelines together: `shipper logstash run --pipelines logstash/pipelines.yml`",
                )
        _refuse_circles({plan.id: {routes[target][0] for target in plan.targets} for plan in plans})
        self._routes = routes

    def _prepare(self, settings: PipelineSettings, plan: PipelinePlan) -> _Running:
        count = settings.workers or (1 if plan.ordered else 2)
        workers = Workers(
            lambda events: self.process(plan.id, events), count if plan.inputs else 0, settings.batch_size, self._fail
        )
        return _Running(settings, plan, workers)

    def _bind(self, running: _Running, ports: Mapping[str, int]) -> None:
        for plan in running.plan.inputs:
            with self._lock:
                self._unfinished += 1
            context = InputContext(
                submit=_submitter(running.workers, plan),
                backlog=lambda: running.workers.backlog,
                finished=self._finish,
                clock=self._clock,
                data=self._data,
            )
            try:
                running.inputs[plan.id] = plan.make(context, ports.get(plan.id))
            except UnavailableError as error:
                where = f"{error.where}, the input `{plan.id}` of the pipeline `{running.plan.id}`"
                raise UnavailableError(error.message, where=where, hint=error.hint) from error

    def _swap(self, running: _Running, plan: PipelinePlan) -> None:
        """Replace a pipeline; its listeners come back on their ports."""
        old = running.plan
        ports = {listener.id: listener.port for listener in self.listeners if listener.pipeline == plan.id}
        for source in running.inputs.values():
            source.stop(10.0)
        with self._lock:
            self._unfinished -= len(running.inputs)
        running.inputs.clear()
        running.plan = plan
        try:
            self._bind(running, ports)
        except ShipperError as error:
            _log.error("the new pipeline %s cannot listen, the old one goes on: %s", plan.id, error)
            for source in running.inputs.values():
                source.stop(0.0)
            running.inputs.clear()
            running.plan = old
            self._bind(running, ports)
            old = plan
        old.flow.retire()
        for source in running.inputs.values():
            source.start()

    def _stop_inputs(self, timeout: float) -> None:
        threads = [
            threading.Thread(target=source.stop, args=(timeout,))
            for running in self._pipelines.values()
            for source in running.inputs.values()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _finish(self) -> None:
        with self._lock:
            self._unfinished -= 1
            if self._unfinished == 0:
                self._ended.set()

    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
        self._ended.set()


def _submitter(workers: Workers, plan: InputPlan) -> Callable[[list[dict[str, Any]], Done], None]:
    to_event = plan.to_event

    def submit(documents: list[dict[str, Any]], done: Done) -> None:
        workers.submit([to_event(document) for document in documents], done)

    return submit


def _refuse_circles(edges: Mapping[str, set[str]]) -> None:
    def walk(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = " -> ".join((*path[path.index(name) :], name))
            raise ConfigError(f"the pipelines send in a circle: {circle}", hint="remove one of the pipeline outputs")
        for target in sorted(edges[name]):
            walk(target, (*path, name))

    for name in edges:
        walk(name, ())
