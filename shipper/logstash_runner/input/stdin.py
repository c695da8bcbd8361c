"""Input `stdin`: a byte stream with an end."""

from __future__ import annotations

import os
import select
import socket
import sys
import threading
from typing import TYPE_CHECKING

from shipper.logstash_runner import tree
from shipper.logstash_runner.codec import make_decoder
from shipper.logstash_runner.codec.decode import PlainDecoder
from shipper.logstash_runner.input.open_deliveries import OpenDeliveries
from shipper.logstash_runner.plugin import Codec, InputOptions

if TYPE_CHECKING:
    from shipper.logstash_runner.codec.decode import Decoder
    from shipper.logstash_runner.input.base import Document, InputContext, Make, Written

_READ = 256 * 1024
_LOOK = 0.2
"""Seconds between looks at whether to stop."""


class StdinOptions(InputOptions, frozen=True, kw_only=True):
    """Lines, unless a codec says otherwise."""

    codec: Codec = tree.Plugin("line", ())


def prepare(options: StdinOptions, written: Written) -> Make:
    """Check the options of a stdin input."""
    decoder = make_decoder(options.codec, written.environment)
    return lambda context, _: StdinInput(decoder, context)


class StdinInput:
    """Reads standard input to its end.

    Text lines get `host.hostname` as Logstash's do; JSON lines are passed on as they are.
    """

    def __init__(self, decoder: Decoder, context: InputContext, descriptor: int | None = None) -> None:
        self._stream = decoder.stream()
        self._adds_host = isinstance(decoder, PlainDecoder)
        self._open = OpenDeliveries(context)
        self._finished = context.finished
        self._descriptor = sys.stdin.fileno() if descriptor is None else descriptor
        self._hostname = socket.gethostname()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stdin", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> None:
        self._stopping.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not select.select([self._descriptor], [], [], _LOOK)[0]:
                continue
            data = os.read(self._descriptor, _READ)
            if not data:
                break
            self._submit(self._stream.feed(data))
        self._submit(self._stream.flush())
        self._open.drain()
        self._finished()

    def _submit(self, documents: list[Document]) -> None:
        if self._adds_host:
            for document in documents:
                document["host"] = {"hostname": self._hostname}
        self._open.submit(documents)
