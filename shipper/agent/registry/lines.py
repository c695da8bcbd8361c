"""The lines of a journal's file: `\\nr1 <crc32> <json>\\n`, each an entry, the end of one, or that a snapshot is whole.

The newline on both sides lets one damaged byte spoil one line only. The newest line of a key wins by its sequence
number.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from shipper.agent.registry.entry import Entry, Key
from shipper.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_TAG = b"r1"
_BEGIN = b"%b " % _TAG
_SEED = zlib.crc32(_TAG)
_BODY = len(_BEGIN) + 9
"""Where the JSON of a line begins."""
_LAST = 64 << 10
"""Bytes of a file's end that hold a whole line, but for the longest ones."""


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a line says: an entry, the end of one, or how many entries stand before it: the snapshot is whole."""

    seq: int
    entry: Entry | None = None
    drop: tuple[str, int] | None = None
    whole: int | None = None


@dataclass(slots=True)
class Found:
    """What a file held beside its newest lines.

    Attributes:
        damaged: lines that could not be read.
        first, last: the lowest and the highest sequence number; 0 if it has no line.
        snapshot: bytes of the snapshot that it begins with; 0 where none is whole.
        size: bytes in all.
    """

    damaged: int = 0
    first: int = 0
    last: int = 0
    snapshot: int = 0
    size: int = 0

    @property
    def sound(self) -> bool:
        """Is nothing of it missing, as far as can be seen?"""
        return self.snapshot > 0 and not self.damaged


def encoded(line: Line) -> bytes:
    """As it stands in a file."""
    body = _ENCODER.encode(line)
    return b"\n%b%08x %b\n" % (_BEGIN, zlib.crc32(body, _SEED), body)


def read(path: Path, newest: dict[Key, Line]) -> Found:
    """Take the lines of a file into `newest`, where they are newer.

    Raises:
        UsageError: a newer Shipper wrote it.
        OSError: it cannot be read.
    """
    data = path.read_bytes()
    found = Found(size=len(data))
    entries = at = 0
    for text in data.split(b"\n"):
        at += len(text) + 1
        if not text:
            continue
        line = _parsed(text, path)
        if line is None:
            found.damaged += 1
            continue
        found.first = found.first or line.seq
        found.last = max(found.last, line.seq)
        entry = line.entry
        if entry is not None:
            key = Key(entry.source, entry.generation)
            entries += 1
        elif line.drop is not None:
            key = Key(*line.drop)
        else:
            if line.whole == entries and not found.snapshot:
                found.snapshot = at
            continue
        known = newest.get(key)
        if known is None or known.seq < line.seq:
            newest[key] = line
    return found


def last_sequence(path: Path) -> int | None:
    """The sequence number of a file's last line; None if that is damaged, or there is none.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _LAST))
        texts = file.read().split(b"\n")
    text = next((text for text in reversed(texts) if text), b"")
    line = _parsed(text, path) if text else None
    return None if line is None else line.seq


def _parsed(text: bytes, path: Path) -> Line | None:
    """The line, or None if it is damaged."""
    if not text.startswith(_BEGIN):
        _refuse_newer(text, path)
        return None
    body = text[_BODY:]
    if text[len(_BEGIN) : _BODY] != b"%08x " % zlib.crc32(body, _SEED):
        return None
    try:
        return _DECODER.decode(body)
    except msgspec.MsgspecError:
        return None


def _refuse_newer(text: bytes, path: Path) -> None:
    """A sound line of another format is no damage."""
    tag, _, rest = text.partition(b" ")
    checksum, _, body = rest.partition(b" ")
    try:
        sound = int(checksum, 16) == zlib.crc32(body, zlib.crc32(tag))
    except ValueError:
        return
    if sound:
        raise UsageError(
            f"written by a newer version (format {tag.decode('ascii', 'replace')})",
            where=str(path),
            hint="start the version that wrote it, or name another state directory with --state",
        )


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Line)
