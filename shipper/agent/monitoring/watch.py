"""The thread that looks after the others: samples for the rates, and judges health, every few seconds."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shipper.agent.monitoring.health import Health
    from shipper.agent.monitoring.report import Report
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.monitoring")
INTERVAL = 5.0
"""Seconds between two looks."""


class Watch(threading.Thread):
    """Whatever goes wrong in a look is told in the log, and the next one comes."""

    def __init__(self, report: Report, health: Health, clock: Clock) -> None:
        super().__init__(name="watch", daemon=True)
        self._report = report
        self._health = health
        self._clock = clock
        self._ended = threading.Event()
        self._told: frozenset[str] = frozenset()

    def run(self) -> None:
        while not self._clock.wait(self._ended, INTERVAL):
            self.look()

    def stop(self) -> None:
        self._ended.set()
        if self.ident is not None:
            self.join(5)

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
            if finding.name not in self._told:
                _LOG.error("unhealthy: %s", finding.text)
        if self._told and not names:
            _LOG.info("healthy again")
        self._told = names
