"""Serilog's compact format (CLEF)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shipper.agent.codec.structured.base import JsonLogger
from shipper.agent.codec.structured.common import take_context, take_names

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

_HOLE = re.compile(r"\{\{|\}\}|\{[@$]?(\w+)(?:,(-?\d+))?(?::([^{}]*))?\}")
_NAMES = {"@t": "@timestamp", "@l": "log.level", "@m": "message", "@x": "error.stack_trace", "@tr": "trace.id",
          "@sp": "span.id"}  # fmt: skip


class Clef(JsonLogger):
    """`@t`, `@mt` and their kin; properties stand at the root, `@@x` is a property called `@x`."""

    name = "clef"

    def recognises(self, entry: Entry) -> bool:
        return "@t" in entry and bool(entry.keys() & {"@m", "@mt", "@l", "@i", "@x"})

    def fields(self, entry: Entry) -> Fields:
        fields: Fields = {"log.level": "Information"}
        rest = {}
        for key, value in entry.items():
            if key.startswith("@@"):
                rest[key[1:]] = value
            elif key in _NAMES:
                fields[_NAMES[key]] = value
            elif key == "@i":
                fields["event.code"] = value
            elif key not in ("@mt", "@r"):
                rest[key] = value
        template = entry.get("@mt")
        if "message" not in fields and isinstance(template, str):
            fields["message"] = render(template, entry)
        take_context(rest, fields)
        take_names(rest, fields)
        if isinstance(template, str) and template != fields.get("message"):
            rest.setdefault("message_template", template)
        for key, value in rest.items():
            fields.setdefault(key, value)
        return fields


def render(template: str, entry: Entry) -> str:
    """A message template with its properties; holes with a format take Serilog's own renderings in `@r`."""
    renderings = iter(entry.get("@r") or [])

    def fill(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        if match[3] is not None:
            rendered = next(renderings, None)
            if rendered is not None:
                return str(rendered)
        if match[1] not in entry:
            return match[0]
        text = _text(entry[match[1]])
        width = int((match[2] or "0")[:4])
        return text.rjust(width) if width >= 0 else text.ljust(-width)

    return _HOLE.sub(fill, template)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value)
    return str(value) if isinstance(value, int | float) else str(value).replace("'", '"')
