"""Which source is this file? Decisions over registry entries and a look at the file; no reading of records."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from shipper.agent.bytesource import open_source
from shipper.agent.identity import (
    HEAD,
    TAIL,
    Look,
    continues,
    digest,
    head_fields,
    holds,
    is_evidence,
    is_short_copy,
    look,
)
from shipper.agent.index import Index, related
from shipper.agent.registry import Entry, Key, Registry, mint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from shipper.agent.bytesource import ByteSource


class Verdict(Enum):
    """What a file is."""

    KNOWN = "known"
    RESTARTED = "restarted"
    """The same file, truncated or rewritten: its next generation begins."""
    COPY = "copy"
    """It continues a known source whose own file is gone."""
    SHADOW = "shadow"
    """A copy of a source whose own file still lives: nothing to read in it now."""
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict and the entry it is about.

    Attributes:
        loser: another entry, whose inode the file has now.
    """

    verdict: Verdict
    entry: Entry | None = None
    loser: Entry | None = None


class Book:
    """Finds sources again through rename, copy, compression, truncation and inode reuse.

    It alone changes where an entry's file is; used by the reader thread only.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._index = Index()
        for key, entry in registry.items():
            self._index.add(key, entry)

    def identify(
        self, seen: Look, file: ByteSource, lives: Callable[[Key], bool], absent: Callable[[Key], bool]
    ) -> Finding:
        """Decide what the file is.

        `lives` says whether a source's own file can still be read, `absent` whether it is at none of the inputs' paths.

        Raises:
            OSError: the file cannot be read, or is a compressed file that is not whole yet.
        """
        own = self._own(seen)
        if own is not None and own.ends == seen.size and own.offset >= own.ends > 0 and holds(own, seen, file):
            return Finding(Verdict.SHADOW, own)
        if own is not None and (not own.gone or is_evidence(own)) and continues(own, seen, file):
            return Finding(Verdict.KNOWN, own)
        if own is not None and own.path == seen.path:
            return Finding(Verdict.RESTARTED, own)
        moved = self._renumbered(seen, file)
        if moved is not None:
            return Finding(Verdict.KNOWN, moved)
        loser = own if own is not None and not own.gone else None
        original = self._original(seen, file, absent)
        if original is None:
            return Finding(Verdict.NEW, loser=loser)
        if original is loser or not lives(original.key):
            return Finding(Verdict.COPY, original, None if original is loser else loser)
        if _is_shadow(seen, file, original):
            return Finding(Verdict.SHADOW, original, loser)
        return Finding(Verdict.NEW, loser=loser)

    def knows(self, inode: tuple[int, int]) -> bool:
        """Does (or did) an entry live on the inode?"""
        return bool(self._index.on_inode(inode))

    def dwellers(self, seen: Look) -> list[Entry]:
        """The entries whose file has the inode of `seen`, as far as is known; several where it was used again."""
        return [entry for entry in self._on_inode(seen) if not entry.gone]

    def new(self, seen: Look, now: float) -> Entry:
        """A new source for the file."""
        return self._first(mint(), 0, seen, now)

    def restarted(self, old: Entry, seen: Look, now: float) -> Entry:
        """The next generation of `old`, whose file is `seen`."""
        latest = max(key.generation for key in self._index.generations(old.source))
        return self._first(old.source, latest + 1, seen, now)

    def rebind(self, key: Key, seen: Look, now: float, *, ends: int = 0) -> Entry | None:
        """The entry's file is `seen` from now on (renamed, copied, renumbered); its head may have grown.

        `ends`: it is a copy that ends before what was read.
        """
        entry = self._registry.get(key)
        if entry is None:
            return None
        other = len(seen.head) > entry.head_length or 0 < ends < entry.head_length
        head = head_fields(seen.head) if other else {}
        place: dict[str, int | str] = {"path": seen.path, "device": seen.device, "inode": seen.inode}
        if seen.inode != entry.inode:
            place |= {"size": 0, "mtime_ns": 0, "ends": ends or (0 if seen.plain else entry.ends)}
        return self._change(entry, gone=False, seen=now, **place, **head)

    def renamed(self, key: Key, path: str) -> None:
        """The same file has another name."""
        entry = self._registry.get(key)
        if entry is not None:
            self._change(entry, path=path)

    def grown(self, key: Key, head: bytes) -> None:
        """Remember a longer head."""
        entry = self._registry.get(key)
        if entry is not None:
            self._change(entry, **head_fields(head))

    def gone(self, key: Key, now: float) -> None:
        """Nobody can read the entry's file any more."""
        self._registry.update(key, gone=True, seen=now)

    def forget(self, entry: Entry) -> None:
        """Drop the entry."""
        key = entry.key
        self._registry.drop(key)
        self._index.remove(key, entry)

    def is_needed(self, key: Key) -> bool:
        """Do earlier generations live? The number of the latest must not be given a second time: ids come of it."""
        return any(other.generation < key.generation for other in self._index.generations(key.source))

    def _first(self, source: str, generation: int, seen: Look, now: float) -> Entry:
        entry = Entry(
            source=source,
            generation=generation,
            path=seen.path,
            device=seen.device,
            inode=seen.inode,
            fallback_time=seen.mtime_ns / 1e9,
            seen=now,
            head_length=len(seen.head),
            head=digest(seen.head),
        )
        self._registry.put(entry)
        self._index.add(entry.key, entry)
        return entry

    def _change(self, entry: Entry, **changes: Any) -> Entry | None:
        key = entry.key
        changed = self._registry.update(key, **changes)
        if changed is not None:
            self._index.change(key, entry, changed)
        return changed

    def _get(self, keys: Iterable[Key]) -> list[Entry]:
        found = (self._registry.get(key) for key in sorted(keys))
        return [entry for entry in found if entry is not None]

    def _own(self, seen: Look) -> Entry | None:
        """The entry that lives (or lived last) on the file's inode."""
        here = self._on_inode(seen)
        return max(here, key=lambda e: (not e.gone, e.path == seen.path, e.generation), default=None)

    def _on_inode(self, seen: Look) -> list[Entry]:
        """Those that were found there last; others lived there before."""
        place = (seen.device, seen.inode)
        return [e for e in self._get(self._index.on_inode(place)) if (e.device, e.inode) == place]

    def _prefixing(self, path: str) -> Iterator[Entry]:
        """Those whose whole name `path` goes on from; the longest first."""
        for prefix in _prefixes(path):
            yield from self._get(self._index.at_path(prefix))

    def _renumbered(self, seen: Look, file: ByteSource) -> Entry | None:
        """The device number changed (reboot, remount): path, inode and content still agree."""
        for entry in self._get(self._index.at_path(seen.path)):
            if entry.inode == seen.inode and entry.device != seen.device and not entry.gone:
                return entry if continues(entry, seen, file) else None
        return None

    def _named_after(self, seen: Look) -> Entry | None:
        """Where a head is missing, the file's or the entry's: it must begin as the one does that it is named after."""
        for entry in self._prefixing(seen.path):
            young = len(seen.head) < HEAD or entry.head_length < HEAD
            if young and not entry.gone and _begins_with(entry, seen):
                return entry
        return None

    def _original(self, seen: Look, file: ByteSource, absent: Callable[[Key], bool]) -> Entry | None:
        """The source that the file is a copy or a compressed form of.

        Less than a full head may be a coincidence; of a compressed file it counts if the source's own just vanished.
        """
        if not seen.plain:
            plain_path = os.path.splitext(seen.path)[0]
            for entry in self._get(self._index.at_path(plain_path)):
                if entry.path == plain_path and entry.offset and holds(entry, seen, file):
                    return entry
        if len(seen.head) < HEAD and seen.plain:
            return self._named_after(seen)
        for entry in self._get(self._index.beginning(digest(seen.head), seen.path)):
            likely = entry.head_length == HEAD or (entry.head_length == len(seen.head) and absent(entry.key))
            likely = likely and related(seen.path, entry.path)
            if likely and (
                holds(entry, seen, file) or is_short_copy(entry, seen, file) or _is_growing(seen, file, entry)
            ):
                return entry
        return self._outgrown(seen, file, absent) or (self._named_after(seen) if seen.plain else None)

    def _outgrown(self, seen: Look, file: ByteSource, absent: Callable[[Key], bool]) -> Entry | None:
        """The source whose file was met with less than a head, grew, and was compressed while nobody looked."""
        for entry in self._kin(seen):
            beside = os.path.dirname(entry.path) == os.path.dirname(seen.path)
            short = beside and TAIL <= entry.head_length < HEAD
            if short and absent(entry.key) and holds(entry, seen, file):
                return entry
        return None

    def _kin(self, seen: Look) -> Iterable[Entry]:
        """Sources that it may be of by its name and, where that is compressed and may be any, its first bytes."""
        if seen.plain:
            return self._prefixing(seen.path)
        heads = {digest(seen.head[:length]) for length in self._index.young(seen.path) if length <= len(seen.head)}
        return self._get({key for head in heads for key in self._index.beginning(head, seen.path)})


