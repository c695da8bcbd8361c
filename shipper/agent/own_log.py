"""The agent's own log: one ECS document a line on stderr; it is never shipped by the agent itself."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

import orjson

from shipper import __version__
from shipper.clock import iso_utc
from shipper.ecs.table import VERSION


class EcsFormatter(logging.Formatter):
    """A log record as ECS JSON."""

    def format(self, record: logging.LogRecord) -> str:
        document: dict[str, Any] = {
            "@timestamp": iso_utc(record.created),
            "log": {"level": record.levelname.lower(), "logger": record.name},
            "message": record.getMessage(),
            "ecs": {"version": VERSION},
            "service": {"name": "shipper-agent", "version": __version__},
            "process": {"thread": {"name": record.threadName}},
        }
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            document["error"] = {
                "type": type(error).__name__,
                "message": str(error),
                "stack_trace": "".join(traceback.format_exception(error)),
            }
        return orjson.dumps(document, default=str).decode()


def log_to_stderr(level: str = "info") -> None:
    """Send the records of `shipper.*` to stderr, `level` and above; those of libraries from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(EcsFormatter())
    logger = logging.getLogger("shipper")
    logger.handlers[:] = [handler]
    logger.setLevel(level.upper())
    logger.propagate = False
    others = logging.StreamHandler(sys.stderr)
    others.setFormatter(EcsFormatter())
    others.setLevel(logging.WARNING)
    logging.lastResort = others  # Python's own would print their bare text among the documents


def set_level(level: str) -> None:
    """From now on."""
    logging.getLogger("shipper").setLevel(level.upper())
