"""The dead man's switch: a request now and then while all is well; whoever waits for it raises the alarm without it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shipper.config import Duration, Secret, Settings
from shipper.rules.notifier.base import Sent
from shipper.rules.notifier.http import check_url, pool, post

if TYPE_CHECKING:
    from shipper.clock import Clock

_log = logging.getLogger("shipper.rules")


class HeartbeatSettings(Settings, frozen=True, kw_only=True):
    """Where to, and how often."""

    url: Secret
    """Most such services put the key into the address."""
    every: Duration = Duration(60)
    timeout: Duration = Duration(5)

    def __post_init__(self) -> None:
        check_url(self.url.reveal())
        if self.every < 1:
            raise ValueError("`every` must be at least 1s")


class Heartbeat:
    """Posts an empty body."""

    def __init__(self, settings: HeartbeatSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._pool = pool(settings.timeout)
        self._next = 0.0

    def beat(self, *, well: bool) -> None:
        """Send one if all is `well` and it is time; a failure is logged, and the next one comes in time."""
        now = self._clock.monotonic()
        if not well or now < self._next:
            return
        self._next = now + self._settings.every
        outcome = post(self._pool, self._settings.url.reveal(), b"", {"User-Agent": "shipper-rules"})
        if not isinstance(outcome, Sent):
            _log.warning("the heartbeat was not taken: %s", outcome.reason)

    def close(self) -> None:
        """Release the socket; safe to call twice."""
        self._pool.clear()
