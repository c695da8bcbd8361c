"""The agent: wires the reader, the delivery, the senders and the care around them; nothing else."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any, NoReturn

from shipper.agent.dead_letters import open_store
from shipper.agent.deadline import Deadline
from shipper.agent.delivery import Delivery
from shipper.agent.descriptors import OpenFiles, limit, share_of_logs
from shipper.agent.former import FormerSenders, end_senders
from shipper.agent.input import make_input, warn_of_forgotten, warn_of_unmatched
from shipper.agent.input.active import ActiveInputs
from shipper.agent.input.notice import Notice
from shipper.agent.input.own import OwnFiles
from shipper.agent.input.syslog import SyslogInputSettings
from shipper.agent.memory import release
from shipper.agent.metrics.collector import Collector
from shipper.agent.metrics.facts import agent_facts, host_facts
from shipper.agent.metrics.spooling import FOLDER, MetricsInput
from shipper.agent.monitoring.health import Health
from shipper.agent.monitoring.listener import Listener
from shipper.agent.monitoring.pages import StatusPages
from shipper.agent.monitoring.report import Parts, Report
from shipper.agent.monitoring.watch import Watch
from shipper.agent.output import file_of, make_output
from shipper.agent.output.visitor import Visitor
from shipper.agent.own_log import set_level
from shipper.agent.registry import Registry
from shipper.agent.reload import differences
from shipper.agent.sender import Sender
from shipper.agent.status import StatusServer
from shipper.agent.supervisor import Supervisor
from shipper.agent.tailer import Tailer
from shipper.errors import ShipperError, UndeliveredError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shipper.agent.config import AgentSettings
    from shipper.agent.input import InputSettings
    from shipper.agent.output.base import Output
    from shipper.agent.state import StateDirectory
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent")
_COMMIT_INTERVAL = 0.1
_LONGEST_QUIET = 10.0
"""Seconds after which the registry is committed though no acknowledgement asked for it."""
_BURST = 5000
"""Records after which a quiet agent gives memory back."""
_TURNS = 16
"""Chunks read between two looks at the clock and at what changed."""


class Agent:
    """One run. `run` blocks in the caller's thread, which becomes the reader."""

    def __init__(
        self,
        settings: AgentSettings,
        state: StateDirectory,
        clock: Clock,
        *,
        once: bool = False,
        load: Callable[[], AgentSettings] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Load the registry and prepare everything; nothing is read or sent yet.

        `load` gives the settings of a reload, or raises; `environment` may name a service manager.

        Raises:
            UsageError: the registry is of a newer version, an input's place is taken, or `once` has no end.
            ConfigError: the output's files cannot be used.
        """
        _check_end(settings.inputs, once=once)
        self._settings = settings
        self._clock = clock
        self._once = once
        self._load = load
        self._reload_wanted = False
        self._supervisor = Supervisor(environment or {}, clock)
        self._stopping = threading.Event()
        self._drained = threading.Event()
        self._released = 0
        common = {"host": host_facts(settings.host_name), "agent": agent_facts(state.agent_id())}
        self._registry = Registry(state.path / "registry")
        self._letters = open_store(state.path, clock, settings.dead_letters)
        self._delivery = Delivery(self._registry, self._letters, settings.queue.memory)
        self._active = self._make_inputs(state, common)
        self._inputs = self._active.all
        self._folders = [folder for each in self._inputs for folder in each.folders]
        open_files = OpenFiles(_share_of_logs(settings.inputs))
        self._tailer = Tailer(self._inputs, self._registry, self._delivery, clock, open_files, once=once)
        self._notice = Notice()
        output = self._output = make_output(settings.output, clock)
        self._visitor = Visitor(lambda: self._output, clock)
        self._senders = self._senders_of(output)
        self._former = FormerSenders(clock)
        self._committer = threading.Thread(target=self._commit_often, name="registry", daemon=True)
        self._parts = self._make_parts(output)
        self._health = Health(self._parts, state.path, self._threads, clock)
        report = Report(self._parts, self._health, clock)
        self._collector = self._make_collector(common, report)
        self._watch = Watch(report, self._health, clock)
        self._listener = self._make_listener()
        self._status = StatusServer(state.path, report.snapshot)

    def _make_inputs(self, state: StateDirectory, common: Mapping[str, Any]) -> ActiveInputs:
        """Those of the configuration, and where the agent's own records wait."""
        own = OwnFiles(state.path, lambda: file_of(self._settings.output))
        active = ActiveInputs(
            lambda each, handover: make_input(each, common, own, self._registry, self._clock, handover),
            self._settings.inputs,
        )
        for each in self._metrics_inputs(state):
            active.add(each)
        warn_of_forgotten(self._settings.inputs, state.path)
        return active

    def _make_parts(self, output: Output) -> Parts:
        """What status, health and metrics look at."""
        settings = self._settings
        return Parts(
            registry=self._registry,
            letters=self._letters,
            delivery=self._delivery,
            fleet=lambda: self._tailer.fleet,
            inputs=self._inputs,
            output=output.name,
            pool=output.pool,
            senders=self._senders,
            memory=settings.queue.memory,
            stuck_after=settings.monitoring.stuck_after,
            listening=lambda: self._listener.place if self._listener else "",
        )

    def _make_collector(self, common: Mapping[str, Any], report: Report) -> Collector:
        collector = Collector(
            self._settings.metrics, common, lambda: self._tailer.fleet, self._registry, self._delivery, self._clock
        )
        collector.spool = next((each for each in self._inputs if isinstance(each, MetricsInput)), None)
        collector.vitals = report.vitals
        return collector

    def _metrics_inputs(self, state: StateDirectory) -> list[MetricsInput]:
        """Where the agent's own records wait; a run that ends only takes along what an earlier one left."""
        settings = self._settings.metrics
        if not settings.any or (self._once and not (state.path / FOLDER).exists()):
            return []
        try:
            return [MetricsInput(state.path, int(settings.spool), self._registry)]
        except OSError as error:
            _LOG.warning("metrics are not spooled, %s cannot be used: %s", state.path / FOLDER, error.strerror)
            return []

    def _make_listener(self) -> Listener | None:
        settings = self._settings.monitoring
        address = settings.address()
        if address is None:
            return None
        pages = StatusPages(self._watch, settings.files)
        listener = Listener(address, pages, self._clock, any_host=settings.allow_remote)
        self._watch.notify = listener.wake
        return listener

    def run(self) -> None:
        """Tail, ship, and end in order.

        Raises:
            UndeliveredError: stopped with records that nobody acknowledged.
        """
        _LOG.info("shipping to %s", self._output.name)
        warn_of_unmatched(self._inputs)
        self._notice.watch(self._folders)
        self._notice.start()
        self._active.start()
        for sender in self._senders:
            sender.start()
        self._visitor.start()
        self._committer.start()
        self._status.start()
        self._watch.start()
        if self._listener is not None:
            self._listener.start()
        if not self._once and self._settings.metrics.any:
            self._collector.start()
        try:
            self._read_until_stopped()
        finally:
            self._end()
        left = self._delivery.unsettled()
        if left:
            raise UndeliveredError(
                f"stopped with {left} records unacknowledged",
                where=self._output.name,
                hint="nothing is lost: the next run sends them again under the same ids",
            )

    def stop(self) -> None:
        """Ask for a clean end; safe in a signal handler."""
        self._stopping.set()
        self._notice.event.set()

    def reload(self) -> None:
        """Ask for another look at the configuration, within about a second; safe in a signal handler."""
        self._reload_wanted = True

    def _reload(self) -> None:
        self._reload_wanted = False
        if self._load is None or self._once:
            return
        self._supervisor.reloading()
        try:
            changed = self._apply(self._load())
        except (ShipperError, OSError) as error:
            _LOG.error("the new configuration is refused, the old one stays: %s", error)
            self._parts.reloads.done(self._clock, error=str(error))
        else:
            _LOG.info("reloaded; changed: %s", ", ".join(changed) or "nothing")
            self._parts.reloads.done(self._clock, changed)

    def _apply(self, settings: AgentSettings) -> tuple[str, ...]:
        """All of it or, if it raises, nothing."""
        changed = differences(self._settings, settings)
        output = make_output(settings.output, self._clock) if "output" in changed else None
        if "inputs" in changed:
            self._exchange_inputs(settings.inputs)
        self._settings = settings
        if output is not None:
            self._former.see_off(self._senders, settings.shutdown_timeout)
            self._output = output
            self._parts.output = output.name
            self._parts.pool = output.pool
            self._senders[:] = self._senders_of(output)
            for sender in self._senders:
                sender.start()
        self._parts.memory = settings.queue.memory
        self._delivery.resize(settings.queue.memory)
        self._letters.settings = settings.dead_letters
        set_level(settings.log_level)
        return changed

    def _exchange_inputs(self, settings: Sequence[InputSettings]) -> None:
        self._tailer.scan()  # what was truncated or renamed meanwhile is settled by those who read it
        gone, fresh = self._active.exchange(settings)
        self._tailer.release(gone)
        self._tailer.fleet.open_files.share(_share_of_logs(settings))
        self._folders = [folder for each in self._inputs for folder in each.folders]
        warn_of_unmatched(fresh)

    def _senders_of(self, output: Output) -> list[Sender]:
        return [Sender(output, self._delivery, self._clock, number) for number in range(output.connections)]

    def _read_until_stopped(self) -> None:
        clock, tailer = self._clock, self._tailer
        next_scan = pause_until = 0.0
        while not self._stopping.is_set():
            if self._reload_wanted:
                self._reload()
            self._former.look()
            self._active.see_off()
            paths, rescan = self._notice.drain()
            tailer.changed(paths)
            tailer.wants_scan = tailer.wants_scan or rescan or any(each.wants_scan() for each in self._inputs)
            now = clock.monotonic()
            if now >= next_scan or (tailer.wants_scan and now >= pause_until):
                self._notice.watch(self._folders)
                tailer.scan()
                took = clock.monotonic() - now
                next_scan = now + took + self._scan_interval()
                pause_until = now + took + max(0.05, 5 * took)
            tailer.flush_held()
            self._health.turned()
            self._supervisor.turned(f"ships to {self._output.name}")
            if self._output_is_gone():
                return
            self._check_threads()
            if self._read_some():
                continue
            if self._once and tailer.is_finished() and self._delivery.is_idle():
                return
            self._rest(next_scan if not tailer.wants_scan else pause_until)

    def _output_is_gone(self) -> bool:
        """Nothing can be delivered any more: as if told to stop."""
        for sender in self._senders:
            if sender.gone:
                _LOG.error("%s; ending", sender.health.error)
                return True
        return False

    def _check_threads(self) -> None:
        """A thread that died would leave an agent that looks well and ships nothing: end, and be started again."""
        for thread in self._threads():
            if not thread.is_alive() and not self._stopping.is_set():
                self._end_unexpectedly(thread.name)
        for source in self._inputs:
            if source.has_failed():
                self._end_unexpectedly("of an input")

    def _threads(self) -> list[threading.Thread]:
        """Without any of them the agent is not whole."""
        return [*self._senders, self._committer, self._status]

    def _end_unexpectedly(self, thread: str) -> NoReturn:
        raise ShipperError(
            f"the thread {thread} ended unexpectedly",
            hint="start the agent again (nothing is lost) and report the trace above",
        )

    def _read_some(self) -> bool:
        """Read up to a few chunks; True if there may be more to do at once."""
        for _ in range(_TURNS):
            if self._reload_wanted or self._stopping.is_set():
                return True
            if not self._delivery.wait_room(0.1):
                return True
            if not self._tailer.step():
                return False
        return True

    def _rest(self, until: float) -> None:
        self._release_burst()
        wait = until - self._clock.monotonic()
        if self._once or self._tailer.fleet.holding:
            wait = min(wait, 0.05 if self._once else 0.2)
        self._clock.wait(self._notice.event, max(0.0, min(wait, 1.0)))

    def _release_burst(self) -> None:
        """What a burst needed goes back to the system once it is delivered."""
        read = self._delivery.counts["read"]
        if read - self._released >= _BURST and self._delivery.is_idle():
            self._released = read
            release()

    def _scan_interval(self) -> float:
        return self._settings.scan_interval if self._notice.working else min(1.0, self._settings.scan_interval)

    def _commit_often(self) -> None:
        """Group commit: acknowledged offsets are durable within about 100 ms."""
        while not self._drained.is_set():
            self._delivery.changed.wait(_LONGEST_QUIET)
            self._delivery.changed.clear()
            if not self._registry.commit():
                self._delivery.changed.set()  # again soon: what is acknowledged must not wait for the next record
                self._drained.wait(1.0)
            self._drained.wait(_COMMIT_INTERVAL)

    def _end(self) -> None:
        deadline = Deadline(self._clock, self._settings.shutdown_timeout)
        self._health.ending()
        self._stopping.set()
        self._supervisor.stopping(self._settings.shutdown_timeout)
        self._notice.stop()
        self._visitor.stop()
        self._collector.stop(deadline)
        self._active.stop(deadline)
        self._delivery.close()
        end_senders([*self._former.left, *self._senders], deadline)
        if self._listener is not None:
            self._listener.stop(deadline)
        self._watch.stop(deadline)
        self._status.stop(deadline)
        self._tailer.close()
        self._drained.set()
        self._delivery.changed.set()
        self._committer.join(deadline.last())
        self._registry.close()
        self._letters.close()
        self._supervisor.close()
        counts = self._delivery.counts
        _LOG.info("ended: %d records delivered, %d dead letters", counts["delivered"], counts["dead_lettered"])


def _check_end(inputs: Sequence[InputSettings], *, once: bool) -> None:
    """Refuse what would wait for ever."""
    if once and any(isinstance(each, SyslogInputSettings) for each in inputs):
        raise UsageError("a syslog input has no end, so that --once would wait for ever", hint="leave out one of them")


def _share_of_logs(inputs: Sequence[InputSettings]) -> int:
    """File descriptors for log files, beside the connections that may come in."""
    connections = sum(each.connections for each in inputs if isinstance(each, SyslogInputSettings))
    return share_of_logs(limit(), connections)
