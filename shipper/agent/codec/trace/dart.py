"""Dart and Flutter traces."""

from __future__ import annotations

import re

from shipper.agent.codec.trace.base import Failure, TraceFormat
from shipper.agent.codec.trace.head import read_head

_FRAME = re.compile(r"#\d+ +\S.*\((?:dart:|package:|file://|[^()]*\.dart)|<asynchronous suspension>")
_MAX_HEAD = 9


class DartTrace(TraceFormat):
    """States: `0` … `8` lines of the head after `Unhandled exception:`, `frames`."""

    name = "dart"

    def opens(self, line: str) -> str | None:
        return "0" if line == "Unhandled exception:" else None

    def joins(self, line: str) -> str | None:
        return "frames" if _FRAME.match(line) else None

    def step(self, state: str, line: str) -> str | None:
        if _FRAME.match(line):
            return "frames"
        return str(int(state) + 1) if state.isdigit() and int(state) < _MAX_HEAD else None

    def read(self, lines: list[str]) -> Failure | None:
        if lines[0] != "Unhandled exception:" and not any(_FRAME.match(line) for line in lines):
            return None
        head = lines[1] if lines[0] == "Unhandled exception:" and len(lines) > 1 else lines[0]
        return read_head(head) or (None if _FRAME.match(head) else Failure(None, head))
