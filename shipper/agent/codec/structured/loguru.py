"""loguru with `serialize=True`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.agent.codec import trace
from shipper.agent.codec.structured.base import JsonLogger

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry


class Loguru(JsonLogger):
    """`{"text": …, "record": {…}}`; `extra` holds the custom keys."""

    name = "loguru"

    def recognises(self, entry: Entry) -> bool:
        record = entry.get("record")
        return isinstance(record, dict) and "message" in record and isinstance(record.get("time"), dict)

    def fields(self, entry: Entry) -> Fields:
        record: Entry = entry["record"]
        fields: Fields = {
            "@timestamp": _time(record["time"]),
            "log.level": _inner(record, "level", "name"),
            "message": record["message"],
            "log.logger": record.get("name"),
            "log.origin.function": record.get("function"),
            "log.origin.file.line": record.get("line"),
            "log.origin.file.name": _inner(record, "file", "path") or _inner(record, "file", "name"),
            "process.pid": _inner(record, "process", "id"),
            "process.name": _inner(record, "process", "name"),
            "process.thread.id": _inner(record, "thread", "id"),
            "process.thread.name": _inner(record, "thread", "name"),
        }
        exception = record.get("exception")
        if isinstance(exception, dict):
            fields["error.type"] = exception.get("type")
            fields["error.message"] = exception.get("value")
            lines = str(entry.get("text", "")).split("\n")
            start = trace.split(lines)
            if start is not None:
                fields["error.stack_trace"] = "\n".join(lines[start:]).strip("\n")
        extra = record.get("extra")
        if isinstance(extra, dict):
            for key, value in extra.items():
                fields.setdefault(key, value)
        return {name: value for name, value in fields.items() if value is not None}


def _inner(record: Entry, key: str, inner: str) -> Any:
    part = record.get(key)
    return part.get(inner) if isinstance(part, dict) else None


def _time(time: Entry) -> Any:
    """The number has the zone; the text has microseconds and it too."""
    text = time.get("repr")
    return text if isinstance(text, str) and text[-6:-5] in ("+", "-") else time.get("timestamp", text)
