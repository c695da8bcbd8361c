"""The `file` output: NDJSON appended to a file, durable before it counts."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from shipper.agent.durable import sync_folder
from shipper.agent.output.base import Limits, Settled
from shipper.agent.output.pool import HostPool
from shipper.agent.output.probe import Probe, probe_host
from shipper.config import Settings

if TYPE_CHECKING:
    from shipper.agent.output.base import Parcel
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.output")
_BLOCK = 65536


class FileOutputSettings(Settings, frozen=True, tag_field="type", tag="file"):
    """One document a line, each whole. After a crash a record may be written twice: a file cannot refuse an id.

    Attributes:
        path: made if absent (0600), appended to; opened anew after it was renamed away. What is no file (a pipe,
            `/dev/null`) counts as written once it has taken the bytes.
    """

    path: Path


class FileOutput:
    """Opens the file."""

    connections = 1
    limits = Limits()

    def __init__(self, settings: FileOutputSettings, clock: Clock) -> None:
        self._path = settings.path
        self.pool = HostPool([self.name], clock)

    @property
    def name(self) -> str:
        return f"file://{self._path}"

    def open(self, place: int = 0, patience: float | None = None) -> FileSession:  # noqa: ARG002 - there is one file
        return FileSession(self._path)

    def probe(self, place: int = 0, patience: float | None = None) -> Probe:  # noqa: ARG002 - there is one
        return probe_host(self.name, self._ask)

    def _ask(self, probe: Probe) -> None:
        self.open(0).close()
        probe.reachable = True


class FileSession:
    """The open file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK  # nobody reads the pipe: an error
        self._descriptor = os.open(path, flags, 0o600)
        os.set_blocking(self._descriptor, True)
        self._sent: list[Settled] = []
        try:
            self._is_file = stat.S_ISREG(os.fstat(self._descriptor).st_mode)
            if self._is_file:
                self._begin()
        except OSError:
            os.close(self._descriptor)
            raise

    def _begin(self) -> None:
        """See to it that the next document begins a line, also where a crash tore the last one."""
        if not os.fstat(self._descriptor).st_size:
            sync_folder(self._path.parent)
        if self._lock(fcntl.LOCK_EX):  # else another agent writes to it now, perhaps half a line so far
            with contextlib.suppress(PermissionError):  # it may be written, not read
                mend(self._path)
        self._lock(fcntl.LOCK_SH)

    def _lock(self, kind: int) -> bool:
        """False if somebody holds it; a file system without locks knows nobody who does."""
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            _LOG.debug("%s cannot be locked: %s", self._path, error)
        return True

    def send(self, parcel: Parcel) -> None:
        self._follow_rename()
        data = memoryview(b"".join([document + b"\n" for batch in parcel for document in batch.documents]))
        written = 0
        try:
            while written < len(data):
                written += os.write(self._descriptor, data[written:])
            if self._is_file:
                os.fdatasync(self._descriptor)
        except OSError:
            self._take_back(written)
            raise
        self._sent.append(Settled(parcel))

    def _take_back(self, written: int) -> None:
        """What came to the file of a parcel that is sent again whole, unless somebody wrote behind it."""
        if self._is_file:
            end = os.fstat(self._descriptor).st_size
            if os.lseek(self._descriptor, 0, os.SEEK_CUR) == end:
                os.ftruncate(self._descriptor, end - written)

    def receive(self, wait: float) -> list[Settled]:  # noqa: ARG002 - it is settled already
        settled, self._sent = self._sent, []
        return settled

    def is_stale(self) -> bool:
        return False

    def interrupt(self) -> None:
        """A write to a file does not wait."""

    def close(self) -> None:
        os.close(self._descriptor)

    def _follow_rename(self) -> None:
        """A rotated output file is left to its new name."""
        ours = os.fstat(self._descriptor)
        try:
            named = os.stat(self._path)
        except FileNotFoundError:
            named = None
        if named is None or (named.st_dev, named.st_ino) != (ours.st_dev, ours.st_ino):
            raise ConnectionResetError("the output file was renamed")


def mend(path: Path) -> None:
    """End the last line: one of a document that is torn is cut off, anything else gets its newline.

    A torn document was never acknowledged, so it is sent again.

    Raises:
        OSError: it cannot be read or written.
    """
    with path.open("r+b") as file:
        begin = size = file.seek(0, os.SEEK_END)
        tail = b""
        while begin and b"\n" not in tail:
            begin = file.seek(max(0, size - max(_BLOCK, 4 * len(tail))))
            tail = file.read(size - begin)
        line = tail.rpartition(b"\n")[2]
        if not line:
            return
        if line.startswith(b"{") and not _is_whole(line):
            _LOG.warning("%s: %d bytes of a torn last line are cut off; its record is sent again", path, len(line))
            file.truncate(size - len(line))
        else:
            file.seek(0, os.SEEK_END)
            file.write(b"\n")


def _is_whole(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True
