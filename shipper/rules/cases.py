"""Runs the `tests:` of a rule: the case's documents and faults through the replay, its expectations against it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shipper.clock import iso_utc
from shipper.errors import ConfigError
from shipper.event import set_field
from shipper.rules.fields import HEARTBEAT
from shipper.rules.replay import Replay, Timeline
from shipper.rules.state import RuleState, Status, decode, encode
from shipper.rules.unmet import Unmet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.event import Document
    from shipper.rules.casefile import Case, Documents, Expectation
    from shipper.rules.change import Change
    from shipper.rules.rule import Rule

HEARTBEAT_EVERY = 5


@dataclass(slots=True)
class CaseResult:
    """What a case showed; it passed when `failures` is empty."""

    rule: str
    case: str
    start: int
    """Epoch seconds."""
    failures: list[Unmet] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def run_case(rule: Rule, case: Case) -> CaseResult:
    """Play one case.

    Raises:
        ConfigError: the case itself is wrong (its start, a field that cannot be set).
    """
    start = _start(rule, case)
    end = start + max(int(expected.at) for expected in case.expect)
    replay = Replay(rule, _timeline(rule, case, start, end))
    result = CaseResult(rule.name, case.name, start)
    waiting = sorted(enumerate(case.expect), key=lambda entry: entry[1].at)
    complete = True
    now, following = start - 1, start
    while following <= end:
        now = following
        problems = _problems(case, now - start)
        if problems is not None:
            replay.state = decode(encode(replay.state), rule.group_by)  # as an evaluator that reads it back
            tick = replay.tick(now, problems)
            complete = tick.complete
            result.changes += tick.changes
        following = replay.engine.schedule(replay.state).following(now)
        while waiting and start + waiting[0][1].at < following:
            place, expected = waiting.pop(0)
            found = _found(expected, result.changes, replay.state, rule, complete=complete)
            result.failures += _unmet(place, expected, found)
    return result


def check_case(rule: Rule, case: Case) -> None:
    """Make the case's start and one document of each kind.

    Raises:
        ConfigError: one cannot be made.
    """
    start = _start(rule, case)
    for documents in case.docs:
        _document(rule, case, documents, start)


def _start(rule: Rule, case: Case) -> int:
    try:
        stamp = datetime.fromisoformat(case.start)
    except ValueError:
        stamp = None
    if stamp is None or stamp.tzinfo is None:
        raise ConfigError(
            f"`start: {case.start}` is not a time with a zone",
            where=f"rule {rule.name}: test `{case.name}`",
            hint='write it as "2026-01-05T10:00:00Z"',
        )
    seconds = int(stamp.timestamp())
    if seconds % rule.interval:
        raise ConfigError(
            f"`start: {case.start}` is not a time of evaluation",
            where=f"rule {rule.name}: test `{case.name}`",
            hint=f"choose a multiple of {rule.interval} s",
        )
    return seconds


def _timeline(rule: Rule, case: Case, start: int, end: int) -> Timeline:
    timeline = Timeline()
    for documents in case.docs:
        for number in range(documents.count):
            happened = start + documents.at + number * documents.every
            timeline.add(_document(rule, case, documents, happened))
    if case.watermark is not None:
        for at in range(start - HEARTBEAT_EVERY, end + 1, HEARTBEAT_EVERY):
            timeline.add(_heartbeat(at, at - float(case.watermark)))
    return timeline


def _document(rule: Rule, case: Case, documents: Documents, happened: float) -> Document:
    document: Document = {}
    try:
        for name, value in documents.set.items():
            set_field(document, name, value)
    except ValueError as error:
        raise ConfigError(str(error), where=f"rule {rule.name}: test `{case.name}`") from error
    set_field(document, "@timestamp", iso_utc(happened))
    set_field(document, "event.ingested", iso_utc(happened + documents.lag))
    return document


def _heartbeat(at: float, watermark: float) -> Document:
    return {
        "@timestamp": iso_utc(at),
        "event": {"dataset": HEARTBEAT, "ingested": iso_utc(at)},
        "agent": {"id": "test"},
        "shipper": {"watermark": iso_utc(watermark)},
    }


def _problems(case: Case, offset: int) -> tuple[str, ...] | None:
    """Why the result at `offset` is incomplete; None while the evaluator is dead."""
    active = [fault for fault in case.faults if fault.at <= offset < fault.at + fault.lasts]
    if any(fault.kill is not None for fault in active):
        return None
    return tuple(f"{fault.shards_failed} shards failed" for fault in active if fault.shards_failed)


def _found(
    expected: Expectation, changes: list[Change], state: RuleState, rule: Rule, *, complete: bool
) -> dict[str, Any]:
    """What there is of each thing that can be expected."""
    mine = [change for change in changes if not expected.group or change.labels == expected.group]
    sent = [change for change in mine if change.send is not None]
    return {
        "state": _state(expected, state, mine, rule),
        "sent": len(sent),
        "kinds": tuple(change.send.value for change in sent if change.send is not None),
        "complete": complete,
        "value": next((change.value for change in reversed(mine)), None),
        "text_has": sent[-1].text if sent else "",
    }


def _unmet(place: int, expected: Expectation, found: dict[str, Any]) -> Iterator[Unmet]:
    for name, value in found.items():
        wanted = getattr(expected, name)
        if wanted is None or (wanted in value if name == "text_has" else _same(value, wanted)):
            continue
        yield Unmet(place, int(expected.at), expected.group, name, wanted, value)


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, float) and isinstance(found, int | float):
        return abs(found - wanted) <= 0.02 * abs(wanted)  # percentiles are 2 % exact
    return bool(found == wanted)


def _state(expected: Expectation, state: RuleState, mine: list[Change], rule: Rule) -> str:
    """The group's status; `resolved` from its resolution until something else happens. No group = the worst one."""
    if expected.group:
        wanted = tuple(expected.group.get(name, "") for name in rule.group_by)
        status = next((group.status for group in state.groups if group.group == wanted), Status.OK)
    else:
        order = [Status.FIRING, Status.RECOVERING, Status.NO_DATA, Status.PENDING, Status.OK]
        status = min((group.status for group in state.groups), key=order.index, default=Status.OK)
        if status is Status.OK and state.incomplete:
            return Status.INCOMPLETE.value
    if status is Status.OK and mine and mine[-1].after is Status.RESOLVED:
        return Status.RESOLVED.value
    return status.value
