"""Node's text logs: pino-pretty, winston's simple format, NestJS, morgan's short formats."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

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
_INDENTED_KEY = re.compile(r" {4}(?P<key>[^\s:]{1,100}): ?(?P<value>.*)")
_BUNYAN_CLI = re.compile(
    r"\] +(?P<level>TRACE|DEBUG|INFO|WARN|ERROR|FATAL): (?P<logger>[^\s/]+)(?:/[^\s/]+)?/(?P<pid>\d{1,10}) on "
    r"(?P<host>[^\s:]+): (?P<message>.*)",
    re.DOTALL,
)
_WINSTON = re.compile(r"(?P<level>error|warn|info|http|verbose|debug|silly): {1,4}(?P<message>\S.*)", re.DOTALL)
_WINSTON_DATA = re.compile(r"(?P<message>.*?)\s(?P<data>\{\".*\})\s*", re.DOTALL)
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

    def complete(self, fields: Fields, more: list[str]) -> None:
        """`    key: value` on lines of their own; objects in JSON over several lines."""
        entry = _indented(more)
        if entry is None:
            super().complete(fields, more)
        else:
            rest = _COMMON.fields(entry)
            fields.update({key if key not in fields else f"labels.{key}": value for key, value in rest.items()})


def _indented(lines: list[str]) -> dict[str, object] | None:
    """The keys of pino-pretty's further lines; None where they are anything else."""
    texts: dict[str, list[str]] = {}
    key = ""
    for line in lines:
        match = _INDENTED_KEY.fullmatch(line)
        if match is not None:
            key = match["key"]
            texts[key] = [match["value"]]
        elif key and line.startswith("    "):
            texts[key].append(line)
        else:
            return None
    entry: dict[str, object] = {}
    for name, parts in texts.items():
        try:
            entry[name] = orjson.loads("\n".join(parts))
        except orjson.JSONDecodeError:
            if len(parts) > 1:
                return None
            entry[name] = parts[0]
    return entry


class BunyanCli(TextFormat):
    """`[2026-01-31T12:00:00.123Z]  INFO: shop/1234 on host: text`, as the `bunyan` command prints."""

    name = "bunyan-cli"
    continuation = Continuation.INDENTED
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line, 1)
        match = None if found is None else _BUNYAN_CLI.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        return {
            "@timestamp": found[0],
            "log.level": match["level"],
            "log.logger": match["logger"],
            "process.pid": int(match["pid"]),
            "host.hostname": match["host"],
            "message": match["message"],
        }


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
            fields = {**_COMMON.fields(data), **fields, "message": split["message"].rstrip()}
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
            fields["http.response.body.bytes"] = int(size[:18])
        if match["took"] != "-":
            fields["event.duration"] = round(float(match["took"]) * (SECOND // 1000))
        if match["client"]:
            web.address(fields, "source", f"[{match['client']}]")
        if match["user"] not in (None, "-"):
            fields["user.name"] = match["user"]
        return fields


NODE_FORMATS: Sequence[TextFormat] = (PinoPretty(), BunyanCli(), Nest(), Morgan(), WinstonSimple())
