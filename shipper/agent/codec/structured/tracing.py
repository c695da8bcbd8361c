"""Rust's tracing-subscriber as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.codec.structured.base import JsonLogger
from shipper.agent.codec.structured.common import Common

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

_COMMON = Common()


class Tracing(JsonLogger):
    """`{"timestamp":…,"level":"INFO","fields":{"message":"hello","k":1},"target":"shop::db","span":{…},"spans":[…]}`."""

    name = "tracing"

    def recognises(self, entry: Entry) -> bool:
        inner = entry.get("fields")
        return isinstance(inner, dict) and "message" in inner and "target" in entry and "level" in entry

    def fields(self, entry: Entry) -> Fields:
        rest = {key: value for key, value in entry.items() if key not in ("fields", "target")}
        if isinstance(entry["target"], str):
            rest.setdefault("logger", entry["target"])
        for key, value in entry["fields"].items():
            rest[key if key not in rest else f"fields.{key}"] = value
        return _COMMON.fields(rest)
