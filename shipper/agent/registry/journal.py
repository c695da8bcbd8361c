"""An append-only journal of entries that survives any cut, zeroed or flipped byte.

A file begins with a snapshot of the living entries, whole and fsynced before it is renamed into place; what changes is
appended. When it has grown, or was found damaged, the next file begins, and the file before the last is removed: two
generations stay. The older one is read where anything of the newer is missing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from io import FileIO
from typing import TYPE_CHECKING

from shipper.agent.durable import sync_folder
from shipper.agent.registry.lines import Found, Line, encoded, last_sequence, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from shipper.agent.registry.entry import Entry, Key

_GROWN = 4 * 1024 * 1024
_PEEKS = 20


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What loading found.

    Attributes:
        damaged: lines that could not be read; each costs at most a resend of what its file had after an older line.
    """

    entries: dict[Key, Entry]
    damaged: int


class Journal:
    """The files of one registry. Not thread-safe: the registry owns the lock."""

    def __init__(self, directory: Path, grown: int = _GROWN) -> None:
        """Keep files in `directory` (made, 0700); start a new one beyond `grown` bytes."""
        self._directory = directory
        self._grown = grown
        self._file: FileIO | None = None
        self._number = 0
        self._sequence = 0
        self._size = 0
        self._limit = grown

    def load(self) -> LoadReport:
        """Read what there is, then go on in the newest file if it is sound, else in a new one.

        Raises:
            UsageError: a newer Shipper wrote it.
            OSError: the directory cannot be used.
        """
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        numbers = self._numbers()
        newest, found = self._gathered(numbers)
        self._number = numbers[-1] if numbers else 0
        self._sequence = max((each.last for each in found), default=0)
        entries = {key: line.entry for key, line in newest.items() if line.entry is not None}
        if len(found) == 1 and found[0].sound:
            self._go_on(found[0])
        else:
            self.compact(entries)
        return LoadReport(entries, sum(each.damaged for each in found))

    def peek(self) -> dict[Key, Entry]:
        """What the files say now; nothing is changed, and another process may be writing them.

        Raises:
            UsageError: a newer Shipper wrote it.
            OSError: it cannot be read.
        """
        for _ in range(_PEEKS):
            try:
                newest, _ = self._gathered(self._numbers())
            except FileNotFoundError:
                continue  # its owner began a new file just now
            return {key: line.entry for key, line in newest.items() if line.entry is not None}
        raise OSError(None, f"{self._directory} changes too fast to be read")

    def append(self, entries: Iterable[Entry], drops: Iterable[Key] = ()) -> None:
        """Write entries and ends of entries, without syncing."""
        lines = [encoded(Line(self._next(), entry)) for entry in entries]
        lines += [encoded(Line(self._next(), drop=key)) for key in drops]
        data = b"".join(lines)
        _write_all(self._open_file(), data)
        self._size += len(data)

    def sync(self) -> None:
        """Make everything appended durable."""
        os.fdatasync(self._open_file().fileno())

    @property
    def has_grown(self) -> bool:
        """Is it time to `compact`?"""
        return self._size > self._limit

    def compact(self, entries: Mapping[Key, Entry]) -> None:
        """Write the living `entries` to the next file and go on there."""
        number = self._number + 1
        path = self._path(number)
        temporary = path.with_suffix(".tmp")
        lines = [encoded(Line(self._next(), entry)) for entry in entries.values()]
        lines.append(encoded(Line(self._next(), whole=len(entries))))
        data = b"".join(lines)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        file = FileIO(descriptor, "w")
        try:
            _write_all(file, data)
            os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(self._directory)
        except BaseException:
            file.close()
            temporary.unlink(missing_ok=True)
            raise
        self.close()
        self._file, self._number, self._size = file, number, len(data)
        self._limit = max(self._grown, 4 * len(data))
        for old in self._numbers():
            if old < number - 1:
                self._path(old).unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file; appended lines that were not synced may be lost with the machine."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open_file(self) -> FileIO:
        if self._file is None:
            raise ValueError("the journal is not loaded")
        return self._file

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence

    def _gathered(self, numbers: Sequence[int]) -> tuple[dict[Key, Line], list[Found]]:
        """The newest line of each key, and what each file that was read is like, the newest first."""
        newest: dict[Key, Line] = {}
        found: list[Found] = []
        for place in reversed(range(len(numbers))):
            found.append(read(self._path(numbers[place]), newest))
            if found[-1].sound and (place == 0 or self._ended_before(numbers[place - 1], found[-1].first)):
                break
        return newest, found

    def _ended_before(self, number: int, sequence: int) -> bool:
        """Was nothing written to the older file once the newer had begun? Its place may have been refused late."""
        last = last_sequence(self._path(number))
        return last is not None and last < sequence

    def _go_on(self, found: Found) -> None:
        """Append to the newest file."""
        descriptor = os.open(self._path(self._number), os.O_WRONLY | os.O_APPEND)
        self._file, self._size = FileIO(descriptor, "w"), found.size
        self._limit = max(self._grown, 4 * found.snapshot)

    def _path(self, number: int) -> Path:
        return self._directory / f"registry-{number:08d}.log"

    def _numbers(self) -> list[int]:
        names = (path.stem.partition("-")[2] for path in self._directory.glob("registry-*.log"))
        return sorted(int(name) for name in names if name.isdigit())


def _write_all(file: FileIO, data: bytes) -> None:
    """Unbuffered: what a full disk refused is not written a second time behind our back."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
