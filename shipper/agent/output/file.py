"""The `file` output: NDJSON appended to a file, durable before it counts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from shipper.agent.output.base import Limits, Settled
from shipper.agent.output.pool import HostPool
from shipper.agent.output.probe import Probe, probe_host
from shipper.config import Settings

if TYPE_CHECKING:
    from shipper.agent.output.base import Parcel
    from shipper.clock import Clock


class FileOutputSettings(Settings, frozen=True, tag_field="type", tag="file"):
    """One document a line. After a crash a record may be written twice: a file cannot refuse an id.

    Attributes:
        path: made if absent (0600), appended to; opened anew after it was renamed away.
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
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._sent: list[Settled] = []

    def send(self, parcel: Parcel) -> None:
        self._follow_rename()
        data = memoryview(b"".join([document + b"\n" for batch in parcel for document in batch.documents]))
        while data:
            data = data[os.write(self._descriptor, data) :]
        os.fdatasync(self._descriptor)
        self._sent.append(Settled(parcel))

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
