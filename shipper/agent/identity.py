"""Is this file one that we know? By inode, by a growing hash of its head, by the bytes before the stored offset."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shipper.agent.bytesource import ByteSource
    from shipper.agent.registry import Entry
    from shipper.agent.registry.entry import Mark

HEAD = 1024
"""Bytes of a full head."""
TAIL = 64
"""Bytes before an offset that prove it."""


def digest(data: bytes) -> str:
    """16 hex characters."""
    return blake2b(data, digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Look:
    """A file as it was found.

    Attributes:
        head: its first plain bytes, at most 1,024.
        plain: its size on disk is its plain size.
    """

    path: str
    device: int
    inode: int
    size: int
    mtime_ns: int
    head: bytes
    plain: bool

    def ends_before(self, position: int) -> bool:
        """Does it hold less than what was read up to `position`? Unknown of a compressed file, so no."""
        return self.plain and self.size < position


def look(path: str, file: ByteSource) -> Look:
    """Take a look at an open file.

    Raises:
        OSError: it cannot be read.
    """
    stat = file.stat()
    return Look(path, stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, file.read_at(0, HEAD), file.plain)


def head_matches(entry: Entry, head: bytes) -> bool:
    """Does a file with this head begin as the entry's file began?"""
    return len(head) >= entry.head_length and digest(head[: entry.head_length]) == entry.head


def tail_matches(entry: Entry, file: ByteSource) -> bool:
    """Do the bytes before the entry's offset stand where they stood?"""
    mark = entry.proof()
    return mark is None or mark.length == 0 or _stands(mark, file)


def is_short_copy(entry: Entry, seen: Look, file: ByteSource) -> bool:
    """Is the file a copy that was made before all that was read of the entry had been written?"""
    mark = entry.proof(seen.size)
    proven = mark is not None and mark.length > 0 and _stands(mark, file)
    return seen.plain and HEAD <= seen.size < entry.offset and head_matches(entry, seen.head) and proven


def looks_like_short_copy(entry: Entry, seen: Look, file: ByteSource) -> bool:
    """As `is_short_copy`, with nothing but the head for proof where nothing later was acknowledged.

    For a file that was truncated under its reader just now, so that a copy of it must be about.
    """
    mark = entry.proof(seen.size)
    denied = mark is not None and mark.length > 0 and not _stands(mark, file)
    return seen.plain and seen.size >= HEAD == entry.head_length and head_matches(entry, seen.head) and not denied


def _stands(mark: Mark, file: ByteSource) -> bool:
    data = file.read_at(mark.offset - mark.length, mark.length)
    return len(data) == mark.length and digest(data) == mark.digest


def holds(entry: Entry, seen: Look, file: ByteSource) -> bool:
    """Does the file hold what was read of the entry, perhaps with more after it?"""
    if seen.plain and seen.size < (entry.ends or entry.offset):
        return False
    return head_matches(entry, seen.head) and tail_matches(entry, file)


def continues(entry: Entry, seen: Look, file: ByteSource) -> bool:
    """As `holds`, and nothing says that the entry's own file was written anew."""
    return holds(entry, seen, file) and not _rewritten_alike(entry, seen)


def _rewritten_alike(entry: Entry, seen: Look) -> bool:
    """A small file of the same length and a newer time: `>` wrote the same text again (a large one was touched)."""
    return entry.mtime_ns not in (0, seen.mtime_ns) and seen.plain and seen.size == entry.size <= HEAD


def is_evidence(entry: Entry) -> bool:
    """Is so much known of the entry that equal content elsewhere means a copy, not a coincidence?"""
    return entry.offset >= HEAD and entry.head_length == HEAD


def head_fields(head: bytes) -> dict[str, int | str]:
    """The entry's fields for a head."""
    return {"head_length": len(head), "head": digest(head)}
