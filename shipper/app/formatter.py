"""ecs-logging's formatter, with the service, the context and an event id."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ecs_logging

from shipper.app.context import bound

if TYPE_CHECKING:
    import logging
    from collections.abc import Mapping


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
        return super().format_to_ecs(record)


def _add_missing(record: logging.LogRecord, fields: Mapping[str, object]) -> None:
    for name, value in fields.items():
        if name not in record.__dict__:
            record.__dict__[name] = value
