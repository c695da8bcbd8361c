"""Entries whose file no input finds: it was renamed beyond the patterns, or removed while nobody had it open."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from shipper.agent.descriptors import opening
from shipper.agent.rotation import siblings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from shipper.agent.book import Book
    from shipper.agent.fleet import Fleet, Inode
    from shipper.agent.registry import Entry, Registry
    from shipper.clock import Clock

AGAIN = 3600.0
"""Seconds between two hunts: what is gone is known within an hour, and forgotten a week later."""


class Hunt:
    """At the first scan, and now and then; used by the reader thread only."""

    def __init__(self, fleet: Fleet, book: Book, registry: Registry, clock: Clock) -> None:
        self._fleet = fleet
        self._book = book
        self._registry = registry
        self._clock = clock
        self._due: float | None = None

    @property
    def is_due(self) -> bool:
        return self._due is None or self._clock.monotonic() >= self._due

    def run(self, found: Collection[Inode]) -> Iterator[tuple[Entry, os.DirEntry[str]]]:
        """At the first time those that stand beside where they were, for the scan to meet; who is nowhere is gone.

        Raises:
            DescriptorsExhaustedError: a folder could not be read for want of one; it is due again.
        """
        missing = {
            (e.device, e.inode): e
            for e in self._registry.entries()
            if not e.gone and (e.device, e.inode) not in found and self._fleet.of(e.key) is None
        }
        for folder in {os.path.dirname(entry.path) for entry in missing.values()}:
            for sibling in siblings(folder):
                stat = sibling.stat()
                entry = missing.pop((stat.st_dev, stat.st_ino), None)
                if entry is not None and self._due is None:
                    yield entry, sibling
        for entry in missing.values():
            if self._due is None or _was_removed(entry):
                self._book.gone(entry.key, self._clock.time())
        self._due = self._clock.monotonic() + AGAIN


def _was_removed(entry: Entry) -> bool:
    """Is the file system that held it there to be looked at? One that is not mounted just now has lost nothing."""
    folder = os.path.dirname(entry.path)
    try:
        with opening(folder), os.scandir(folder):
            pass
    except FileNotFoundError:
        pass  # with all that was in it
    except OSError:
        return False
    while True:
        try:
            return os.stat(folder).st_dev == entry.device
        except (FileNotFoundError, NotADirectoryError):
            folder = os.path.dirname(folder)
        except OSError:
            return False
