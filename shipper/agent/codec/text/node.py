"""Node's text logs: pino-pretty, winston's simple format, NestJS, morgan's short formats."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.level import PINO
from shipper.agent.codec.stamp import match_stamp
from shipper.agent.codec.structured.common import Common
from shipper.agent.codec.structured.load import load
from shipper.ecs.instant import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_COMMON = Common()
_PINO = re.compile(
    rf"\] (?P<level>{'|'.join(sorted({*(w.upper() for w in PINO.values()), 'WARN'}))})"
    r"(?: \((?:(?P<logger>[^()/\s]+)/)?(?P<pid>\d+)(?: on (?P<host>[^()\s]+))?\))?: (?P<message>.*)",
    re.DOTALL,
)
_WINSTON = re.compile(r"(?P<level>error|warn|info|http|verbose|debug|silly): {1,4}(?P<message>\S.*)", re.DOTALL)
_WINSTON_DATA = re.compile(r"(?P<message>.*?)\s+(?P<data>\{\".*\})\s*", re.DOTALL)
_NEST = re.compile(
    r"\[(?P<app>[\w\- ]+)\] (?P<pid>\d+) +- (?P<time>\d\d/\d\d/\d{4}, \d\d?:\d\d:\d\d(?: [AP]M)?) +(?P<rest>.*)",
    re.DOTALL,
)
_NEST_REST = re.compile(
    r"(?P<level>LOG|ERROR|WARN|DEBUG|VERBOSE|FATAL) (?:\[(?P<logger>[^\]]+)\] )?(?P<message>.*)", re.DOTALL
)
_MORGAN = re.compile(
    r"(?:(?P<client>[0-9A-Fa-f.:]+) (?P<user>\S+) )?(?P<method>[A-Z]{3,10}) (?P<target>[/*]\S*|https?://\S+)"
    r"(?: HTTP/(?P<version>\d(?:\.\d)?))? (?P<status>\d{3}|-)"
    r"(?: (?P<size>\d+|-))?(?: -)? (?P<took>\d+(?:\.\d+)?|-) ms(?: - (?P<after>\d+|-))?"
)


class PinoPretty(TextFormat):
    """`[12:34:56.789] INFO (api/1234 on vm): text`, further keys on indented lines."""

    name = "pino-pretty"
    continuation = Continuation.INDENTED
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line, 1)
        match = None if found is None else _PINO.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        fields: Fields = {"@timestamp": found[0], "log.level": match["level"], "message": match["message"]}
        for name, group in (("log.logger", "logger"), ("host.hostname", "host"), ("process.pid", "pid")):
            if match[group]:
                fields[name] = match[group]
        return fields


class WinstonSimple(TextFormat):
    """`info: text {"service":"shop"}`, no time."""

    name = "winston-simple"
    continuation = Continuation.INDENTED
    first = "ewihvds"
    weak = True

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _WINSTON.fullmatch(line)
        if match is None:
            return None
        fields: Fields = {"log.level": match["level"], "message": match["message"]}
        split = _WINSTON_DATA.fullmatch(match["message"])
        data = None if split is None else load(split["data"])
        if split is not None and data is not None:
            fields = {**_COMMON.fields(data), **fields, "message": split["message"]}
        return fields


class Nest(TextFormat):
    """`[Nest] 1234  - 01/02/2026, 3:04:07 AM     LOG [Context] text`."""

    name = "nestjs"
    continuation = Continuation.ANY
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        head = _NEST.fullmatch(line)
        rest = None if head is None else _NEST_REST.fullmatch(head["rest"])
        found = None if head is None else match_stamp(head["time"])
        if head is None or rest is None or found is None:
            return None
        level = "info" if rest["level"] == "LOG" else rest["level"]
        fields: Fields = {
            "@timestamp": found[0],
            "log.level": level,
            "message": rest["message"],
            "process.pid": int(head["pid"]),
        }
        if rest["logger"]:
            fields["log.logger"] = rest["logger"]
        return fields


class Morgan(TextFormat):
    """morgan's `dev`, `tiny` and `short`: `GET /users/12 200 12.345 ms - 5`."""

    name = "morgan"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _MORGAN.fullmatch(line) if " ms" in line[-40:] and len(line) < 16384 else None
        if match is None or match["method"] not in web.METHODS:
            return None
        fields: Fields = {"message": line, "http.request.method": match["method"]}
        web.target(fields, match["target"], match["method"])
        if match["version"]:
            fields["http.version"] = match["version"]
        if match["status"] != "-":
            web.status(fields, match["status"])
        size = match["after"] or match["size"]
        if size not in (None, "-"):
            fields["http.response.body.bytes"] = int(size)
        if match["took"] != "-":
            fields["event.duration"] = round(float(match["took"]) * (SECOND // 1000))
        if match["client"]:
            web.address(fields, "source", f"[{match['client']}]")
        if match["user"] not in (None, "-"):
            fields["user.name"] = match["user"]
        return fields


NODE_FORMATS: Sequence[TextFormat] = (PinoPretty(), Nest(), Morgan(), WinstonSimple())
