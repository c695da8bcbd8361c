"""What was worked out of parts of lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Value = TypeVar("_Value")
_MAX_LENGTH = 512
"""Bytes of a part that is worth remembering."""


class Memo(dict[bytes, _Value]):
    """Works a value out once; a hit costs no call. Forgets all when it is full.

    Args:
        work_out: of a part; the same for the same part always.
        most: parts that are remembered.
    """

    def __init__(self, work_out: Callable[[bytes], _Value], most: int = 2048) -> None:
        super().__init__()
        self._work_out = work_out
        self._most = most

    def __missing__(self, part: bytes) -> _Value:
        if len(self) >= self._most:
            self.clear()
        value = self._work_out(part)
        if len(part) <= _MAX_LENGTH:
            self[part] = value
        return value
