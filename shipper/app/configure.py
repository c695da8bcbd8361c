"""One call that wires a service's logging."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from pathlib import Path

from shipper.app.formatter import EcsFormatter, Service
from shipper.app.logstash import LogstashHandler, LogstashTarget
from shipper.app.uncaught import install_hooks
from shipper.errors import UsageError


def configure(
    service: Service,
    *,
    file: str | Path | None = None,
    logstash: LogstashTarget | None = None,
    stdout: bool = False,
    level: int | str = logging.INFO,
) -> list[logging.Handler]:
    """Send the root logger's records as ECS to each named place; report uncaught exceptions too.

    Returns:
        The handlers that were added; a second call replaces them.

    Raises:
        UsageError: no place was named, or the file cannot be opened.
    """
    handlers: list[logging.Handler] = []
    if file is not None:
        handlers.append(_file_handler(Path(file), service))
    if stdout:
        stream = logging.StreamHandler(sys.stdout)
        stream.setFormatter(EcsFormatter(service))
        handlers.append(stream)
    if logstash is not None:
        handlers.append(LogstashHandler(logstash, service))
    if not handlers:
        raise UsageError("no place to log to", hint="name file=, stdout=True or logstash=")
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler.formatter, EcsFormatter)]:
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    install_hooks()
    return handlers


def _file_handler(path: Path, service: Service) -> logging.Handler:
    try:
        # reopens the file after a rename, so that logrotate needs no signal
        handler = logging.handlers.WatchedFileHandler(path, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the log file cannot be opened: {error.strerror}", where=str(path)) from error
    handler.setFormatter(EcsFormatter(service))
    return handler
