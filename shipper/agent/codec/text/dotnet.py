"""What .NET's console loggers print: Microsoft.Extensions.Logging in one line or several, Serilog's short stamp."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import match_stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_CONSOLE = re.compile(
    r"\s?(?P<level>trce|dbug|info|warn|fail|crit): (?P<logger>[\w.`+\-<>,]+)\[(?P<id>-?\d{1,10})\]"
    r"(?: (?P<message>.*)|$)",
    re.DOTALL,
)
_LEVELS = {"trce": "trace", "dbug": "debug", "info": "info", "warn": "warning", "fail": "error", "crit": "critical"}
_SYSTEMD = {"7": "debug", "6": "info", "4": "warning", "3": "error", "2": "critical"}
_SYSTEMD_LINE = re.compile(
    r"<(?P<level>[23467])>(?P<logger>[\w.`+\-<>,]+)\[(?P<id>-?\d{1,10})\] (?P<message>.*)", re.DOTALL
)
_SERILOG = re.compile(r" (?P<open>\[?)(?P<level>VRB|DBG|INF|WRN|ERR|FTL)\] ?(?P<message>.*)", re.DOTALL)
_INDENT = " " * 6
_SERILOG_LEVELS = {"VRB": "trace", "DBG": "debug", "INF": "info", "WRN": "warning", "ERR": "error", "FTL": "fatal"}


class DotnetConsole(TextFormat):
    """`info: Shop.Orders[14]`, then the text on lines indented by six; or all in one line."""

    name = "dotnet-console"
    continuation = Continuation.ANY

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        if line[0] == "<":
            match = _SYSTEMD_LINE.fullmatch(line)
            return None if match is None else _fields(match, _SYSTEMD[match["level"]])
        found = match_stamp(line) if line[0].isdigit() else None
        match = _CONSOLE.fullmatch(line, 0 if found is None else found[1])
        if match is None:
            return None
        fields = _fields(match, _LEVELS[match["level"]])
        if found is not None:
            fields["@timestamp"] = found[0]
        return fields

    def absorbs(self, lines: list[str], line: str) -> bool:  # noqa: ARG002 - the indent says enough
        return line.startswith(_INDENT)

    def complete(self, fields: Fields, more: list[str]) -> None:
        lines = [line.removeprefix(_INDENT) for line in more]
        super().complete(fields, lines)


def _fields(match: re.Match[str], level: str) -> Fields:
    fields: Fields = {"log.level": level, "log.logger": match["logger"], "message": match["message"] or ""}
    if match["id"] != "0":
        fields["event.code"] = match["id"]
    return fields


class Serilog(TextFormat):
    """`[12:00:00 INF] text`, Serilog's console; `2026-01-31 12:00:00.123 +02:00 [INF] text`, its file."""

    name = "serilog"
    continuation = Continuation.ANY
    first = "[0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        bracket = line[0] == "["
        found = match_stamp(line, int(bracket))
        match = None if found is None else _SERILOG.fullmatch(line, found[1])
        if found is None or match is None or bool(match["open"]) is bracket:  # one bracket, around both or the level
            return None
        level = _SERILOG_LEVELS[match["level"]]
        return {"@timestamp": found[0], "log.level": level, "message": match["message"]}


DOTNET_FORMATS: Sequence[TextFormat] = (DotnetConsole(), Serilog())
