"""Elasticsearch 7's own JSON log, before it wrote ECS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.codec.structured.base import JsonLogger
from shipper.agent.codec.structured.common import Common

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

_COMMON = Common()
_MARKS = frozenset({"type", "component", "cluster.name", "timestamp", "level"})
_NAMES = {"component": "logger", **{f"{a}.{b}": f"elasticsearch.{a}.{b}" for a, b in
          (("cluster", "name"), ("cluster", "uuid"), ("node", "name"), ("node", "id"))}}  # fmt: skip


class Elasticsearch7(JsonLogger):
    """`{"type": "server", "timestamp": …, "level": "WARN", "component": "o.e.b.Natives", "cluster.name": …}`."""

    name = "elasticsearch"

    def recognises(self, entry: Entry) -> bool:
        return "cluster.name" in entry and entry.keys() >= _MARKS

    def fields(self, entry: Entry) -> Fields:
        return _COMMON.fields({_NAMES.get(key, key): value for key, value in entry.items()})
