"""GELF 1.0 and 1.1 (Graylog)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.codec import trace
from shipper.agent.codec.level import SYSLOG
from shipper.agent.codec.structured.base import JsonLogger
from shipper.agent.codec.structured.common import take_context, take_errors, take_names

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

_OWN = frozenset({"version", "host", "short_message", "full_message", "timestamp", "level"})
_RENAMED = {"_level_name": "level_name", "_module": "module"}


class Gelf(JsonLogger):
    """Syslog's levels; custom keys begin with an underscore."""

    name = "gelf"

    def recognises(self, entry: Entry) -> bool:
        return "short_message" in entry and ("host" in entry or "version" in entry)

    def fields(self, entry: Entry) -> Fields:
        fields: Fields = {"message": entry["short_message"]}
        if "timestamp" in entry:
            fields["@timestamp"] = entry["timestamp"]
        if isinstance(entry.get("host"), str):
            fields["host.name"] = entry["host"]
        level = entry.get("level")
        if isinstance(level, int | str) and str(level) in "01234567" and str(level):
            fields["log.level"] = SYSLOG[int(level)]
        self._full(entry.get("full_message"), fields)
        rest = {key.removeprefix("_") or "_": value for key, value in entry.items() if key not in _OWN}
        if isinstance(rest.get("line"), int) and isinstance(rest.get("file"), str):
            fields["log.origin.file.name"], fields["log.origin.file.line"] = rest.pop("file"), rest.pop("line")
        take_context(rest, fields)
        take_errors(rest, fields)
        take_names(rest, fields)
        for key, value in rest.items():
            fields.setdefault(key, value)
        return fields

    @staticmethod
    def _full(text: object, fields: Fields) -> None:
        if not isinstance(text, str) or not text.strip() or text == fields["message"]:
            return
        lines = text.split("\n")
        start = trace.split(lines)
        if start is None:
            fields["labels.full_message"] = text
        else:
            fields["error.stack_trace"] = "\n".join(lines[start:]).strip("\n")
