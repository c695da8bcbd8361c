"""The errors Shipper raises on purpose.

ShipperError
├── UsageError          exit 2   a command, a config file or a rule file is wrong
│   └── ConfigError              ... and it has a file, a line and a path
├── FindingError        exit 1   a check ran and found something (lint, test, drift, compare)
├── UnavailableError    exit 3   a peer, a download or the local stack cannot be reached
├── UndeliveredError    exit 4   stopped in time, but records are still unacknowledged
└── ProtocolError       exit 5   a peer said something its protocol does not allow
"""

from __future__ import annotations


class ShipperError(Exception):
    """Something a person can mend.

    Args:
        message: what is wrong, as one sentence without a full stop.
        where: the file, line, path, host or option it is about.
        hint: the next step, as an imperative ("run `shipper stack up`").
    """

    exit_code = 1

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        parts = [self.message if self.where is None else f"{self.where}: {self.message}"]
        if self.hint is not None:
            parts.append(f"({self.hint})")
        return " ".join(parts)


class UsageError(ShipperError):
    """The caller's words are wrong: an option, a file, a value."""

    exit_code = 2


class ConfigError(UsageError):
    """A declarative file is wrong; `where` holds `file:line` and the path inside it."""


class FindingError(ShipperError):
    """A check ran to its end and found something."""

    exit_code = 1


class UnavailableError(ShipperError):
    """A peer, a registry or the local stack cannot be reached (it may be later)."""

    exit_code = 3


class UndeliveredError(ShipperError):
    """The program stopped in order, with records that nobody acknowledged."""

    exit_code = 4


class ProtocolError(ShipperError):
    """A peer broke its protocol."""

    exit_code = 5
