"""A notification as lines of text, for people."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from shipper.rules import words
from shipper.rules.bundle import worst
from shipper.rules.change import Kind

if TYPE_CHECKING:
    from shipper.rules.notification import Example, Notification

SHOWN = 20
"""Members of a bundle that a text shows; machines get all of them."""
_SPARE = 40
"""Characters kept for saying that something is left out."""
LONGEST = 1000
"""Characters of one fact; an address is never cut."""
_ENDS = frozenset({Kind.RESOLVED, Kind.COMPLETE})


def lines(notification: Notification) -> list[str]:
    """The details as text, one fact a line."""
    return [f"{name} {value}".strip() for name, value in facts(notification)]


_LEAST = {"differs:": 2, "last heard": 2, "e.g.": 3, "query": 5}
"""How dispensable a fact is where there is no room; others are 0 (what, when, where to look) or 4."""
_NEEDED = frozenset({"", "since", "from", "note:", "runbook", "kibana"})


def fitted(told: Notification, room: int) -> list[str]:
    """As many of the lines as `room` characters hold, the least dispensable, in their order, and how many are left out.

    One that is too long alone is cut, unless it is an address, which is then left out.
    """
    found = facts(told)
    rank = {name: _LEAST.get(name, 0 if name in _NEEDED else 4) for name, _ in found}
    kept: dict[int, str] = {}
    room -= _SPARE
    for number in sorted(range(len(found)), key=lambda number: rank[found[number][0]]):
        text = " ".join(found[number]).strip()
        if len(text) + 1 > room and not kept:
            text = words.line(text, max(room - 1, 1))
        if len(text) + 1 <= room:
            kept[number] = text
            room -= len(text) + 1
    left = len(found) - len(kept)
    return [kept[number] for number in sorted(kept)] + ([f"({left} more lines left out here)"] if left else [])


def facts(told: Notification) -> list[tuple[str, str]]:
    """The details by name, the most urgent first; what belongs to the fact before has no name. Each is one line."""
    found = [
        ("", f"{told.summary} ({told.severity}, owner {told.owner})"),
        _time(told),
        *(("note:", mark) for mark in _marks(told)),
        *(("differs:", difference.text) for difference in told.differs),
        *(("e.g.", _example(one)) for one in told.examples if not told.before_silence),
        *_silence(told),
        *((f"{member.kind}", f"{_where(member, told)}: {member.text}") for member in told.members[:SHOWN]),
    ]
    if len(told.members) > SHOWN:
        found.append(("and", f"{len(told.members) - SHOWN:,} more"))
    found = [(name, words.line(value, LONGEST)) for name, value in found]
    found.append(("runbook", told.runbook))
    if told.index and (told.query or not told.members):
        found.append(("query", f"{told.index}: {words.line(told.query, LONGEST) or '*'}"))
    return [*found, *told.links.items()]


def _time(told: Notification) -> tuple[str, str]:
    lasted = (datetime.fromisoformat(told.at) - datetime.fromisoformat(told.since)).total_seconds()
    if told.kind in _ENDS:
        return "from", f"{words.when(told.since)} to {words.when(told.at)}, {words.lasting(lasted)}"
    return "since", f"{words.when(told.since)}, seen {words.when(told.at)}"


def _marks(told: Notification) -> list[str]:
    known = (
        ("documents that came late showed it", told.correction),
        ("told late: no evaluator was running, or an agent lagged", told.stale),
        ("told before all documents of its time are in: it may be more", not told.complete),
        (f"examples and links are of the worst: {_shown(told)}", bool(told.members)),
    )
    older = f"it was there before, last at {words.when(told.seen_before)}" if told.seen_before else None
    return [*(text for text in (told.reason, older) if text), *(text for text, on in known if on)]


def _silence(told: Notification) -> list[tuple[str, str]]:
    if not told.before_silence:
        return []
    return [("last heard", _example(told.examples[0]) if told.examples else "nothing in the 7 days before")]


def _example(one: Example) -> str:
    named = (("error.id", one.error_id), ("trace.id", one.trace_id))
    parts = [
        words.when(one.timestamp),
        one.host,
        one.message,
        None if one.error is None else f"({one.error})",
        None if one.duration is None else f"took {words.duration(one.duration)}",
        *(f"{name}={value}" for name, value in named if value),
    ]
    return " ".join(part for part in parts if part)


def _shown(told: Notification) -> str:
    return _where(worst(told.members), told) if told.members else ""


def _where(member: Notification, whole: Notification) -> str:
    group = member.where or "(all)"
    return group if member.rule == whole.rule else f"{member.rule} {group}"
