"""The types of the fields that rules may ask about: the ECS table and our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shipper.kql import FieldTypes

HEARTBEAT = "shipper.heartbeat"
"""`event.dataset` of an agent's heartbeat."""

_OWN: FieldTypes = {
    "@timestamp": "date",
    "message": "text",
    "error.message": "text",
    "error.stack_trace": "text",
    "event.ingested": "date",
    "event.duration": "long",
    "http.response.status_code": "long",
    "http.route": "keyword",
    "source.ip": "ip",
    "shipper.watermark": "date",
    "shipper.lag.bytes": "long",
    "shipper.source.generation": "long",
    "system.cpu.total.norm.pct": "double",
    "system.memory.actual.used.pct": "double",
    "system.filesystem.used.pct": "double",
    "system.load.1": "double",
}


def field_types() -> FieldTypes:
    """Field name -> Elasticsearch type, of every field we have a template for."""
    return _OWN


def is_known(name: str) -> bool:
    """Is it a field of ours, or an object that has some?"""
    types = field_types()
    return name in types or any(other.startswith(f"{name}.") for other in types)
