"""Simulated services with a daily rhythm: their request logs, a database's slow log and the metrics of their hosts.

Everything follows from a seed. Trouble is a change of what a minute looks like; see `trouble.py`.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shipper.clock import iso_utc
from shipper.rules.timeline import Arrival, Extent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.incidents.trouble import Trouble

START = 1_767_571_200
"""2026-01-05T00:00:00Z, a Monday."""
DAY = 86400
LAG = 2.0
"""Seconds from a line to its document."""
SERVICES = {
    "shop": ("/cart", "/checkout"),
    "pay": ("/charge", "/refund"),
    "mail": ("/send", "/template"),
    "search": ("/query", "/suggest"),
}
RATE = 24.0
"""Requests a minute of each service, on average over the day."""
HOSTS = 2
BASE_MS = 120.0
BASE_ERRORS = 0.0004
"""Within the library's objective of 99.9 %."""
KNOWN_ERRORS = ("TimeoutError", "ValueError")


@dataclass(slots=True)
class Minute:
    """What one service does in one minute; trouble changes it before the lines are made."""

    service: str
    rate: float
    slower: dict[str, float] = field(default_factory=dict)
    """Route or host -> how many times as slow."""
    errors: dict[str, float] = field(default_factory=dict)
    """Host, or the service for all hosts -> part of the requests that fails."""
    extra_error: tuple[str, float] | None = None
    """An error's type, and how many lines of it a minute brings."""


@dataclass(slots=True)
class Machine:
    """What the hosts' metrics and the database say in one minute."""

    memory: dict[str, float] = field(default_factory=dict)
    query_ms: float = 80.0


class World:
    """A history for the replay: `days` from START, with troubles in it."""

    def __init__(self, days: float, troubles: Sequence[Trouble] = (), seed: int = 1) -> None:
        self.days = days
        self.end = START + int(days * DAY)
        self._troubles = troubles
        self._seed = seed

    def extent(self) -> Extent:
        return Extent(START, START + LAG, self.end + LAG)

    def __iter__(self) -> Iterator[Arrival]:
        source = random.Random(self._seed)
        for at in range(START, self.end, 60):
            lines = [line for service in SERVICES for line in self._requests(service, at, source)]
            lines += self._machines(at, source)
            lines.sort(key=lambda line: line[0])
            for second, document in lines:
                document["@timestamp"] = iso_utc(second)
                yield Arrival(second + LAG, int(second * 1000), document)

    def _requests(self, service: str, at: int, source: random.Random) -> Iterator[tuple[float, dict[str, Any]]]:
        minute = Minute(service, RATE * rhythm(at), errors={service: BASE_ERRORS})
        for trouble in self._troubles:
            trouble.shape(minute, at)
        for _ in range(_poisson(minute.rate, source)):
            yield at + source.uniform(0, 60), self._request(minute, source)
        if minute.extra_error is not None:
            for _ in range(_poisson(minute.extra_error[1], source)):
                host = f"{service}-{source.randrange(HOSTS) + 1}"
                yield at + source.uniform(0, 60), _failure(service, host, minute.extra_error[0])

    def _request(self, minute: Minute, source: random.Random) -> dict[str, Any]:
        service, host = minute.service, f"{minute.service}-{source.randrange(HOSTS) + 1}"
        route = source.choice(SERVICES[service])
        slower = minute.slower.get(route, 1.0) * minute.slower.get(host, 1.0)
        milliseconds = source.lognormvariate(math.log(BASE_MS), 0.5) * slower
        failed = source.random() < minute.errors.get(host, minute.errors[service])
        document: dict[str, Any] = {
            "service": {"name": service},
            "host": {"name": host},
            "http": {"route": route, "response": {"status_code": 500 if failed else 200}},
            "event": {"duration": int(milliseconds * 1e6), "outcome": "failure" if failed else "success"},
            "log": {"level": "error" if failed else "info"},
        }
        if failed:
            document["error"] = {"type": source.choice(KNOWN_ERRORS)}
        return document

    def _machines(self, at: int, source: random.Random) -> Iterator[tuple[float, dict[str, Any]]]:
        machine = Machine({f"{service}-{n + 1}": 0.55 for service in SERVICES for n in range(HOSTS)})
        for trouble in self._troubles:
            trouble.wear(machine, at)
        for host, used in machine.memory.items():
            share = min(0.995, used + source.uniform(-0.02, 0.02))
            yield at + 5.0, _metric(host, "memory", {"memory": {"actual": {"used": {"pct": share}}}})
            busy = 0.15 + 0.4 * rhythm(at) / 2 + source.uniform(-0.05, 0.05)
            yield at + 5.0, _metric(host, "cpu", {"cpu": {"total": {"norm": {"pct": busy}}}})
        for _ in range(6):
            took = source.lognormvariate(math.log(machine.query_ms), 0.4)
            event = {"dataset": "postgresql.log", "duration": int(took * 1e6)}
            slow = {"event": event, "host": {"name": "db-1"}, "postgresql": {"log": {"query_step": "statement"}}}
            yield at + source.uniform(0, 60), slow


def rhythm(at: float) -> float:
    """How busy it is at a time, 1 on average: quiet at night, busy in the afternoon."""
    return 1.0 + 0.45 * math.sin(2 * math.pi * ((at % DAY) / DAY - 0.33))


def _failure(service: str, host: str, kind: str) -> dict[str, Any]:
    return {
        "service": {"name": service},
        "host": {"name": host},
        "log": {"level": "error"},
        "event": {"outcome": "failure"},
        "error": {"type": kind},
    }


def _metric(host: str, part: str, system: dict[str, Any]) -> dict[str, Any]:
    return {"event": {"dataset": f"system.{part}"}, "host": {"name": host}, "system": system}


def _poisson(mean: float, source: random.Random) -> int:
    """A normal approximation is near enough from 20 on; below, Knuth's method."""
    if mean >= 20:
        return max(0, round(source.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, source.random()
    while product > limit:
        count, product = count + 1, product * source.random()
    return count
