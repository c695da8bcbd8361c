"""Lines that are held until a later one says what they are: no line is lost whichever way it ends."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

from shipper.agent.codec.structured.load import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.trace.base import TraceFormat

_MAX_JSON_LINES = 2000
_MAX_MESSAGE_LINES = 20
_VALUE = frozenset('"{}[]-0123456789tfn')
"""What a line of indented JSON begins with."""


class Verdict(Enum):
    """What a trial says after a line."""

    OPEN = "open"
    """Not yet known."""
    PROVEN = "proven"
    """The held lines and this one belong together."""
    REFUTED = "refuted"
    """They are what they are without the trial."""


class Trial(Protocol):
    """Is shown every line that is not blank."""

    def take(self, text: str) -> Verdict:
        """Judge the next line."""

    def fork(self) -> Trial:
        """A copy on which lines can be tried."""


class PrettyJson:
    """`{` alone, then indented lines, then `}`: one JSON object; it is parsed once.

    No line that it holds can begin another trial, so lines are looked at twice at most.
    """

    def __init__(self, lines: Sequence[str] = ("{",)) -> None:
        self.lines = list(lines)

    def fork(self) -> PrettyJson:
        return PrettyJson(self.lines)

    @staticmethod
    def begins(text: str) -> bool:
        """Can `text` be the first line of such an object?"""
        return text.rstrip() == "{"

    def take(self, text: str) -> Verdict:
        self.lines.append(text)
        if text[0] == "}":
            return Verdict.PROVEN if text.rstrip() == "}" and load(self.text) is not None else Verdict.REFUTED
        inner = text.lstrip()
        if text[0] not in " \t" or inner[0] not in _VALUE or len(self.lines) > _MAX_JSON_LINES:
            return Verdict.REFUTED
        return Verdict.OPEN

    @property
    def text(self) -> str:
        """The object."""
        return "\n".join(self.lines)


class LongMessage:
    """The further lines of an exception's message; a frame proves it.

    Args:
        language: whose frames.
        count: lines that it holds already.
    """

    def __init__(self, language: TraceFormat, count: int = 0) -> None:
        self._language = language
        self._count = count

    def fork(self) -> LongMessage:
        return LongMessage(self._language, self._count)

    def take(self, text: str) -> Verdict:
        if self._language.joins(text) is not None:
            return Verdict.PROVEN
        self._count += 1
        return Verdict.REFUTED if self._count > _MAX_MESSAGE_LINES else Verdict.OPEN
