"""Input `generator`: the same lines again and again, for tests and measurements."""

from __future__ import annotations

import itertools
import socket
import threading
from typing import TYPE_CHECKING

from shipper.logstash_runner.codec import make_decoder
from shipper.logstash_runner.input.open_deliveries import OpenDeliveries
from shipper.logstash_runner.plugin import Array, InputOptions, Number, OutsideSubsetError, String
from shipper.logstash_runner.words import ruby_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.logstash_runner.codec.decode import Decoder
    from shipper.logstash_runner.input.base import Document, InputContext, Make, Written

_BATCH = 1000


class GeneratorOptions(InputOptions, frozen=True, kw_only=True):
    """`lines` in turn, or `message`; `count` times, 0 without end."""

    lines: Array = ()
    message: String = "Hello world!"
    count: Number = 0
    threads: Number = 1


def prepare(options: GeneratorOptions, written: Written) -> Make:
    """Check the options of a generator.

    Raises:
        OutsideSubsetError: it reads a line of standard input, or has several threads.
    """
    if options.message == "stdin" or options.threads != 1:
        raise OutsideSubsetError(
            "the generator has one thread and a message of its own here", where=str(written.plugin.place)
        )
    decoder = make_decoder(options.codec, written.environment)
    lines = [ruby_text(line) for line in options.lines] or [options.message]
    return lambda context, _: GeneratorInput(lines, int(options.count), decoder, context)


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
