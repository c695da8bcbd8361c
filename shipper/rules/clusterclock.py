"""Is this machine's clock right? Windows, leases and `for` all rest on it, so it is held against the cluster's.

Elasticsearch sends no `Date` header; `GET _cat/health` says its time in whole seconds.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import elasticsearch

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from shipper.clock import Clock

EVERY = 60
"""Seconds between two comparisons."""
WARN_FROM = 3.0
"""Seconds of difference, beyond what cannot be measured, from which on it is said."""

_log = logging.getLogger("shipper.rules")


class ClusterClock:
    """Compares the clocks now and then. Further off than `limit` seconds, nothing must be evaluated."""

    def __init__(self, client: Elasticsearch, clock: Clock, limit: float) -> None:
        self._client = client
        self._clock = clock
        self._limit = limit
        self._next = 0.0
        self._apart = clock.time() - clock.monotonic()
        self._hold: str | None = None

    def hold(self) -> str | None:
        """Why nothing must be evaluated now; None where the clocks agree or the cluster does not say its time.

        Asks the cluster at most once a minute, and at once where the wall clock jumped: until then windows of an hour
        to come would be judged empty. A cluster that does not answer after a jump is waited for.
        """
        apart = self._clock.time() - self._clock.monotonic()
        jumped = apart - self._apart
        if abs(jumped) <= WARN_FROM and self._clock.monotonic() < self._next:
            return self._hold
        self._next = self._clock.monotonic() + EVERY
        try:
            off = self._difference()
        except elasticsearch.TransportError:
            if abs(jumped) > self._limit:
                self._next = 0.0
                self._hold = (
                    f"this machine's clock jumped by {jumped:.0f} s, and Elasticsearch cannot be asked the time"
                )
            return self._hold
        except (elasticsearch.ApiError, ValueError, LookupError):
            self._apart = apart
            return self._hold
        self._apart = apart
        said = f"this machine's clock is {abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} the cluster's"
        self._hold = None
        if abs(off) > self._limit:
            self._hold = f"{said}, more than {self._limit:.0f} s: no rule is evaluated until they agree"
            _log.error("%s (set the clock, by NTP)", self._hold)
        elif abs(off) > WARN_FROM:
            _log.warning("%s: windows close that much too %s", said, "early" if off > 0 else "late")
        return self._hold

    def _difference(self) -> float:
        """Seconds by which this clock is ahead; 0 within what whole seconds and the way there and back leave open."""
        before = self._clock.time()
        rows = self._client.cat.health(format="json", h="epoch")
        after = self._clock.time()
        cluster = float(rows[0]["epoch"])  # type: ignore[index]  # the client types the text form only
        if before > cluster + 1:
            return before - cluster - 1
        return min(0.0, after - cluster)
