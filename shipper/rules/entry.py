"""A notification on its way to one receiver, as it is stored."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from shipper.rules.change import Kind
from shipper.rules.notification import Notification

if TYPE_CHECKING:
    from collections.abc import Iterator

_WHOLE_RULE = frozenset({Kind.INCOMPLETE, Kind.COMPLETE})


class Entry(msgspec.Struct, kw_only=True):
    """One notification and who still waits for it."""

    notification: Notification
    receivers: list[str]
    """One; documents of older versions may name several."""
    attempts: int = 0
    due: float = 0.0
    """Epoch seconds of the next attempt."""
    created: float = 0.0
    order: int = 0
    """Its place among those created at the same time."""
    batch: str | None = None
    """What is told together has the same; None = it is told alone."""
    wait: float = 0.0
    interval: float = 0.0
    """Seconds the first of a batch waits, and seconds between two messages of it."""
    sealed: bool = False
    """Nothing is added to it any more: its key and text stay."""
    started: bool = False
    """A receiver with a limit may have seen it: it is not merged with others any more."""
    muted: str | None = None
    """What holds it back."""
    fell_back: bool = False
    """The fallback of its receiver was told."""
    parts: list[str] = []
    """Ids of the parcels that this one tells (or leaves out) together."""
    dropped: bool = False
    """It ends untold."""
    known: bool = False
    """It was told already and is only to be told again and again."""


class Stage(StrEnum):
    """How far a parcel is."""

    NEW = "new"
    """Nobody who tells has looked at it yet."""
    WAITING = "waiting"
    TOLD = "told"
    """It is decided and done; its parts must still be marked so."""
    LIVE = "live"
    """Told, and told again and again until it resolves."""
    DONE = "done"
    """Kept a while, so that nobody makes it anew."""


@dataclass(slots=True, eq=False)
class Parcel:
    """An entry for one receiver with its place in the outbox."""

    id: str
    entry: Entry
    stage: Stage = Stage.NEW
    version: tuple[int, int] | None = None
    """(`_seq_no`, `_primary_term`) as read or written last; None = not stored yet."""
    parts: list[Parcel] = field(default_factory=list)
    changed: bool = False
    """What is stored is older."""

    @property
    def receiver(self) -> str:
        """Whom it is for."""
        return self.entry.receivers[0]

    @property
    def place(self) -> tuple[float, int, str]:
        """What must be told in order is so by this."""
        return self.entry.created, self.entry.order, self.id

    def leaves(self) -> Iterator[Parcel]:
        """The parcels of single alerts in it, in order; itself where it has no parts."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


def parcels(entries: list[Entry], first: int = 0) -> list[Parcel]:
    """One new parcel for each receiver and alert; what an older version had made one message is made so again.

    `first`: how many entries were made parcels before, of those that are told in order with these. However they are
    portioned, each gets the same place.
    """
    made: list[Parcel] = []
    for number, entry in enumerate(entries, first):
        for place, (name, told) in enumerate(itertools.product(entry.receivers, entry.notification.alerts)):
            one = msgspec.structs.replace(entry, notification=told, receivers=[name], order=(number << 20) + place)
            if entry.notification.members:
                one.batch, one.wait, one.interval, one.sealed = f"message {entry.notification.key}", 0.0, 0.0, False
            made.append(Parcel(parcel_id(name, told.key), one))
    return made


def parcel_id(receiver: str, key: str, role: str = "") -> str:
    """The same for the same thing to tell: who makes it twice makes one."""
    return hashlib.sha256(f"{receiver}\n{key}\n{role}".encode()).hexdigest()[:40]


def subject(told: Notification) -> str:
    """What it is about: an episode, or a whole rule."""
    return f"rule {told.rule}" if told.kind in _WHOLE_RULE else told.episode


def threads(parcel: Parcel) -> set[str]:
    """What must be told in order: episodes (or rules, where it is about a whole rule)."""
    return {subject(told) for told in parcel.entry.notification.alerts}
