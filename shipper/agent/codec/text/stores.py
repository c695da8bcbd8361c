"""Redis, RabbitMQ and MongoDB's text log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import Stamp, match_stamp
from shipper.ecs.instant import parse_epoch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_REDIS = re.compile(
    r"(?:(?P<pid>\d{1,10}):(?P<role>[MSCX])|\[(?P<old>\d{1,10})\]) (?P<day>\d\d) (?P<month>[A-Z][a-z]{2})"
    r"(?: (?P<year>\d{4}))? (?P<clock>\d\d:\d\d:\d\d(?:\.\d{3})?) (?P<level>[.\-*#]) (?P<message>.*)",
    re.DOTALL,
)
_REDIS_SIGNAL = re.compile(r"(?P<pid>\d{1,10}):signal-handler \((?P<time>\d{9,11})\) (?P<message>.*)", re.DOTALL)
_REDIS_LEVELS = {".": "debug", "-": "verbose", "*": "notice", "#": "warning"}
_REDIS_ROLES = {"M": "master", "S": "slave", "C": "child", "X": "sentinel"}
_RABBIT = re.compile(r" \[(?P<level>[a-z]{3,9})\] (?P<pid><\d+\.\d+\.\d+>) ?(?P<message>.*)", re.DOTALL)
_RABBIT_OLD = re.compile(r"=(?P<level>[A-Z]{3,10}) REPORT==== ")
_RABBIT_DATE = re.compile(
    r"(?P<date>\d{1,2}-[A-Z][a-z]{2}-\d{4})::(?P<clock>\d\d:\d\d:\d\d(?:\.\d+)?)(?P<zone> \S+)? ===\s*"
)
_MONGO = re.compile(
    r" (?P<level>[FEWID][1-5]?) +(?P<component>[A-Z_]{2,12}|-) +\[(?P<context>[^\]]*)\] (?P<message>.*)", re.DOTALL
)
_MONGO_OLD = re.compile(r" \[(?P<context>conn\d+|initandlisten|mongosMain|rs\w+|[A-Z]\w+)\] (?P<message>.*)", re.DOTALL)
_MONGO_TOOK = re.compile(r" (?P<ms>\d{1,12})ms$")
_MSSQL = re.compile(r" (?P<origin>spid\d{1,6}s?|Server|Logon|Backup) {2,}(?P<message>\S.*)", re.DOTALL)


class Redis(TextFormat):
    """`1234:M 31 Jan 2026 12:00:00.123 * Ready`; up to 2.8 `[1234] 31 Jan 12:00:00.123 * Ready`."""

    name = "redis"
    continuation = Continuation.INDENTED
    first = "0123456789["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _REDIS.fullmatch(line)
        if match is None:
            return self._signal(line)
        year = f" {match['year']}" if match["year"] else ""
        found = match_stamp(f"{match['month']} {match['day']}{year} {match['clock']}")
        if found is None:
            return None
        fields: Fields = {
            "@timestamp": found[0],
            "log.level": _REDIS_LEVELS[match["level"]],
            "message": match["message"],
            "process.pid": int(match["pid"] or match["old"]),
        }
        if match["role"]:
            fields["redis.log.role"] = _REDIS_ROLES[match["role"]]
        return fields

    @staticmethod
    def _signal(line: str) -> Fields | None:
        """`1:signal-handler (1700000000) Received SIGTERM …`: the handler may not format a date."""
        match = _REDIS_SIGNAL.fullmatch(line)
        epoch = None if match is None else parse_epoch(match["time"])
        if match is None or epoch is None:
            return None
        return {
            "@timestamp": Stamp(epoch, zoned=True),
            "message": match["message"],
            "process.pid": int(match["pid"]),
        }


class RabbitMQ(TextFormat):
    """`2026-01-01 12:00:00.123 [info] <0.33.0> text`; up to 3.6 `=INFO REPORT==== 3-Mar-2026::12:00:00 ===`."""

    name = "rabbitmq"
    continuation = Continuation.ANY
    first = "0123456789="

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        if line[0] == "=":
            return self._old(line)
        found = match_stamp(line)
        match = None if found is None else _RABBIT.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        return {
            "@timestamp": found[0],
            "log.level": match["level"],
            "message": match["message"],
            "rabbitmq.log.pid": match["pid"],
        }

    @staticmethod
    def _old(line: str) -> Fields | None:
        level = _RABBIT_OLD.match(line)
        date = None if level is None else _RABBIT_DATE.fullmatch(line, level.end())
        found = None if date is None else match_stamp(f"{date['date']} {date['clock']}{date['zone'] or ''}")
        if level is None or found is None:
            return None
        return {"@timestamp": found[0], "log.level": level["level"], "message": ""}


class MongoText(TextFormat):
    """`2026-01-01T12:00:00.123+0100 I NETWORK  [conn1] text`, up to MongoDB 4.2."""

    name = "mongodb-text"
    continuation = Continuation.INDENTED
    first = "0123456789MTWFS"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line)
        if found is None:
            return None
        match = _MONGO.fullmatch(line, found[1])
        if match is None and line[:1].isalpha():
            match = _MONGO_OLD.fullmatch(line, found[1])
        if match is None:
            return None
        part = match.groupdict()
        fields: Fields = {
            "@timestamp": found[0],
            "message": part["message"],
            "mongodb.log.context": part["context"],
        }
        if part.get("level"):
            fields["log.level"] = part["level"][0]
        if part.get("component", "-") not in ("-", None):
            fields["mongodb.log.component"] = part["component"]
        took = _MONGO_TOOK.search(part["message"][-20:])
        if took is not None and part.get("component") in ("COMMAND", "WRITE", "QUERY"):
            fields["event.duration"] = int(took["ms"]) * 1_000_000
        return fields


class SqlServer(TextFormat):
    """`2026-01-31 12:00:00.12 spid12s     text`, Microsoft SQL Server's error log."""

    name = "mssql"
    continuation = Continuation.ANY
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line)
        match = None if found is None else _MSSQL.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        return {"@timestamp": found[0], "message": match["message"], "mssql.log.origin": match["origin"]}


STORE_FORMATS: Sequence[TextFormat] = (Redis(), RabbitMQ(), MongoText(), SqlServer())
