"""One file of dead letters, and beside it the offsets of those that are done (replayed or purged)."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from shipper.agent.dead_letters.letter import read_line, salvage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from shipper.agent.dead_letters.letter import DeadLetter

LETTERS, DONE = ".ndjson", ".done"
_MARK = 16
"""Bytes of one offset in a `.done` file, its line end included: the number of marks is known from the size."""
_BLOCK = 1 << 20
_PRIME = 997


class Segment:
    """Knows its counts without decoding: `refresh` looks only at what came since the last look.

    Attributes:
        number: of its name; no two segments of a store ever have the same, and its bytes never change.
        size, done_size: bytes on disk.
        letters: lines in it.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self.number = number
        self.path = folder / f"{number:015d}{LETTERS}"
        self.done_path = self.path.with_suffix(DONE)
        self.size = self.done_size = self.letters = 0

    @property
    def done(self) -> int:
        """How many letters are done."""
        return min(self.letters, self.done_size // _MARK)

    @property
    def waiting(self) -> int:
        """How many letters wait for a replay."""
        return self.letters - self.done

    def is_finished(self) -> bool:
        """Is all of it done? The counts say it first, the marks must say it of each letter."""
        return not self.waiting and next(self.read(), None) is None

    def refresh(self) -> bool:
        """Look again; False if the segment is gone."""
        try:
            size = self.path.stat().st_size
            if size > self.size:
                self._count(size)
        except FileNotFoundError:
            return False
        try:
            self.done_size = self.done_path.stat().st_size
        except FileNotFoundError:
            self.done_size = 0
        return True

    def read(self) -> Iterator[tuple[int, DeadLetter | None]]:
        """(offset, letter) of those that wait, in order; None where a line is damaged.

        A torn last line is no letter, but for one that misses nothing but its end.
        """
        done = self.marks()
        offset = 0
        try:
            with self.path.open("rb") as file:
                for line in file:
                    for at, letter in _letters(line):
                        if offset + at not in done:
                            yield offset + at, letter
                    offset += len(line)
        except FileNotFoundError:
            return  # the oldest made room, or another command was quicker

    def marks(self) -> set[int]:
        """Offsets of the letters that are done; a damaged mark is none, and its letter is sent again."""
        try:
            data = self.done_path.read_bytes()
        except FileNotFoundError:
            return set()
        marks = (_unmark(data[at : at + _MARK]) for at in range(0, len(data) - _MARK + 1, _MARK))
        return {offset for offset in marks if offset is not None}

    def mark(self, offsets: Iterable[int]) -> None:
        """These are done; durable on return. Only the holder of the store's lock may call it.

        Raises:
            OSError: the disk refused.
        """
        if not self.path.exists():
            return
        descriptor = os.open(self.done_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            whole = os.fstat(descriptor).st_size // _MARK * _MARK  # a torn mark of a crash is written over
            data = b"".join(map(_mark, offsets))
            written = 0
            while written < len(data):
                written += os.pwrite(descriptor, data[written:], whole + written)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove(self) -> None:
        """The letters go first: marks without letters mean nothing, letters without marks would be sent again."""
        self.path.unlink(missing_ok=True)
        self.done_path.unlink(missing_ok=True)

    def is_open(self) -> bool:
        """Does a running agent write to it?"""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def _count(self, size: int) -> None:
        with self.path.open("rb") as file:
            file.seek(self.size)
            while self.size < size and (block := file.read(min(_BLOCK, size - self.size))):
                self.letters += block.count(b"\n")
                self.size += len(block)


def _letters(line: bytes) -> list[tuple[int, DeadLetter | None]]:
    """(place in the line, letter), None where it is damaged."""
    if line.endswith(b"\n") and (letter := read_line(line)) is not None:
        return [(0, letter)]
    found = salvage(line)
    torn = not line.endswith(b"\n")
    return [*found] if found or torn else [(0, None)]


def _mark(offset: int) -> bytes:
    """An offset, and what tells whether one of its digits was changed."""
    return b"%011d-%03d\n" % (offset, offset % _PRIME)


def _unmark(mark: bytes) -> int | None:
    number = mark[:11]
    return int(number) if number.isdigit() and _mark(int(number)) == mark else None


def segments(folder: Path, known: Iterable[Segment] = ()) -> list[Segment]:
    """All segments of a folder with fresh counts, oldest first; those `known` are only looked at again."""
    before = {each.number: each for each in known}
    try:
        names = [name[: -len(LETTERS)] for name in os.listdir(folder) if name.endswith(LETTERS)]
    except FileNotFoundError:
        return []
    numbers = sorted(int(name) for name in names if name.isdigit())
    found = [before.get(number) or Segment(folder, number) for number in numbers]
    return [each for each in found if each.refresh()]
