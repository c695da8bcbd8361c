"""Outputs `stdout`, `file` and `null`."""

from __future__ import annotations

import gzip
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from shipper.errors import UnavailableError
from shipper.logstash_runner import tree
from shipper.logstash_runner.codec import make_encoder
from shipper.logstash_runner.output.bulk import StoppedError
from shipper.logstash_runner.plugin import Boolean, Codec, Number, OutputOptions, String, one_of
from shipper.logstash_runner.template import compile_template

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO

    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.output.base import OutputContext

    Encode = Callable[[Event], bytes]


class StdoutOptions(OutputOptions, frozen=True, kw_only=True):
    """For people, unless a codec says otherwise."""

    codec: Codec = tree.Plugin("rubydebug", ())


class FileOptions(OutputOptions, frozen=True, kw_only=True):
    """As Logstash's; each batch is on disk before it counts, so `flush_interval` changes nothing here."""

    path: String
    codec: Codec = tree.Plugin("json_lines", ())
    gzip: Boolean = False
    write_behavior: Annotated[str, one_of("append")] = "append"
    flush_interval: Number = 2


def make_stdout(options: StdoutOptions, context: OutputContext) -> StdoutOutput:
    """Build a stdout output."""
    return StdoutOutput(make_encoder(options.codec, context.environment))


def make_null(options: OutputOptions, context: OutputContext) -> NullOutput:  # noqa: ARG001 - as its siblings
    """Build a null output."""
    return NullOutput()


def make_file(options: FileOptions, context: OutputContext) -> FileOutput:
    """Build a file output.

    Raises:
        UnavailableError: the folder may not be written.
    """
    fixed, variable, _ = options.path.partition("%{")
    root = Path(os.path.normpath(fixed))
    if variable and not fixed.endswith("/"):
        root = root.parent
    check_writable(root)
    encode = make_encoder(options.codec, context.environment)
    return FileOutput(compile_template(options.path), root, encode, packed=options.gzip)


class StdoutOutput:
    """Writes encoded events to standard output, a batch at once."""

    def __init__(self, encode: Encode, stream: BinaryIO | None = None) -> None:
        self._encode = encode
        self._stream = stream or sys.stdout.buffer
        self._lock = threading.Lock()

    def receive(self, events: Sequence[Event]) -> None:
        data = b"".join([self._encode(event) for event in events])
        with self._lock:
            self._stream.write(data)
            self._stream.flush()

    def close(self) -> None:
        """Standard output stays open."""


class NullOutput:
    """Takes everything and keeps nothing."""

    def receive(self, events: Sequence[Event]) -> None:
        """Drop the events, as asked."""

    def close(self) -> None:
        """Nothing is held."""


class FileOutput:
    """Appends encoded events to files; on disk (fsync) when `receive` returns.

    Args:
        path: the file of an event. One that leads out of its fixed beginning (`..` in a field) goes to `fallback`.
        root: the part of the path before its first variable.
        packed: write gzip members.
    """

    def __init__(self, path: Callable[[Event], str], root: Path, encode: Encode, *, packed: bool = False) -> None:
        self._path = path
        self._root = root
        self._encode = encode
        self._packed = packed
        self._lock = threading.Lock()

    def receive(self, events: Sequence[Event]) -> None:
        parts: dict[Path, list[bytes]] = {}
        for event in events:
            parts.setdefault(self._inside(self._path(event)), []).append(self._encode(event))
        with self._lock:
            for path, lines in parts.items():
                self._append(path, b"".join(lines))

    def close(self) -> None:
        """Files are closed after each batch."""

    def _inside(self, name: str) -> Path:
        path = Path(os.path.normpath(name))
        return path if path == self._root or self._root in path.parents else self._root / "_filepath_failures"

    def _append(self, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab") as file:
                file.write(gzip.compress(data, mtime=0) if self._packed else data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoppedError(f"cannot write {path}: {error.strerror}") from error


def check_writable(root: Path) -> None:
    """Make sure at the start that files can be written below `root`.

    Raises:
        UnavailableError: they cannot.
    """
    folder = root
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        raise UnavailableError("the file output may not write here", where=str(folder), hint="choose another path")
