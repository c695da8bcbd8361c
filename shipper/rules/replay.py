"""History through the same engine: documents in the order they arrived, a tick at each look of the rule's schedule."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.clock import iso_utc
from shipper.errors import UsageError
from shipper.kql import Lens
from shipper.rules.engine import CATCH_UP, Engine, Sight
from shipper.rules.fields import field_types
from shipper.rules.reduce import Reducer
from shipper.rules.state import ACTIVE, RuleState
from shipper.rules.timeline import Timeline
from shipper.rules.watermark import Watermarks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shipper.kql import Values
    from shipper.rules.change import Change
    from shipper.rules.rule import Rule
    from shipper.rules.timeline import Arrival, History

__all__ = ["MOST_TICKS", "Replay", "Tick", "Timeline", "changes", "replay_all"]

MOST_TICKS = 1_100_000
"""Evaluations of one replay at most: two years of one a minute."""


@dataclass(slots=True)
class Tick:
    """What one evaluation saw and did."""

    at: int
    changes: list[Change]
    complete: bool
    """All that could be seen was seen, and every window is judged that should be closed by now."""


class Replay:
    """One rule over one history. `state` may be replaced between ticks, as a restart does."""

    def __init__(self, rule: Rule, history: History) -> None:
        """Raises ShipperError where a query of the rule is wrong."""
        self.rule = rule
        self.engine = Engine(rule)
        self.state = RuleState(shape=list(rule.group_by))
        self._reducer = Reducer(self.engine, field_types())
        self.fields = self._reducer.fields
        self._lens = Lens(self.fields)
        self._watermarks = Watermarks()
        self._extent = history.extent()
        self._arrivals = iter(history)
        self._next: Arrival | None = None

    def ticks(self, until: int | None = None) -> Iterator[int]:
        """The times to evaluate at: from the first document until all is told (or `until`).

        What happened more than six hours before anything arrived is not waited for.

        Raises:
            UsageError: there would be too many, because one document lies years from the others.
        """
        if self._extent is None:
            return
        step = self.rule.interval
        at = max(self._extent.earliest, int(self._extent.first) - CATCH_UP) // step * step + step
        end = self._quiet(self._extent.last) if until is None else until
        if (end - at) // step > MOST_TICKS:
            raise UsageError(
                f"the rule {self.rule.name} would be evaluated {(end - at) // step:,} times, {MOST_TICKS:,} at most",
                where=f"arrivals from {_shown(at)} to {_shown(end)}",
                hint="take out the documents whose `@timestamp` or `event.ingested` lies years from the others, "
                "or shorten the rule's times",
            )
        at = self.engine.schedule(self.state).following(at - 1)
        while at <= end or (until is None and self._open() and at <= end + int(self.rule.retire)):
            yield at
            at = self.engine.schedule(self.state).following(at)

    def tick(self, now: int, problems: tuple[str, ...] = ()) -> Tick:
        """Let everything arrive that arrives up to `now`, then evaluate."""
        while (self._next or self._advance()) and self._next is not None and self._next.at <= now:
            self._watermarks.add(self._next.document)
            if self._next.counts:
                self.take(self._lens.read(self._next.document), self._next.happened)
            self._next = None
        return self.evaluate(now, self._watermarks.lowest(now), problems)

    def take(self, found: Values, happened: int) -> None:
        """Let one document arrive, of which a lens for (at least) `fields` read `found`."""
        self._reducer.take(found, happened)

    def evaluate(self, now: int, watermark: int | None, problems: tuple[str, ...] = ()) -> Tick:
        """Evaluate with what has arrived."""
        changes = self.engine.tick(self.state, now, Sight(watermark, problems))
        judged = self.state.last is not None and self.state.last >= self.engine.schedule(self.state).closed(now)
        return Tick(now, changes, complete=not problems and judged)

    def _advance(self) -> bool:
        self._next = next(self._arrivals, None)
        return self._next is not None

    def _quiet(self, last: float) -> int:
        """When the last document has left every window and every window has closed."""
        rule = self.rule
        return int(last + rule.window + rule.grace + rule.recover + 2 * rule.every) + 1

    def _open(self) -> bool:
        return any(state.status in ACTIVE for state in self.state.groups)


class _Choir:
    """Several rules over one history, each document read once for all of them."""

    def __init__(self, rules: Sequence[Rule], history: History) -> None:
        self._parts = [Replay(rule, history) for rule in rules]
        self._clocks = [part.ticks() for part in self._parts]
        self._marks = Watermarks()
        self._due: list[tuple[int, int]] = []
        for number in range(len(self._parts)):
            self._wait(number)

    def _wait(self, number: int) -> None:
        at = next(self._clocks[number], None)
        if at is not None:
            heapq.heappush(self._due, (at, number))

    def until(self, at: float) -> Iterator[Change]:
        """Evaluate everything that is due before `at`."""
        while self._due and self._due[0][0] < at:
            now, number = heapq.heappop(self._due)
            yield from self._parts[number].evaluate(now, self._marks.lowest(now)).changes
            self._wait(number)

    def run(self, history: History) -> Iterator[Change | None]:
        lens = Lens(frozenset[str]().union(*(part.fields for part in self._parts)))
        takes = [part.take for part in self._parts]
        for at, happened, document, counts in history:
            yield from self.until(at)
            self._marks.add(document)
            if not counts:
                continue
            found = lens.read(document)
            for take in takes:
                take(found, happened)
            yield None
        yield from self.until(float("inf"))


def replay_all(rules: Sequence[Rule], history: History) -> Iterator[Change | None]:
    """All changes of several rules, in order of time; None after each document, for progress.

    Raises:
        ShipperError: a query of a rule is wrong, or one document lies years from the others.
    """
    yield from _Choir(rules, history).run(history)


def changes(rule: Rule, history: History) -> Iterator[Change]:
    """All changes of a rule over a history."""
    replay = Replay(rule, history)
    for now in replay.ticks():
        yield from replay.tick(now).changes


def _shown(at: float) -> str:
    """A time for people, also one that no calendar has."""
    try:
        return iso_utc(at)
    except (ValueError, OverflowError, OSError):
        return f"{at:.0f} s after 1970"
