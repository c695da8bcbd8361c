"""Change notice by the operating system, so that a line leaves within milliseconds; the scan is the safety net."""

from __future__ import annotations

import logging
import os
import stat
import threading
from typing import TYPE_CHECKING

from watchdog.events import (
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from watchdog.observers.api import ObservedWatch

_LOG = logging.getLogger("shipper.agent.notice")
_KINDS: list[type[FileSystemEvent]] = [FileModifiedEvent, FileCreatedEvent, FileMovedEvent, FileDeletedEvent]


class Notice(FileSystemEventHandler):
    """Collects what changed; `event` is set when there is something.

    Attributes:
        working: False where the system gives no notice (watches exhausted): scan more often.
    """

    def __init__(self) -> None:
        self.event = threading.Event()
        self.working = True
        self._lock = threading.Lock()
        self._changed: set[str] = set()
        self._rescan = False
        self._observer = Observer()
        self._watched: dict[tuple[str, bool], tuple[tuple[int, int], ObservedWatch | None]] = {}

    def watch(self, folders: Iterable[tuple[str, bool]]) -> None:
        """Watch folders that exist and are not watched yet: (folder, with all below it).

        One that was removed or renamed, and made again, is another one, and must be watched anew.
        """
        for place in folders:
            there = _identity(place[0])
            known, watch = self._watched.get(place, (None, None))
            if known == there and (watch is None or self._is_told_of(watch)):
                continue
            if watch is not None:
                self._observer.unschedule(watch)
            self._watched.pop(place, None)
            if there is not None:
                self._watched[place] = there, self._schedule(*place)

    def _is_told_of(self, watch: ObservedWatch) -> bool:
        """False: the folder was removed, though the one that is there now may have its inode."""
        emitters = self._observer.emitters
        return not self._observer.is_alive() or any(e.watch == watch and e.should_keep_running() for e in emitters)

    def _schedule(self, folder: str, below: bool) -> ObservedWatch | None:
        try:
            return self._observer.schedule(self, folder, recursive=below, event_filter=_KINDS)
        except OSError as error:
            self.working = False
            _LOG.warning("no change notice for %s (%s); scanning instead", folder, error.strerror)
            return None

    def start(self) -> None:
        try:
            self._observer.start()
        except OSError as error:
            self.working = False
            _LOG.warning("no change notice (%s); scanning instead", error.strerror)

    def stop(self) -> None:
        if self._observer.is_alive():
            self._observer.stop()  # its threads are daemons; what they still see is of no more interest

    def drain(self) -> tuple[set[str], bool]:
        """(paths that were written to, whether files came, went or moved) since the last call."""
        with self._lock:
            changed, self._changed = self._changed, set()
            rescan, self._rescan = self._rescan, False
            self.event.clear()
        return changed, rescan

    def on_any_event(self, event: FileSystemEvent) -> None:
        with self._lock:
            if isinstance(event, FileModifiedEvent):
                self._changed.add(os.fsdecode(event.src_path))
            else:
                self._rescan = True
            self.event.set()


def _identity(folder: str) -> tuple[int, int] | None:
    """(device, inode); None where there is no folder."""
    try:
        found = os.stat(folder)
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISDIR(found.st_mode) else None
