"""Python tracebacks: chained, exception groups, loguru's with its blank lines."""

from __future__ import annotations

import re

from shipper.agent.codec.trace.base import Failure, TraceFormat

_HEAD = re.compile(r"[\s|+]*(?:Exception Group )?Traceback \(most recent call (?:last|first)\):")
_FRAME = re.compile(r'[\s>|+]*File "[^"]+", line \d+')
_FINAL = re.compile(r"[A-Za-z_][\w.]*(?:\[[^\]]*\])?(?:: .*|:?$)")
_LINK = re.compile(
    r"[\s|+]*(?:During handling of the above exception, another exception occurred:"
    r"|The above exception was the direct cause of the following exception:)"
)
_GROUP_END = re.compile(r"\s*\+-+$")
_TAIL = re.compile(r"\s|\[SQL: |\[parameters: |\(Background on this error at: ")


class PythonTrace(TraceFormat):
    """States: `frames` until the exception line, `done` after it, `link` between chained exceptions."""

    name = "python"

    def opens(self, line: str) -> str | None:
        return "frames" if _HEAD.match(line) else None

    def joins(self, line: str) -> str | None:
        return "frames" if _HEAD.match(line) or _FRAME.match(line) else None

    def step(self, state: str, line: str) -> str | None:
        if _HEAD.match(line):
            return None if state == "done" else "frames"
        if _LINK.match(line):
            return "link"
        if state == "frames":
            return self._in_frames(line)
        if state == "done" and _TAIL.match(line):
            return "done"
        return None

    def _in_frames(self, line: str) -> str | None:
        if _GROUP_END.match(line):
            return "done"
        if line[:1] in " \t|+>":
            return "frames"
        return "done" if _FINAL.match(line) else None

    def read(self, lines: list[str]) -> Failure | None:
        if not any(_HEAD.match(line) for line in lines):
            return None
        group = lines[0].lstrip(" |+").startswith("Exception Group")
        failure = None
        for index, line in enumerate(lines):
            text = line[4:] if group and line.startswith("  | ") else line
            if index and text[:1].strip() and _FINAL.match(text) and not _HEAD.match(text) and not _LINK.match(text):
                kind, _, message = text.partition(":")
                failure = Failure(kind.strip(), message.strip() or None)
                if group:
                    return failure  # the group's own line comes first; those of its members are indented deeper
        return failure
