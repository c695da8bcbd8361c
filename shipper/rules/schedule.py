"""When a rule is looked at: as each window ends where an open one may fire, and as each one closes. Pure.

Live, replay and tests evaluate at exactly these times, so they say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

AGAIN = 60
"""Seconds after which a window that should be closed and is not is looked at again, if the interval is longer."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The looks of one rule, in whole epoch seconds, as they are after its last evaluation.

    Attributes:
        interval: seconds between boundaries.
        grace: seconds after its boundary at which a closed window is looked at.
        early: windows that are still open may fire.
        last: the last boundary that was judged for good; None before the first evaluation.
    """

    interval: int
    grace: int
    early: bool
    last: int | None = None

    def at_rest(self) -> Schedule:
        """Where nothing burns and open windows are looked at anyway: the closed one is left to the next such look.

        A search fewer a window; what becomes visible after its end is found up to `AGAIN` seconds later.
        """
        merged = -(-self.grace // self.interval) * self.interval
        return replace(self, grace=merged) if self.early and merged - self.grace <= AGAIN else self

    def boundary(self, at: float) -> int:
        """The last boundary at or before `at`."""
        return int(at // self.interval) * self.interval

    def closed(self, at: float) -> int:
        """The last boundary whose window should be closed at `at`."""
        return self.boundary(at - self.grace)

    def latest(self, at: float) -> int:
        """The last look at or before `at`."""
        closing = self.closed(at) + self.grace
        end = self.boundary(at)
        if self.last is not None and self.last < self.closed(at):
            closing += int(at - closing) // AGAIN * AGAIN
        return max(closing, end) if self._wants(end) else closing

    def following(self, at: int) -> int:
        """The first look after `at`."""
        closing = self.closed(at) + self.interval + self.grace
        end = self.boundary(at) + self.interval
        found = [closing]
        if self._wants(end):
            found.append(end)
        if self.last is not None and self.last < self.closed(at):
            tried = self.closed(at) + self.grace
            found.append(tried + (at - tried) // AGAIN * AGAIN + AGAIN)
        return min(found)

    def _wants(self, end: int) -> bool:
        """Is there something to look at as a window ends: it, or one before it that should be closed?"""
        return self.early or (self.last is not None and self.last < self.closed(end))
