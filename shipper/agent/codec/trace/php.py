"""PHP stack traces: of the engine, Xdebug, Monolog."""

from __future__ import annotations

import re

from shipper.agent.codec.trace.base import Failure, TraceFormat

_OPENS = re.compile(
    r"(?:PHP )?(?:Fatal error|Parse error|Recoverable fatal error): +Uncaught |exception '[\w\\]+' with message '"
)
_FRAME = re.compile(
    r"#\d+ (?:.*\(\d+\): |\[internal function\]: |\{main\})|(?:PHP )?Stack trace:$|PHP +\d+\. |\[stacktrace\]"
    r"|\[previous exception\]|\s+thrown in .* on line \d+$|\s+thrown$|Next [A-Za-z_\\]+(?:: | in )"
)
_HEADS = (
    re.compile(r".*?[Ee]xception '(?P<type>[\w\\]+)' with message '(?P<message>.*?)'(?: in \S+:\d+)?$", re.DOTALL),
    re.compile(r".*?Uncaught (?P<type>[A-Za-z_][\w\\]*): (?P<message>.*?)(?: in \S+:\d+)?$", re.DOTALL),
    re.compile(r"(?P<type>[A-Za-z_][\w\\]*): (?P<message>.*?) in \S+\.php:\d+$", re.DOTALL),
)
_MONOLOG = re.compile(r'.*"exception":"\[object\] \((?P<type>[\w\\]+)\(code: [^)]*\): (?P<message>.*) at [^"]*:\d+\)')


class PhpTrace(TraceFormat):
    """States: `head` until `Stack trace:`, `frames` after it."""

    name = "php"

    def heads(self, line: str) -> bool:
        return any(pattern.match(line) for pattern in _HEADS)

    def opens(self, line: str) -> str | None:
        return "head" if _OPENS.match(line) else None

    def joins(self, line: str) -> str | None:
        return "frames" if _FRAME.match(line) else None

    def step(self, state: str, line: str) -> str | None:
        if _FRAME.match(line):
            return "frames"
        return state if line.startswith('"}') else None  # the end of Monolog's context

    def read(self, lines: list[str]) -> Failure | None:
        if not any(_FRAME.match(line) for line in lines) and not _OPENS.match(lines[0]):
            return None
        for pattern in (*_HEADS, _MONOLOG):
            match = pattern.match(lines[0])
            if match is not None:
                return Failure(match["type"].replace("\\\\", "\\"), match["message"] or None)
        return None
