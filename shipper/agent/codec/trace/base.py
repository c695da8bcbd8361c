"""What a language's stack traces look like, line by line."""

from __future__ import annotations

from typing import ClassVar, NamedTuple


class Failure(NamedTuple):
    """The exception that a trace reports (the one that reached the top)."""

    type: str | None
    message: str | None


class TraceFormat:
    """One language. `state` is a word of its own choosing; None means that the line is no part of the trace.

    Blank lines are never shown; they belong to the trace when the next line does.
    """

    name: ClassVar[str]

    def opens(self, line: str) -> str | None:
        """The state after a line that can only be the first of a trace."""
        raise NotImplementedError

    def joins(self, line: str) -> str | None:
        """The state after a line that only stands inside a trace (a frame), whatever stood before it."""
        raise NotImplementedError

    def step(self, state: str, line: str) -> str | None:
        """The state after the next line of an open trace."""
        raise NotImplementedError

    def read(self, lines: list[str]) -> Failure | None:
        """Type and message of the trace `lines` (head line first); None where it is not of this language."""
        raise NotImplementedError
