"""Files that the agent writes itself: it never reads them, or each record would make the next one."""

from __future__ import annotations

import os
import stat as stats
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

STATE = "it is the agent's own state"
OUTPUT = "the agent writes it itself: its output"
LOG = "the agent writes it itself: its own log"


class OwnFiles:
    """The state directory, the file of the output, and where the agent's own log goes; older ones of those too.

    Attributes:
        state: the agent's directory.
    """

    def __init__(self, state: Path, output: Callable[[], Path | None], streams: Sequence[int] = (1, 2)) -> None:
        """`output`: the file that is written to now, if it is one; `streams`: descriptors of the own log."""
        self.state = state
        self._output = output
        self._streams = streams

    def look(self) -> OwnLook:
        """As it is now; for one round over all files."""
        files: dict[str, str] = {}
        inodes: dict[tuple[int, int], str] = {}
        for descriptor in self._streams:
            _add_stream(descriptor, files, inodes)
        output = self._output()
        if output is not None:
            _add_path(output, files, inodes)
        folders = {os.path.abspath(self.state), os.path.realpath(self.state)}
        return OwnLook(folders, _folders_of(self.state), files, inodes)


class OwnLook:
    """Knows the own files by folder, by name and by inode."""

    def __init__(
        self,
        state: set[str],
        folders: set[tuple[int, int]],
        files: dict[str, str],
        inodes: dict[tuple[int, int], str],
    ) -> None:
        self._below = tuple(f"{path}/" for path in state)
        self._folders = folders
        self._inodes = inodes
        self._reasons = files
        self._names = tuple(files)
        self._folder: str | None = None
        self._in_state = False

    def reason(self, path: str, stat: os.stat_result) -> tuple[str, str] | None:
        """(what is left out: the file, or the folder it is in; why), or None where it is another's."""
        folder = path.rpartition("/")[0]
        if folder != self._folder:  # files of one folder come one after the other
            self._folder, self._in_state = folder, self._is_state(folder)
        if self._in_state:
            return folder, STATE
        why = self._inodes.get((stat.st_dev, stat.st_ino)) if self._inodes else None
        if why is None and self._names and path.startswith(self._names):
            why = next((said for name, said in self._reasons.items() if _is_of(path, name)), None)
        return None if why is None else (path, why)

    def _is_state(self, folder: str) -> bool:
        if f"{folder}/".startswith(self._below):
            return True
        try:
            found = os.stat(folder)
        except OSError:
            return False
        return (found.st_dev, found.st_ino) in self._folders


def _is_of(path: str, name: str) -> bool:
    """The file itself, or one that a rotation made of it: `out.log.1`, `out.log-20260301.gz`."""
    return path.startswith(name) and path[len(name) :][:1] in ("", ".", "-")


def _add_stream(descriptor: int, files: dict[str, str], inodes: dict[tuple[int, int], str]) -> None:
    try:
        stat = os.fstat(descriptor)
        if stats.S_ISREG(stat.st_mode):
            inodes[stat.st_dev, stat.st_ino] = LOG
            files[os.readlink(f"/proc/self/fd/{descriptor}")] = LOG
    except OSError:
        return  # closed, or no /proc: known by its inode alone


def _add_path(path: Path, files: dict[str, str], inodes: dict[tuple[int, int], str]) -> None:
    files[os.path.abspath(path)] = files[os.path.realpath(path)] = OUTPUT
    try:
        stat = os.stat(path)
    except OSError:
        return  # not made yet
    inodes[stat.st_dev, stat.st_ino] = OUTPUT


def _folders_of(root: Path) -> set[tuple[int, int]]:
    found = set()
    for folder, _, _ in os.walk(root):
        try:
            stat = os.stat(folder)
        except OSError:
            continue
        found.add((stat.st_dev, stat.st_ino))
    return found
