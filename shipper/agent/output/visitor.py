"""Asks hosts that failed, and that no sender has a reason to try, whether they are well again.

A connection that works is not broken off for a trial, so that nobody else would find out before its `ttl`.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.agent.output.base import Output
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.output")
_PAUSE = 1.0
"""Seconds between two looks."""
_PATIENCE = 2.0
"""Seconds for a host to take the connection, and again for each answer."""


class Visitor(threading.Thread):
    """Sends no record, and keeps no sender from a host: what a sender found out meanwhile counts more."""

    def __init__(self, output: Callable[[], Output], clock: Clock) -> None:
        """`output` gives the one in use now."""
        super().__init__(name="visitor", daemon=True)
        self._output = output
        self._clock = clock
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._clock.wait(self._stopping, _PAUSE):
            try:
                self.visit()
            except Exception:  # noqa: BLE001 - only the status would be late; it must end nothing
                _LOG.exception("a host could not be asked")

    def stop(self) -> None:
        self._stopping.set()

    def visit(self) -> None:
        """Ask one host, if one is to be asked."""
        output = self._output()
        place = output.pool.unvisited()
        if place is None:
            return
        found = output.probe(place, _PATIENCE)
        output.pool.visited(place, answers=found.ok and bool(found.speaks), error=found.error)
