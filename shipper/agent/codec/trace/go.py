"""Go panics and goroutine dumps, and the stacks that zap and pkg/errors append."""

from __future__ import annotations

import re

from shipper.agent.codec.trace.base import Failure, TraceFormat

_HEAD = re.compile(r"(?P<type>panic|fatal error): (?P<message>.*?)(?: \[recovered\].*)?$")
_GOROUTINE = re.compile(r"goroutine \d+(?: gp=\S+)?(?: m=\S+)?(?: mp=\S+)? \[[^\]]+\]:$")
_FILE = re.compile(r"\s+\S.*\.(?:go|s):\d+(?: \+0x[0-9a-f]+)?(?: |$)")
_INSIDE = re.compile(
    r"\[signal |created by |\s+panic: |\[originating from |runtime stack:|exit status \d+$"
    r"|\.\.\.additional frames elided"
    r"|panic\(|main\.|\s|r\w{1,3} +0x[0-9a-f]+$"
    r"|[\w.\-]{1,99}(?:/[\w.\-~]{1,99}){0,20}\.[\w.()*\[\]{}·…\-]{1,300}(?:\(.*\))?$"
)


class GoTrace(TraceFormat):
    """States: `head` until the first goroutine, `frames` after it."""

    name = "go"
    headless = True

    def heads(self, line: str) -> bool:
        return _HEAD.match(line) is not None

    def opens(self, line: str) -> str | None:
        return "head" if _HEAD.match(line) else None

    def joins(self, line: str) -> str | None:
        return "frames" if _GOROUTINE.match(line) or _FILE.match(line) else None

    def step(self, state: str, line: str) -> str | None:
        if _GOROUTINE.match(line):
            return "frames"
        if state == "head":
            return "head" if line[0] in "\t[" or line.startswith("  ") else None
        return "frames" if _INSIDE.match(line) else None

    def read(self, lines: list[str]) -> Failure | None:
        head = _HEAD.match(lines[0])
        if head is not None:
            return Failure(head["type"], head["message"])
        return Failure("panic", None) if any(_GOROUTINE.match(line) for line in lines) else None
