"""The hosts of an output: which is used next, how long a bad one is left alone, and how each does.

Shared by the senders of an output. A host that failed is left alone for its own back-off, then tried by one sender
only; the others use the rest meanwhile.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.agent.backoff import Backoff
from shipper.clock import iso_utc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.output")
_PATIENCE = 2.0
"""Seconds to connect in to a host that failed, while another one works."""
_UNVISITED = 1.0
"""Seconds after the back-off in which a sender that has something to send comes by itself."""
_BUSY = 0.2
"""Seconds until it is worth asking again, when every host is tried by another sender."""


@dataclass(slots=True)
class Host:
    """How one host does.

    Attributes:
        state: `unused`, `idle`, `connected` or `failing`.
        since: seconds since the epoch of the last change of state.
        error: what is wrong now; `last_error` and `last_error_at` stay when it works again.
        failures: in a row; the first acknowledgement, or an answer without one, ends the row.
        failed: times it failed in all.
        connects: connections that stood, in all.
        connections: that use it now; `in_flight` records are on their way there.
        trials: connections that were leased while it was failing and have not worked yet, at most one.
        newest_failed: number of the newest lease that failed; an older connection that works says nothing of new ones.
        retry_at: monotonic seconds before which it is left alone.
        used: when it was last chosen, as a count.
    """

    name: str
    backoff: Backoff
    since: float
    state: str = "unused"
    error: str = ""
    last_error: str = ""
    last_error_at: float = 0.0
    failures: int = 0
    failed: int = 0
    connects: int = 0
    connections: int = 0
    trials: int = 0
    newest_failed: int = 0
    in_flight: int = 0
    retry_at: float = 0.0
    used: int = 0


class HostPool:
    """Thread-safe."""

    def __init__(self, names: Sequence[str], clock: Clock, *, ceiling: float = 10.0, first: int = 0) -> None:
        """Use the host at `first` first.

        Args:
            names: for people, without secrets; a host is known by its place among them.
            clock: measures the back-off.
            ceiling: seconds of the longest back-off.
            first: place of the host that is used first, so that many agents spread out.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._hosts = [Host(name, Backoff(ceiling=ceiling), clock.time()) for name in names]
        self._used = 0
        self._first = first

    def __len__(self) -> int:
        return len(self._hosts)

    def lease(self) -> Lease | None:
        """The host with the fewest connections, among them the one longest not chosen; None: `wait` first."""
        with self._lock:
            now = self._clock.monotonic()
            free = [place for place, host in enumerate(self._hosts) if _is_free(host, now)]
            if not free:
                return None
            place = min(free, key=self._rank)
            host = self._hosts[place]
            self._used += 1
            host.used = self._used
            host.connections += 1
            host.trials += bool(host.failures)
            well = any(other.failures == 0 for other in self._hosts)
            patience = _PATIENCE if host.failures and well else None
            return Lease(self, place, patience, number=self._used, trial=bool(host.failures))

    def unvisited(self) -> int | None:
        """Place of a host that failed, may be tried again, and that no sender came for; None if there is none."""
        with self._lock:
            now = self._clock.monotonic()
            left = [place for place, host in enumerate(self._hosts) if _is_left(host, now)]
            return min(left, key=lambda place: self._hosts[place].retry_at, default=None)

    def visited(self, place: int, *, answers: bool, error: str) -> None:
        """What became of asking an unvisited host without a record: it answers, does not, or (neither) cannot be told.

        One that answers may be used as any other; how long it is left alone after its next failure still grows,
        until it has taken something.
        """
        with self._lock:
            host = self._hosts[place]
            if not host.failures or host.trials:
                return  # a sender came for it meanwhile, and knows better
            if answers:
                _LOG.info("%s: answers again", host.name)
                host.failures = 0
                host.error = ""
                self._change(host, "connected" if host.connections else "idle")
            else:
                self._fail(host, error or host.error)

    def wait(self) -> float:
        """Seconds until it is worth asking for a lease again."""
        with self._lock:
            now = self._clock.monotonic()
            left = [max(0.0, host.retry_at - now) for host in self._hosts if not host.trials]
            return min(left, default=_BUSY)

    def trouble(self, place: int, error: str) -> None:
        """It works, but takes some records later; empty: no more."""
        with self._lock:
            self._blame(self._hosts[place], error)

    def errors(self) -> list[str]:
        """What is wrong with which host now."""
        with self._lock:
            return [f"{host.name}: {host.error}" for host in self._hosts if host.error]

    def report(self) -> list[dict[str, Any]]:
        """How each host does, for `agent status`."""
        with self._lock:
            now = self._clock.monotonic()
            return [_described(host, now) for host in self._hosts]

    def connected(self, place: int) -> None:
        """A connection to it stands."""
        with self._lock:
            host = self._hosts[place]
            host.connects += 1
            if not host.failures:  # a host that failed must take something first
                self._change(host, "connected")

    def sent(self, place: int, records: int) -> None:
        """So many more records (fewer if negative) are on their way to it."""
        with self._lock:
            self._hosts[place].in_flight += records

    def worked(self, place: int, number: int, *, trial: bool) -> bool:
        """It has taken something over this lease; False if a newer one failed, so that it is not well by that."""
        with self._lock:
            host = self._hosts[place]
            if number < host.newest_failed:
                return False
            host.trials -= trial
            if host.failures:
                _LOG.info("%s: works again", host.name)
            host.failures = 0
            host.backoff.reset()
            host.error = ""
            self._change(host, "connected")
            return True

    def failed(self, place: int, number: int, error: str) -> None:
        """It is to blame for the end of a connection: leave it alone for a while."""
        with self._lock:
            host = self._hosts[place]
            host.newest_failed = max(host.newest_failed, number)
            if not host.failures:
                _LOG.warning("%s: %s; trying again for as long as it takes", host.name, error)
            self._fail(host, error)

    def ended(self, place: int, in_flight: int, *, trial: bool) -> None:
        """A connection to it is closed, with so many records on their way."""
        with self._lock:
            host = self._hosts[place]
            host.connections -= 1
            host.trials -= trial
            host.in_flight -= in_flight
            if not host.connections and not host.failures:
                self._change(host, "idle")

    def _fail(self, host: Host, error: str) -> None:
        host.failures += 1
        host.failed += 1
        host.retry_at = self._clock.monotonic() + host.backoff.next()
        self._blame(host, error)
        self._change(host, "failing")

    def _rank(self, place: int) -> tuple[int, int, int]:
        host = self._hosts[place]
        return host.connections, host.used, (place - self._first) % len(self._hosts)

    def _blame(self, host: Host, error: str) -> None:
        host.error = error
        if error:
            host.last_error, host.last_error_at = error, self._clock.time()

    def _change(self, host: Host, state: str) -> None:
        if host.state != state:
            host.state, host.since = state, self._clock.time()


