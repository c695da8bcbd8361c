"""The `console` output: documents on stdout, to look at."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from shipper.agent.output.base import Limits, OutputGoneError, Settled
from shipper.agent.output.pool import HostPool
from shipper.agent.output.probe import Probe, probe_host
from shipper.config import Settings

if TYPE_CHECKING:
    from shipper.agent.output.base import Parcel
    from shipper.clock import Clock


class ConsoleSettings(Settings, frozen=True, tag_field="type", tag="console"):
    """One document a line on stdout; each counts as delivered once it is written. A closed stdout ends the agent."""


class ConsoleOutput:
    """Opens stdout."""

    connections = 1
    limits = Limits()
    name = "console:"

    def __init__(self, settings: ConsoleSettings, clock: Clock) -> None:  # noqa: ARG002 - one signature
        """There is nothing to set."""
        self.pool = HostPool([self.name], clock)

    def open(self, place: int = 0, patience: float | None = None) -> ConsoleSession:  # noqa: ARG002 - there is one stdout
        return ConsoleSession()

    def probe(self, place: int = 0, patience: float | None = None) -> Probe:  # noqa: ARG002 - there is one
        return probe_host(self.name, self._ask)

    def _ask(self, probe: Probe) -> None:
        self.open(0).close()
        probe.reachable = True


class ConsoleSession:
    """Writes to stdout."""

    def __init__(self) -> None:
        self._sent: list[Settled] = []
        if sys.stdout is None:
            raise OutputGoneError("standard output is closed")
        self._descriptor = sys.stdout.fileno()

    def send(self, parcel: Parcel) -> None:
        """Past Python's buffer: what a write that failed left there would come again with the next one."""
        data = memoryview(b"".join([document + b"\n" for batch in parcel for document in batch.documents]))
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except BrokenPipeError as error:
            raise OutputGoneError("nobody reads standard output any more") from error
        self._sent.append(Settled(parcel))

    def receive(self, wait: float) -> list[Settled]:  # noqa: ARG002 - it is settled already
        settled, self._sent = self._sent, []
        return settled

    def is_stale(self) -> bool:
        return False

    def interrupt(self) -> None:
        """A write to stdout is left to its reader."""

    def close(self) -> None:
        """Stdout is not ours to close."""
