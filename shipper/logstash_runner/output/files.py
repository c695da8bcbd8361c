"""Outputs `stdout`, `file` and `null`."""

from __future__ import annotations

import gzip
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from shipper.errors import UnavailableError
from shipper.logstash_runner.output.bulk import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO

    from shipper.logstash_runner.event import Event

    Encode = Callable[[Event], bytes]


class StdoutOutput:
    """Writes encoded events to standard output, a batch at once."""

    def __init__(self, encode: Encode, stream: BinaryIO | None = None) -> None:
        self._encode = encode
        self._stream = stream or sys.stdout.buffer
        self._lock = threading.Lock()

    def receive(self, events: Sequence[Event]) -> None:
        data = b"".join([self._encode(event) for event in events])
        with self._lock:
            self._stream.write(data)
            self._stream.flush()

    def close(self) -> None:
        """Standard output stays open."""


class NullOutput:
    """Takes everything and keeps nothing."""

    def receive(self, events: Sequence[Event]) -> None:
        """Drop the events, as asked."""

    def close(self) -> None:
        """Nothing is held."""


class FileOutput:
    """Appends encoded events to files; on disk (fsync) when `receive` returns.

    Args:
        path: the file of an event. One that leads out of its fixed beginning (`..` in a field) goes to `fallback`.
        root: the part of the path before its first variable.
        packed: write gzip members.
    """

    def __init__(self, path: Callable[[Event], str], root: Path, encode: Encode, *, packed: bool = False) -> None:
        self._path = path
        self._root = root
        self._encode = encode
        self._packed = packed
        self._lock = threading.Lock()

    def receive(self, events: Sequence[Event]) -> None:
        parts: dict[Path, list[bytes]] = {}
        for event in events:
            parts.setdefault(self._inside(self._path(event)), []).append(self._encode(event))
        with self._lock:
            for path, lines in parts.items():
                self._append(path, b"".join(lines))

    def close(self) -> None:
        """Files are closed after each batch."""

    def _inside(self, name: str) -> Path:
        path = Path(os.path.normpath(name))
        return path if path == self._root or self._root in path.parents else self._root / "_filepath_failures"

    def _append(self, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab") as file:
                file.write(gzip.compress(data, mtime=0) if self._packed else data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoppedError(f"cannot write {path}: {error.strerror}") from error


def check_writable(root: Path) -> None:
    """Make sure at the start that files can be written below `root`.

    Raises:
        UnavailableError: they cannot.
    """
    folder = root
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        raise UnavailableError("the file output may not write here", where=str(folder), hint="choose another path")
