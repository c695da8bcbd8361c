"""ECS JSON (ecs-logging of any language): flat, nested or mixed keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.codec.format import EcsFields
from shipper.agent.codec.structured.base import JsonLogger
from shipper.event import MISSING, get_field

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

_LIFTED = ("@timestamp", "log.level", "message", "ecs.version", "error.stack_trace", "error.type", "error.message",
           "error.id", "shipper.flags")  # fmt: skip


class EcsJson(JsonLogger):
    """A document with `@timestamp` and `ecs.version`."""

    name = "ecs"

    def recognises(self, entry: Entry) -> bool:
        if "@timestamp" not in entry:
            return False
        ecs = entry.get("ecs")
        return "ecs.version" in entry or (isinstance(ecs, dict) and "version" in ecs)

    def fields(self, entry: Entry) -> Fields:
        fields = EcsFields()
        for name in _LIFTED:
            value = get_field(entry, name)
            if value is not MISSING:
                fields[name] = value
        for key, value in entry.items():
            if key in fields:
                continue
            fields[key] = _without(value, f"{key}.", fields) if isinstance(value, dict) else value
        return fields


def _without(node: Entry, prefix: str, lifted: Fields) -> Entry:
    """A copy of a nested object without the names that were lifted out of it."""
    if not any(name.startswith(prefix) for name in _LIFTED):
        return node
    return {
        key: _without(value, f"{prefix}{key}.", lifted) if isinstance(value, dict) else value
        for key, value in node.items()
        if f"{prefix}{key}" not in lifted
    }
