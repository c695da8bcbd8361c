"""`translate`'s dictionaries: from the configuration, or from a YAML, JSON or CSV file that is read again."""

from __future__ import annotations

import csv
import json
import logging
import threading
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shipper.clock import Clock

_log = logging.getLogger(__name__)


class DictionaryError(ValueError):
    """A file that is no dictionary."""


def read_dictionary(path: Path) -> dict[str, Any]:
    """Text -> value.

    Raises:
        DictionaryError: another suffix, unreadable or malformed.
    """
    try:
        if path.suffix in (".yml", ".yaml"):
            data = yaml.load(path.read_bytes(), _Loader)  # noqa: S506 - a safe loader without dates
        elif path.suffix == ".json":
            data = json.loads(path.read_text("utf-8"))
        elif path.suffix == ".csv":
            with path.open(encoding="utf-8", newline="") as file:
                data = {row[0]: row[1] if len(row) > 1 else None for row in csv.reader(file) if row}
        else:
            raise DictionaryError(f"Dictionary {path} has a non valid format: .yml, .yaml, .json or .csv")
    except (OSError, ValueError, yaml.YAMLError) as error:
        if isinstance(error, DictionaryError):
            raise
        raise DictionaryError(f"{error} when loading dictionary file at {path}") from error
    if not isinstance(data, dict):
        raise DictionaryError(f"{path} holds no dictionary")
    return data


class FileDictionary:
    """A file's entries, read again when it changed; looked at no more often than every `interval` seconds."""

    def __init__(self, path: Path, interval: float, clock: Clock, *, merge: bool) -> None:
        """Read the file.

        Raises:
            DictionaryError: it cannot be read.
        """
        self._path = path
        self._interval = interval
        self._clock = clock
        self._merge = merge
        self._lock = threading.Lock()
        self._stamp = self._look()
        self._entries = read_dictionary(path)
        self._next = clock.monotonic() + interval

    def entries(self) -> Mapping[str, Any]:
        """The current entries."""
        if self._interval > 0 and self._clock.monotonic() >= self._next:
            with self._lock:
                self._refresh()
        return self._entries

    def _refresh(self) -> None:
        if self._clock.monotonic() < self._next:
            return
        self._next = self._clock.monotonic() + self._interval
        stamp = self._look()
        if stamp is None or stamp == self._stamp:
            return
        try:
            fresh = read_dictionary(self._path)
        except DictionaryError as error:
            _log.warning("%s, continuing with old dictionary", error)
            return
        self._stamp = stamp
        self._entries = {**self._entries, **fresh} if self._merge else fresh

    def _look(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError as error:
            _log.warning("dictionary file read failure, continuing with old dictionary: %s", error)
            return None
        return found.st_mtime_ns, found.st_size


class _Loader(yaml.SafeLoader):
    """YAML whose dates stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
