"""History through the same engine: documents in the order they arrived, a tick at each interval."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from shipper.clock import iso_utc
from shipper.errors import UsageError
from shipper.event import get_field
from shipper.kql.values import date_value
from shipper.rules.engine import CATCH_UP, Engine, Sight
from shipper.rules.fields import field_types
from shipper.rules.reduce import Reducer, timestamp
from shipper.rules.state import ACTIVE, RuleState
from shipper.rules.watermark import Watermarks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from shipper.event import Document
    from shipper.rules.change import Change
    from shipper.rules.rule import Rule


MOST_TICKS = 1_100_000
"""Evaluations of one replay at most: two years of one a minute."""


@dataclass(slots=True)
class Tick:
    """What one evaluation saw and did."""

    at: int
    changes: list[Change]
    complete: bool
    """All that could be seen was seen, and every window is judged that should be closed by now."""


@dataclass(slots=True)
class Timeline:
    """Documents by the time they became visible (epoch seconds)."""

    arrivals: list[tuple[float, int, int, Document]] = field(default_factory=list)
    """(arrival in seconds, number, `@timestamp` in ms, document)."""
    earliest: int | None = None
    """The lowest `@timestamp` in seconds."""

    def add(self, document: Document) -> None:
        """Take in a document; without `event.ingested` it arrived when it happened.

        Raises:
            ValueError: `@timestamp` or `event.ingested` is not a date.
        """
        happened = timestamp(document)
        arrived = arrival(document) / 1000
        self.arrivals.append((arrived, len(self.arrivals), happened, document))
        self.earliest = happened // 1000 if self.earliest is None else min(self.earliest, happened // 1000)


class Replay:
    """One rule over one timeline. `state` may be replaced between ticks, as a restart does."""

    def __init__(self, rule: Rule, timeline: Timeline) -> None:
        """Raises ShipperError where a query of the rule is wrong."""
        self.rule = rule
        self.engine = Engine(rule)
        self.state = RuleState(shape=list(rule.group_by))
        self._reducer = Reducer(self.engine, field_types())
        self._watermarks = Watermarks()
        self._arrivals = sorted(timeline.arrivals, key=lambda arrival: arrival[:2])
        self._earliest = timeline.earliest
        self._next = 0

    def ticks(self, until: int | None = None) -> Iterator[int]:
        """The times to evaluate at: from the first document until all is told (or `until`).

        What happened more than six hours before anything arrived is not waited for.

        Raises:
            UsageError: there would be too many, because one document lies years from the others.
        """
        if self._earliest is None:
            return
        step = self.rule.interval
        at = max(self._earliest, int(self._arrivals[0][0]) - CATCH_UP) // step * step + step
        end = self._quiet() if until is None else until
        if (end - at) // step > MOST_TICKS:
            raise UsageError(
                f"the rule {self.rule.name} would be evaluated {(end - at) // step:,} times, {MOST_TICKS:,} at most",
                where=f"arrivals from {_shown(at)} to {_shown(end)}",
                hint="take out the documents whose `@timestamp` or `event.ingested` lies years from the others, "
                "or shorten the rule's times",
            )
        while at <= end or (until is None and self._open() and at <= end + int(self.rule.retire)):
            yield at
            at += step

    def tick(self, now: int, problems: tuple[str, ...] = ()) -> Tick:
        """Let everything arrive that arrives up to `now`, then evaluate."""
        while self._next < len(self._arrivals) and self._arrivals[self._next][0] <= now:
            _, _, happened, document = self._arrivals[self._next]
            self._watermarks.add(document)
            self._reducer.add(document, happened)
            self._next += 1
        sight = Sight(self._watermarks.lowest(now), problems)
        changes = self.engine.tick(self.state, now, sight)
        newest = now // self.rule.interval * self.rule.interval
        due = newest - max(self.rule.interval, -int(-self.rule.grace // self.rule.interval) * self.rule.interval)
        return Tick(now, changes, complete=not problems and self.state.last is not None and self.state.last >= due)

    def _quiet(self) -> int:
        """When the last document has left every window and every window has closed."""
        rule = self.rule
        last = max(arrival[0] for arrival in self._arrivals)
        return int(last + rule.window + rule.grace + rule.recover + 2 * rule.every) + 1

    def _open(self) -> bool:
        return any(state.status in ACTIVE for state in self.state.groups)


def arrival(document: Document) -> int:
    """When it became visible, epoch milliseconds: `event.ingested`, else when it happened.

    Raises:
        ValueError: that is not a date.
    """
    ingested = get_field(document, "event.ingested", None)
    return timestamp(document) if ingested is None else date_value(ingested)


def changes(rule: Rule, timeline: Timeline) -> Iterator[Change]:
    """All changes of a rule over a timeline."""
    replay = Replay(rule, timeline)
    for now in replay.ticks():
        yield from replay.tick(now).changes


def _shown(at: float) -> str:
    """A time for people, also one that no calendar has."""
    try:
        return iso_utc(at)
    except (ValueError, OverflowError, OSError):
        return f"{at:.0f} s after 1970"


def read_events(path: Path) -> Iterable[Document]:
    """The documents of an NDJSON file, duplicates by `_id` left out.

    Raises:
        UsageError: unreadable, or a line is not a JSON object with a date.
    """
    known: set[str] = set()
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                document = _document(line, path, number)
                identity = None if document is None else _identity(document)
                if document is None or identity in known:
                    continue
                if identity is not None:
                    known.add(identity)
                yield document
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), hint="check the path") from error


def _document(line: bytes, path: Path, number: int) -> Document | None:
    if not line.strip():
        return None
    hint = "one JSON document a line, with `@timestamp` and `event.ingested`"
    try:
        document: Any = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"not JSON: {error}", where=f"{path}:{number}", hint=hint) from error
    if not isinstance(document, dict):
        raise UsageError("not a JSON object", where=f"{path}:{number}", hint=hint)
    try:
        timestamp(document)
    except ValueError as error:
        raise UsageError("`@timestamp` is missing or not a date", where=f"{path}:{number}", hint=hint) from error
    try:
        arrival(document)
    except ValueError as error:
        raise UsageError("`event.ingested` is not a date", where=f"{path}:{number}", hint=hint) from error
    return document


def _identity(document: Document) -> str | None:
    """The document's `_id` where the line has one; it is no field of the document."""
    metadata = document.pop("@metadata", None)
    found = document.pop("_id", None) or (metadata.get("_id") if isinstance(metadata, dict) else None)
    return None if found is None else str(found)
