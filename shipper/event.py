"""What travels: an ECS document, its stream, its day and its fields by dotted name."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, Any]
"""One ECS document as nested objects, `@timestamp` an ISO 8601 string in UTC."""

MISSING: Any = object()
"""What `get_field` answers where there is no such field; JSON null is None."""


class Stream(StrEnum):
    """The flows of records; each has its daily indices."""

    LOGS = "logs"
    METRICS = "metrics"
    CAMPAIGNS = "campaigns"


INDEX_FAMILY = {
    Stream.LOGS: "shipper-logs",
    Stream.METRICS: "shipper-metrics",
    Stream.CAMPAIGNS: "campaign-events",
}
"""Stream -> index name without the day."""


def daily_index(stream: Stream, timestamp: str, prefix: str = "") -> str:
    """The index of one record: `shipper-logs-2026.11.23` for `timestamp` 2026-11-23T… (UTC)."""
    day = timestamp[:10].replace("-", ".")
    return f"{prefix}{INDEX_FAMILY[stream]}-{day}"


def get_field(document: Document, name: str, default: Any = MISSING) -> Any:
    """The value at a dotted `name`, whether the document spells it nested, dotted or mixed."""
    node: Any = document
    if name in document:
        return document[name]
    parts = name.split(".")
    for index, part in enumerate(parts):
        if not isinstance(node, dict):
            return default
        if part in node:
            node = node[part]
            continue
        rest = ".".join(parts[index:])
        for end in range(len(parts), index + 1, -1):
            key = ".".join(parts[index:end])
            if key in node:
                return get_field({"_": node[key]}, "_" + rest[len(key) :], default)
        return default
    return node


def set_field(document: Document, name: str, value: Any) -> None:
    """Set a dotted `name` as nested objects.

    Raises:
        ValueError: a scalar stands where an object is needed.
    """
    *parents, last = name.split(".")
    node = document
    for part in parents:
        child = node.setdefault(part, {})
        if not isinstance(child, dict):
            raise ValueError(f"{name}: {part} holds {type(child).__name__}, not an object")
        node = child
    node[last] = value


def iter_fields(document: Document, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each leaf as (dotted name, value); a list is a leaf, an empty object is one too."""
    for key, value in document.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value:
            yield from iter_fields(value, f"{name}.")
        else:
            yield name, value
