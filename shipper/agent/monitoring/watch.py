"""The thread that looks after the others: samples for the rates, judges health, and tells the listener how it is."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.agent.deadline import Deadline
    from shipper.agent.monitoring.health import Health
    from shipper.agent.monitoring.report import Report
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.monitoring")
INTERVAL = 5.0
"""Seconds between two looks."""
FRESH = 1.0
"""Seconds for which a status is good enough for whoever asks: many questions cost no more than one a second."""


@dataclass(frozen=True, slots=True)
class Told:
    """The status as it was at `at` (monotonic seconds)."""

    at: float
    status: dict[str, Any]


class Watch(threading.Thread):
    """Whatever goes wrong in a look is told in the log, and the next one comes.

    Who must not wait (the listener) asks here and is told later: a disk that hangs may hold up this thread, never that.

    Attributes:
        told: the last status that somebody asked for.
        notify: called when there is a new one.
    """

    def __init__(self, report: Report, health: Health, clock: Clock) -> None:
        super().__init__(name="watch", daemon=True)
        self._report = report
        self._health = health
        self._clock = clock
        self._asked = threading.Event()
        self._ended = False
        self._reds: frozenset[str] = frozenset()
        self.told: Told | None = None
        self.notify: Callable[[], None] = lambda: None

    def run(self) -> None:
        due = self._clock.monotonic() + INTERVAL
        while True:
            asked = self._clock.wait(self._asked, due - self._clock.monotonic())
            if self._ended:
                return
            if asked:
                self._asked.clear()
                self.tell()
            if self._clock.monotonic() >= due:
                self.look()
                due = self._clock.monotonic() + INTERVAL

    def ask(self) -> None:
        """Tell soon how it is."""
        self._asked.set()

    def stop(self, deadline: Deadline) -> None:
        self._ended = True
        self._asked.set()
        if self.ident is not None:
            self.join(deadline.last())

    def tell(self) -> None:
        """A status for whoever asked."""
        at = self._clock.monotonic()
        try:
            self.told = Told(at, self._report.snapshot())
        except Exception:  # noqa: BLE001 - a question must never end the watching
            _LOG.exception("the status could not be told")
            return
        self.notify()

    def look(self) -> None:
        """One look; what became red, or well again, is said once in the log."""
        try:
            self._report.sample()
            verdict = self._health.look()
        except Exception:  # noqa: BLE001 - a defect here must end neither the agent nor the watching
            _LOG.exception("the agent's health could not be judged")
            return
        names = frozenset(each.name for each in verdict.reasons)
        for finding in verdict.reasons:
            if finding.name not in self._reds:
                _LOG.error("unhealthy: %s", finding.text)
        if self._reds and not names:
            _LOG.info("healthy again")
        self._reds = names
