"""When a rule is looked at: as each window ends where an open one may fire, and as each one closes. Pure.

Live, replay and tests evaluate at exactly these times, so they say the same.
"""

from __future__ import annotations

from dataclasses import dataclass

AGAIN = 60
"""Seconds after which a window that should be closed and is not is looked at again, if the interval is longer."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The looks of one rule, in whole epoch seconds. `last` is the last boundary that was judged for good.

    Attributes:
        interval: seconds between boundaries.
        grace: seconds after its boundary at which a window closes.
        early: windows that are still open may fire.
    """

    interval: int
    grace: int
    early: bool

    def boundary(self, at: float) -> int:
        """The last boundary at or before `at`."""
        return int(at // self.interval) * self.interval

    def closed(self, at: float) -> int:
        """The last boundary whose window should be closed at `at`."""
        return self.boundary(at - self.grace)

    def latest(self, at: float, last: int | None) -> int:
        """The last look at or before `at`."""
        closing = self.closed(at) + self.grace
        end = self.boundary(at)
        if last is not None and last < self.closed(at):
            closing += int(at - closing) // AGAIN * AGAIN
        wanted = self.early or (last is not None and last < self.closed(end))
        return max(closing, end) if wanted else closing

    def following(self, at: int, last: int | None) -> int:
        """The first look after `at`."""
        closing = self.closed(at) + self.interval + self.grace
        end = self.boundary(at) + self.interval
        found = [closing]
        if self.early or (last is not None and last < self.closed(end)):
            found.append(end)
        if last is not None and last < self.closed(at):
            tried = self.closed(at) + self.grace
            found.append(tried + (at - tried) // AGAIN * AGAIN + AGAIN)
        return min(found)
