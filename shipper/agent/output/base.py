"""The contract of outputs: parcels of batches in; settled batches and rejected records out, oldest first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from shipper.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.batch import Batch, Reject
    from shipper.agent.output.pool import HostPool
    from shipper.agent.output.probe import Probe

Parcel = list["Batch"]
"""Batches that travel together."""


@dataclass(slots=True)
class Settled:
    """A parcel that the peer has taken, but for `rejects`.

    Attributes:
        duplicates: records that the peer had already (an earlier send of the same id).
    """

    batches: Sequence[Batch]
    rejects: list[Reject] = field(default_factory=list)
    duplicates: int = 0


class OutputGoneError(UnavailableError):
    """It will never take anything again, however often it is tried."""


class Session(Protocol):
    """One connection. All calls may raise OSError or ProtocolError: then nothing unsettled is settled."""

    def send(self, parcel: Parcel) -> None:
        """Put a parcel on its way."""

    def receive(self, wait: float) -> list[Settled]:
        """Parcels settled since the last call, oldest first; waits up to about `wait` seconds for the first."""

    def is_stale(self) -> bool:
        """Should another connection take its place: has the peer left, or have the TLS files changed?"""

    def interrupt(self) -> None:
        """From another thread: let a call that waits end with an OSError."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How much goes into a parcel, how many are on the way at once, and for how long a connection is used.

    Attributes:
        ttl: seconds; 0 is for ever.
    """

    records: int = 2048
    size: int = 4 * 1024 * 1024
    in_flight: int = 1
    ttl: float = 0.0


class Output(Protocol):
    """Opens sessions."""

    @property
    def name(self) -> str:
        """For people: kind and address, without secrets."""

    @property
    def connections(self) -> int:
        """How many senders work side by side."""

    @property
    def limits(self) -> Limits: ...

    @property
    def pool(self) -> HostPool:
        """Its hosts: the pool says which to open."""

    def open(self, place: int = 0, patience: float | None = None) -> Session:
        """Connect to the host at `place`, within `patience` seconds where that is less than usual.

        Raises:
            OSError: it cannot be reached.
            ShipperError: it answered, but not as it should.
        """

    def probe(self, place: int = 0, patience: float | None = None) -> Probe:
        """Ask the host at `place` whether it would take records; none is sent.

        `patience`: seconds to connect in, and again for each answer, where that is less than usual.
        """
