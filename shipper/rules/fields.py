"""The types of the fields that rules may ask about: those of our templates."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from shipper.stack.fields import CAMPAIGNS, LOGS, METRICS, ecs_types

if TYPE_CHECKING:
    from shipper.kql import FieldTypes

HEARTBEAT = "shipper.heartbeat"
"""`event.dataset` of an agent's heartbeat."""

_KEYWORDS = (
    "event.action", "event.category", "event.dataset", "event.kind", "event.module", "event.type", "host.name",
    "http.request.method", "span.id", "system.filesystem.mount_point", "trace.id", "transaction.id",
)  # fmt: skip
"""ECS fields that the templates map by their rule for strings."""


@functools.cache
def field_types() -> FieldTypes:
    """Field name -> Elasticsearch type, of every field we have a template for."""
    return {**dict.fromkeys(_KEYWORDS, "keyword"), **ecs_types(), **LOGS, **METRICS, **CAMPAIGNS}


@functools.cache
def is_known(name: str) -> bool:
    """Is it a field of ours, or an object that has some?"""
    types = field_types()
    return name in types or any(other.startswith(f"{name}.") for other in types)
