"""What every entry of `notifiers:` may say besides where it sends: how much at most, and who else is told."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Annotated

import msgspec

from shipper.config import Duration, Settings

if TYPE_CHECKING:
    from shipper.clock import Clock


class Limit(Settings, frozen=True, kw_only=True):
    """At most so many messages in any period of `every`; what is beyond waits and is then told together."""

    messages: Annotated[int, msgspec.Meta(ge=1)]
    every: Duration

    def __post_init__(self) -> None:
        if self.every <= 0:
            raise ValueError("`every` must be longer than 0")


class NotifierSettings(Settings, frozen=True, kw_only=True):
    """The common part of all notifiers."""

    limit: Limit | None = None
    fallback: str | None = None
    """The notifier that is told instead where this one refuses, or fails for `fallback_after`."""
    fallback_after: Duration = Duration(300)


class Allowance:
    """Counts the messages of one receiver; each evaluator counts for itself."""

    def __init__(self, limit: Limit, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._sent: deque[float] = deque()

    def room(self) -> int:
        """How many may be sent now."""
        oldest = self._clock.monotonic() - self._limit.every
        while self._sent and self._sent[0] <= oldest:
            self._sent.popleft()
        return self._limit.messages - len(self._sent)

    def take(self) -> None:
        """One is sent."""
        self._sent.append(self._clock.monotonic())
