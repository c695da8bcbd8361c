"""Records of sources that cannot be read again, on disk before they are read on: numbered segments of whole lines.

A segment begins with a line of its own (32 bytes), so that no two are alike; a run never appends to a segment of an
earlier one. The tailer reads segments as it reads any file: ids are of segment and offset. Beside each segment stand
the sums of what was accepted, so that a later run can tell what the disk changed since.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING

from shipper.agent.durable import sync_folder
from shipper.agent.registry import mint
from shipper.agent.spool_sums import Sums, mend

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LOG = logging.getLogger("shipper.agent.spool")
ENDING = ".spool"
HEADER = 32
"""Bytes of a segment's first line."""


class Spool:
    """Thread-safe: one or more write, the reader trims.

    Attributes:
        damaged: pieces of earlier runs that the disk changed or cut after they were accepted.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        """Keep about `limit` bytes at most in `folder` (made, 0700); what a crash left half-written is cut off.

        Raises:
            OSError: the folder cannot be used.
        """
        self._folder = folder
        self._limit = limit
        self._segment = max(1 << 16, limit // 8)
        self._lock = threading.Lock()
        self._freed = threading.Condition(self._lock)
        self._active: int | None = None
        self._active_path = ""
        self._active_size = 0
        self._sums: Sums | None = None
        self.damaged = 0
        self.refused = ""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._closed = {path: size for path in self._paths() if (size := self._mend(path))}
        self._number = max((int(os.path.basename(path)[:-6]) for path in self._closed), default=0)

    @property
    def used(self) -> int:
        """Bytes on disk."""
        return sum(self._closed.values()) + self._active_size

    @property
    def limit(self) -> int:
        """Bytes at most."""
        return self._limit

    def has_room(self) -> bool:
        """May more be taken?"""
        with self._lock:
            return self.used < self._limit

    def is_pressed(self) -> bool:
        """Is it worth to trim soon?"""
        with self._lock:
            return self.used > self._limit // 2

    def wait_room(self, seconds: float) -> bool:
        """Wait until there is room, or the time is over."""
        with self._lock:
            if self.used >= self._limit:
                self._freed.wait(seconds)
            return self.used < self._limit

    def append(self, lines: bytes) -> None:
        """Whole lines with their ends; durable on return.

        Raises:
            OSError: the disk refused; nothing of them is kept.
        """
        with self._lock:
            try:
                self._append(lines)
            except OSError as error:
                self.refused = error.strerror or str(error)
                raise
            self.refused = ""

    def trim(self, is_done: Callable[[str, int], bool]) -> list[str]:
        """Remove segments of which (path, size) all is delivered; their paths."""
        with self._lock:
            grown = self._active is not None and self._active_size > self._segment // 2
            if grown and is_done(self._active_path, self._active_size):
                self._close_active()
            removed = [path for path, size in self._closed.items() if is_done(path, size)]
            for path in removed:
                _remove(path)
                del self._closed[path]
            if removed:
                self._freed.notify_all()
            return removed

    def close(self) -> None:
        with self._lock:
            if self._active is not None:
                self._close_active()

    def _append(self, lines: bytes) -> None:
        if self._active is not None and self._active_size >= self._segment:
            self._close_active()
        if self._active is None:
            self._open_active()
        assert self._active is not None, "opened just now"
        try:
            _write_all(self._active, lines)
            os.fdatasync(self._active)
        except OSError:
            self._take_back()
            raise
        self._active_size += len(lines)
        self._sum(lines)

    def _paths(self) -> list[str]:
        with os.scandir(self._folder) as entries:
            return sorted(e.path for e in entries if e.name.endswith(ENDING) and e.name[:-6].isdigit())

    def _open_active(self) -> None:
        self._number += 1
        path = str(self._folder / f"{self._number:08d}{ENDING}")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            _write_all(descriptor, b"#shipper-spool %b\n" % mint().encode())
            os.fsync(descriptor)
            sync_folder(self._folder)
        except OSError:
            os.close(descriptor)
            os.unlink(path)
            raise
        self._active, self._active_path, self._active_size = descriptor, path, HEADER
        self._sums = Sums(path, HEADER)

    def _sum(self, lines: bytes) -> None:
        assert self._sums is not None, "opened with the segment"
        self._sums.add(lines)

    def _close_active(self) -> None:
        assert self._active is not None, "checked by the caller"
        os.close(self._active)
        self._closed[self._active_path] = self._active_size
        self._active, self._active_size = None, 0
        if self._sums is not None:
            self._sums.close()

    def _mend(self, path: str) -> int:
        """Its size, once what a crash left half-written is cut off; one without a whole record is removed (0)."""
        size, damaged = mend(path)
        self.damaged += damaged
        if size > HEADER:
            return size
        _remove(path)
        return 0

    def _take_back(self) -> None:
        """Cut off what came to disk of a write that failed; the next one begins a new segment.

        One without a record goes on: a disk that refuses for days would make a source of every attempt.
        """
        assert self._active is not None, "checked by the caller"
        is_cut = True
        try:
            os.ftruncate(self._active, self._active_size)
        except OSError:
            is_cut = False
            _LOG.exception("%s cannot be cut back", self._active_path)
        if self._active_size > HEADER or not is_cut:
            self._close_active()


def _remove(path: str) -> None:
    Sums.remove(path)  # first, so that no other segment of that name ever finds them
    os.unlink(path)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
