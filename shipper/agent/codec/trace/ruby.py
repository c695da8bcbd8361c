"""Ruby and Rails backtraces."""

from __future__ import annotations

import re

from shipper.agent.codec.trace.base import Failure, TraceFormat

_PLACE = r"\S+\.(?:rb|ru|rake|erb|haml|slim|gemspec):\d+"
_HEAD = re.compile(r"(?:\S+:\d+:in [`'][^']*': )?(?P<message>.*) \((?P<type>[A-Z]\w*(?:::\w+)*)\)$")
_OPENS = re.compile(_PLACE + r":in [`'][^']*': ")
_RAILS = re.compile(r"\s*(?P<type>[A-Z]\w*(?:::[A-Z]\w*)*) \((?P<message>.*)\):?$")
_PLAIN = re.compile(_PLACE + r":in [`'][^']*': (?P<message>.*?)(?: \((?P<type>[A-Z]\w*(?:::\w+)*)\))?$")
_FRAME = re.compile(
    r"\s*(?:\d+: )?(?:from )?(?:[\w\-]+ \([\w.]+\) )?" + _PLACE + r"(?::in [`'].*)?$|\s+from \S+:\d+:in "
)


class RubyTrace(TraceFormat):
    """One state: `frames`."""

    name = "ruby"

    def heads(self, line: str) -> bool:
        return any(pattern.match(line) for pattern in (_PLAIN, _RAILS, _HEAD))

    def opens(self, line: str) -> str | None:
        return "frames" if _OPENS.match(line) else None

    def joins(self, line: str) -> str | None:
        return "frames" if _FRAME.match(line) and not _OPENS.match(line) else None

    def step(self, state: str, line: str) -> str | None:
        if _FRAME.match(line) and not _OPENS.match(line):
            return state
        return state if line.startswith((" ... ", "\t ... ", "Caused by:", "Causes:")) else None

    def read(self, lines: list[str]) -> Failure | None:
        if len(lines) < 2 or not any(_FRAME.match(line) for line in lines[1:]):
            return None
        for pattern in (_PLAIN, _RAILS, _HEAD):
            match = pattern.match(lines[0])
            if match is not None:
                return Failure(match["type"], match["message"].strip() or None)
        return None
