"""Appends whole lines to the open segment, durably or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from typing import TYPE_CHECKING

from shipper.agent.dead_letters.segment import Segment
from shipper.agent.durable import sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
_LOG = logging.getLogger("shipper.agent.dead_letters")


class Writer:
    """One a process. A run never appends to a segment of an earlier one, so that a torn end stays an end.

    Attributes:
        segment: the open one; a lock on its file tells other processes so.
    """

    def __init__(self, folder: Path, number: Callable[[], int]) -> None:
        """`number` gives the next segment's."""
        self._folder = folder
        self._number = number
        self._descriptor = -1
        self.segment: Segment | None = None

    def append(self, data: bytes, letters: int) -> Segment:
        """Write and fsync; the segment that took it.

        Raises:
            OSError: the disk refused; nothing of it is kept.
        """
        segment = self.segment or self._open()
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]
            os.fsync(self._descriptor)
        except OSError:
            self._take_back(segment)
            raise
        segment.size += len(data)
        segment.letters += letters
        return segment

    def close(self) -> None:
        """The next letters begin a new segment."""
        if self.segment is not None:
            os.close(self._descriptor)
            self.segment = None

    def _open(self) -> Segment:
        if not self._folder.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(self._folder.parent)
        draft = self._folder / "open.tmp"
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, _FRESH, 0o600)
        segment = None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # before it has its name: nobody may take it for a finished one
            segment = self._named(draft)
            sync_folder(self._folder)
        except OSError:
            if segment is not None:
                _unlink(segment)
            os.close(descriptor)
            raise
        self._descriptor, self.segment = descriptor, segment
        return segment

    def _named(self, draft: Path) -> Segment:
        while True:
            segment = Segment(self._folder, self._number())
            try:
                os.link(draft, segment.path)
            except FileExistsError:
                continue  # a compaction took the number
            draft.unlink()
            return segment

    def _take_back(self, segment: Segment) -> None:
        try:
            os.ftruncate(self._descriptor, segment.size)
        except OSError:
            _LOG.exception("%s cannot be cut back", segment.path)
        if not segment.size:
            _unlink(segment)
        self.close()


def _unlink(segment: Segment) -> None:
    """An empty one: a disk that refuses for days must not be left with a file for each attempt."""
    with contextlib.suppress(OSError):
        segment.path.unlink()
