"""Lines that begin with a level in capitals: with the time after it, or without any time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.level import WORDS
from shipper.agent.codec.stamp import match_stamp
from shipper.agent.codec.text.headline import read_prefix, take_mdc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_LEVEL = r"(?P<level>TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE)"
_BEFORE_TIME = re.compile(rf"(?:\[?{_LEVEL}\]?[ \t:|\-]+\[?(?=[\dA-Z])|\[(?P<lower>[a-z]{{4,9}})\] (?=\d{{4}}-))")
_SIMPLE = re.compile(
    rf"\[(?P<thread>[^\[\]]{{1,100}})\] {_LEVEL} (?P<logger>[\w$][\w$.\-]{{0,200}}) - (?P<message>.*)", re.DOTALL
)
_ALONE = re.compile(rf"(?:\[{_LEVEL}\]:?|{_LEVEL.replace('level', 'bare')}:?) +(?P<message>\S.*)", re.DOTALL)
_LOGGER = re.compile(r"(?P<logger>[A-Za-z_$][\w$]*(?:\.[\w$]+)+)(?: +-|:) +(?P<message>.*)", re.DOTALL)
_THREAD = re.compile(r"\[(?P<thread>[^\[\]]{1,100})\] +")


class LevelFirst(TextFormat):
    """`INFO  2026-01-31 12:00:00,123 [main] com.example.App: text`."""

    name = "level-first"
    continuation = Continuation.ANY
    first = "[TDINWECFS"
    weak = True

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        head = _BEFORE_TIME.match(line)
        found = None if head is None else match_stamp(line, head.end())
        if head is None or found is None or (head["lower"] or "info") not in WORDS:
            return None
        end = found[1] + (line[found[1] : found[1] + 1] == "]")
        fields, end = read_prefix(line, end)
        fields = {**fields, "log.level": head["level"] or head["lower"], "@timestamp": found[0]}
        fields["message"] = line[end:]
        logger = _LOGGER.fullmatch(fields["message"]) if "log.logger" not in fields else None
        if logger is not None:
            fields["log.logger"], fields["message"] = logger["logger"], logger["message"]
        take_mdc(fields)
        return fields


class Levelled(TextFormat):
    """`ERROR text`, `[WARN] text`, `INFO com.example.App - text`, slf4j-simple's `[main] INFO a.App - text`."""

    name = "levelled"
    continuation = Continuation.TRACE
    first = "[TDINWECFS"
    weak = True

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        simple = _SIMPLE.fullmatch(line)
        if simple is not None:
            return {
                "log.level": simple["level"],
                "process.thread.name": simple["thread"],
                "log.logger": simple["logger"],
                "message": simple["message"],
            }
        match = _ALONE.fullmatch(line)
        if match is None:
            return None
        fields: Fields = {"log.level": match["level"] or match["bare"], "message": match["message"]}
        thread = _THREAD.match(fields["message"])
        rest = fields["message"][0 if thread is None else thread.end() :]
        logger = _LOGGER.fullmatch(rest)
        if logger is not None:
            fields["log.logger"], fields["message"] = logger["logger"], logger["message"]
            if thread is not None:
                fields["process.thread.name"] = thread["thread"]
        return fields


LEVELLED_FORMATS: Sequence[TextFormat] = (LevelFirst(), Levelled())
