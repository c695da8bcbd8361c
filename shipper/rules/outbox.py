"""What is decided about waiting notifications before any is sent: held back, left out, told together.

Each pass changes the outbox and says so; the caller stores it before it sends, so that a restart decides nothing twice.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

import msgspec

from shipper.rules.bundle import bundle
from shipper.rules.change import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shipper.rules.notification import Notification
    from shipper.rules.statestore import Entry

REMEMBERED = 86400
"""Seconds for which it is known when a batch was told last."""

_ENDS = frozenset({Kind.RESOLVED, Kind.COMPLETE})
_WHOLE_RULE = frozenset({Kind.INCOMPLETE, Kind.COMPLETE})
_log = logging.getLogger("shipper.rules")


class Quiet(Protocol):
    """What may hold a notification back."""

    def reason(self, told: Notification) -> str | None:
        """Why it is not told now."""

    def acknowledged(self, episode: str) -> bool:
        """Does somebody work on it?"""


def split(outbox: list[Entry]) -> None:
    """One entry for each receiver: each is held back, bundled and tried for itself."""
    outbox[:] = [
        entry if len(entry.receivers) == 1 else msgspec.structs.replace(entry, receivers=[name])
        for entry in outbox
        for name in entry.receivers
    ]


def threads(entry: Entry) -> set[tuple[str, str]]:
    """What must be told in order: receiver and episode (or rule, where it is about a whole rule)."""
    return {(entry.receivers[0], subject(member)) for member in entry.notification.alerts}


def hold_back(outbox: list[Entry], quiet: Quiet) -> bool:
    """Apply silences, maintenance windows and acknowledgements; True if anything changed.

    A firing is held until nothing mutes it; if it ends before that, neither is told. A reminder is left out where its
    episode is acknowledged or muted, or its firing still waits. The end of what was told is always told.
    """
    waiting: dict[tuple[str, str], Entry] = {}
    changed = False
    for entry in list(outbox):
        told = entry.notification
        if told.members or entry.started:
            continue
        spot = (entry.receivers[0], subject(told))
        earlier = waiting.get(spot)
        if told.kind is Kind.REMINDER:
            why = _needless(told, earlier, quiet) if not entry.attempts else None
            if why is not None:
                changed = _leave_out(outbox, [entry], why)
                continue
        elif told.kind in _ENDS:
            if earlier is not None and earlier.muted is not None:
                changed = _leave_out(outbox, [waiting.pop(spot), entry], f"it came and went under {earlier.muted}")
                continue
        elif not entry.attempts:
            changed = _mute(entry, quiet.reason(told)) or changed
        waiting[spot] = entry
    return changed


def seal(outbox: list[Entry], last: dict[str, float], now: float) -> bool:
    """Make one entry of each batch that has waited long enough; True if anything changed.

    `last` has for each batch (`spot`) when it was told last; times are epoch seconds.
    """
    batches: dict[str, list[Entry]] = {}
    for entry in outbox:
        if entry.batch is not None and not entry.sealed and entry.muted is None:
            batches.setdefault(spot(entry), []).append(entry)
    for name in [name for name, at in last.items() if at < now - REMEMBERED]:
        del last[name]
    ready = [entries for name, entries in batches.items() if now >= _ready_at(entries, last.get(name))]
    for entries in ready:
        merge(outbox, entries).sealed = True
    return bool(ready)


def merge(outbox: list[Entry], entries: list[Entry]) -> Entry:
    """Put one entry that tells all of `entries` (one or more, of one receiver) where the first of them stood."""
    first, rest = entries[0], {id(entry) for entry in entries[1:]}
    first.notification = bundle([entry.notification for entry in entries])
    first.created = min(entry.created for entry in entries)
    outbox[:] = [entry for entry in outbox if id(entry) not in rest]
    return first


def spot(entry: Entry) -> str:
    """The name of a batch at its receiver."""
    return f"{entry.receivers[0]}\n{entry.batch}"


def _ready_at(entries: list[Entry], last: float | None) -> float:
    first = entries[0]
    if last is None or last + first.interval < first.created:
        return first.created + first.wait
    return last + first.interval


def _needless(told: Notification, earlier: Entry | None, quiet: Quiet) -> str | None:
    """Why a reminder need not be told."""
    if earlier is not None:
        return "what it reminds of still waits"
    return "it is acknowledged" if quiet.acknowledged(told.episode) else quiet.reason(told)


def _mute(entry: Entry, reason: str | None) -> bool:
    if reason == entry.muted:
        return False
    if reason is None:
        note = f"held back until now by {entry.muted}"
        entry.notification = msgspec.structs.replace(entry.notification, reason=note)
    else:
        _log.info("notification %s to %s is held back by %s", entry.notification.key, entry.receivers[0], reason)
    entry.muted = reason
    return True


def _leave_out(outbox: list[Entry], entries: Iterable[Entry], why: str) -> bool:
    for entry in entries:
        outbox.remove(entry)
        told = entry.notification
        _log.info("%s notification %s is not told to %s: %s", told.kind, told.key, entry.receivers[0], why)
    return True


def subject(told: Notification) -> str:
    """What it is about: an episode, or a whole rule."""
    return f"rule {told.rule}" if told.kind in _WHOLE_RULE else told.episode
