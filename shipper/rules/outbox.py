"""What is decided about one receiver's waiting parcels before any is sent: held back, left out, told together.

Each pass marks what it changed; the caller stores that before it sends, so that a restart decides nothing twice.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

import msgspec

from shipper.rules.bundle import bundle
from shipper.rules.change import Kind
from shipper.rules.counts import held_by
from shipper.rules.entry import Parcel, Stage, parcel_id, subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.rules.counts import Tally
    from shipper.rules.notification import Notification

REMEMBERED = 86400
"""Seconds for which it is known when a batch was told last."""
MOST_TOGETHER = 1000
"""Alerts in one message; more make more messages."""

ENDS = frozenset({Kind.RESOLVED, Kind.COMPLETE})
_log = logging.getLogger("shipper.rules")


class Quiet(Protocol):
    """What may hold a notification back."""

    def reason(self, told: Notification) -> str | None:
        """Why it is not told now."""

    def acknowledged(self, episode: str) -> bool:
        """Does somebody work on it?"""


def hold_back(waiting: list[Parcel], quiet: Quiet, tally: Tally) -> list[Parcel]:
    """Apply silences, maintenance windows and acknowledgements; what is left out is taken out and given back.

    A firing is held until nothing mutes it; if it ends before that, neither is told. A reminder is left out where its
    episode is acknowledged or muted, or its firing still waits. The end of what was told is always told.
    """
    before: dict[str, Parcel] = {}
    left: list[Parcel] = []
    for parcel in waiting:
        entry, told = parcel.entry, parcel.entry.notification
        if parcel.parts or entry.started:
            continue
        spot = subject(told)
        earlier = before.get(spot)
        if told.kind is Kind.REMINDER:
            why = _needless(told, earlier, quiet) if not entry.attempts else None
            if why is not None:
                left.append(_leave_out(parcel, why))
                continue
        elif told.kind in ENDS:
            if earlier is not None and earlier.entry.muted is not None:
                why = f"it came and went under {earlier.entry.muted}"
                _leave_out(before.pop(spot), why)
                parcel.parts, parcel.entry.parts = [earlier], [earlier.id]
                left.append(_leave_out(parcel, why))
                continue
        elif not entry.attempts:
            _mute(parcel, quiet.reason(told), tally)
        before[spot] = parcel
    gone = {id(leaf) for parcel in left for leaf in (parcel, *parcel.parts)}
    tally["left_out"] += len(gone)
    if gone:
        waiting[:] = [parcel for parcel in waiting if id(parcel) not in gone]
    return left


def seal(waiting: list[Parcel], last: dict[str, float], now: float) -> list[Parcel]:
    """Make messages of each batch that has waited long enough; the parcels that are such messages now.

    `last` has for each batch when it was told last; times are epoch seconds.
    """
    batches: dict[str, list[Parcel]] = {}
    for parcel in waiting:
        entry = parcel.entry
        if entry.batch is not None and not entry.sealed and entry.muted is None:
            batches.setdefault(entry.batch, []).append(parcel)
    for name in [name for name, at in last.items() if at < now - REMEMBERED]:
        del last[name]
    sealed: list[Parcel] = []
    for name, members in batches.items():
        if now >= _ready_at(members, last.get(name)):
            sealed += merge(waiting, members)
    return sealed


def merge(waiting: list[Parcel], members: Sequence[Parcel]) -> list[Parcel]:
    """Put messages that tell all of `members` where the first of each stood, MOST_TOGETHER alerts in each at most."""
    made: list[Parcel] = []
    place = {id(parcel): number for number, parcel in enumerate(waiting)}
    gone: set[int] = set()
    for part in _portions(members):
        message = part[0] if len(part) == 1 else _message(part)
        message.entry.sealed, message.changed = True, True
        waiting[place[id(part[0])]] = message
        gone.update(id(member) for member in part[1:])
        made.append(message)
    waiting[:] = [parcel for parcel in waiting if id(parcel) not in gone]
    return made


def join(message: Parcel, parts: list[Parcel]) -> None:
    """Make a message say again what its parts say, as when it was made."""
    message.parts = parts
    message.entry.notification = bundle([part.entry.notification for part in parts])


def _message(parts: list[Parcel]) -> Parcel:
    first, told = parts[0].entry, bundle([part.entry.notification for part in parts])
    entry = msgspec.structs.replace(
        first,
        notification=told,
        created=min(part.entry.created for part in parts),
        parts=[part.id for part in parts],
    )
    return Parcel(parcel_id(first.receivers[0], told.key, "message"), entry, Stage.WAITING, parts=parts)


def _portions(members: Sequence[Parcel]) -> list[list[Parcel]]:
    portions: list[list[Parcel]] = []
    room = 0
    for member in members:
        size = len(member.entry.notification.alerts)
        if size > room:
            portions.append([])
            room = MOST_TOGETHER
        portions[-1].append(member)
        room -= size
    return portions


def _ready_at(members: list[Parcel], last: float | None) -> float:
    first = members[0].entry
    if last is None or last + first.interval < first.created:
        return first.created + first.wait
    return last + first.interval


def _needless(told: Notification, earlier: Parcel | None, quiet: Quiet) -> str | None:
    """Why a reminder need not be told."""
    if earlier is not None:
        return "what it reminds of still waits"
    return "it is acknowledged" if quiet.acknowledged(told.episode) else quiet.reason(told)


def _mute(parcel: Parcel, reason: str | None, tally: Tally) -> None:
    entry = parcel.entry
    if reason == entry.muted:
        return
    if reason is None:
        note = f"held back until now by {entry.muted}"
        entry.notification = msgspec.structs.replace(entry.notification, reason=note)
    else:
        _log.info("notification %s to %s is held back by %s", entry.notification.key, parcel.receiver, reason)
        tally[f"held_by_{held_by(reason)}"] += 1
    entry.muted, parcel.changed = reason, True


def _leave_out(parcel: Parcel, why: str) -> Parcel:
    told = parcel.entry.notification
    parcel.entry.dropped = True
    _log.info("%s notification %s is not told to %s: %s", told.kind, told.key, parcel.receiver, why)
    return parcel
