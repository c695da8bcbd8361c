"""The runner's dead letter queue on disk: what an output refused for good, with the reason, to be read again.

One folder a pipeline, `<path>/<pipeline id>/`, with numbered NDJSON segments, one entry a line:
`{"entry_time", "plugin_type", "plugin_id", "reason", "event", "metadata"}`. An entry is on disk before it counts.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from shipper.clock import iso_utc

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


_log = logging.getLogger(__name__)
_SEGMENT_BYTES = 8 * 1024 * 1024


class DeadLetters(Protocol):
    """Where rejected events go."""

    def write(self, entries: Sequence[dict[str, Any]]) -> None:
        """Keep entries made by `entry`, or count them as lost; returns when that is final."""


def entry(document: dict[str, Any], plugin: tuple[str, str], reason: str, at: float) -> dict[str, Any]:
    """One entry.

    Args:
        document: the event as JSON values, its metadata under `@metadata`.
        plugin: (type, id) of the refusing output.
        reason: the refusing server's words.
        at: seconds since the epoch.
    """
    return {
        "entry_time": iso_utc(at),
        "plugin_type": plugin[0],
        "plugin_id": plugin[1],
        "reason": reason,
        "event": {key: value for key, value in document.items() if key != "@metadata"},
        "metadata": document.get("@metadata", {}),
    }


class DroppedLetters:
    """No queue: each entry is logged and counted."""

    def __init__(self) -> None:
        self.dropped = 0

    def write(self, entries: Sequence[dict[str, Any]]) -> None:
        self.dropped += len(entries)
        for item in entries[:3]:
            _log.error("dropped an event, the dead letter queue is off: %s", item["reason"])
        if len(entries) > 3:
            _log.error("dropped %d more events likewise", len(entries) - 3)


class DeadLetterStore:
    """Appends to the newest segment of one pipeline; full, it drops the newer entries as Logstash does."""

    def __init__(self, folder: Path, max_bytes: int = 1024**3) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self.dropped = 0
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def write(self, entries: Sequence[dict[str, Any]]) -> None:
        lines = b"".join(
            orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS) for item in entries
        )
        with self._lock:
            if sum(path.stat().st_size for path in segments(self._folder)) + len(lines) > self._max_bytes:
                self.dropped += len(entries)
                _log.error("dropped %d events: the dead letter queue %s is full", len(entries), self._folder)
                return
            self._append(lines)

    def _append(self, lines: bytes) -> None:
        descriptor = os.open(self._segment(), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            end = os.fstat(descriptor).st_size
            if end and os.pread(descriptor, 1, end - 1) != b"\n":  # a crash cut the last entry: it stays a line alone
                lines = b"\n" + lines
            view = memoryview(lines)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _segment(self) -> Path:
        present = segments(self._folder)
        if present and present[-1].stat().st_size < _SEGMENT_BYTES:
            return present[-1]
        number = int(present[-1].stem) + 1 if present else 1
        return self._folder / f"{number:08d}.ndjson"


def segments(folder: Path) -> list[Path]:
    """The segments of one pipeline, oldest first."""
    return sorted(folder.glob("[0-9]*.ndjson"))


def read_from(segment: Path, offset: int, limit: int = 1000) -> Iterator[tuple[dict[str, Any] | None, int]]:
    """Whole entries of a segment from byte `offset`, each with the offset after it; None for a damaged line."""
    with segment.open("rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n") or limit == 0:
                return
            limit -= 1
            offset += len(line)
            try:
                item = orjson.loads(line)
            except orjson.JSONDecodeError:
                item = None
            yield item if isinstance(item, dict) else None, offset
