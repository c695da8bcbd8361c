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
