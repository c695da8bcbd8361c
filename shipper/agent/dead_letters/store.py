"""The store of dead letters in a state directory: numbered segments in `dead/`, bounded in bytes.

The agent buries; `shipper agent dlq` replays and purges, also beside a running agent. What is done is marked beside its
segment, and a segment leaves the disk when all of it is done.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from shipper.agent.dead_letters.compaction import compact
from shipper.agent.dead_letters.letter import as_line, letter_of
from shipper.agent.dead_letters.segment import segments
from shipper.agent.dead_letters.writer import Writer
from shipper.clock import iso_utc
from shipper.config import Settings, Size
from shipper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from shipper.agent.batch import Reject
    from shipper.agent.dead_letters.letter import DeadLetter
    from shipper.agent.dead_letters.segment import Segment
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.dead_letters")
_SEGMENTS = 16
_FRESH = 60.0
"""Seconds that a refusal is the truth: a record that waits is tried again sooner."""


class DeadLetterSettings(Settings, frozen=True):
    """Where records go that the peer will never take.

    Attributes:
        max_bytes: kept on disk at most.
        when_full: `block` (nothing is lost: what is refused waits, and all behind it), or `drop_oldest` (counted and
            logged).
    """

    max_bytes: Size = Size(256 * 1024 * 1024)
    when_full: Literal["block", "drop_oldest"] = "block"

    def __post_init__(self) -> None:
        if self.max_bytes < 1024 * 1024:
            raise ValueError("`max_bytes` must be at least 1MiB")


class FullError(OSError):
    """There is no room, and nothing may be dropped: the records stay unacknowledged."""


class Place(NamedTuple):
    """Where a letter is."""

    segment: Segment
    offset: int


class DeadLetters:
    """Thread-safe; one process buries, another may replay meanwhile.

    Attributes:
        counts: `dead_letters_dropped` and `dead_letters_failures`, since the start.
    """

    def __init__(self, directory: Path, clock: Clock, settings: DeadLetterSettings | None = None) -> None:
        """Look at what `directory` holds; nothing is written yet."""
        self._folder = directory / "dead"
        self._clock = clock
        self._lock = threading.Lock()
        self._refused = 0
        self._last = 0
        self.settings = settings or DeadLetterSettings()
        self.counts: Counter[str] = Counter()
        self._trouble = ""
        self._tried = 0.0
        self._segments = segments(self._folder)
        self._writer = Writer(self._folder, self._number)

    def bury(self, rejects: Sequence[Reject]) -> None:
        """Append and fsync.

        Raises:
            FullError: `max_bytes` is reached and `when_full` is `block`.
            OSError: the disk refused. Nothing counts as stored.
        """
        now = iso_utc(self._clock.time())
        self.append([letter_of(reject, now) for reject in rejects])

    def append(self, letters: Sequence[DeadLetter], *, bounded: bool = True) -> None:
        """As `bury`, of letters that are there already; without a bound where they only change their place."""
        data = b"".join(map(as_line, letters))
        with self._lock:
            self._refresh()
            active = self._writer.segment
            if active is not None and not active.waiting:
                self._sweep()
            if bounded:
                self._make_room(len(data))
            segment = self._written(data, len(letters))
            if segment not in self._segments:
                self._segments.append(segment)
            if segment.size >= self.settings.max_bytes // _SEGMENTS:
                self._writer.close()

    def waiting(self) -> Iterator[tuple[Place, DeadLetter | None]]:
        """All that were not replayed, oldest first, None where a line is damaged.

        An id comes twice where a crash lay between a letter and its acknowledged offset.
        """
        for segment in segments(self._folder):
            for offset, letter in segment.read():
                yield Place(segment, offset), letter

    def list(self) -> Iterator[DeadLetter]:
        """Those not replayed yet, oldest first, each id once; damaged lines are left out."""
        seen: set[str] = set()
        for _, letter in self.waiting():
            if letter is not None and letter.id not in seen:
                seen.add(letter.id)
                yield letter

    def damaged(self) -> int:
        """How many lines are damaged; reads all of them."""
        return sum(letter is None for _, letter in self.waiting())

    def count(self) -> int:
        """How many wait for a replay, by the sizes and lines of at most some tens of files."""
        with self._lock:
            self._refresh()
            return sum(each.waiting for each in self._segments)

    def state(self) -> dict[str, Any]:
        """For `status`: `count`, `bytes`, `limit`, `when_full`, `full`, `dropped` (since the start)."""
        count = self.count()
        used, limit = self._used, int(self.settings.max_bytes)
        policy = self.settings.when_full
        return {
            "count": count,
            "bytes": used,
            "limit": limit,
            "when_full": policy,
            "full": self.is_full,
            "dropped": self.counts["dead_letters_dropped"],
        }

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Only one may mark at a time.

        Raises:
            UsageError: another command does.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(
                    "another command works on these dead letters", where=str(self._folder), hint="wait for its end"
                ) from None
            yield
        finally:
            os.close(descriptor)

    def mark(self, places: Iterable[Place]) -> None:
        """These are done, durably; call it within `changing`.

        Raises:
            OSError: the disk refused; what is not marked will be sent again.
        """
        by_segment: dict[int, tuple[Segment, list[int]]] = {}
        for segment, offset in places:
            by_segment.setdefault(segment.number, (segment, []))[1].append(offset)
        for segment, offsets in by_segment.values():
            segment.mark(offsets)

    def tidy(self) -> None:
        """Take off the disk what is done; call it within `changing`."""
        with self._lock:
            self._refresh()
            try:
                self._sweep()
                for segment in self._segments:
                    if segment.done and segment.done * 2 >= segment.letters and not segment.is_open():
                        compact(segment, self._number())
            except OSError as error:
                _LOG.warning("what is done of the dead letters stays on disk for now: %s", error.strerror)
            self._refresh()

    def close(self) -> None:
        """The open segment is closed, so that others may take it away."""
        with self._lock:
            self._writer.close()

    @property
    def is_full(self) -> bool:
        """Was a record refused for want of room, as far as the last look at the disk says? Waits for nothing."""
        return bool(self._refused) and self._used + self._refused > self.settings.max_bytes

    @property
    def refused(self) -> str:
        """Why the disk did not take the last of them; empty if it did, or if nobody has tried for a minute."""
        return self._trouble if self._clock.monotonic() - self._tried < _FRESH else ""

    @property
    def _used(self) -> int:
        return sum(each.size + each.done_size for each in self._segments)

    def _written(self, data: bytes, letters: int) -> Segment:
        try:
            segment = self._writer.append(data, letters)
        except OSError as error:
            self.counts["dead_letters_failures"] += 1
            self._trouble, self._tried = error.strerror or str(error), self._clock.monotonic()
            error.filename = str(self._folder)
            raise
        self._trouble = ""
        return segment

    def _refresh(self) -> None:
        self._segments = segments(self._folder, self._segments)

    def _number(self) -> int:
        """By time, and above all that is there: a number that is gone does not come again."""
        highest = max((each.number for each in self._segments), default=0)
        self._last = max(int(self._clock.time() * 1000), self._last + 1, highest + 1)
        return self._last

    def _sweep(self) -> None:
        for segment in self._segments:
            if segment.is_finished():
                if segment is self._writer.segment:
                    self._writer.close()
                if not segment.is_open():
                    segment.remove()
        self._refresh()

    def _make_room(self, size: int) -> None:
        limit = self.settings.max_bytes
        if self._used + size > limit:
            self._sweep()
        while self._segments and self._used + size > limit:
            if self.settings.when_full == "block":
                self._refuse(size)
            self._drop(self._segments[0])
        self._refused = 0

    def _refuse(self, size: int) -> None:
        text = (
            f"the dead letters are full ({self._used} of {self.settings.max_bytes} bytes): what the peer refuses "
            "waits, and all behind it, until `shipper agent dlq replay` or `purge` makes room"
        )
        if not self._refused:
            _LOG.error(text)
        self._refused = size
        raise FullError(text)

    def _drop(self, oldest: Segment) -> None:
        if oldest is self._writer.segment:
            self._writer.close()
        oldest.refresh()
        oldest.remove()
        self._segments.remove(oldest)
        self.counts["dead_letters_dropped"] += oldest.waiting
        _LOG.warning("the dead letters are full: the oldest %d were dropped with %s", oldest.waiting, oldest.path)
