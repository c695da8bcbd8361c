"""What a language's stack traces look like, line by line."""

from __future__ import annotations

from typing import ClassVar

from shipper.agent.codec.trace.head import Failure, read_head

__all__ = ["TENTATIVE", "Failure", "TraceFormat"]


TENTATIVE = "may"
"""The state after a line that names an exception: only a frame after it makes it a trace."""


class TraceFormat:
    """One language. `state` is a word of its own choosing; None means that the line is no part of the trace.

    Blank lines are never shown; they belong to the trace when the next line does.
    """

    name: ClassVar[str]
    headless: ClassVar[bool] = False
    """Its frames may stand without a line that names the exception."""

    def heads(self, line: str) -> bool:
        """Does `line` name an exception, as it stands before this language's frames?"""
        return read_head(line.lstrip()) is not None

    def opens(self, line: str) -> str | None:
        """The state after a line that can only be the first of a trace; `TENTATIVE` where a frame must prove it."""
        raise NotImplementedError

    def joins(self, line: str) -> str | None:
        """The state after a line that only stands inside a trace (a frame), whatever stood before it."""
        raise NotImplementedError

    def step(self, state: str, line: str) -> str | None:
        """The state after the next line of an open trace."""
        raise NotImplementedError

    def awaits(self, state: str) -> bool:  # noqa: ARG002 - for subclasses
        """May lines of the exception's message stand between the line before and a frame?"""
        return False

    def read(self, lines: list[str]) -> Failure | None:
        """Type and message of the trace `lines` (head line first); None where it is not of this language."""
        raise NotImplementedError
