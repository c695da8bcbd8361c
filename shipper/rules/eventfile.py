"""An NDJSON file of documents, plain or packed by gzip, as a history: read twice, never held in memory.

The first pass checks every line and notes where it stands and when it arrived (24 bytes a line, and its `_id`); the
second reads the lines in the order of their arrival.
"""

from __future__ import annotations

import gzip
import shutil
import stat
import tempfile
import zlib
from array import array
from contextlib import ExitStack
from itertools import pairwise
from os import fstat
from typing import IO, TYPE_CHECKING, Any, Self

import orjson

from shipper.errors import UsageError
from shipper.rules.reduce import timestamp
from shipper.rules.timeline import Arrival, Extent, arrival

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shipper.event import Document


class EventFile:
    """A history over the documents of a file, duplicates by `_id` left out: the first one counts."""

    def __init__(self, path: Path) -> None:
        """Raises UsageError where it cannot be read."""
        self._path = path
        self._open = ExitStack()
        self._offsets = array("q")
        self._arrived = array("q")
        self._happened = array("q")
        try:
            self._lines = self._unpacked(self._seekable(self._open.enter_context(path.open("rb"))))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self._open.close()
            raise UsageError(
                f"the gzip archive is damaged: {error}", where=str(path), hint="`gzip -t` tests it; make it again"
            ) from error
        except OSError as error:
            self._open.close()
            raise UsageError(f"cannot be read: {error.strerror}", where=str(path), hint="check the path") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def scan(self) -> Iterator[int]:
        """Read every line once; yields the bytes of each, for progress.

        Raises:
            UsageError: a line is not a JSON object with a date.
        """
        known: set[str] = set()
        offset = 0
        for number, line in enumerate(self._lines, 1):
            self._note(line, offset, number, known)
            offset += len(line)
            yield len(line)

    @property
    def size(self) -> int:
        """Bytes."""
        return fstat(self._lines.fileno()).st_size

    def __len__(self) -> int:
        return len(self._offsets)

    def extent(self) -> Extent | None:
        if not self._offsets:
            return None
        return Extent(min(self._happened) // 1000, min(self._arrived) / 1000, max(self._arrived) / 1000)

    def __iter__(self) -> Iterator[Arrival]:
        arrived, lines = self._arrived, self._lines
        order: Any = range(len(arrived))
        if any(left > right for left, right in pairwise(arrived)):
            order = array("q", sorted(order, key=arrived.__getitem__))
        for number in order:
            lines.seek(self._offsets[number])
            document = orjson.loads(lines.readline())
            _identity(document)
            yield Arrival(arrived[number] / 1000, self._happened[number], document)

    def _seekable(self, lines: IO[bytes]) -> IO[bytes]:
        """A pipe is copied into a file first: it is read twice."""
        if stat.S_ISREG(fstat(lines.fileno()).st_mode):
            return lines
        copy = self._open.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
        shutil.copyfileobj(lines, copy)
        copy.seek(0)
        return copy

    def _unpacked(self, lines: IO[bytes]) -> IO[bytes]:
        """What gzip packed is unpacked into a file first."""
        packed = lines.read(2) == _GZIP
        lines.seek(0)
        if not packed:
            return lines
        plain = self._open.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
        with gzip.GzipFile(fileobj=lines) as archive:
            shutil.copyfileobj(archive, plain)
        plain.seek(0)
        return plain

    def _note(self, line: bytes, offset: int, number: int, known: set[str]) -> None:
        if not line.strip():
            return
        where = f"{self._path}:{number}"
        document = _document(line, where)
        happened, arrived = _times(document, where)
        identity = _identity(document)
        if identity is not None:
            if identity in known:
                return
            known.add(identity)
        self._offsets.append(offset)
        self._happened.append(happened)
        self._arrived.append(arrived)


_GZIP = b"\x1f\x8b"
HINT = "one JSON document a line, with `@timestamp` and `event.ingested`"


def _document(line: bytes, where: str) -> Document:
    try:
        document: Any = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        hint = "one document a line: `jq -c '.[]' FILE` makes lines of a list" if line[:1] == b"[" else HINT
        reason = "not UTF-8" if "UTF-8: surrogates" in error.msg else f"not JSON: {error.msg}"
        raise UsageError(f"{reason}, at column {error.pos + 1}", where=where, hint=hint) from error
    if not isinstance(document, dict):
        raise UsageError("not a JSON object", where=where, hint=HINT)
    return document


def _times(document: Document, where: str) -> tuple[int, int]:
    try:
        happened = timestamp(document)
    except ValueError as error:
        hit = isinstance(document.get("_source"), dict)
        hint = "these are hits: `jq -c '._source + {_id}' FILE` makes documents of them" if hit else HINT
        raise UsageError("`@timestamp` is missing or not a date", where=where, hint=hint) from error
    try:
        return happened, arrival(document)
    except ValueError as error:
        raise UsageError("`event.ingested` is not a date", where=where, hint=HINT) from error


def _identity(document: Document) -> str | None:
    """The document's `_id` where the line has one; it is no field of the document and is taken out."""
    metadata = document.pop("@metadata", None)
    found = document.pop("_id", None) or (metadata.get("_id") if isinstance(metadata, dict) else None)
    return None if found is None else str(found)
