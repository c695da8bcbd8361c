"""What signals mean to `shipper agent run`."""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING

from shipper.early_signals import EarlySignals, has_terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_SETTLE = 5.0
"""Seconds for a closed terminal to be gone: its SIGHUP may come sooner than the kernel is done, on a busy machine."""


def on_signals(stop: Callable[[], None], reload: Callable[[], None]) -> None:
    """SIGTERM, the first Ctrl-C and a closed terminal end in order; a second Ctrl-C at once; SIGHUP reloads."""
    before = signal.getsignal(signal.SIGHUP)
    early = before if isinstance(before, EarlySignals) else EarlySignals()
    on_terminal = early.on_terminal

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the interpreter's signature
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop()

    def hang_up(number: int, frame: FrameType | None) -> None:
        if on_terminal and not has_terminal():
            end(number, frame)
            return
        reload()
        if on_terminal:
            threading.Thread(target=_stop_without_terminal, args=(stop,), daemon=True).start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGHUP, hang_up)
    for number in early.seen:
        (hang_up if number == signal.SIGHUP else end)(number, None)


def _stop_without_terminal(stop: Callable[[], None]) -> None:
    """Stop if the terminal goes soon; a reload on the way to it does no harm."""
    deadline = time.monotonic() + _SETTLE
    while time.monotonic() < deadline:
        if not has_terminal():
            stop()
            return
        time.sleep(0.05)
