"""PostgreSQL's csvlog (documentation, "Using CSV-Format Log Output"); a record may span lines inside quotes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import match_stamp
from shipper.agent.codec.text.postgresql import take_duration

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields, Memory

_COLUMNS = (
    "user.name", "postgresql.log.database", "process.pid", "client", "postgresql.log.session_id",
    "postgresql.log.session_line_number", "postgresql.log.command_tag", "postgresql.log.session_start_time",
    "postgresql.log.virtual_transaction_id", "postgresql.log.transaction_id", "log.level",
    "postgresql.log.sql_state_code", "message", "postgresql.log.detail", "postgresql.log.hint",
    "postgresql.log.internal_query", "postgresql.log.internal_query_pos", "postgresql.log.context",
    "postgresql.log.query", "postgresql.log.query_pos", "postgresql.log.location", "postgresql.log.application_name",
    "postgresql.log.backend_type", "postgresql.log.leader_pid", "postgresql.log.query_id",
)  # fmt: skip
"""After the time, in order; older servers write fewer."""
_FEWEST = 21
_MOST_LINES = 1000
"""Of a statement in a record: what is counted anew with each line must stay few."""
_INTEGERS = frozenset({"process.pid", "postgresql.log.session_line_number"})
_VALUE = re.compile(r',(?:"((?:[^"]|"")*)"|([^",]*))', re.DOTALL)
_HEAD = re.compile(r',(?:"(?:[^"]|"")*")?,(?:"(?:[^"]|"")*")?,\d{1,10},(?:"[^"]*")?,[0-9a-f]{8}\.[0-9a-f]{1,8},\d+,')


class PostgreSQLCsv(TextFormat):
    """`2026-01-01 12:00:00.123 UTC,"ann","shop",77,"10.0.0.1:5000",6402a1b3.3e1e,3,"SELECT",…,ERROR,42P01,"text",…`."""

    name = "postgresql-csv"
    continuation = Continuation.ANY
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line) if ',"' in line[:80] or ",," in line[:80] else None
        if found is None or _HEAD.match(line, found[1]) is None:
            return None
        fields: Fields = {"@timestamp": found[0], "message": line}
        _take(fields, line[found[1] :])
        return fields

    def absorbs(self, lines: list[str], line: str) -> bool:  # noqa: ARG002 - an open quote takes any line
        return len(lines) < _MOST_LINES and sum(text.count('"') for text in lines) % 2 == 1

    def complete(self, fields: Fields, more: list[str]) -> None:
        line = "\n".join([fields["message"], *more])
        found = match_stamp(line)
        fields["message"] = line
        if found is not None:
            _take(fields, line[found[1] :])


def _take(fields: Fields, row: str) -> None:
    """Take the columns of a whole row; a row that has no end yet changes nothing."""
    values = [quoted.replace('""', '"') if quoted else bare for quoted, bare in _VALUE.findall(row)]
    if row.count('"') % 2 or len(values) < _FEWEST:
        return
    for name, value in zip(_COLUMNS, values, strict=False):
        if name == "client" and value not in ("", "[local]"):
            host, _, port = value.rpartition(":") if value.count(":") else (value, "", "")
            web.address(fields, "client", f"[{host}]:{port}")
        elif name in _INTEGERS and value.isdigit():
            fields[name] = int(value[:18])
        elif value and name != "client":
            fields[name] = value
    take_duration(fields)
