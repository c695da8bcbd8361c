"""Which format a line is of: the source's usual one first, then the others."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from shipper.agent.codec.format import SLIPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory, TextFormat


class Detector:
    """One per stream of lines.

    Args:
        formats: candidates, the surest first.
        fallback: takes every line that no candidate takes.
    """

    __slots__ = ("_formats", "current", "fallback", "memory")

    def __init__(self, formats: Sequence[TextFormat], fallback: TextFormat) -> None:
        self.current: TextFormat | None = None
        self.memory: Memory = {}
        self.fallback = fallback
        self._formats = _ordered(tuple(formats))

    def recall(self, name: str) -> None:
        """Go on with the format called `name`, if it is a candidate."""
        self.current = self._formats.by_name.get(name)

    def reads(self, name: str) -> bool:
        """Is the format called `name` a candidate?"""
        return name in self._formats.by_name

    def detect(self, line: str) -> tuple[TextFormat, Fields]:
        """The format of a record that begins with `line`, and its fields."""
        current, usual = self.current, None
        if current is not None:
            fields = _parse(current, line, self.memory)
            if fields is not None and not self.says_little(current, fields):
                return current, fields
            usual = fields
        for candidate in self._formats.beginning(line[:1]):
            if candidate is current or (usual is not None and candidate.weak):
                continue
            fields = _parse(candidate, line, self.memory)
            if fields is not None:
                self.current = candidate
                return candidate, fields
        if usual is not None and current is not None:
            return current, usual
        fields = self.fallback.parse(line, self.memory)
        assert fields is not None
        return self.fallback, fields

    def says_little(self, format_: TextFormat, fields: Fields) -> bool:
        """Is it a time alone, so that another format may know more? Not asked for ever: others cost time."""
        if not format_.weak or "log.level" in fields:
            return False
        seen = int(self.memory.get(_THIN, 0))
        if seen < _MOST_THIN:
            self.memory[_THIN] = seen + 1
        return seen < _MOST_THIN

    def interrupt(self, line: str, usual: TextFormat) -> tuple[TextFormat, Fields] | None:
        """Is `line` surely a head of a format other than `usual`?"""
        for candidate in self._formats.beginning(line[:1]):
            if candidate is not usual:
                fields = _interrupts(candidate, line, self.memory)
                if fields is not None:
                    self.current = candidate
                    return candidate, fields
        return None


class _Formats:
    """Candidates in the order in which they are asked; many sources share one.

    Attributes:
        by_name: the first of each name.
    """

    def __init__(self, formats: tuple[TextFormat, ...]) -> None:
        self._formats = sorted(formats, key=lambda format_: format_.weak)
        self._by_first: dict[str, tuple[TextFormat, ...]] = {}
        self.by_name = {format_.name: format_ for format_ in reversed(self._formats)}

    def beginning(self, first: str) -> tuple[TextFormat, ...]:
        """Those whose heads can begin with the character."""
        known = self._by_first.get(first)
        if known is None:
            known = tuple(f for f in self._formats if not f.first or first in f.first)
            if len(self._by_first) < 512:
                self._by_first[first] = known
        return known


@lru_cache(maxsize=64)
def _ordered(formats: tuple[TextFormat, ...]) -> _Formats:
    return _Formats(formats)


_THIN = "detect.thin"
_MOST_THIN = 64
"""Lines with nothing but a time after which a source is taken to have no other format."""


def _parse(format_: TextFormat, line: str, memory: Memory) -> Fields | None:
    try:
        return format_.parse(line, memory)
    except SLIPS:
        return None


def _interrupts(format_: TextFormat, line: str, memory: Memory) -> Fields | None:
    try:
        return format_.interrupts(line, memory)
    except SLIPS:
        return None
