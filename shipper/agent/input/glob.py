"""Which files a pattern names: `*`, `?`, `[…]`, `{a,b}` and a real `**`; symlink loops end."""

from __future__ import annotations

import errno
import fnmatch
import os
import re
from typing import TYPE_CHECKING

from shipper.agent.descriptors import opening

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MAGIC = re.compile(r"[*?\[{]")
_BRACES = re.compile(r"\{([^{}]*)\}")
_DEEPEST = 64
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
"""Nothing is there: gone meanwhile, not made yet, or a link that leads nowhere."""


def expand(pattern: str) -> list[str]:
    """`{a,b}` spelled out: one pattern for each choice."""
    match = _BRACES.search(pattern)
    if match is None:
        return [pattern]
    head, tail = pattern[: match.start()], pattern[match.end() :]
    return [spelled for choice in match.group(1).split(",") for spelled in expand(head + choice + tail)]


def split(pattern: str) -> tuple[str, list[str]]:
    """The folder before the first wildcard, and the parts after it (the last part of a plain path)."""
    absolute = os.path.abspath(os.path.expanduser(pattern))
    parts = absolute.split(os.sep)
    first = next((i for i, part in enumerate(parts) if _MAGIC.search(part)), len(parts) - 1)
    return os.sep.join(parts[:first]) or os.sep, parts[first:]


class Glob:
    """One pattern, compiled once.

    Attributes:
        unlisted: what the last `find` could not look into or at -> why; what is there may match.
    """

    def __init__(self, pattern: str, exclude: Sequence[str] = ()) -> None:
        """`exclude` holds patterns too: one with a slash is compared with the whole path, else with the name."""
        self.unlisted: dict[str, str] = {}
        self._roots = [split(spelled) for spelled in expand(pattern)]
        self._names = [re.compile(fnmatch.translate(e)) for e in exclude if "/" not in e]
        self._paths = [re.compile(fnmatch.translate(e)) for e in exclude if "/" in e]

    @property
    def folders(self) -> list[tuple[str, bool]]:
        """(folder, with all below it): what to watch for changes."""
        return [(root, len(parts) > 1) for root, parts in self._roots]

    def find(self) -> Iterator[tuple[str, os.stat_result]]:
        """(path, stat) of each regular file that matches now, links followed.

        Raises:
            DescriptorsExhaustedError: a folder cannot be listed for want of a descriptor.
        """
        self.unlisted.clear()
        for root, parts in self._roots:
            yield from self._walk(root, parts, frozenset(), 0)

    def _walk(
        self, folder: str, parts: Sequence[str], above: frozenset[tuple[int, int]], depth: int
    ) -> Iterator[tuple[str, os.stat_result]]:
        part, rest = parts[0], parts[1:]
        if part == "**":
            yield from self._walk(folder, rest or ["*"], above, depth)
            for path, stat in self._folders(folder, above):
                if depth < _DEEPEST:
                    yield from self._walk(path, parts, above | {(stat.st_dev, stat.st_ino)}, depth + 1)
            return
        wanted = re.compile(fnmatch.translate(part))
        if rest:
            for path, _stat in self._folders(folder, frozenset()):
                if wanted.match(os.path.basename(path)):
                    yield from self._walk(path, rest, above, depth)
            return
        excludes = self._names or self._paths
        for entry in self._scan(folder):
            if wanted.match(entry.name) and not (excludes and self._excluded(entry)):
                found = self._regular(entry)
                if found is not None:
                    yield entry.path, found

    def _excluded(self, entry: os.DirEntry[str]) -> bool:
        return any(e.match(entry.name) for e in self._names) or any(e.match(entry.path) for e in self._paths)

    def _scan(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with opening(folder), os.scandir(folder) as entries:
                return list(entries)
        except OSError as error:
            self._missed(folder, error)
            return []

    def _folders(self, folder: str, above: frozenset[tuple[int, int]]) -> Iterator[tuple[str, os.stat_result]]:
        """Folders inside `folder`, without those we are in already (a link back up)."""
        for entry in self._scan(folder):
            try:
                if entry.is_dir():
                    stat = entry.stat()
                    if (stat.st_dev, stat.st_ino) not in above:
                        yield entry.path, stat
            except OSError as error:
                self._missed(entry.path, error)

    def _regular(self, entry: os.DirEntry[str]) -> os.stat_result | None:
        try:
            return entry.stat() if entry.is_file() else None
        except OSError as error:
            self._missed(entry.path, error)
            return None

    def _missed(self, path: str, error: OSError) -> None:
        if error.errno not in _ABSENT:
            self.unlisted[path] = error.strerror or str(error)
