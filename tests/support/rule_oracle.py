"""The life of one group by brute force: no cells, no store, no incremental state but which boundaries breached."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.rule_truth import Past, Truth

EVERY, GRACE, LATE = 10, 5, 60
"""Seconds."""


@dataclass
class Oracle:
    """One group's truth."""

    truth: Truth
    breached: set[int] = field(default_factory=set)
    firing: bool = False
    pending: bool = False
    """The last judged boundary breached, which was not enough."""
    span: tuple[int, int] = (0, 0)
    told: list[tuple[int, str]] = field(default_factory=list)
    known: set[int] = field(default_factory=set)
    incidents: list[tuple[int, int]] = field(default_factory=list)
    """First breached boundary and boundary of the resolution of each episode that is over."""
    every: int = EVERY
    grace: int = GRACE
    late: int = LATE

    def tick(self, past: Past, now: int, last: int, begun: int) -> None:
        due = range(last + self.every, now + 1, self.every)
        new = [seen.at for seen in past.mine if id(seen) not in self.known]
        for at in range(max(begun, last - self.late) + self.every, last + 1, self.every):
            if any(at - self.truth.span <= moment < at for moment in new):
                self.again(at, now, breach=self.truth.breach(past, at))
        for at in due:
            if now >= at + self.grace:
                self.final(at, now, breach=self.truth.breach(past, at))
            elif self.truth.early and self.truth.breach(past, at):
                self.rises(at, now)
        self.known = set(map(id, past.mine))

    def again(self, at: int, now: int, *, breach: bool) -> None:
        if not breach:
            self.breached.discard(at)
        elif at not in self.breached:
            self.breached.add(at)
            row = self.enough(at)
            if row and not self.firing:
                near = self.span[1] and row[0] <= self.span[1] and row[-1] >= self.span[0] - self.every
                if not near:
                    self.fire(row[0], now)

    def final(self, at: int, now: int, *, breach: bool) -> None:
        if breach:
            self.rises(at, now)
            return
        self.breached.discard(at)
        newest = not any(other > at for other in self.breached)
        self.pending = self.pending and not (newest and (self.truth.few[0] == self.truth.few[1] or not self.recent(at)))
        held = self.truth.few[0] != self.truth.few[1] and len(self.recent(at)) >= self.truth.few[0]
        if self.firing and not held and newest:
            self.firing, self.span = False, (self.span[0], at)
            self.incidents.append(self.span)
            self.told.append((now, "resolved"))

    def rises(self, at: int, now: int) -> None:
        if at in self.breached:
            return
        self.breached.add(at)
        row = self.enough(at)
        if row and not self.firing:
            self.fire(row[0], now)
        self.pending = not self.firing

    def fire(self, since: int, now: int) -> None:
        self.firing, self.pending, self.span = True, False, (since, self.span[1])
        self.told.append((now, "firing"))

    def recent(self, at: int) -> list[int]:
        return sorted(one for one in self.breached if at - self.truth.few[1] * self.every < one <= at)

    def enough(self, at: int) -> list[int]:
        """The breaches that are enough to fire and have `at` among them or behind them; none where they are not."""
        need, of = self.truth.few
        if need == of:
            row = [at]
            while row[0] - self.every in self.breached:
                row.insert(0, row[0] - self.every)
            while row[-1] + self.every in self.breached:
                row.append(row[-1] + self.every)
            return row if len(row) >= need else []
        rows = [self.recent(last) for last in range(at, at + of * self.every, self.every)]
        return next((row for row in rows if len(row) >= need), [])
