"""Stack traces in text: which lines belong to one, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shipper.agent.codec.trace.at_frames import AtTrace
from shipper.agent.codec.trace.base import TENTATIVE
from shipper.agent.codec.trace.dart import DartTrace
from shipper.agent.codec.trace.elixir import ElixirTrace
from shipper.agent.codec.trace.fingerprint import fingerprint
from shipper.agent.codec.trace.go import GoTrace
from shipper.agent.codec.trace.head import find_head, read_head
from shipper.agent.codec.trace.php import PhpTrace
from shipper.agent.codec.trace.python import PythonTrace
from shipper.agent.codec.trace.ruby import RubyTrace
from shipper.agent.codec.trace.rust import RustTrace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.trace.base import Failure, TraceFormat

TRACES: tuple[TraceFormat, ...] = (
    PythonTrace(),
    GoTrace(),
    RustTrace(),
    PhpTrace(),
    RubyTrace(),
    DartTrace(),
    ElixirTrace(),
    AtTrace(),
)
"""Tried in this order; the first that knows a line keeps it."""

MAX_HEAD_LINES = 20
"""Lines of a record among which one may name an exception."""


class Position(NamedTuple):
    """Where a record's lines are inside a trace."""

    language: TraceFormat
    state: str


def enter(line: str) -> Position | None:
    """The position after a line that opens a trace by itself."""
    for language in TRACES:
        state = language.opens(line)
        if state is not None:
            return Position(language, state)
    return None


def advance(position: Position | None, line: str) -> Position | None:
    """The position after the next line; None where `line` does not go on with a trace."""
    if position is not None:
        state = position.language.step(position.state, line)
        if state is not None:
            return Position(position.language, state)
    for language in TRACES:
        state = language.joins(line)
        if state is not None and language.opens(line) is None:
            return Position(language, state)
    return None


def may_go_on(line: str) -> bool:
    """Could a line, seen alone, be the middle of a record?"""
    return line[:1].isspace() or advance(None, line) is not None or enter(line) is not None


def split(lines: Sequence[str]) -> int | None:
    """The index of the line with which a trace begins; None where there is none."""
    for index, line in enumerate(lines):
        for language in TRACES:
            if language.opens(line) not in (None, TENTATIVE):
                return index
            if language.joins(line) is not None:
                return _head_before(language, lines, index)
    return None


def _head_before(language: TraceFormat, lines: Sequence[str], frame: int) -> int:
    """The line that names the exception, at or above the line before the first frame."""
    for index in range(frame - 1, max(-1, frame - 30), -1):
        if language.heads(lines[index]):
            outer = index - 2
            nested = outer >= 0 and lines[index - 1].strip().startswith("nested exception is")
            return outer if nested and language.heads(lines[outer]) else index
    return frame if language.headless else max(0, frame - 1)


def read(lines: list[str]) -> Failure | None:
    """What a trace says: type and message."""
    for language in TRACES:
        failure = language.read(lines)
        if failure is not None:
            return failure
    return read_head(lines[0]) if lines else None


def take(fields: Fields) -> None:
    """Move a trace from `message` to `error.*`; complete `error.*` from `error.stack_trace`."""
    if "error.stack_trace" not in fields:
        message = fields.get("message")
        if not isinstance(message, str) or "\n" not in message:
            return
        lines = message.split("\n")
        start = split(lines)
        if start is None:
            return
        if _take_within(fields, lines, start):
            return
        fields["error.stack_trace"] = "\n".join(lines[start:]).strip("\n")
        if start:
            fields["message"] = "\n".join(lines[:start]).rstrip("\n")
        elif "log.level" in fields and lines[0] and not lines[0].startswith("Traceback "):
            fields["message"] = lines[0]
    trace = fields["error.stack_trace"]
    if isinstance(trace, str):
        _describe(fields, trace.strip("\n").split("\n"))


def _take_within(fields: Fields, lines: list[str], start: int) -> bool:
    """A trace whose exception is named at the end of the line that says what failed."""
    head = lines[start]
    found = find_head(head, framed=True) if read_head(head.lstrip()) is None else None
    if found is None or not found[0]:
        return False
    at, failure = found
    trace = [head[at:], *lines[start + 1 :]]
    fields["message"] = "\n".join([*lines[:start], _before(head, at)])
    fields["error.stack_trace"] = "\n".join(trace).strip("\n")
    fields.setdefault("error.type", failure.type)
    _describe(fields, trace)
    return True


def _before(head: str, at: int) -> str:
    """What stands before an exception: all of the line, unless `|` parts it into fields as NLog does."""
    return head[: at - 1] if head[at - 1] == "|" else head


def take_head(fields: Fields) -> None:
    """Fill `error.type` and `error.message` of a failure that comes without frames, from the text that names it.

    The name stands at the end of the only line, which stays the message, or on a line of its own, which leaves it.
    """
    message = fields.get("message")
    if not isinstance(message, str) or "error.type" in fields or "error.message" in fields:
        return
    lines = message.split("\n", MAX_HEAD_LINES)
    for index, line in enumerate(lines):
        found = find_head(line)
        if found is None or (found[0] and index):
            continue
        at, failure = found
        fields["error.type"] = failure.type
        text = "\n".join([failure.message or "", *lines[index + 1 :]]).strip("\n")
        if text:
            fields["error.message"] = text
        if index:
            fields["message"] = "\n".join(lines[:index])
        elif at and len(lines) == 1:
            fields["message"] = _before(line, at)
        return


def _describe(fields: Fields, lines: list[str]) -> None:
    failure = read(lines)
    if failure is not None:
        if failure.type and "error.type" not in fields:
            fields["error.type"] = failure.type
        if failure.message and "error.message" not in fields:
            fields["error.message"] = failure.message
    if "error.id" not in fields:
        fields["error.id"] = fingerprint(fields.get("error.type"), lines)
