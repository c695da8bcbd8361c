"""What the service manager is told: ready, reloading, stopping, and that the reader still goes round (sd_notify(3))."""

from __future__ import annotations

import logging
import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent")
_GRACE = 15.0
"""Seconds after the delivery's deadline in which everything is closed."""


class Supervisor:
    """Datagrams to `$NOTIFY_SOCKET`; without one nothing is done. A manager that does not listen is no matter."""

    def __init__(self, environment: Mapping[str, str], clock: Clock) -> None:
        """`environment`: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` as systemd sets them."""
        self._clock = clock
        place = environment.get("NOTIFY_SOCKET", "")
        self._place = "\0" + place[1:] if place.startswith("@") else place
        self._socket: socket.socket | None = None
        self._interval = _interval(environment)
        self._due = 0.0
        self._is_ready = False
        if place:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)

    def turned(self, status: str) -> None:
        """The reader went round once more: the first time it is ready, later it is alive, often enough."""
        if self._socket is None:
            return
        if not self._is_ready:
            self._is_ready = True
            self._tell("READY=1", f"STATUS={status}")
        if self._interval and self._clock.monotonic() >= self._due:
            self._due = self._clock.monotonic() + self._interval
            self._tell("WATCHDOG=1")

    def reloading(self) -> None:
        """A new configuration is read; `turned` says when that is over."""
        self._is_ready = False
        self._tell("RELOADING=1", f"MONOTONIC_USEC={self._clock.monotonic() * 1e6:.0f}")

    def stopping(self, seconds: float) -> None:
        """It ends, within about `seconds`."""
        self._tell("STOPPING=1", f"EXTEND_TIMEOUT_USEC={(seconds + _GRACE) * 1e6:.0f}", "STATUS=delivers what is read")

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _tell(self, *lines: str) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendto("\n".join(lines).encode(), self._place)
        except OSError as error:
            _LOG.debug("the service manager does not listen: %s", error)


def _interval(environment: Mapping[str, str]) -> float:
    """Seconds between two signs of life: a third of what is allowed; 0 where none is wanted."""
    wanted, process = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not wanted.isdigit() or (process and process != str(os.getpid())):
        return 0.0
    return int(wanted) / 1e6 / 3
