"""One thread an output connection: takes parcels, keeps a few on the way, gives back what was not settled."""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.agent.backoff import Backoff
from shipper.errors import ShipperError

if TYPE_CHECKING:
    from shipper.agent.delivery import Delivery
    from shipper.agent.output.base import Output, Parcel, Session
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.sender")
_NAP = 0.05


@dataclass(slots=True)
class Health:
    """How a connection does.

    Attributes:
        state: `connecting`, `connected`, `failing` or `stopped`.
        since: seconds since the epoch of the last change of state.
        error: the last trouble, empty when there is none now.
    """

    state: str = "connecting"
    since: float = 0.0
    error: str = ""
    failures: int = 0
    parcels: int = 0
    duplicates: int = 0


class Sender(threading.Thread):
    """Runs until the delivery is closed and empty, or it is told to stop."""

    def __init__(self, output: Output, delivery: Delivery, clock: Clock, number: int = 0) -> None:
        super().__init__(name=f"sender-{number}", daemon=True)
        self._output = output
        self._delivery = delivery
        self._clock = clock
        self._stopping = threading.Event()
        self._session: Session | None = None
        self._backoff = Backoff(ceiling=10.0)
        self._flying: deque[Parcel] = deque()
        self._attempt = number
        self.health = Health(since=clock.time())

    def run(self) -> None:
        while not self._stopping.is_set() and not self._is_done():
            try:
                self._converse()
            except (OSError, ShipperError) as error:
                self._failed(error)
        self._change("stopped", self.health.error)

    def stop(self) -> None:
        """End now; what is on the way will be sent again by the next run."""
        self._stopping.set()
        session = self._session
        if session is not None:
            session.interrupt()

    def _converse(self) -> None:
        """One session from connecting to its end."""
        if not self._delivery.wait_work(1.0):
            return
        session = self._session = self._output.open(self._attempt)
        self._change("connected", "")
        limits = self._output.limits
        try:
            while not self._stopping.is_set():
                flying = len(self._flying)
                if flying < limits.in_flight:
                    parcel = self._delivery.take(limits.records, limits.size, 0 if flying else 0.5)
                    if parcel:
                        self._flying.append(parcel)
                        session.send(parcel)
                    elif not flying and self._is_done():
                        return
                self._receive(session, len(self._flying) >= limits.in_flight)
        finally:
            self._session = None
            session.close()
            self._delivery.give_back([batch for parcel in self._flying for batch in parcel])
            self._flying.clear()

    def _receive(self, session: Session, full: bool) -> None:
        if not self._flying:
            return
        for settled in session.receive(1.0 if full else _NAP):
            self._delivery.settle(settled.batches, settled.rejects)
            self._flying.popleft()
            self._backoff.reset()
            self.health.parcels += 1
            self.health.duplicates += settled.duplicates

    def _is_done(self) -> bool:
        return self._delivery.is_drained() and not self._flying

    def _failed(self, error: Exception) -> None:
        if self._stopping.is_set():
            return
        self._attempt += 1
        wait = self._backoff.next()
        if self.health.state != "failing":
            _LOG.warning("%s: %s; trying again for as long as it takes", self._output.name, error)
        self.health.failures += 1
        self._change("failing", str(error))
        self._clock.wait(self._stopping, wait)

    def _change(self, state: str, error: str) -> None:
        if state == "connected" and self.health.state == "failing":
            _LOG.info("%s: connected again", self._output.name)
        if state != self.health.state:
            self.health.state, self.health.since = state, self._clock.time()
        self.health.error = error
