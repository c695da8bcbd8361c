"""One thread an output connection: takes parcels, keeps a few on the way, gives back what was not settled."""

from __future__ import annotations

import logging
import math
import random
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.agent.backoff import Backoff
from shipper.agent.output.base import OutputGoneError
from shipper.errors import ShipperError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.batch import Batch
    from shipper.agent.delivery import Delivery
    from shipper.agent.output.base import Output, Parcel, Session
    from shipper.agent.output.pool import Lease
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.sender")
_NAP = 0.05
_LOOK = 1.0
"""Seconds between two looks at whether a connection is to be replaced."""


class _OwnTroubleError(Exception):
    """The records arrived, but what the peer refused could not be stored here: no host is to blame."""


@dataclass(slots=True)
class Health:
    """How a connection does; how the hosts do is in the output's pool.

    Attributes:
        state: `connecting` (also: with nothing to send), `connected`, `failing` or `stopped`.
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
    """Runs until the delivery is closed and empty, it is told to stop, or its output is `gone` for good."""

    gone = False

    def __init__(self, output: Output, delivery: Delivery, clock: Clock, number: int = 0) -> None:
        super().__init__(name=f"sender-{number}", daemon=True)
        self._output = output
        self._delivery = delivery
        self._clock = clock
        self._stopping = threading.Event()
        self._leaving = threading.Event()
        self._session: Session | None = None
        self._backoff = Backoff(ceiling=10.0)
        self._flying: deque[Parcel] = deque()
        self.health = Health(since=clock.time())

    def run(self) -> None:
        while not self._stopping.is_set() and not self._is_done():
            if self._delivery.wait_work(1.0):
                self._converse()
            elif self.health.state == "failing" and not self._output.pool.errors():
                self._change("connecting", "")  # others sent what this one could not, and its host is well again
        self._change("stopped", self.health.error)

    def leave(self) -> None:
        """Take nothing more; end when what is on the way is settled, or the connection fails."""
        self._leaving.set()

    def stop(self) -> None:
        """End now; what is on the way will be sent again by the next run."""
        self._stopping.set()
        session = self._session
        if session is not None:
            session.interrupt()

    def _converse(self) -> None:
        """One session with whatever host may be used, or the wait for one."""
        pool = self._output.pool
        lease = pool.lease()
        if lease is None:
            self._clock.wait(self._stopping, min(pool.wait(), 1.0))
            return
        try:
            self._talk(lease)
        except _OwnTroubleError as error:
            if self.health.error != str(error):
                _LOG.warning("%s: %s; trying again for as long as it takes", self.name, error)
            self._failed(error)
            self._clock.wait(self._stopping, self._backoff.next())
        except OutputGoneError as error:
            self._failed(error)
            self.gone = True
            self._stopping.set()
        except (OSError, ShipperError) as error:
            if not self._stopping.is_set():
                lease.failed(error)
                self._failed(error)
        finally:
            lease.end()

    def _talk(self, lease: Lease) -> None:
        """From connecting to the end of the connection, with nothing left on the way unless it raises."""
        session = self._session = self._output.open(lease.place, lease.patience)
        try:
            lease.connected()
            self._change("connected", "")
            self._exchange(session, lease)
        finally:
            self._session = None
            session.close()
            self._delivery.give_back([batch for parcel in self._flying for batch in parcel])
            self._flying.clear()

    def _exchange(self, session: Session, lease: Lease) -> None:
        limits = self._output.limits
        ends = self._clock.monotonic() + limits.ttl * random.uniform(0.9, 1.0) if limits.ttl else math.inf
        look = self._clock.monotonic() + _LOOK
        leaving = idle = False
        while not self._stopping.is_set():
            now = self._clock.monotonic()
            if now >= look and not leaving:
                leaving, look = session.is_stale(), now + _LOOK
            leaving = leaving or now >= ends or self._leaving.is_set()
            flying = len(self._flying)
            if leaving and not flying:
                return
            if not leaving and flying < limits.in_flight:
                parcel = self._delivery.take(limits.records, limits.size, 0 if flying else _LOOK)
                if parcel:
                    self._flying.append(parcel)
                    if not flying and self._leaving.is_set():
                        return  # it came while we waited for it: others send it
                    if idle and session.is_stale():
                        return  # the peer left while there was nothing to say: no failure
                    idle = False
                    lease.sent(_records(parcel))
                    session.send(parcel)
                elif not flying:
                    if self._is_done():
                        return
                    idle = True
            self._receive(session, lease, full=leaving or len(self._flying) >= limits.in_flight)

    def _receive(self, session: Session, lease: Lease, *, full: bool) -> None:
        if not self._flying:
            return
        for settled in session.receive(1.0 if full else _NAP):
            try:
                self._delivery.settle(settled.batches, settled.rejects)
            except OSError as error:
                raise _OwnTroubleError(f"dead letters cannot be stored: {error}") from error
            self._flying.popleft()
            lease.settled(_records(settled.batches))
            self._backoff.reset()
            self.health.parcels += 1
            self.health.duplicates += settled.duplicates

    def _is_done(self) -> bool:
        return (self._leaving.is_set() or self._delivery.is_drained()) and not self._flying

    def _failed(self, error: Exception) -> None:
        self.health.failures += 1
        self._change("failing", str(error))

    def _change(self, state: str, error: str) -> None:
        if state != self.health.state:
            self.health.state, self.health.since = state, self._clock.time()
        self.health.error = error


def _records(batches: Sequence[Batch]) -> int:
    return sum(map(len, batches))