class Lease:
    """One connection's use of a host; ended exactly once. Used by one thread.

    Attributes:
        place: of the host among those of the output.
        patience: seconds to connect in, where that is less than usual.
    """

    def __init__(self, pool: HostPool, place: int, patience: float | None, *, number: int, trial: bool) -> None:
        """`number`: leases are counted; `trial`: the host was failing."""
        self.place = place
        self.patience = patience
        self._pool = pool
        self._number = number
        self._trial = trial
        self._in_flight = 0

    def connected(self) -> None:
        """The connection stands."""
        self._pool.connected(self.place)

    def sent(self, records: int) -> None:
        """So many records are on their way."""
        self._in_flight += records
        self._pool.sent(self.place, records)

    def settled(self, records: int) -> None:
        """The host has taken so many of them: it works."""
        self._in_flight -= records
        self._pool.sent(self.place, -records)
        if self._pool.worked(self.place, self._number, trial=self._trial):
            self._trial = False

    def failed(self, error: Exception) -> None:
        """The host is to blame."""
        self._pool.failed(self.place, self._number, str(error) or type(error).__name__)

    def end(self) -> None:
        """The connection is closed."""
        self._pool.ended(self.place, self._in_flight, trial=self._trial)


def _is_free(host: Host, now: float) -> bool:
    return not host.failures or (not host.trials and now >= host.retry_at)


def _is_left(host: Host, now: float) -> bool:
    return bool(host.failures) and not host.trials and now >= host.retry_at + _UNVISITED


def _described(host: Host, now: float) -> dict[str, Any]:
    return {
        "host": host.name,
        "state": host.state,
        "since": iso_utc(host.since),
        "error": host.error,
        "last_error": host.last_error,
        "last_error_at": iso_utc(host.last_error_at) if host.last_error else None,
        "failures": host.failures,
        "failed": host.failed,
        "connects": host.connects,
        "connections": host.connections,
        "in_flight": host.in_flight,
        "retry_seconds": round(max(0.0, host.retry_at - now), 1) if host.failures else 0.0,
    }
