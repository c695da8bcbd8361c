"""One receiver's parcels in memory, while this process holds its box; every change goes to the outbox at once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shipper.rules import outbox
from shipper.rules.entry import Parcel, Stage, subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.clock import Clock
    from shipper.rules.notification import Notification
    from shipper.rules.outboxstore import Box, Outbox

_log = logging.getLogger("shipper.rules")


class Queue:
    """What waits for a receiver, and what it must hear again and again.

    Args:
        box: its document, with our lease on it.
        store: the outbox.
        keeps: the receiver forgets what it does not hear of.
    """

    def __init__(self, box: Box, store: Outbox, clock: Clock, *, keeps: bool) -> None:
        self.box = box
        self.waiting: list[Parcel] = []
        """In the order in which they are told, messages in the place of their first part."""
        self.live: dict[str, Parcel] = {}
        """Subject -> what was told of it last."""
        self._store = store
        self._clock = clock
        self._keeps = keeps
        self._new: list[Parcel] = []

    def load(self) -> None:
        """Read all from the outbox and finish what a predecessor left half done."""
        found = self._store.load(self.box.receiver)
        known = {parcel.id: parcel for parcel in found}
        inside: set[str] = set()
        for parcel in found:
            if parcel.entry.parts:
                self._rebuild(parcel, known, inside)
        for parcel in found:
            if parcel.stage is Stage.LIVE:
                self._revive(parcel)
            elif parcel.stage is not Stage.TOLD and parcel.id not in inside:
                self.waiting.append(parcel)
        self._new = [parcel for parcel in found if parcel.stage is Stage.NEW]
        self._conclude([parcel for parcel in found if parcel.stage is Stage.TOLD])

    def take_in(self, fresh: Sequence[Parcel]) -> None:
        """What was made since the last look."""
        self.waiting += fresh
        self._new += fresh

    def settle(self) -> None:
        """Note of what is new and still waits that it was looked at."""
        looked = [parcel for parcel in self._new if parcel.stage is Stage.NEW]
        for parcel in looked:
            parcel.stage = Stage.WAITING
        self.write(looked)
        self._new = []

    def write(self, parcels: Sequence[Parcel]) -> None:
        """Store them, in this order."""
        if parcels:
            self._store.write(parcels, self._clock.time())

    def keep(self) -> None:
        """Store what was decided: changed parcels and new messages."""
        self.write([parcel for parcel in self.waiting if parcel.changed])

    def finish(self, parcels: Sequence[Parcel], *, told: bool) -> None:
        """They are over: told, or not to be told. A crash in here leaves it half done, and `load` does the rest."""
        if len(parcels) == 1 and self.waiting and self.waiting[0] is parcels[0]:
            del self.waiting[0]
        else:
            gone = set(map(id, parcels))
            self.waiting = [parcel for parcel in self.waiting if id(parcel) not in gone]
        whole = [parcel for parcel in parcels if parcel.parts]
        for parcel in parcels:
            parcel.entry.dropped = not told
        for parcel in whole:
            parcel.stage = Stage.TOLD
        self.write(whole)
        self._conclude(parcels)

    def _conclude(self, parcels: Sequence[Parcel]) -> None:
        """Mark the parts before the whole, and what a resolution ends before the resolution."""
        writes: list[Parcel] = []
        for parcel in parcels:
            for leaf in parcel.leaves():
                writes += self._end(leaf, keeps=self._keeps and not parcel.entry.dropped)
            writes += _messages(parcel)
        self.write(writes)

    def _end(self, leaf: Parcel, *, keeps: bool) -> list[Parcel]:
        if not keeps:
            return [_done(leaf)]
        about = subject(leaf.entry.notification)
        old = self.live.pop(about, None)
        ended = [] if old is None or old is leaf else [_done(old)]
        if leaf.entry.notification.kind in outbox.ENDS:
            return [*ended, _done(leaf)]
        leaf.stage = Stage.LIVE
        self.live[about] = leaf
        return [leaf, *ended]

    def _revive(self, parcel: Parcel) -> None:
        if not self._keeps:
            self.write([_done(parcel)])
            return
        about = subject(parcel.entry.notification)
        old = self.live.get(about)  # both only where a predecessor died between two writes
        if old is not None:
            self.write([_done(old)])
        self.live[about] = parcel

    def _rebuild(self, message: Parcel, known: dict[str, Parcel], inside: set[str]) -> None:
        """Find the parts of a message again; what is done already may be gone."""
        parts = [known[name] for name in message.entry.parts if name in known]
        if message.stage is not Stage.TOLD and len(parts) < len(message.entry.parts):
            _log.error("%d parts of message %s are gone", len(message.entry.parts) - len(parts), message.id)
        inside.update(part.id for part in parts)
        if message.entry.dropped or not parts:
            message.parts = parts
            return
        for part in parts:
            if part.entry.parts and not part.parts:
                self._rebuild(part, known, inside)
        outbox.join(message, parts)


def alerts(queue: Queue) -> list[Notification]:
    """What fires and must be told again."""
    return [parcel.entry.notification for parcel in queue.live.values()]


def _messages(parcel: Parcel) -> list[Parcel]:
    """The parcels in it that are not leaves, inner ones first."""
    if not parcel.parts:
        return []
    return [*(inner for part in parcel.parts for inner in _messages(part)), _done(parcel)]


def _done(parcel: Parcel) -> Parcel:
    parcel.stage = Stage.DONE
    return parcel
