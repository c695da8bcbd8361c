"""The line that names an exception, as most languages write it."""

from __future__ import annotations

import re
from typing import NamedTuple


class Failure(NamedTuple):
    """The exception that a trace reports (the one that reached the top)."""

    type: str | None
    message: str | None


_HEAD = re.compile(
    r"(?:Exception in thread \"[^\"]*\" |Unhandled exception\. |Unhandled Exception: |Uncaught |Caused by: )?"
    r"(?P<type>[A-Za-z_$][\w$]*(?:(?:\.|::|\\)[A-Za-z_$][\w$]*)*)"
    r"(?: \[[\w ]+\]| \(0x[0-9A-Fa-f]+\))?(?::\s+(?P<message>.*)|:?$)",
    re.DOTALL,
)
_NAMED = re.compile(r"(?:Error|Exception|Throwable|Fault|Failure|Interrupt|Exit|Warning|Abort|Timeout)\w*$")

_QUALIFIED = re.compile(r"\.|::|\\")


def read_head(line: str) -> Failure | None:
    """`java.lang.IllegalStateException: x` -> type and message; None where the line names no exception."""
    match = _HEAD.match(line)
    if match is None:
        return None
    kind = match["type"]
    if not _NAMED.search(kind) and (match["message"] is None or not _QUALIFIED.search(kind)):
        return None
    return Failure(kind, (match["message"] or "").strip() or None)


_TYPE = (
    r"(?P<type>(?:[A-Za-z_][\w$]*\.){1,12}[A-Z][\w$]*?(?:Exception|Error|Throwable|Failure|Fault))"
    r"(?:: (?P<message>.*)|:?$)"
)
_WITHIN = re.compile(
    r"(?:(?<=[:|>)\]=] )|(?<=[|>=])|(?<= - )|(?<=exception is )|(?<=exception )|(?<=caused by )|^)" + _TYPE, re.DOTALL
)
_BARE = r"(?P<type>(?:[A-Za-z_][\w$]*\.){0,12}(?=[A-Z])[\w$]*?(?:Exception|Error|Throwable))(?:: (?P<message>.*)|:?$)"
_FRAMED = re.compile(r"(?:(?<=[\s|>=\[(])|^)" + _BARE, re.DOTALL)
_ENDS = ("Exception", "Error", "Throwable", "Failure", "Fault")
_MAX_LENGTH = 16 << 10
"""Characters of a head line that are searched."""


def find_head(line: str, *, framed: bool = False) -> tuple[int, Failure] | None:
    """`Could not save: java.io.IOException: x` -> where the exception's name begins, type and message.

    The name must have a package and, unless a stack trace follows (`framed`), stand after a separator: prose is none.
    """
    if not (framed or "." in line) or not any(word in line for word in _ENDS):
        return None
    match = (_FRAMED if framed else _WITHIN).search(line[:_MAX_LENGTH])
    if match is None:
        return None
    message = (match["message"] or "") + line[_MAX_LENGTH:]
    return match.start("type"), Failure(match["type"], message.strip() or None)
