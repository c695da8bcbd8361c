"""Reads one generation of one source, forward, and proves at each read that the file still is what was read."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from functools import reduce
from typing import TYPE_CHECKING, Any

from shipper.agent.batch import Batch, Run
from shipper.agent.codec.base import joined
from shipper.agent.identity import HEAD, TAIL, digest
from shipper.event import Stream

if TYPE_CHECKING:
    from shipper.agent.bytesource import ByteSource
    from shipper.agent.codec.base import Decoded, Decoder
    from shipper.agent.descriptors import OpenFiles
    from shipper.agent.metadata import Metadata
    from shipper.agent.registry import Entry


class Reading(Enum):
    """What a read met."""

    DATA = "data"
    END = "end"
    CHANGED = "changed"
    """The bytes before the position are others now, or gone: truncated or rewritten."""


class Harvester:
    """One per source generation; used by the reader thread only.

    Attributes:
        position: plain offset of the next byte to read.
        size: of the file when last asked; not proven.
        seen_size: most bytes that the file held while what was read still stood in it, so far as it was looked at.
        terminated: the last byte read was a newline.
        quiet_since: monotonic time of the last new byte.
        missing: no path that the input names leads to the file any more.
        restarted: the file holds other bytes now; its next generation must begin.
        closed: why its file is not open (`idle`, `too many open files`, `unreadable`, `decoder failed`), else empty.
        benched: its decoder failed; it reads no more in this run.
        begun: it was decided whether its first lines are its own.
        end_mtime_ns: the file's modification time when its end was last met.
        last_time: highest `@timestamp` read so far, ISO 8601 UTC.
        caught_up: epoch seconds when it was last seen with nothing unread and nothing held; None if never in this run.
        counts: what its codec counted; `totals` gets the same and outlives it.
        held: bytes read that may still belong to a longer record.
    """

    __slots__ = (
        "_begin", "_cuts", "_decoder", "_emitted", "_head", "_last", "_metadata", "_open_files", "_prefix", "_resume",
        "_sequel", "at_end", "begun", "benched", "caught_up", "closed", "counts", "end_mtime_ns", "file", "head_length",
        "held", "identity", "key", "last_time", "missing", "path", "plain", "position", "quiet_since", "restarted",
        "seen_size", "size", "stream", "terminated", "totals",
    )  # fmt: skip

    def __init__(self, entry: Entry, decoder: Decoder, metadata: Metadata, now: float, open_files: OpenFiles) -> None:
        """`open_files`: where its open file is counted."""
        self.key = entry.key
        self.path = entry.path
        self.identity = (entry.device, entry.inode)
        self.position = entry.offset
        self.size = self.seen_size = entry.offset
        self.quiet_since = now
        self.terminated = True
        self.missing = False
        self.at_end = False
        self.restarted = False
        self.benched = False
        self.closed = ""
        self.end_mtime_ns = 0
        self.last_time = entry.last_time
        self.head_length = entry.head_length
        self._head = (entry.head_length, entry.head)
        self.caught_up: float | None = None
        self.counts: Counter[str] = Counter()
        self.totals: Counter[str] = Counter()
        self.stream = Stream.LOGS
        self.file: ByteSource | None = None
        self.plain = True
        self._open_files = open_files
        self._decoder = decoder
        self.held = decoder.held
        self._metadata = metadata
        self.begun = entry.begun or entry.offset > 0
        self._sequel = entry.sequel
        divided = () if entry.sequel is None else (entry.sequel.at,)
        self._cuts = sorted(cut for cut in {*entry.cuts, *divided} if cut > entry.offset)
        self._emitted = entry.offset
        self._resume = entry.resume
        self._last = b""
        self._begin = b""
        self._prefix = entry.key.prefix

    def attach(self, path: str, identity: tuple[int, int], file: ByteSource) -> None:
        """Read on from `file`: opened again, or a copy that continues the same bytes."""
        self.detach()
        self.closed = ""
        self.path, self.identity, self.file, self.plain = path, identity, file, file.plain
        self._open_files.opened(file)
        if self.position == 0:
            self._begin = b""
        if not self._last and self.position:
            begin = max(0, self.position - TAIL)
            self._last = file.read_at(begin, self.position - begin)

    def detach(self, reason: str = "") -> None:
        """Close the file; what was read stays."""
        if self.file is not None:
            self.file.close()
            self._open_files.closed(self.file)
            self.file = None
            self.closed = reason

    def head_is(self, head: bytes) -> None:
        """So much of the file's beginning is in the registry now."""
        self.head_length = len(head)
        self._head = (len(head), digest(head))

    def describe(self, path: str, metadata: Metadata) -> None:
        """The file has another name from here on; records already read keep the old one."""
        self.path = path
        self._metadata = metadata

    def offered(self) -> None:
        """What it gave was offered. Not before that: who looks on from another thread takes held bytes for unsent."""
        self.held = self._decoder.held

    def handed_on(self) -> dict[str, Any]:
        """What its entry would say if everything handed on were acknowledged: another goes on there in this run."""
        return {"offset": self._emitted, "resume": self._resume, "last_time": self.last_time}

    def is_same(self, file: ByteSource) -> bool:
        """Is its own file, opened once more, still what was read?"""
        return self._begins_as_met(file) and self.fits(file)

    def fits(self, file: ByteSource) -> bool:
        """Does another file hold the bytes just before our position?"""
        begin = self.position - len(self._last)
        return file.read_at(begin, len(self._last)) == self._last

    def meet(self, size: int, head: bytes) -> None:
        """The plain file holds so many bytes, and begins so."""
        self.seen_size = max(self.seen_size, size)
        if self.position == 0:
            self._begin = head

    def sight(self) -> None:
        """See how long the file is by now, without reading it: so much is lost if it is cut away."""
        if self.file is None or not self.plain:
            return
        try:
            size = self.file.stat().st_size
            if size <= self.seen_size or not self.is_same(self.file):
                return
            self.meet(size, b"" if self.position else self.file.read_at(0, HEAD))
        except OSError:
            return  # the read that follows meets it too, and tells it

    def met_alike(self, head: bytes, least: int = 1) -> bool:
        """Before its first read: does a copy with this head, longer or shorter, begin as the file began?

        `least`: so many bytes must be known of both.
        """
        length = min(len(head), len(self._begin))
        return length >= least and head[:length] == self._begin[:length]

    def began_with(self, head: bytes) -> bool:
        """Were these, fewer than a head, the first bytes that it read in this run?"""
        return bool(head) and self._begin.startswith(head)

    def read(self, size: int) -> tuple[Reading, Batch | None]:
        """Read up to `size` bytes and decode them.

        Raises:
            OSError: the file cannot be read.
        """
        file = self.file
        assert file is not None, "attach a file first"
        cut = self._cuts[0] if self._cuts else None
        wanted = size if cut is None else min(size, cut - self.position)
        probe = self._last if file.plain else b""
        data = file.read_at(self.position - len(probe), len(probe) + wanted)
        if not data.startswith(probe) or not self._begins_as_met(file):
            return Reading.CHANGED, None
        if self.position:
            self.seen_size = max(self.seen_size, self.size)
        fresh = data[len(probe) :]
        if not fresh:
            return self._at_end(file)
        self.at_end = False
        if self.position == 0:
            self._begin = b""
        if self.position == len(self._begin) < HEAD:
            self._begin += fresh[: HEAD - self.position]
        self.position += len(fresh)
        self.size = max(self.size, self.position)
        self.seen_size = max(self.seen_size, self.position)
        self.terminated = fresh.endswith(b"\n")
        self._last = data[-TAIL:] if file.plain or len(data) >= TAIL else (self._last + data)[-TAIL:]
        parts = [self._decoder.feed(fresh)]
        if cut == self.position:
            self._cuts.pop(0)
            sequel, self._sequel = self._sequel, None
            rest = sequel.lines if sequel is not None and sequel.at == cut else b""
            parts.append(self._decoder.conclude(rest))
        return Reading.DATA, self._batch(parts, data, short=len(fresh) < wanted)

    def _begins_as_met(self, file: ByteSource) -> bool:
        """Lines that end alike leave the bytes before a position as they were; before the first byte there are none.

        After the read: what was read before the file was written again is its own.
        """
        if not file.plain:
            return True
        (length, head), met = self._head, b"" if self.position else self._begin
        begin = file.read_at(0, max(length, len(met)))
        return begin.startswith(met) and (not length or digest(begin[:length]) == head)

    def give_up(self) -> Batch | None:
        """Emit what is held; the caller has journalled a cut at `position`."""
        return self._batch([self._decoder.flush()], b"", short=True)

    def continuation(self, data: bytes) -> tuple[int, bool]:
        """See `Decoder.continuation`."""
        return self._decoder.continuation(data)

    def conclude(self, lines: bytes) -> Batch | None:
        """As `give_up`, where the record goes on in the next file; the caller has journalled that."""
        return self._batch([self._decoder.conclude(lines)], b"", short=True)

    def begin_at(self, offset: int, tail: bytes, decoder: Decoder) -> None:
        """A fresh file whose first bytes were read as another's: begin after them."""
        self.position = self._emitted = offset
        self.size = max(self.size, offset)
        self.seen_size = max(self.seen_size, offset)
        self._last, self._decoder, self._resume = tail, decoder, b""
        self.held = decoder.held

    def curtail(self, size: int) -> None:
        """The copy that it reads on in ends before the position: there is nothing more to read."""
        self.position = self.size = self.seen_size = size
        begin = max(0, size - TAIL)
        assert self.file is not None, "attached just before"
        self._last = self.file.read_at(begin, size - begin)
        if size < self._head[0]:
            self._head = (size, digest(self.file.read_at(0, size)))
        self.at_end = True

    def _at_end(self, file: ByteSource) -> tuple[Reading, Batch | None]:
        if file.plain:
            stat = file.stat()
            self.size = stat.st_size
            if self.size != self.position:  # it changed between the read and now
                return (Reading.CHANGED if self.size < self.position else Reading.DATA), None
            self.end_mtime_ns = stat.st_mtime_ns
        self.at_end = True
        return Reading.END, None

    def _batch(self, parts: list[Decoded], data: bytes, *, short: bool) -> Batch | None:
        decoded = reduce(joined, parts)
        end, offsets, timestamps = decoded.end, decoded.offsets, decoded.timestamps
        if end <= self._emitted and not offsets:
            return None
        self.counts.update(decoded.counts)
        self.totals.update(decoded.counts)
        tail = self._tail(end, data)
        run = Run(self.key, self.path, self._emitted, end, decoded.resume, len(tail), digest(tail) if tail else "")
        if short and end == self.position and self.file is not None and self.file.plain:
            stat = self.file.stat()
            if stat.st_size == end:
                run.size, run.mtime_ns, run.inode = end, stat.st_mtime_ns, stat.st_ino
        self._emitted, self._resume = end, decoded.resume
        prefix = self._prefix
        batch = Batch(
            [f"{prefix}{offset}" for offset in offsets],
            self._metadata.apply(decoded.documents, offsets),
            timestamps,
            self.stream,
            run,
        )
        if timestamps:
            self.last_time = max(self.last_time, *timestamps)
        return batch

    def _tail(self, end: int, data: bytes) -> bytes:
        """The bytes before `end`, from memory where they still are there."""
        if end == self.position:
            return self._last
        stop = len(data) - (self.position - end)
        if stop >= min(TAIL, end):
            return data[max(0, stop - TAIL) : stop]
        if self.file is None or not self.file.plain:
            return b""
        begin = max(0, end - TAIL)
        tail = self.file.read_at(begin, end - begin)
        return tail if len(tail) == end - begin else b""
