"""The agent's own records on disk until they are delivered: a stopped peer, or a killed agent, loses none of them.

They are spooled and read as syslog is; what they are is known, so that their codec has little to do.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import orjson

from shipper.agent.codec.base import Decoded, SelfContained
from shipper.agent.input.spooled import SpoolInput, reading
from shipper.agent.metadata import Metadata
from shipper.agent.spool import Spool
from shipper.event import Stream

if TYPE_CHECKING:
    from pathlib import Path

    from shipper.agent.input.handover import Handover
    from shipper.agent.registry import Registry

NAME = "own metrics"
"""In status; no other input can be called so."""
FOLDER = "metrics"
"""Beneath the state directory, beside the spools of inputs."""


class MetricsInput(SpoolInput):
    """The reading half is an input of the tailer; the collector writes."""

    stream = Stream.METRICS

    def __init__(self, state: Path, limit: int, registry: Registry) -> None:
        """Keep about `limit` bytes at most.

        Raises:
            OSError: the folder cannot be used.
        """
        folder = state / FOLDER
        super().__init__(NAME, reading(folder, flush_after=0.0), {}, Spool(folder, limit), registry)
        self._make = MetricsDecoder
        self._closing = threading.Lock()
        self._closed = False

    def append(self, documents: list[bytes]) -> bool:
        """Durable on return; False if there is no room.

        Raises:
            OSError: the disk refused; none of them is kept.
        """
        with self._closing:
            if self._closed or not self.spool.has_room():
                return False
            self.spool.append(b"".join([document + b"\n" for document in documents]))
            return True

    def metadata(self, path: str) -> Metadata:  # noqa: ARG002 - of FileInput; the documents say it all
        return Metadata({}, None)

    def start(self) -> None:
        """The collector has the thread."""

    def stop(self, handover: Handover | None = None, patience: float = 10.0) -> None:  # noqa: ARG002 - of FileInput; nothing comes from outside
        with self._closing:
            self._closed = True
            self.spool.close()

    def has_failed(self) -> bool:
        return False

    def is_complete(self) -> bool:
        return True


class MetricsDecoder(SelfContained):
    """Whole documents, one a line; a line that the disk damaged is left out and counted."""

    def __init__(self, _settings: Any, *, fallback_time: float, resume: bytes = b"", end: int = 0) -> None:  # noqa: ARG002 - the shape of all codecs
        self._begin = end
        self._rest = b""

    def feed(self, data: bytes) -> Decoded:
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        decoded = Decoded()
        for line in lines:
            self._take(line, decoded)
            self._begin += len(line) + 1
        decoded.end = self._begin
        return decoded

    def _take(self, line: bytes, decoded: Decoded) -> None:
        try:
            stamp = orjson.loads(line)["@timestamp"]
        except (ValueError, KeyError, TypeError):
            decoded.counts["metrics_damaged"] = decoded.counts.get("metrics_damaged", 0) + 1
            return
        decoded.offsets.append(self._begin)
        decoded.documents.append(line)
        decoded.timestamps.append(str(stamp))

    def flush(self) -> Decoded:
        """What has no end was never accepted."""
        return Decoded(end=self._begin)

    @property
    def held(self) -> int:
        return len(self._rest)
