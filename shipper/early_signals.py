"""Signals that come before the handlers of `agent run`: its imports and its registry take some tenths of a second."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


class EarlySignals:
    """The handler of SIGTERM and SIGHUP until the command takes over; it finds this one by `signal.getsignal`.

    Nothing was read yet, so SIGTERM, and SIGHUP of a terminal that was closed, end with 0 at once. Any other SIGHUP is
    kept for the one who takes over: it would end a process that had not said otherwise.

    Attributes:
        seen: the signals that came.
        on_terminal: there was a terminal at the start, and no `nohup`: SIGHUP may mean that it was closed.
    """

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.on_terminal = has_terminal() and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN

    def __call__(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the interpreter's signature
        self.seen.append(number)
        if number == signal.SIGTERM or (self.on_terminal and not has_terminal()):
            raise SystemExit(0)

    @classmethod
    def watch(cls, arguments: list[str]) -> None:
        """Take the signals where `arguments` begin with the one command that asks for them."""
        if arguments[:2] == ["agent", "run"]:
            early = cls()
            signal.signal(signal.SIGTERM, early)
            signal.signal(signal.SIGHUP, early)


def has_terminal() -> bool:
    """Is there a controlling terminal?"""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
