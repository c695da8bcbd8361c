"""MySQL and MariaDB: the error log of all versions and the slow query log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import Stamp, match_stamp
from shipper.ecs.instant import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_ERROR = re.compile(
    r"(?: +(?P<thread>\d{1,19}))? \[(?P<level>Note|Warning|ERROR|Error|System)\]"
    r"(?: \[(?P<code>MY-\d+)\])?(?: \[(?P<part>[A-Za-z_]\w*)\])? (?P<message>.*)",
    re.DOTALL,
)
_OLD = re.compile(r" +(?P<message>(?:mysqld(?:_safe)?|InnoDB:) .*)", re.DOTALL)
_TIME = re.compile(r"# Time: +")
_USER = re.compile(
    r"# User@Host: +(?P<user>[^\s\[]*)(?:\[(?P<current>[^\]]*)\])? +@ +(?P<host>[^\s\[]*) *\[(?P<ip>[^\]]*)\]"
    r"(?: +Id: +(?P<id>\d{1,19}))?.*"
)
_NUMBER = re.compile(r"(?<!\w)([A-Z]\w*): +([^\s,]+)")
_DECIMAL = re.compile(r"\d{1,9}(?:\.\d{1,9})?")
_SET = re.compile(r"SET timestamp=(\d{9,11})(?:\.\d+)?;")
_USE = re.compile(r"use `?([^`;]+)`?;")
_RESTART = re.compile(r"\S+, Version: .* started with:$")


class MySqlError(TextFormat):
    """`2026-01-01T12:00:00.123456Z 0 [Warning] [MY-010068] [Server] text`."""

    name = "mysql-error"
    continuation = Continuation.INDENTED
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line)
        if found is None:
            return None
        match = _ERROR.fullmatch(line, found[1])
        if match is None:
            old = _OLD.fullmatch(line, found[1])
            return None if old is None else {"@timestamp": found[0], "message": old["message"]}
        if match["thread"] is None and line[10:11] == "T":  # MySQL wrote no ISO times before it named threads: hclog
            return None
        fields: Fields = {"@timestamp": found[0], "log.level": match["level"], "message": match["message"]}
        if match["thread"]:
            fields["mysql.thread_id"] = int(match["thread"])
        if match["code"]:
            fields["event.code"] = match["code"]
        if match["part"]:
            fields["event.provider"] = match["part"]
        return fields


class MySqlSlow(TextFormat):
    """`# Time`, `# User@Host`, `# Query_time`, then statements up to the next head."""

    name = "mysql-slow"
    continuation = Continuation.ANY
    first = "#"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        if _TIME.match(line) is None and _USER.fullmatch(line) is None:
            return None
        fields: Fields = {}
        _head(fields, line)
        return fields

    def absorbs(self, lines: list[str], line: str) -> bool:
        if _TIME.match(line) or _RESTART.match(line):
            return False
        return not line.startswith("# User@Host:") or not any(known.startswith("# User@Host:") for known in lines)

    def complete(self, fields: Fields, more: list[str]) -> None:
        query: list[str] = []
        for line in more:
            if line.startswith("# ") and not query:
                _head(fields, line)
            elif not _statement(fields, line) or query:
                query.append(line)
        text = "\n".join(query).strip()
        if text:
            fields["message"] = fields["mysql.slowlog.query"] = text


def _head(fields: Fields, line: str) -> None:
    begin = _TIME.match(line)
    if begin is not None:
        found = match_stamp(line, begin.end())
        if found is not None:
            fields["@timestamp"] = found[0]
        return
    user = _USER.fullmatch(line)
    if user is None:
        _numbers(fields, line)
        return
    if user["user"]:
        fields["user.name"] = user["user"]
    if user["current"]:
        fields["mysql.slowlog.current_user"] = user["current"]
    if user["ip"]:
        web.address(fields, "source", f"[{user['ip']}]")
    if user["host"] and user["host"] != user["ip"]:
        fields["source.domain"] = user["host"]
    if user["id"]:
        fields["mysql.thread_id"] = int(user["id"])


def _numbers(fields: Fields, line: str) -> None:
    """`# Query_time: 3.000347  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 0`."""
    for key, value in _NUMBER.findall(line):
        if key == "Query_time":
            nanoseconds = web.seconds_ns(value)
            if nanoseconds is not None:
                fields["event.duration"] = nanoseconds
        elif key == "Lock_time" and _DECIMAL.fullmatch(value):
            fields["mysql.slowlog.lock_time.sec"] = float(value)
        elif key in ("Thread_id", "Id") and value.isdigit():
            fields["mysql.thread_id"] = int(value[:18])
        else:
            fields[f"mysql.slowlog.{key.lower()}"] = int(value) if value.isdigit() and len(value) < 19 else value


def _statement(fields: Fields, line: str) -> bool:
    """Take `SET timestamp` and `use`, which the server writes before the query."""
    moment = _SET.fullmatch(line.strip())
    if moment is not None:
        begin = int(moment[1]) * SECOND
        known = fields.get("@timestamp")
        if not isinstance(known, Stamp) or not known.zoned or known.ns // SECOND * SECOND != begin:
            fields["@timestamp"] = Stamp(begin, zoned=True)
        return True
    schema = _USE.fullmatch(line.strip())
    if schema is not None:
        fields["mysql.slowlog.schema"] = schema[1]
        return True
    return False


MYSQL_FORMATS: Sequence[TextFormat] = (MySqlSlow(), MySqlError())
