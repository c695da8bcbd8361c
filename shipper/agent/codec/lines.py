"""Bytes in any chunking -> lines with their offsets; one endless line costs no more than the limit."""

from __future__ import annotations

from typing import NamedTuple


class RawLine(NamedTuple):
    """A line without its newline; `cut`: it was longer than the limit, the rest is dropped."""

    offset: int
    data: bytes
    cut: bool = False


class LineSplitter:
    """Cuts at `\\n`.

    Args:
        start: plain offset of the first byte that will be fed.
        limit: bytes of a line that are kept.
        skipping: the first bytes are the rest of a line that was cut before a restart.

    Attributes:
        position: plain offset up to which bytes were given out or dropped.
        skipping: in the rest of a line that was cut.
    """

    __slots__ = ("_held", "_limit", "_parts", "position", "skipping")

    def __init__(self, start: int, limit: int, *, skipping: bool = False) -> None:
        self.position = start
        self.skipping = skipping
        self._limit = limit
        self._parts: list[bytes] = []
        self._held = 0

    @property
    def held(self) -> int:
        """Bytes of a line that has no end yet."""
        return self._held

    def block(self, data: bytes) -> tuple[int, bytes]:
        """Take bytes -> (offset, whole lines with their newlines), perhaps none.

        Lines that are longer than the limit are for `cut_lines`; the rest after the last newline is held.
        """
        if self.skipping:
            data = self._skip(data)
        newline = data.rfind(b"\n")
        if newline < 0:
            self._hold(data)
            return self.position, b""
        whole = b"".join([*self._parts, data[: newline + 1]]) if self._parts else data[: newline + 1]
        self._parts.clear()
        self._held = 0
        offset = self.position
        self.position += len(whole)
        self._hold(data[newline + 1 :])
        return offset, whole

    def overlong(self) -> RawLine | None:
        """The beginning of a held line that is too long already; its rest will be dropped as it comes."""
        if self._held <= self._limit:
            return None
        line = self.rest()
        assert line is not None
        self.skipping = True
        return RawLine(line.offset, line.data[: self._limit], cut=True)

    def rest(self) -> RawLine | None:
        """Give out the held line, though it has no newline."""
        if not self._held:
            return None
        data = b"".join(self._parts)
        line = RawLine(self.position, data)
        self.position += len(data)
        self._parts.clear()
        self._held = 0
        return line

    def _skip(self, data: bytes) -> bytes:
        newline = data.find(b"\n")
        dropped = len(data) if newline < 0 else newline + 1
        self.position += dropped
        self.skipping = newline < 0
        return data[dropped:]

    def _hold(self, data: bytes) -> None:
        if not self._held and data[:1] == b"\0":  # a hole that a crash left before a line costs nothing
            size = len(data)
            data = data.lstrip(b"\0")
            self.position += size - len(data)
        if data:
            self._parts.append(data)
            self._held += len(data)
