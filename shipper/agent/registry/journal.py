"""An append-only journal of entries that survives any cut, zeroed or flipped byte.

A file is a run of lines `\\nr1 <crc32> <json>\\n`; the newest line of a key wins by its sequence number. The newline
on both sides lets one damaged byte spoil one line only. When a file has grown, the living entries are written to
the next one (whole, fsynced, renamed into place) and the file before the last is removed: two generations stay.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from io import FileIO
from typing import TYPE_CHECKING

import msgspec

from shipper.agent.registry.entry import Entry, Key
from shipper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_FORMAT = b"r1"
_GROWN = 4 * 1024 * 1024
_PEEKS = 20


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a line says: an entry, or the end of one."""

    seq: int
    entry: Entry | None = None
    drop: tuple[str, int] | None = None


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
        """Read every file there is, then open a new one.

        Raises:
            UsageError: a newer Shipper wrote it.
            OSError: the directory cannot be used.
        """
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        newest: dict[Key, _Line] = {}
        damaged = 0
        numbers = self._numbers()
        for number in numbers:
            damaged += self._read(self._path(number), newest)
        self._sequence = max((line.seq for line in newest.values()), default=0)
        self._number = numbers[-1] if numbers else 0
        entries = {key: line.entry for key, line in newest.items() if line.entry is not None}
        self.compact(entries)
        return LoadReport(entries, damaged)

    def peek(self) -> dict[Key, Entry]:
        """What the files say now; nothing is changed, and another process may be writing them.

        Raises:
            UsageError: a newer Shipper wrote it.
            OSError: it cannot be read.
        """
        for _ in range(_PEEKS):
            newest: dict[Key, _Line] = {}
            try:
                for number in self._numbers():
                    self._read(self._path(number), newest)
            except FileNotFoundError:
                continue  # its owner began a new file just now
            return {key: line.entry for key, line in newest.items() if line.entry is not None}
        raise OSError(None, f"{self._directory} changes too fast to be read")

    def append(self, entries: Iterable[Entry], drops: Iterable[Key] = ()) -> None:
        """Write entries and ends of entries, without syncing."""
        lines = [self._line(entry=entry) for entry in entries]
        lines += [self._line(drop=key) for key in drops]
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
        data = b"".join([self._line(entry=entry) for entry in entries.values()])
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        file = FileIO(descriptor, "w")
        try:
            _write_all(file, data)
            os.fsync(file.fileno())
            temporary.replace(path)
            self._sync_directory()
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

    def _line(self, *, entry: Entry | None = None, drop: Key | None = None) -> bytes:
        self._sequence += 1
        body = _ENCODER.encode(_Line(self._sequence, entry, drop))
        return b"\n%b %08x %b\n" % (_FORMAT, zlib.crc32(body, zlib.crc32(_FORMAT)), body)

    def _read(self, path: Path, newest: dict[Key, _Line]) -> int:
        damaged = 0
        for text in path.read_bytes().split(b"\n"):
            if not text:
                continue
            line = _parse(text, path)
            if line is None:
                damaged += 1
                continue
            key = line.entry.key if line.entry is not None else Key(*(line.drop or ("", 0)))
            known = newest.get(key)
            if known is None or known.seq < line.seq:
                newest[key] = line
        return damaged

    def _path(self, number: int) -> Path:
        return self._directory / f"registry-{number:08d}.log"

    def _numbers(self) -> list[int]:
        names = (path.stem.partition("-")[2] for path in self._directory.glob("registry-*.log"))
        return sorted(int(name) for name in names if name.isdigit())

    def _sync_directory(self) -> None:
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Line)


def _write_all(file: FileIO, data: bytes) -> None:
    """Unbuffered: what a full disk refused is not written a second time behind our back."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _parse(text: bytes, path: Path) -> _Line | None:
    """The line, or None if it is damaged."""
    tag, _, rest = text.partition(b" ")
    checksum, _, body = rest.partition(b" ")
    try:
        sound = int(checksum, 16) == zlib.crc32(body, zlib.crc32(tag))
    except ValueError:
        sound = False
    if not sound:
        return None
    if tag != _FORMAT:
        raise UsageError(
            f"written by a newer version (format {tag.decode('ascii', 'replace')})",
            where=str(path),
            hint="start the version that wrote it, or name another state directory with --state",
        )
    try:
        return _DECODER.decode(body)
    except msgspec.MsgspecError:
        return None
