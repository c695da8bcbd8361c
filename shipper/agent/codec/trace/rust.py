"""Rust panics with and without a backtrace, and the causes that anyhow prints."""

from __future__ import annotations

import re

from shipper.agent.codec.trace.base import Failure, TraceFormat

_HEAD = re.compile(r"thread '[^']*'(?: \(\d+\))? panicked at (?P<rest>.*)$")
_QUOTED = re.compile(r"'(?P<message>.*)', \S+:\d+(?::\d+)?$")
_FRAME = re.compile(r"\s+\d+: \S|\s+at \S+\.rs:\d+(?::\d+)?$|stack backtrace:$|Caused by:$|Stack backtrace:$")
_NOTE = re.compile(r"note: |\s+\[\.\.\. omitted \d+ frames? \.\.\.\]")


class RustTrace(TraceFormat):
    """States: `message` where the next line is the message, `told` after it, `frames`."""

    name = "rust"

    def opens(self, line: str) -> str | None:
        head = _HEAD.match(line)
        return None if head is None else "message" if head["rest"].endswith(":") else "told"

    def joins(self, line: str) -> str | None:
        return "frames" if line.rstrip() in ("stack backtrace:", "Stack backtrace:", "Caused by:") else None

    def step(self, state: str, line: str) -> str | None:
        if state == "message":
            return "told"
        if _FRAME.match(line):
            return "frames"
        if _NOTE.match(line):
            return state
        return state if state == "frames" and line.startswith("    ") else None

    def read(self, lines: list[str]) -> Failure | None:
        head = _HEAD.match(lines[0])
        if head is None:
            return None
        quoted = _QUOTED.match(head["rest"])
        if quoted is not None:
            return Failure("panic", quoted["message"])
        if head["rest"].endswith(":") and len(lines) > 1:
            return Failure("panic", lines[1].strip())
        return Failure("panic", head["rest"] or None)
