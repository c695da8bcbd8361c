"""What was accepted into a segment of a spool, piece by piece with its sum, and what a disk made of it since.

`<segment>.sums` holds lines `<begin> <end> <crc32 of the piece> <crc32 of this line>`, written after the piece is
durable and not synced: a piece without a line is not known to be whole, and not known to be damaged.
"""

from __future__ import annotations

import contextlib
import logging
import os
import zlib
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOG = logging.getLogger("shipper.agent.spool")
_BLOCK = 65536


class _Piece(NamedTuple):
    begin: int
    end: int
    sum: int


class Sums:
    """Of the segment that is written now; a disk that refuses them costs only the knowledge."""

    def __init__(self, segment: str, size: int) -> None:
        """`size`: of the segment so far."""
        self._end = size
        self._descriptor = -1
        with contextlib.suppress(OSError):
            self._descriptor = os.open(_beside(segment), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)

    def add(self, data: bytes) -> None:
        """The next piece, which is durable."""
        begin, self._end = self._end, self._end + len(data)
        if self._descriptor < 0:
            return
        line = b"%d %d %08x" % (begin, self._end, zlib.crc32(data))
        line += b" %08x\n" % zlib.crc32(line)
        try:
            if os.write(self._descriptor, line) == len(line):
                return
        except OSError:
            pass
        self.close()  # what follows a torn line could not be read

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    @staticmethod
    def remove(segment: str) -> None:
        """With its segment."""
        with contextlib.suppress(OSError):
            os.unlink(_beside(segment))


def mend(segment: str) -> tuple[int, int]:
    """Cut a segment after its last whole line; (its size, pieces that are damaged). What was accepted is never cut off.

    Raises:
        OSError: it cannot be read or cut.
    """
    with open(segment, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        pieces = list(_pieces(segment))
        damaged = sum(not _is_whole(file, piece, size) for piece in pieces)
        accepted = max((piece.end for piece in pieces if piece.end <= size), default=0)
        keep = max(accepted, _end_of_lines(file, size))
        if keep:
            _end_with_newline(file, keep)
        if keep < size:
            _LOG.warning("%s: %d bytes without a line's end are cut off", segment, size - keep)
            file.truncate(keep)
            os.fsync(file.fileno())
    if damaged:
        _LOG.warning("%s: %d pieces were damaged on disk; what is left of their lines is sent", segment, damaged)
    return keep, damaged


def _pieces(segment: str) -> Iterator[_Piece]:
    """Of the lines that are whole."""
    try:
        with open(_beside(segment), "rb") as file:
            lines = file.read().split(b"\n")
    except OSError:
        return
    for line in lines:
        text, _, own = line.rpartition(b" ")
        if text and own == b"%08x" % zlib.crc32(text):
            begin, end, total = text.split()
            yield _Piece(int(begin), int(end), int(total, 16))


def _is_whole(file: BinaryIO, piece: _Piece, size: int) -> bool:
    if piece.end > size:
        return False
    file.seek(piece.begin)
    return zlib.crc32(file.read(piece.end - piece.begin)) == piece.sum


def _end_with_newline(file: BinaryIO, end: int) -> None:
    """As what was accepted ended, whatever became of that byte; a sound file is not touched."""
    file.seek(end - 1)
    if file.read(1) != b"\n":
        file.seek(end - 1)
        file.write(b"\n")
        file.flush()
        os.fsync(file.fileno())


def _end_of_lines(file: BinaryIO, size: int) -> int:
    end = size
    while end > 0:
        begin = max(0, end - _BLOCK)
        file.seek(begin)
        newline = file.read(end - begin).rfind(b"\n")
        if newline >= 0:
            return begin + newline + 1
        end = begin
    return 0


def _beside(segment: str) -> str:
    return f"{segment}.sums"
