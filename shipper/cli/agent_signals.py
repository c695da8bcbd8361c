"""What signals mean to `shipper agent run`."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_SETTLE = 5.0
"""Seconds for a closed terminal to be gone: its SIGHUP may come sooner than the kernel is done, on a busy machine."""


def on_signals(stop: Callable[[], None], reload: Callable[[], None]) -> None:
    """SIGTERM, the first Ctrl-C and a closed terminal end in order; a second Ctrl-C at once; SIGHUP reloads."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # nohup: a closed terminal is no matter
    on_terminal = _has_terminal() and not ignored

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the interpreter's signature
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop()

    def hang_up(number: int, frame: FrameType | None) -> None:
        if on_terminal and not _has_terminal():
            end(number, frame)
            return
        reload()
        if on_terminal:
            threading.Thread(target=_stop_without_terminal, args=(stop,), daemon=True).start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGHUP, hang_up)


def _stop_without_terminal(stop: Callable[[], None]) -> None:
    """Stop if the terminal goes soon; a reload on the way to it does no harm."""
    deadline = time.monotonic() + _SETTLE
    while time.monotonic() < deadline:
        if not _has_terminal():
            stop()
            return
        time.sleep(0.05)


def _has_terminal() -> bool:
    """Is there a controlling terminal?"""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