def _is_growing(seen: Look, file: ByteSource, original: Entry) -> bool:
    """Is a copy of a file that still stands just being made: is all of it, so far, what the original holds there?"""
    return seen.plain and seen.size < original.offset and _is_shadow(seen, file, original, certain=True)


def _begins_with(entry: Entry, seen: Look) -> bool:
    """Does the entry's own file, at its path, begin with all that the other one holds?"""
    try:
        own = open_source(entry.path)
    except OSError:
        return False
    try:
        stat = own.stat()
        return (stat.st_dev, stat.st_ino) == (entry.device, entry.inode) and own.read_at(0, len(seen.head)) == seen.head
    except OSError:
        return False
    finally:
        own.close()


def _prefixes(path: str) -> Iterator[str]:
    """The names that `path` may be a copy's of: `a.log.1-x` -> `a.log.1`, `a.log`, `a`."""
    for at in range(len(path) - 1, path.rfind("/") + 1, -1):
        if path[at] in ".-_":
            yield path[:at]


def _is_shadow(seen: Look, file: ByteSource, original: Entry, *, certain: bool = False) -> bool:
    """Is the file, so far, what the original holds at the same offsets (or held: its truncation is not noticed yet)?

    `certain`: say so only where the two were compared.
    """
    try:
        other = open_source(original.path)
    except OSError:
        return not certain  # removed or renamed just now: its reader still has it
    try:
        there = look(original.path, other)
        if not holds(original, there, other) or not seen.plain:
            return not certain
        if there.size < seen.size:
            return False
        begin = max(0, seen.size - TAIL)
        return other.read_at(begin, seen.size - begin) == file.read_at(begin, seen.size - begin)
    finally:
        other.close()
