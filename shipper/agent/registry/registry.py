"""The living registry: entries in memory, a journal on disk, one group commit at a time."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import msgspec

from shipper.agent.registry.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

    from shipper.agent.registry.entry import Entry, Key

_LOG = logging.getLogger("shipper.agent.registry")


class Registry:
    """Thread-safe. `put` and `update` are remembered at once and durable at the next `commit`."""

    def __init__(self, directory: Path) -> None:
        """Load what `directory` holds.

        Raises:
            UsageError: a newer Shipper wrote it.
            OSError: it cannot be read or written.
        """
        self._lock = threading.RLock()
        self._journal = Journal(directory)
        report = self._journal.load()
        self._entries = report.entries
        self._dirty: set[Key] = set()
        self._dropped: set[Key] = set()
        self.damaged = report.damaged
        self.commit_failures = 0
        self.refused = ""
        """Why the last commit failed; empty after one that did not."""
        if report.damaged:
            _LOG.warning(
                "the registry had %d damaged lines; what they said is re-sent under the same ids"
                " (a file of which no line is left is read again as a new one)",
                report.damaged,
            )

    def entries(self) -> list[Entry]:
        """A copy of all entries."""
        with self._lock:
            return list(self._entries.values())

    def items(self) -> list[tuple[Key, Entry]]:
        """A copy of all entries with their keys."""
        with self._lock:
            return list(self._entries.items())

    def get(self, key: Key) -> Entry | None:
        with self._lock:
            return self._entries.get(key)

    def gone_before(self, horizon: float) -> list[Entry]:
        """Entries whose file is gone since before `horizon` (epoch seconds)."""
        with self._lock:
            return [entry for entry in self._entries.values() if entry.gone and entry.seen < horizon]

    def put(self, entry: Entry) -> None:
        """Add or replace an entry."""
        with self._lock:
            self._entries[entry.key] = entry
            self._dirty.add(entry.key)
            self._dropped.discard(entry.key)

    def update(self, key: Key, **changes: Any) -> Entry | None:
        """Change fields of an entry that still exists."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            changed = msgspec.structs.replace(entry, **changes)
            if changed != entry:
                self.put(changed)
            return changed

    def drop(self, key: Key) -> None:
        """Forget an entry."""
        with self._lock:
            if self._entries.pop(key, None) is not None:
                self._dirty.discard(key)
                self._dropped.add(key)

    def commit(self) -> bool:
        """Write and fsync everything changed since the last commit; False if the disk refused (it is kept dirty)."""
        with self._lock:
            if not self._dirty and not self._dropped:
                return True
            try:
                self._journal.append([self._entries[key] for key in self._dirty], self._dropped)
                self._journal.sync()
            except OSError as error:
                self.commit_failures += 1
                self.refused = error.strerror or str(error)
                _LOG.error("the registry cannot be written, offsets wait: %s", error.strerror)
                return False
            self.refused = ""
            self._dirty.clear()
            self._dropped.clear()
            self._compact_if_grown()
            return True

    def close(self) -> None:
        """Commit and close."""
        with self._lock:
            self.commit()
            self._journal.close()

    def _compact_if_grown(self) -> None:
        if not self._journal.has_grown:
            return
        try:
            self._journal.compact(self._entries)
        except OSError as error:
            _LOG.warning("the registry stays long, a new file cannot be written: %s", error.strerror)
