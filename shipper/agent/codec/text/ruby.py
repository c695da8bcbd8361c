"""Ruby's Logger: `E, [2026-01-01T12:00:00.123456 #77] ERROR -- shop: text`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import read_stamp

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields, Memory

_LINE = re.compile(
    r"[DIWEFA], \[(?P<time>\S{19,40}) #(?P<pid>\d{1,10})\] +(?P<level>DEBUG|INFO|WARN|ERROR|FATAL|ANY) -- "
    r"(?P<program>[^:]{0,100}): (?P<message>.*)",
    re.DOTALL,
)


class RubyLogger(TextFormat):
    """The program's name may be empty."""

    name = "ruby"
    continuation = Continuation.ANY
    first = "DIWEFA"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _LINE.fullmatch(line)
        stamp = None if match is None else read_stamp(match["time"])
        if match is None or stamp is None:
            return None
        fields: Fields = {"@timestamp": stamp, "log.level": match["level"], "message": match["message"]}
        fields["process.pid"] = int(match["pid"])
        if match["program"].strip():
            fields["log.logger"] = match["program"].strip()
        return fields
