"""Between the reader and the senders: the queue, the memory budget and the acknowledged offsets."""

from __future__ import annotations

import threading
from collections import Counter, deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shipper.agent.batch import Batch, Reject, Run
    from shipper.agent.registry import Key, Registry


class Graveyard(Protocol):
    """Where rejected records go before they count as settled."""

    def bury(self, rejects: Sequence[Reject]) -> None:
        """Store them durably.

        Raises:
            OSError: the disk refused; the records stay unsettled.
        """


class Delivery:
    """Thread-safe. Batches go in at the back, are taken by senders, and are settled or given back.

    The acknowledged offset of a source moves only over settled batches without a gap. Nothing is ever dropped: a
    reader that finds no room waits.
    """

    def __init__(self, registry: Registry, graveyard: Graveyard, budget: int) -> None:
        """Hold at most about `budget` bytes of records, queued and in flight together."""
        self._registry = registry
        self._graveyard = graveyard
        self._budget = budget
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._freed = threading.Condition(self._lock)
        self._queue: deque[Batch] = deque()
        self._held: dict[Key, deque[Batch]] = {}
        self._used = 0
        self._closed = False
        self._offered = 0
        self._newest_settled = 0
        self.counts: Counter[str] = Counter()
        self.changed = threading.Event()

    def has_room(self) -> bool:
        """May the reader read on?"""
        with self._lock:
            return self._used < self._budget

    def resize(self, budget: int) -> None:
        """Hold at most about so many bytes from now on."""
        with self._lock:
            self._budget = budget
            self._freed.notify_all()

    def wait_room(self, seconds: float) -> bool:
        """Wait until there is room, or the time is over."""
        with self._lock:
            if self._used >= self._budget:
                self._freed.wait(seconds)
            return self._used < self._budget

    def offer(self, batch: Batch) -> None:
        """Take a batch of the reader; one without records only moves its source's offset."""
        with self._lock:
            self._offered += 1
            batch.number = self._offered
            if batch.run is not None:
                self._held.setdefault(batch.run.key, deque()).append(batch)
            self._used += batch.size
            self.counts["read"] += len(batch)
            if batch.run is not None:
                self.counts["bytes_read"] += batch.run.end - batch.run.start
            if len(batch):
                self._queue.append(batch)
                self._arrived.notify()
            else:
                self._settle(batch)

    def take(self, records: int, size: int, seconds: float) -> list[Batch]:
        """The oldest batches that fit into `records` and `size` bytes, at least one; none after `seconds`."""
        with self._lock:
            if not self._queue and not self._closed and seconds > 0:
                self._arrived.wait(seconds)
            taken: list[Batch] = []
            while self._queue:
                head = self._queue[0]
                records -= len(head)
                size -= head.size
                if taken and (records < 0 or size < 0):
                    break
                taken.append(self._queue.popleft())
            return taken

    def wait_work(self, seconds: float) -> bool:
        """Wait until there is something to send, or the time is over."""
        with self._lock:
            if not self._queue and not self._closed:
                self._arrived.wait(seconds)
            return bool(self._queue)

    def is_drained(self) -> bool:
        """Closed, and nothing is left to take."""
        with self._lock:
            return self._closed and not self._queue

    def give_back(self, batches: Iterable[Batch]) -> None:
        """Put unsettled batches back to the front, in their order."""
        with self._lock:
            self._queue.extendleft(reversed([batch for batch in batches if not batch.settled]))
            self._arrived.notify_all()

    def settle(self, batches: Iterable[Batch], rejects: Sequence[Reject] = ()) -> None:
        """The peer has taken the batches, but for the rejects, which are buried first.

        Raises:
            OSError: the rejects could not be buried; nothing is settled.
        """
        if rejects:
            self._graveyard.bury(rejects)
        with self._lock:
            self.counts["dead_lettered"] += len(rejects)
            self.counts["delivered"] -= len(rejects)
            self.counts["bytes_delivered"] -= sum(len(each.batch.documents[each.position]) for each in rejects)
            for batch in batches:
                self.counts["delivered"] += len(batch)
                self.counts["bytes_delivered"] += batch.payload
                self._settle(batch)
            self._freed.notify_all()

    def close(self) -> None:
        """No more batches will come."""
        with self._lock:
            self._closed = True
            self._arrived.notify_all()

    @property
    def used(self) -> int:
        """Bytes held now."""
        return self._used

    def is_idle(self) -> bool:
        """Is everything offered so far settled?"""
        with self._lock:
            return self._used == 0 and not self._queue and not self._held

    def oldest(self, key: Key) -> str | None:
        """The lowest `@timestamp` of a source's unsettled records."""
        with self._lock:
            stamps = [batch.oldest for batch in self._held.get(key, ()) if batch.oldest]
            return min(stamps) if stamps else None

    def overtaken(self) -> dict[Key, int]:
        """Of each source whose oldest unsettled batch is older than another's that is settled: that batch's number."""
        with self._lock:
            heads = {key: held[0].number for key, held in self._held.items()}
            return {key: number for key, number in heads.items() if number < self._newest_settled}

    def pending(self, key: Key) -> bool:
        """Has the source unsettled batches?"""
        with self._lock:
            return key in self._held

    def unsettled(self) -> int:
        """Records queued or in flight."""
        with self._lock:
            return self.counts["read"] - self.counts["delivered"] - self.counts["dead_lettered"]

    def _settle(self, batch: Batch) -> None:
        if batch.settled:
            return
        batch.settled = True
        self._newest_settled = max(self._newest_settled, batch.number)
        self._used -= batch.size
        run = batch.run
        if run is None:
            return
        held = self._held[run.key]
        last: Batch | None = None
        while held and held[0].settled:
            last = held.popleft()
        if not held:
            del self._held[run.key]
        if last is not None and last.run is not None:
            self._advance(last.run, max(last.timestamps, default=""))

    def _advance(self, run: Run, last_time: str) -> None:
        entry = self._registry.get(run.key)
        if entry is None:
            return
        same = run.inode == entry.inode  # else it goes on in a copy, with a time of its own
        self._registry.update(
            run.key,
            offset=run.end,
            resume=run.resume,
            marks=entry.marks_at(run.end),
            tail_length=run.tail_length,
            tail=run.tail,
            cuts=tuple(cut for cut in entry.cuts if cut > run.end),
            last_time=last_time or entry.last_time,
            size=run.size if same else 0,
            mtime_ns=run.mtime_ns if same else 0,
        )
        self.changed.set()
