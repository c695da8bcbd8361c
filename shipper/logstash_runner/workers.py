"""Deliveries from the inputs, taken in micro-batches by a pipeline's workers.

A delivery is what one sender gave at once; its `done` is called with True after every output accepted its events,
else with False. Small deliveries of many senders share a batch, so that the outputs see large ones.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from shipper.logstash_runner.output.bulk import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable

    Done = Callable[[bool], None]

_log = logging.getLogger(__name__)
_LAST_SECONDS = 2.0


class Delivery(NamedTuple):
    """Events and whom to tell."""

    events: list[Any]
    done: Done


class Workers:
    """Threads that run `process` on batches of at most about `batch_size` events, in order where there is one.

    Args:
        process: filters and outputs; returns when the events are safe, raises `StoppedError` when they will not be.
        fatal: told of any other error; the events are refused.
    """

    def __init__(
        self, process: Callable[[list[Any]], None], count: int, batch_size: int, fatal: Callable[[BaseException], None]
    ) -> None:
        self._process = process
        self._batch_size = batch_size
        self._fatal = fatal
        self._waiting: deque[Delivery] = deque()
        self._changed = threading.Condition()
        self._open = 0
        self.refused = 0
        self._closed = False
        self._threads = [
            threading.Thread(target=self._run, name=f"pipeline-worker-{number}", daemon=True) for number in range(count)
        ]

    @property
    def backlog(self) -> int:
        """Events that no worker has taken yet."""
        with self._changed:
            return sum(len(delivery.events) for delivery in self._waiting)

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    def submit(self, events: list[Any], done: Done) -> None:
        """Hand over events; never blocks, so senders bound what they have open."""
        if not events:
            done(True)
            return
        with self._changed:
            if not self._closed:
                self._waiting.append(Delivery(events, done))
                self._open += 1
                self._changed.notify()
                return
        done(False)

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until every delivery is answered; False if `timeout` seconds were not enough."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, timeout)

    def close(self) -> None:
        """Take no more, refuse what waits, and end; a worker that hangs in a peer is left behind."""
        with self._changed:
            self._closed = True
            refused = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
        self._answer(refused, accepted=False)
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(_LAST_SECONDS)

    def _run(self) -> None:
        while deliveries := self._take():
            accepted = False
            try:
                self._process([event for delivery in deliveries for event in delivery.events])
                accepted = True
            except StoppedError as error:
                _log.info("%s", error)
            except Exception as error:  # noqa: BLE001 - the worker's edge: the runner ends with this error
                self._fatal(error)
            self._answer(deliveries, accepted=accepted)

    def _take(self) -> list[Delivery]:
        taken: list[Delivery] = []
        size = 0
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            while self._waiting and size < self._batch_size:
                delivery = self._waiting.popleft()
                taken.append(delivery)
                size += len(delivery.events)
        return taken

    def _answer(self, deliveries: list[Delivery], *, accepted: bool) -> None:
        for delivery in deliveries:
            delivery.done(accepted)
        with self._changed:
            self._open -= len(deliveries)
            self.refused += 0 if accepted else len(deliveries)
            self._changed.notify_all()
