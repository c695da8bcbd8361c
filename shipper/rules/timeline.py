"""Documents by the time they became visible: what a replay runs over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from shipper.event import get_field
from shipper.kql.values import date_value
from shipper.rules.reduce import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.event import Document


class Arrival(NamedTuple):
    """One document: when it became visible (epoch seconds), its `@timestamp` (epoch ms), and itself."""

    at: float
    happened: int
    document: Document
    counts: bool = True
    """False: a heartbeat that closes windows, and none of the rules' documents."""


@dataclass(frozen=True, slots=True)
class Extent:
    """The ends of a history: lowest `@timestamp` (whole seconds), first and last arrival (epoch seconds)."""

    earliest: int
    first: float
    last: float


class History(Protocol):
    """Documents in the order in which they became visible."""

    def extent(self) -> Extent | None:
        """Its ends; None where it holds nothing."""

    def __iter__(self) -> Iterator[Arrival]:
        """Each document once, in order of arrival."""


@dataclass(slots=True)
class Timeline:
    """A history in memory."""

    arrivals: list[tuple[float, int, Arrival]] = field(default_factory=list)

    def add(self, document: Document) -> None:
        """Take in a document; without `event.ingested` it arrived when it happened.

        Raises:
            ValueError: `@timestamp` or `event.ingested` is not a date.
        """
        arrived = arrival(document) / 1000
        self.arrivals.append((arrived, len(self.arrivals), Arrival(arrived, timestamp(document), document)))

    def extent(self) -> Extent | None:
        if not self.arrivals:
            return None
        times = [one[0] for one in self.arrivals]
        return Extent(min(one[2].happened for one in self.arrivals) // 1000, min(times), max(times))

    def __iter__(self) -> Iterator[Arrival]:
        return (one for _, _, one in sorted(self.arrivals, key=lambda entry: entry[:2]))


def arrival(document: Document) -> int:
    """When it became visible, epoch milliseconds: `event.ingested`, else when it happened.

    Raises:
        ValueError: that is not a date.
    """
    ingested = get_field(document, "event.ingested", None)
    return timestamp(document) if ingested is None else date_value(ingested)
