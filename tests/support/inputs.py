"""A pipeline's place for tests of single inputs: keeps what is submitted and answers when told to."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from shipper.clock import SystemClock
from shipper.logstash_runner.input.base import InputContext

if TYPE_CHECKING:
    from collections.abc import Callable


class Pipe:
    def __init__(self) -> None:
        self.documents: list[dict[str, Any]] = []
        self.held: list[Callable[[bool], None]] = []
        self.hold = False
        self.accepts = True
        self.waiting = 0
        self.finished = threading.Event()
        self._changed = threading.Condition()
        self.context = InputContext(self.submit, lambda: self.waiting, self.finished.set, SystemClock())

    def submit(self, documents: list[dict[str, Any]], done: Callable[[bool], None]) -> None:
        with self._changed:
            self.documents += documents
            if self.hold:
                self.held.append(done)
            self._changed.notify_all()
        if not self.hold:
            done(self.accepts)

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.documents) >= count, 10), self.documents
        return self.documents
