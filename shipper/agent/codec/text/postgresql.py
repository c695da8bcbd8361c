"""PostgreSQL's stderr log with any usual `log_line_prefix`; DETAIL, HINT, STATEMENT join the line they explain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import match_stamp

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields, Memory

_SECONDARY = {
    "DETAIL": "postgresql.log.detail",
    "HINT": "postgresql.log.hint",
    "QUERY": "postgresql.log.internal_query",
    "CONTEXT": "postgresql.log.context",
    "STATEMENT": "postgresql.log.query",
    "LOCATION": "postgresql.log.location",
    "BACKTRACE": "postgresql.log.backtrace",
}
_LEVEL = re.compile(
    r"(?:^|(?<=[\s:>\]|,]))(?P<level>DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC"
    rf"|{'|'.join(_SECONDARY)}):  (?:(?P<code>[0-9A-Z]{{5}}): )?"
)
_PREFIX_SIZE = 400
_EXPLAINS = re.compile(rf"(?:{'|'.join(_SECONDARY)}):  ")
_PID = re.compile(
    r"\[(?P<pid>\d{1,10})(?:-(?P<line>\d{1,10}))?\]|\bpid[=:](?P<named>\d{1,10})|^ (?P<bare>\d{1,10})(?= |$)"
)
_LINE = re.compile(r"\[(?P<line>\d{1,10})-\d+\]")
_ACCOUNT = re.compile(r"(?P<user>[^\s@,:=\[\]]+|\[unknown\])@(?P<database>[^\s,:\[\]]+|\[unknown\])")
_NAMED = re.compile(
    r"\b(?P<key>user|u|db|database|d|app|application_name|client|host|h|sqlstate|e|xid|txid)[=:](?P<value>[^,\s]*)"
)
_CLIENT = re.compile(r"(?<![\w.])(?P<host>[\w.\-:]*[\w])\((?P<port>\d{1,5})\)")
_SESSION = re.compile(r"\b[0-9a-f]{8}\.[0-9a-f]{1,8}\b")
_DURATION = re.compile(
    r"duration: (?P<ms>\d{1,12}(?:\.\d{1,6})?) ms(?:  (?P<step>parse|bind|execute|statement|plan)(?: (?P<name>[^:]*))?:"
    r"\s?(?P<query>.*))?",
    re.DOTALL,
)
_KEYS = {
    "user": "user.name", "u": "user.name", "db": "postgresql.log.database", "database": "postgresql.log.database",
    "d": "postgresql.log.database", "app": "postgresql.log.application_name",
    "application_name": "postgresql.log.application_name", "sqlstate": "postgresql.log.sql_state_code",
    "e": "postgresql.log.sql_state_code", "xid": "postgresql.log.transaction_id",
    "txid": "postgresql.log.transaction_id",
}  # fmt: skip


class PostgreSQL(TextFormat):
    """`2026-01-01 12:00:00.123 UTC [77-1] ann@shop ERROR:  text`."""

    name = "postgresql"
    continuation = Continuation.INDENTED
    first = "0123456789<"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line, 1 + (line[1:2] == " ") if line[0] == "<" else 0)
        if found is None:
            return None
        stamp, end = found
        level = _LEVEL.search(line, end, end + _PREFIX_SIZE)
        if level is None:
            return None
        fields: Fields = {"@timestamp": stamp, "log.level": level["level"], "message": line[level.end() :]}
        if level["code"]:
            fields["postgresql.log.sql_state_code"] = level["code"]
        _prefix(fields, line[end : level.start()])
        take_duration(fields)
        return fields

    def absorbs(self, lines: list[str], line: str) -> bool:
        """A line of the same process that explains the one before it."""
        if line[0] == "\t":
            return True
        found = self.parse(line, {}) if _EXPLAINS.search(line, 0, 2 * _PREFIX_SIZE) else None
        if found is None or found["log.level"] not in _SECONDARY:
            return False
        first = self.parse(lines[0], {})
        return (
            first is not None
            and first["log.level"] not in _SECONDARY
            and first.get("process.pid") == found.get("process.pid")
        )

    def complete(self, fields: Fields, more: list[str]) -> None:
        parts = {"message": [fields["message"]]}
        name = "message"
        for line in more:
            found = None if line[:1] in ("", "\t") else self.parse(line, {})
            if found is None or found["log.level"] not in _SECONDARY:
                parts[name].append(line.removeprefix("\t") if name != "message" else line)
                continue
            name = _SECONDARY[found["log.level"]]
            parts.setdefault(name, []).append(found["message"])
        for key, texts in parts.items():
            fields[key] = "\n".join(texts)
        take_duration(fields)


def _prefix(fields: Fields, prefix: str) -> None:
    pid = _PID.search(prefix)
    if pid is not None:
        fields["process.pid"] = int(pid["pid"] or pid["named"] or pid["bare"])
        if pid["line"]:
            fields["postgresql.log.session_line_number"] = int(pid["line"])
    number = _LINE.search(prefix) if pid is None or not pid["line"] else None
    if number is not None:
        fields["postgresql.log.session_line_number"] = int(number["line"])
    account = _ACCOUNT.search(prefix)
    if account is not None:
        _set(fields, "user.name", account["user"])
        _set(fields, "postgresql.log.database", account["database"])
    for match in _NAMED.finditer(prefix):
        if match["key"] in ("client", "host", "h"):
            _client(fields, match["value"])
        else:
            _set(fields, _KEYS[match["key"]], match["value"])
    client = _CLIENT.search(prefix)
    if client is not None:
        host = client["host"] if client["host"].startswith("::") else client["host"].lstrip(":")
        web.address(fields, "client", f"[{host}]:{client['port']}")
    session = _SESSION.search(prefix)
    if session is not None:
        fields["postgresql.log.session_id"] = session[0]


def _client(fields: Fields, text: str) -> None:
    host = text.partition("(")[0]
    if host not in ("", "[local]", "[unknown]"):
        web.address(fields, "client", f"[{host}]")


def _set(fields: Fields, name: str, value: str) -> None:
    if value not in ("", "[unknown]"):
        fields[name] = value


def take_duration(fields: Fields) -> None:
    """`duration: 12.3 ms  statement: …` of the message."""
    match = _DURATION.fullmatch(str(fields.get("message", "")))
    if match is None:
        return
    fields["event.duration"] = round(float(match["ms"]) * 1_000_000)
    if match["step"]:
        fields["postgresql.log.query_step"] = match["step"]
        fields["postgresql.log.query"] = match["query"]
    if match["name"]:
        fields["postgresql.log.query_name"] = match["name"]
