"""structlog's events through the same handlers as `logging`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_RESERVED = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
"""Names that a log record has itself; `logging` refuses them as extra fields."""
_PASSED = frozenset({"exc_info", "stack_info", "stacklevel"})


def structlog_processor(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """The last processor of a structlog chain over `structlog.stdlib.LoggerFactory()`: keywords for a `logging` call.

    The event's keys become fields of the record; one that a record has already (`name`, `process`, …) becomes
    `labels.<key>`. https://www.structlog.org/en/stable/standard-library.html
    """
    call: dict[str, Any] = {"msg": event.pop("event", "")}
    call.update({key: event.pop(key) for key in _PASSED & event.keys()})
    event.pop("level", None)  # the record's own
    event.pop("timestamp", None)
    event.pop("logger", None)
    call["extra"] = {f"labels.{key}" if key in _RESERVED else key: value for key, value in event.items()}
    return call
