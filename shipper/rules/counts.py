"""What became of notifications, counted for each receiver since its first; and how many wait, and for what.

Totals are stored with the receiver's lease after each pass: a process that dies loses those of one pass at most.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shipper.rules.entry import Entry, Parcel

COUNTS = {
    "messages": "messages the receiver took",
    "alerts": "alerts in them",
    "grouped": "alerts that were told together with others, as their route says",
    "limited": "alerts that were told together with others because the receiver's limit was reached",
    "held_by_silence": "alerts held back by a silence, each time one begins to hold them",
    "held_by_maintenance": "alerts held back by a maintenance window, likewise",
    "left_out": "alerts told to nobody: they came and went while held back, or were needless reminders",
    "retries": "attempts the receiver did not take, to be repeated",
    "fallbacks": "messages handed to the receiver's fallback",
    "failed": "alerts dropped: the receiver refused them, or took none for a day",
}
"""Name -> meaning; never decreasing."""
WAITS = {
    "silence": "held back by a silence",
    "maintenance": "held back by a maintenance window",
    "group": "waiting for others of its group",
    "retry": "to be tried again",
    "due": "to be told next, or when the receiver's limit has room",
}
"""Why a parcel waits -> meaning."""

Tally = Counter[str]


def held_by(reason: str) -> str:
    """`silence` or `maintenance`, from the words that say what holds something back."""
    return "silence" if reason.startswith("silence ") else "maintenance"


def why(entry: Entry) -> str:
    """For what it waits: a key of WAITS."""
    if entry.muted is not None:
        return held_by(entry.muted)
    if entry.batch is not None and not entry.sealed:
        return "group"
    return "retry" if entry.attempts else "due"


def waiting(parcels: Iterable[Parcel]) -> dict[str, int]:
    """How many alerts wait for what; all keys of WAITS."""
    found = Counter(dict.fromkeys(WAITS, 0))
    for parcel in parcels:
        found[why(parcel.entry)] += len(parcel.entry.notification.alerts)
    return dict(found)
