"""A record that is open at the end of a file may go on in the file that follows it after a rotation.

A fresh file is not read before that is decided. What it owes to its elder is copied into the elder's entry, and the
fresh one begins behind it, in one commit: whatever is read again after a crash gives the same records.
"""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.agent.codec.container import unwrap
from shipper.agent.codec.trace import may_go_on
from shipper.agent.identity import HEAD, TAIL, digest
from shipper.agent.registry.entry import Sequel
from shipper.agent.rotation import siblings

if TYPE_CHECKING:
    from shipper.agent.bytesource import ByteSource
    from shipper.agent.delivery import Delivery
    from shipper.agent.fleet import Fleet
    from shipper.agent.harvester import Harvester
    from shipper.agent.registry import Key, Registry
    from shipper.clock import Clock

LIMIT = 64 << 10
"""Bytes of a fresh file that may belong to its elder's record."""
_NUMBER = re.compile(r"[._-]*\d+")
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")


@dataclass(slots=True)
class _Wait:
    """A fresh file that is not read yet.

    Attributes:
        elder: whose end is awaited.
        target: size of the elder when the wait began: it may grow for ever.
        size: of the fresh file at `since`, monotonic seconds.
    """

    elder: Key
    target: float
    size: int
    since: float


class Succession:
    """Used by the reader thread only.

    Attributes:
        waiting: fresh sources that are not read yet.
    """

    def __init__(self, fleet: Fleet, registry: Registry, delivery: Delivery, clock: Clock, *, once: bool) -> None:
        """`once`: nothing more will be written, so nothing is waited for."""
        self._fleet = fleet
        self._registry = registry
        self._delivery = delivery
        self._clock = clock
        self._once = once
        self.waiting: dict[Key, _Wait] = {}

    def is_awaited(self, key: Key) -> bool:
        """Does a fresh file wait for this one's end? Its open record must not be given up meanwhile."""
        return any(wait.elder == key for wait in self.waiting.values())

    def review(self, elder: Key | None = None) -> None:
        """Let those that wait (for the end of `elder`, which was just met) have another try."""
        for key, wait in list(self.waiting.items()):
            harvester = self._fleet.of(key)
            if harvester is None:
                del self.waiting[key]
            elif elder is None or wait.elder == elder:
                self._fleet.queue(harvester)

    def defers(self, harvester: Harvester, flush_after: float) -> bool:
        """Before a read: must this file wait, because its first lines may belong to another's open record?

        Raises:
            OSError: the file cannot be read.
        """
        if harvester.position or harvester.begun or harvester.file is None:
            return False
        head = harvester.file.read_at(0, HEAD)
        if not head:
            return False
        wait = self.waiting.get(harvester.key)
        elder = self._fleet.of(wait.elder) if wait is not None else self._elder(harvester, head)
        if elder is None or elder.file is None or elder.restarted or elder.benched:
            return self._begin(harvester)
        head = harvester.file.read_at(0, LIMIT)
        if wait is None:
            wait = _Wait(elder.key, _size(elder.file), len(head), self._clock.monotonic())
        elif wait.size != len(head):
            wait.size, wait.since = len(head), self._clock.monotonic()
        if not elder.at_end and elder.position <= wait.target:
            return self._wait(harvester, wait)
        if not elder.held or not elder.terminated or not elder.at_end:
            return self._begin(harvester)
        return self._ask(harvester, elder, head, wait, flush_after)

    def _ask(self, harvester: Harvester, elder: Harvester, head: bytes, wait: _Wait, flush_after: float) -> bool:
        taken, ended = elder.continuation(head)
        ended = ended or self._once or len(head) >= LIMIT or self._clock.monotonic() - wait.since >= flush_after
        if not ended and (taken or b"\n" not in head):
            return self._wait(harvester, wait)
        if not taken:
            return self._begin(harvester)
        return not self._hand_over(harvester, elder, head[:taken])

    def _hand_over(self, harvester: Harvester, elder: Harvester, lines: bytes) -> bool:
        """Durable before the record leaves; False while the disk refuses."""
        entry = self._registry.get(elder.key)
        assert entry is not None, "a harvester's entry outlives it"
        at = elder.position
        self._registry.update(elder.key, cuts=(*entry.cuts, at), sequel=Sequel(at, lines))
        tail = lines[-TAIL:]
        taken = len(lines)
        self._registry.update(
            harvester.key, offset=taken, handed=taken, begun=True, tail_length=len(tail), tail=digest(tail)
        )
        if not self._registry.commit():
            self._registry.update(elder.key, cuts=entry.cuts, sequel=None)
            self._registry.update(harvester.key, offset=0, handed=0, begun=False, tail_length=0, tail="")
            return False
        self._fleet.holding.pop(elder.key, None)
        batch = elder.conclude(lines)
        if batch is not None:
            self._delivery.offer(batch)
        elder.offered()
        fresh, owner = self._registry.get(harvester.key), self._fleet.owner(harvester.key)
        assert fresh is not None, "a harvester's entry outlives it"
        assert owner is not None, "a harvester has an owner"
        harvester.begin_at(len(lines), tail, owner.decoder(fresh))
        self._done(harvester)
        return True

    def _begin(self, harvester: Harvester) -> bool:
        """It is read from its first byte. Whoever waited is remembered as decided, and so is alike after a crash."""
        if harvester.key in self.waiting:
            self._registry.update(harvester.key, begun=True)
            if not self._registry.commit():
                self._registry.update(harvester.key, begun=False)
                return True
        self._done(harvester)
        return False

    def _done(self, harvester: Harvester) -> None:
        self.waiting.pop(harvester.key, None)
        harvester.begun = True
        self._fleet.followed.pop(harvester.path, None)

    def _wait(self, harvester: Harvester, wait: _Wait) -> bool:
        self.waiting[harvester.key] = wait
        return True

    def _elder(self, harvester: Harvester, head: bytes) -> Harvester | None:
        """Whose place the file took: the one that had its path before, else one beside it with a like name."""
        key = self._fleet.followed.get(harvester.path)
        if key is not None:
            return None if self._awaits(key, harvester.key) else self._fleet.of(key)
        line = head.partition(b"\n")[0].decode("utf-8", "replace")
        wrapped = unwrap(line)
        return self._beside(harvester) if may_go_on(line if wrapped is None else wrapped.text) else None

    def _awaits(self, key: Key, other: Key) -> bool:
        """Is `key` the other one, or does it wait for it? Another had the path before the other one's turn came."""
        while key != other and key in self.waiting:
            key = self.waiting[key].elder
        return key == other

    def _beside(self, harvester: Harvester) -> Harvester | None:
        folder, name = os.path.split(harvester.path)
        assert harvester.file is not None, "only open files get here"
        best, latest = None, 0
        born = harvester.file.stat().st_mtime_ns
        for sibling in siblings(folder):
            if stencil(sibling.name) == stencil(name):
                stat = sibling.stat()
                other = self._fleet.at((stat.st_dev, stat.st_ino))
                if other is not None and other is not harvester and latest < stat.st_mtime_ns <= born:
                    best, latest = other, stat.st_mtime_ns
        return best


def _size(file: ByteSource) -> float:
    """Of what is there to read; unknown of a compressed file, which does not grow."""
    return file.stat().st_size if file.plain else math.inf


def stencil(name: str) -> str:
    """A file's name without what tells the files of one rotated log apart (`app.log.2.gz`, `app-2026-01-31.log`)."""
    for ending in _COMPRESSED:
        name = name.removesuffix(ending)
    return _NUMBER.sub("", name)
