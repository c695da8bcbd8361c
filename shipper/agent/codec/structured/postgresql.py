"""PostgreSQL's jsonlog, since 15 (documentation, "Using JSON-Format Log Output")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.structured.base import JsonLogger
from shipper.agent.codec.text.postgresql import take_duration

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

_NAMES = {
    "timestamp": "@timestamp", "error_severity": "log.level", "message": "message", "pid": "process.pid",
    "user": "user.name", "dbname": "postgresql.log.database", "state_code": "postgresql.log.sql_state_code",
    "statement": "postgresql.log.query", "line_num": "postgresql.log.session_line_number",
    "session_start": "postgresql.log.session_start_time", "ps": "postgresql.log.command_tag",
    "vxid": "postgresql.log.virtual_transaction_id", "txid": "postgresql.log.transaction_id",
    "cursor_position": "postgresql.log.query_pos",
}  # fmt: skip


class PostgreSqlJson(JsonLogger):
    """`{"timestamp":…,"user":"ann","dbname":"shop","pid":77,"error_severity":"ERROR","message":…}`."""

    name = "postgresql"

    def recognises(self, entry: Entry) -> bool:
        return "error_severity" in entry and "pid" in entry and "timestamp" in entry

    def fields(self, entry: Entry) -> Fields:
        fields: Fields = {}
        for key, value in entry.items():
            if key not in ("remote_host", "remote_port"):
                fields[_NAMES.get(key, f"postgresql.log.{key}")] = value
        host, port = entry.get("remote_host"), entry.get("remote_port", "")
        if isinstance(host, str) and host != "[local]":
            web.address(fields, "client", f"[{host}]:{port}")
        take_duration(fields)
        return fields
