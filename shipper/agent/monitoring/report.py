"""The status document: what `shipper agent status --json` shows, and what health and metrics are made from."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psutil

from shipper import __version__
from shipper.agent.descriptors import limit
from shipper.agent.metrics.heartbeat import Mark, marks
from shipper.agent.monitoring.counters import Kind, described
from shipper.agent.monitoring.rates import Rates
from shipper.agent.reload import Reloads
from shipper.clock import iso_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shipper.agent.dead_letters import DeadLetters
    from shipper.agent.delivery import Delivery
    from shipper.agent.fleet import Fleet
    from shipper.agent.harvester import Harvester
    from shipper.agent.input.file import FileInput
    from shipper.agent.monitoring.health import Health
    from shipper.agent.output.pool import HostPool
    from shipper.agent.registry import Registry
    from shipper.agent.sender import Sender
    from shipper.clock import Clock

_SHOWN = 1000
"""Files left out that status names; the counts tell of all."""
_ALWAYS = (
    "read",
    "delivered",
    "dead_lettered",
    "bytes_read",
    "bytes_delivered",
    "bytes_lost",
    "files_unreadable",
    "files_binary",
    "metrics_skipped",
)
_RATES = {
    "read": "records_read",
    "delivered": "records_delivered",
    "bytes_read": "bytes_read",
    "bytes_delivered": "bytes_delivered",
}


@dataclass(slots=True)
class Parts:
    """What runs now; the agent replaces members when it changes them."""

    registry: Registry
    letters: DeadLetters
    delivery: Delivery
    fleet: Callable[[], Fleet]
    inputs: Sequence[FileInput]
    output: str
    pool: HostPool
    senders: Sequence[Sender]
    memory: int
    stuck_after: float
    reloads: Reloads = field(default_factory=Reloads)
    listening: Callable[[], str] = str


class Report:
    """Makes the document; thread-safe, and for none of its work the reader or a sender waits long."""

    def __init__(self, parts: Parts, health: Health, clock: Clock) -> None:
        self._parts = parts
        self._health = health
        self._clock = clock
        self._started = clock.time()
        self._process = psutil.Process()
        self._rates = Rates()
        self._rates.add(clock.monotonic(), dict.fromkeys((*_RATES, "cpu"), 0.0))

    def sample(self) -> None:
        """Note the counts for the rates; to be called every few seconds."""
        self._rates.add(self._clock.monotonic(), self._measured(self.counts()))

    def counts(self) -> Counter[str]:
        """Everything that was counted since the start."""
        parts = self._parts
        counts: Counter[str] = Counter(dict.fromkeys(_ALWAYS, 0))
        own = (parts.delivery.counts, parts.letters.counts, parts.fleet().counts)
        for part in (*own, *(source.counts for source in parts.inputs)):
            counts.update(dict(part))  # a copy is atomic: other threads add names meanwhile
        return counts

    def snapshot(self) -> dict[str, Any]:
        """The status document: see docs/operations/agent-monitoring.md."""
        fleet = self._parts.fleet()
        harvesters = list(fleet)
        found = marks(harvesters, self._parts.registry, self._parts.delivery, self._clock.time())
        files = [_file(*each) for each in zip(harvesters, found, strict=True)]
        return {
            **self._summary(found),
            "left_out": dict(sorted(fleet.left_out.items())[:_SHOWN]),
            "files": sorted(files, key=lambda file: str(file["path"])),
        }

    def _summary(self, marks: Iterable[Mark]) -> dict[str, Any]:
        """All but the files themselves."""
        parts, counts = self._parts, self.counts()
        behind = [found for found in marks if found.lag]
        return {
            "version": __version__,
            "pid": os.getpid(),
            "time": iso_utc(self._clock.time()),
            "started": iso_utc(self._started),
            "ready": self._health.ready,
            "reload": parts.reloads.document(),
            "health": self._health.look().document(),
            **self._costs(),
            "queue": {
                "bytes": parts.delivery.used,
                "limit": parts.memory,
                "records": parts.delivery.unsettled(),
            },
            "lag": {"bytes": sum(found.lag for found in behind), "files": len(behind)},
            "oldest_unacknowledged": _oldest(behind),
            "rates": self._growth(counts),
            "monitoring": parts.listening(),
            "output": {
                "name": parts.output,
                "hosts": parts.pool.report(),
                "connections": [_health(sender) for sender in parts.senders],
            },
            "spools": {name: size for each in parts.inputs for name, size in each.spools().items()},
            "counts": dict(counts),
            "registry": {"damaged": parts.registry.damaged, "commit_failures": parts.registry.commit_failures},
            "dead_letters": parts.letters.state(),
        }

    def vitals(self, marks: Iterable[Mark]) -> dict[str, Any]:
        """How the agent does, as fields below `shipper.agent`: what its own metrics say, and rules read."""
        status = self._summary(marks)
        rates, oldest, connections = status["rates"], status["oldest_unacknowledged"], status["output"]["connections"]
        return {
            "healthy": status["health"]["healthy"],
            "reasons": [each["name"] for each in status["health"]["reasons"]],
            "warnings": [each["name"] for each in status["health"]["warnings"]],
            "lag": {**status["lag"], "seconds": oldest["age_seconds"] if oldest else 0.0},
            "queue": {"bytes": status["queue"]["bytes"], "records": status["queue"]["records"]},
            "spool": {"bytes": sum(each["bytes"] for each in status["spools"].values())},
            "dead_letters": status["dead_letters"]["count"],
            "rate": {name: value for name, value in rates.items() if name != "seconds"},
            "output": {
                "connected": sum(each["state"] == "connected" for each in connections),
                "failures": sum(each["failures"] for each in connections),
                "duplicates": sum(each["duplicates"] for each in connections),
            },
            "counts": {name: value for name, value in status["counts"].items() if value},
            "memory": {"rss": {"bytes": status["memory_rss"]}},
            "cpu": {"pct": status["cpu"]["share"]},
        }

    def _costs(self) -> dict[str, Any]:
        times = self._process.cpu_times()
        seconds = times.user + times.system
        _, growth = self._rates.per_second(self._clock.monotonic(), {"cpu": seconds})
        memory = self._process.memory_info().rss
        open_files = self._parts.fleet().open_files
        return {
            "memory_rss": memory,
            "descriptors": self._process.num_fds(),
            "descriptor_limit": limit(),
            "open_files": {"count": open_files.count, "limit": open_files.limit},
            "cpu": {"seconds": round(seconds, 2), "share": round(growth["cpu"], 4)},
        }

    def _growth(self, counts: Counter[str]) -> dict[str, float]:
        over, growth = self._rates.per_second(self._clock.monotonic(), {name: counts[name] for name in _RATES})
        return {"seconds": round(over, 1)} | {_RATES[name]: round(value, 2) for name, value in growth.items()}

    def _measured(self, counts: Counter[str]) -> dict[str, float]:
        times = self._process.cpu_times()
        return {**{name: float(counts[name]) for name in _RATES}, "cpu": times.user + times.system}


def losses(counts: dict[str, int]) -> dict[str, int]:
    """Those counts that say what will not arrive, and are not zero."""
    return {name: value for name, value in sorted(counts.items()) if value and described(name).kind is Kind.LOST}


def _oldest(behind: Iterable[Mark]) -> dict[str, Any] | None:
    """The source that is farthest behind; None if all is acknowledged or nothing is known."""
    known = [(found.age, found) for found in behind if found.age is not None]
    if not known:
        return None
    age, found = max(known, key=lambda each: each[0])
    return {"path": found.path, "age_seconds": round(age, 3), "watermark": found.watermark}


def _file(harvester: Harvester, found: Mark) -> dict[str, Any]:
    return {
        "path": found.path,
        "source": found.key.source,
        "generation": found.key.generation,
        "acknowledged": found.offset,
        "read": harvester.position,
        "held": harvester.held,
        "lag_bytes": found.lag,
        "lag_seconds": None if found.age is None else round(found.age, 3),
        "watermark": found.watermark,
        "open": harvester.file is not None,
        "closed": harvester.closed,
        "counts": dict(harvester.counts),
    }


def _health(sender: Sender) -> dict[str, Any]:
    health = sender.health
    return {
        "state": health.state,
        "since": iso_utc(health.since),
        "error": health.error,
        "failures": health.failures,
        "parcels": health.parcels,
        "duplicates": health.duplicates,
    }
