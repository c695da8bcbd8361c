"""What evaluations cost: requests by kind, seconds of the evaluator's CPU and of Elasticsearch's, and wall seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticsearch import Elasticsearch


@dataclass(frozen=True, slots=True)
class Cost:
    """Of `hours` simulated hours."""

    hours: float
    runs: int
    """Evaluations of a rule."""
    wall_seconds: float
    cpu_seconds: float
    server_cpu_seconds: float
    requests: Mapping[str, int] = field(default_factory=dict)

    def a_day(self) -> dict[str, float]:
        """The same for a simulated day."""
        times = 24 / self.hours
        figures = {
            "runs": self.runs, "wall_seconds": self.wall_seconds, "cpu_seconds": self.cpu_seconds,
            "server_cpu_seconds": self.server_cpu_seconds, **self.requests,
        }  # fmt: skip
        return {name: round(value * times, 1) for name, value in figures.items()}


def server_cpu(client: Elasticsearch) -> float:
    """Seconds of CPU that the nodes' processes have taken since they started."""
    nodes = client.nodes.stats(metric="process")["nodes"]
    return sum(float(node["process"]["cpu"]["total_in_millis"]) for node in nodes.values()) / 1000
