"""When what happens in a demonstration; seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeline:
    """Load, then a slow endpoint, then errors, then quiet until the alerts have resolved.

    Attributes:
        rate: front requests a second; each becomes 2.6 records on average.
        calm: before the first incident and between the two.
        incident: how long each lasts.
        resolve: how long to wait, after the last incident, for the alerts to resolve.
        settle: how long to wait, after the load, for the last record to be found.
        minimum: documents that the load must have made; it goes on until then.
    """

    rate: float = 70.0
    calm: float = 12.0
    incident: float = 20.0
    resolve: float = 120.0
    settle: float = 60.0
    minimum: int = 10_000
