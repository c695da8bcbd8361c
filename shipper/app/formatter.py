"""ecs-logging's formatter, with the service, the context and an event id."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ecs_logging

from shipper.app.context import bound
from shipper.ecs.table import OBJECTS

if TYPE_CHECKING:
    from collections.abc import Mapping


_OWN = frozenset(vars(logging.makeLogRecord({})))
"""What every record has, and what the formatter reads itself."""


@dataclass(frozen=True, slots=True)
class Service:
    """Who logs; see https://www.elastic.co/docs/reference/ecs/ecs-service."""

    name: str
    version: str | None = None
    environment: str | None = None
    node: str | None = None

    def fields(self) -> dict[str, str]:
        """The service as dotted ECS fields; `event.dataset` defaults to the name, as the ECS logging spec asks."""
        named = {
            "service.name": self.name,
            "service.version": self.version,
            "service.environment": self.environment,
            "service.node.name": self.node,
            "event.dataset": self.name,
        }
        return {name: value for name, value in named.items() if value is not None}


class EcsFormatter(ecs_logging.StdlibFormatter):
    """One ECS JSON object a record.

    Args:
        service: who logs.
        event_id: give each record a random `event.id`, so that a sender that repeats it stores it once.
    """

    def __init__(self, service: Service, *, event_id: bool = False) -> None:
        super().__init__(extra=service.fields(), exclude_fields=["log.original"], ensure_ascii=False)
        self._event_id = event_id

    def format_to_ecs(self, record: logging.LogRecord) -> dict[str, Any]:
        """The record as nested ECS; a field of the record wins over one of the context."""
        _add_missing(record, bound())
        if self._event_id:
            _add_missing(record, {"event.id": uuid.uuid4().hex})
        _move_misfits(record)
        return super().format_to_ecs(record)


def _move_misfits(record: logging.LogRecord) -> None:
    """A value where ECS has an object (`extra={"url": "/a"}`) becomes a label: Elasticsearch would refuse it."""
    for name in [name for name in record.__dict__ if name not in _OWN]:
        value = record.__dict__[name]
        if isinstance(value, dict):
            labels: dict[str, Any] = {}
            fitting = _fitting(name, value, labels)
            if labels:
                record.__dict__[name] = fitting
                _add_missing(record, labels)
        elif name in OBJECTS:
            del record.__dict__[name]
            _add_missing(record, {_label(name): value})


def _fitting(prefix: str, fields: dict[str, Any], labels: dict[str, Any]) -> dict[str, Any]:
    """`fields` without what does not fit, which goes to `labels`."""
    kept: dict[str, Any] = {}
    for key, value in fields.items():
        name = f"{prefix}.{key}"
        if isinstance(value, dict):
            kept[key] = _fitting(name, value, labels)
        elif name in OBJECTS:
            labels[_label(name)] = value
        else:
            kept[key] = value
    return kept


def _label(name: str) -> str:
    return f"labels.{name.replace('.', '_')}"


def _add_missing(record: logging.LogRecord, fields: Mapping[str, object]) -> None:
    for name, value in fields.items():
        if name not in record.__dict__:
            record.__dict__[name] = value
