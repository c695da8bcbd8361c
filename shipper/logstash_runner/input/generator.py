"""Input `generator`: the same lines again and again, for tests and measurements."""

from __future__ import annotations

import itertools
import socket
import threading
from typing import TYPE_CHECKING

from shipper.logstash_runner.input.open_deliveries import OpenDeliveries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.logstash_runner.codec.decode import Decoder
    from shipper.logstash_runner.input.base import Document, InputContext

_BATCH = 1000


class GeneratorInput:
    """Emits `lines` in turn, `count` times each (0: without end)."""

    def __init__(self, lines: Sequence[str], count: int, decoder: Decoder, context: InputContext) -> None:
        self._lines = [line.encode() for line in lines]
        self._count = count
        self._decoder = decoder
        self._open = OpenDeliveries(context)
        self._finished = context.finished
        self._hostname = socket.gethostname()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="generator", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> None:
        self._stopping.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        batch: list[Document] = []
        rounds = range(self._count) if self._count else itertools.count()
        for number in rounds:
            for line in self._lines:
                batch += map(self._marked, self._decoder.decode(line), itertools.repeat(number))
            if len(batch) >= _BATCH:
                self._open.submit(batch)
                batch = []
            if self._stopping.is_set():
                break
        self._open.submit(batch)
        self._open.drain()
        self._finished()

    def _marked(self, document: Document, number: int) -> Document:
        document.setdefault("host", {"name": self._hostname})
        event = document.setdefault("event", {})
        if isinstance(event, dict):
            event["sequence"] = number
        return document
