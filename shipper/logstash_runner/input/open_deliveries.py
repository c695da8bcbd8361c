"""Back-pressure for inputs that have no acknowledgements of their own: a few deliveries open at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shipper.logstash_runner.input.base import Document, InputContext


class OpenDeliveries:
    """Submits and counts; `submit` blocks while `limit` deliveries are unanswered."""

    def __init__(self, context: InputContext, limit: int = 4) -> None:
        self._context = context
        self._room = threading.Semaphore(limit)
        self._limit = limit
        self.refused = 0

    def submit(self, documents: list[Document]) -> None:
        """Hand over `documents` as soon as there is room."""
        if documents:
            self._room.acquire()
            self._context.submit(documents, self._done)

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until everything is answered, at most `timeout` seconds for each delivery."""
        taken = [self._room.acquire(timeout=timeout) for _ in range(self._limit)]
        for acquired in taken:
            if acquired:
                self._room.release()
        return all(taken)

    def _done(self, accepted: bool) -> None:
        if not accepted:
            self.refused += 1
        self._room.release()
