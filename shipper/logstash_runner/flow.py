"""One compiled pipeline: filters, then outputs, on the thread of whoever has the events."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.output.base import Output


class Flow:
    """What a pipeline does with events. A reload makes a new one and retires the old when its last batch is out."""

    def __init__(
        self,
        filters: Callable[[list[Event]], list[Event]],
        route: Callable[[list[Event]], None],
        outputs: Sequence[Output],
    ) -> None:
        self._filters = filters
        self._route = route
        self._outputs = outputs
        self._busy = 0
        self._retired = False
        self._lock = threading.Lock()

    def process(self, events: list[Event]) -> None:
        """Filter `events` and return when every output accepted what is left.

        Raises:
            StoppedError: the runner ends before they did.
        """
        with self._lock:
            self._busy += 1
        try:
            left = self._filters(events)
            if left:
                self._route(left)
        finally:
            with self._lock:
                self._busy -= 1
                last = self._retired and self._busy == 0
            if last:
                self._close()

    def retire(self) -> None:
        """Close the outputs, at once or when the last batch has left."""
        with self._lock:
            self._retired = True
            idle = self._busy == 0
        if idle:
            self._close()

    def _close(self) -> None:
        for output in self._outputs:
            output.close()
