"""An outbox without a cluster, with the real one's promises: versions, leases, writes that a death may cut anywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from shipper.rules.entry import Entry, Parcel, Stage
from shipper.rules.outboxstore import Box
from shipper.rules.statestore import LostLeaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


class MemoryOutbox:
    """`point` is called before and after every write of one document, and may raise."""

    def __init__(self, point: Callable[[], None] = lambda: None) -> None:
        self._point = point
        self._version = 0
        self._boxes: dict[str, Box] = {}
        self.documents: dict[str, tuple[bytes, Stage, tuple[int, int], str]] = {}

    def box(self, receiver: str) -> Box:
        found = self._boxes.get(receiver, Box(receiver))
        return replace(found, told=dict(found.told), counts=found.counts.copy())

    def save_box(self, box: Box, now: float) -> None:
        self._point()
        held = self._boxes.get(box.receiver)
        if (None if held is None else held.version) != box.version:
            raise LostLeaseError(box.receiver)
        box.version = self._next()
        self._boxes[box.receiver] = replace(box, told=dict(box.told), counts=box.counts.copy())
        self._point()

    def renew_box(self, box: Box, until: float) -> None:
        box.until = until
        self.save_box(box, until)

    def refresh(self) -> None:
        pass

    def occupied(self, receiver: str) -> bool:
        return bool(self.load(receiver))

    def load(self, receiver: str) -> list[Parcel]:
        return self._found(receiver, {Stage.NEW, Stage.WAITING, Stage.TOLD, Stage.LIVE})

    def fresh(self, receiver: str) -> list[Parcel]:
        return self._found(receiver, {Stage.NEW})

    def add(self, parcels: Sequence[Parcel], now: float) -> None:
        for parcel in parcels:
            self._point()
            self.quietly_add([parcel])
            self._point()

    def quietly_add(self, parcels: Sequence[Parcel]) -> None:
        for parcel in parcels:
            if parcel.id not in self.documents:
                self._put(parcel)

    def write(self, parcels: Iterable[Parcel], now: float) -> None:
        for parcel in list(parcels):
            self._point()
            held = self.documents.get(parcel.id)
            if (None if held is None else held[2]) != parcel.version:
                raise LostLeaseError(parcel.receiver)
            self._put(parcel)
            parcel.version, parcel.changed = self.documents[parcel.id][2], False
            self._point()

    def _put(self, parcel: Parcel) -> None:
        entry = parcel.entry
        if entry.parts:
            entry = msgspec.structs.replace(entry, notification=msgspec.structs.replace(entry.notification, members=[]))
        self.documents[parcel.id] = msgspec.json.encode(entry), parcel.stage, self._next(), parcel.receiver

    def _found(self, receiver: str, stages: set[Stage]) -> list[Parcel]:
        found = [
            Parcel(name, msgspec.json.decode(body, type=Entry), stage, version)
            for name, (body, stage, version, to) in self.documents.items()
            if stage in stages and to == receiver
        ]
        return sorted(found, key=lambda parcel: parcel.place)

    def _next(self) -> tuple[int, int]:
        self._version += 1
        return self._version, 1
