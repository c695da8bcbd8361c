"""Elixir's exceptions."""

from __future__ import annotations

import re

from shipper.agent.codec.trace.base import Failure, TraceFormat

_OPENS = re.compile(r"\s*\*\* \((?P<type>[A-Z][\w.]*|exit|throw|EXIT from \S+|stop)\) ?(?P<message>.*)", re.DOTALL)
_FRAME = re.compile(
    r"\s+(?:\([\w.]+(?: [\w.+\-]+)?\) )(?:[\w./\-]+\.(?:ex|exs|erl|eex|heex|leex):\d+: |[:A-Za-z][\w.:!?]*/\d+)"
    r"|\s+[\w./\-]+\.(?:ex|exs|erl):\d+: \S"
)


class ElixirTrace(TraceFormat):
    """States: `head` until the first frame, then `frames`."""

    name = "elixir"

    def heads(self, line: str) -> bool:
        return _OPENS.match(line) is not None

    def opens(self, line: str) -> str | None:
        return "head" if "** (" in line and _OPENS.match(line) else None

    def joins(self, line: str) -> str | None:
        return "frames" if line[:1].isspace() and _FRAME.match(line) else None

    def step(self, state: str, line: str) -> str | None:
        if _FRAME.match(line):
            return "frames"
        return state if line[0].isspace() and state == "head" else None

    def read(self, lines: list[str]) -> Failure | None:
        for line in lines[:20]:
            match = _OPENS.match(line)
            if match is not None and match["type"][0].isupper() and not match["type"].startswith("EXIT"):
                return Failure(match["type"], match["message"].strip() or None)
        first = _OPENS.match(lines[0])
        return None if first is None else Failure(None, first["message"].strip() or None)
