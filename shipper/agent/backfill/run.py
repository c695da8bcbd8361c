"""One backfill at work: the tailer over a plan, its own registry as cursor, no faster than it may."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.agent.backfill.plan import finish
from shipper.agent.backfill.selection import BackfillInput, Selected
from shipper.agent.deadline import Deadline
from shipper.agent.delivery import Delivery
from shipper.agent.descriptors import OpenFiles, limit, share_of_logs
from shipper.agent.former import end_senders
from shipper.agent.sender import Sender
from shipper.agent.tailer import Tailer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from shipper.agent.backfill.plan import Plan
    from shipper.agent.backfill.selection import Window
    from shipper.agent.codec.base import Decoder
    from shipper.agent.dead_letters import DeadLetters
    from shipper.agent.input.file import FileInputSettings
    from shipper.agent.output.base import Output
    from shipper.agent.registry import Entry, Registry
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.backfill")
_COMMIT_INTERVAL = 0.2
_GRACE = 10.0
"""Seconds for what is on the way when told to stop."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did.

    Attributes:
        complete: everything of the plan was read and acknowledged; else the same command goes on.
        read: bytes.
        sent: records acknowledged.
        dead_lettered: records that the peer refused for good.
        passed_over: records outside the time range, or the live agent's own.
    """

    complete: bool
    files: int
    read: int
    sent: int
    dead_lettered: int
    passed_over: int


class Backfill:
    """`run` blocks; `stop` may be called by a signal handler."""

    def __init__(
        self, directory: Path, registry: Registry, letters: DeadLetters, output: Output, clock: Clock, *, budget: int
    ) -> None:
        """`budget`: bytes of records held at most."""
        self._directory = directory
        self._registry = registry
        self._output = output
        self._clock = clock
        self._delivery = Delivery(registry, letters, budget)
        self._stopping = threading.Event()
        self._read = self._told = 0

    def stop(self) -> None:
        self._stopping.set()

    def run(
        self,
        plan: Plan,
        window: Window,
        inputs: Sequence[FileInputSettings],
        common: Mapping[str, object],
        *,
        rate: float | None = None,
        progress: Callable[[int], None] = lambda _fresh: None,
    ) -> Outcome:
        """Read and send what the plan names.

        Args:
            plan: of `make_plan`, with its entries in the registry.
            window: which records.
            inputs: how files are read, as for the plan.
            common: fields of each record: `host`, `agent`.
            rate: bytes a second at most.
            progress: told the bytes read since it was told last.
        """

        def select(entry: Entry, decoder: Decoder) -> Decoder:
            return Selected(decoder, window, plan.limit(entry.key), self._count)

        files = frozenset(plan.files)
        sources = [BackfillInput(each, common, files, select) for each in inputs]
        open_files = OpenFiles(share_of_logs(limit()))
        tailer = Tailer(sources, self._registry, self._delivery, self._clock, open_files, once=True)
        senders = [Sender(self._output, self._delivery, self._clock, n) for n in range(self._output.connections)]
        for sender in senders:
            sender.start()
        try:
            complete = self._drive(tailer, senders, rate, progress)
        finally:
            self._end(senders)
            tailer.close()
            self._registry.commit()
        if complete:
            finish(self._directory)
        passed = sum(harvester.counts["passed_over"] for harvester in tailer.fleet)
        counts = self._delivery.counts
        return Outcome(complete, len(plan.files), self._read, counts["delivered"], counts["dead_lettered"], passed)

    def _drive(
        self, tailer: Tailer, senders: Sequence[Sender], rate: float | None, progress: Callable[[int], None]
    ) -> bool:
        """Until all is acknowledged (True), told to stop, or the output is gone for good."""
        began = committed = self._clock.monotonic()
        while not self._stopping.is_set() and not any(sender.gone for sender in senders):
            if tailer.wants_scan:
                tailer.scan()
            tailer.flush_held()
            now = self._clock.monotonic()
            if now - committed >= _COMMIT_INTERVAL:
                committed = now
                self._registry.commit()
                self._tell(progress)
            ahead = 0.0 if rate is None else self._read / rate - (now - began)
            if ahead > 0:
                self._clock.wait(self._stopping, min(ahead, _COMMIT_INTERVAL))
            elif self._delivery.wait_room(_COMMIT_INTERVAL) and not tailer.step():
                if tailer.is_finished() and self._delivery.is_idle():
                    self._tell(progress)
                    return True
                self._clock.wait(self._stopping, 0.02)
        return False

    def _end(self, senders: Sequence[Sender]) -> None:
        self._delivery.close()
        end_senders(senders, Deadline(self._clock, _GRACE))

    def _tell(self, progress: Callable[[int], None]) -> None:
        fresh, self._told = self._read - self._told, self._read
        progress(fresh)

    def _count(self, size: int) -> None:
        self._read += size
