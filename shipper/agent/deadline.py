"""How long an end may take, all of it together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shipper.clock import Clock

_LAST = 2.0
"""Seconds after the deadline for threads to notice that they are stopped."""


class Deadline:
    """Shared by everything that is waited for at an end, so that no two waits add up."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._ends = clock.monotonic() + seconds

    def left(self, most: float = float("inf")) -> float:
        """Seconds, at most `most`, for what is on the way to get done."""
        return max(0.0, min(self._ends - self._clock.monotonic(), most))

    def last(self) -> float:
        """Seconds for a thread that was told to stop."""
        return max(0.0, self._ends + _LAST - self._clock.monotonic())
