"""Fields that a configuration adds to each record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import orjson
from msgspec import Meta

from shipper.config import Settings
from shipper.ecs.table import TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping


class ServiceSettings(Settings, frozen=True):
    """Which service wrote the files, where the records do not say it themselves."""

    name: Annotated[str, Meta(min_length=1)]
    version: str | None = None
    environment: str | None = None
    node: str | None = None


def service_fields(settings: ServiceSettings) -> dict[str, Any]:
    """The inside of ECS `service`."""
    service: dict[str, Any] = {"name": settings.name}
    if settings.version is not None:
        service["version"] = settings.version
    if settings.environment is not None:
        service["environment"] = settings.environment
    if settings.node is not None:
        service["node"] = {"name": settings.node}
    return service


def nested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted names as nested objects.

    Raises:
        ValueError: a name has an empty part, or is both a value and an object.
    """
    result: dict[str, Any] = {}
    for name, value in fields.items():
        *parents, last = name.split(".")
        node = result
        for parent in parents:
            node = node.setdefault(parent, {})
            if not isinstance(node, dict):
                break
        if "" in (*parents, last):
            raise ValueError(f"`fields`: `{name}` has an empty part")
        if not isinstance(node, dict) or last in node:
            raise ValueError(f"`fields`: `{name}` stands twice, or beside a value of the same name")
        node[last] = nested(value) if isinstance(value, dict) else value
    return result


def check_fields(written: Mapping[str, Any]) -> None:
    """Refuse what each record would fail with later, one by one.

    Raises:
        ValueError: with the field's name.
    """
    fields = nested(written)
    for name, value in fields.items():
        if name in ("@metadata", "@timestamp"):
            raise ValueError(f"`fields`: `{name}` is each record's own")
        if not isinstance(value, dict) and name not in TYPES and any(known.startswith(f"{name}.") for known in TYPES):
            raise ValueError(f"`fields`: `{name}` is an object in ECS, not a value")
    try:
        orjson.dumps(fields)
    except TypeError as error:
        raise ValueError(f"`fields` cannot be sent as JSON: {error}") from error
