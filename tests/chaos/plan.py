"""What will go wrong in a round, drawn from a seed before it begins: the same seed is the same plan."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import StrEnum


class Rotation(StrEnum):
    """How a file leaves its name."""

    NONE = "none"
    RENAME = "rename"
    COPYTRUNCATE = "copytruncate"
    GZIP = "gzip"


class Fault(StrEnum):
    """What happens to the agent or to its peer."""

    KILL_AGENT = "kill_agent"
    STOP_AGENT = "stop_agent"
    RESET = "reset"
    STALL = "stall"
    SLOW = "slow"
    HALF_ANSWER = "half_answer"
    GARBLED_ANSWER = "garbled_answer"
    GARBLED_REQUEST = "garbled_request"
    REFUSE = "refuse"
    BUSY = "busy"
    """Each request is answered 429."""
    TOO_LARGE = "too_large"
    """Requests above a size are answered 413."""
    READ_ONLY = "read_only"
    """The indices are blocked, as by a full disk: 403 for each item."""
    FULL_DISK = "full_disk"
    """The state directory takes no byte more."""
    KILL_ELASTICSEARCH = "kill_elasticsearch"
    """SIGKILL; it starts again when the incident ends, while the next ones go on."""
    LOSE_NODE = "lose_node"
    """The same with one node of three."""
    CLOCK_AHEAD = "clock_ahead"
    CLOCK_BACK = "clock_back"
    OVER_MIDNIGHT = "over_midnight"
    """The clock jumps to half a second before midnight (UTC)."""
    KILL_RUNNER = "kill_runner"
    HALF_ACKNOWLEDGED = "half_acknowledged"
    """The first half of a Lumberjack window is acknowledged, then the connection is cut."""


COMMON = (
    Fault.KILL_AGENT,
    Fault.KILL_AGENT,
    Fault.STOP_AGENT,
    Fault.RESET,
    Fault.STALL,
    Fault.SLOW,
    Fault.HALF_ANSWER,
    Fault.GARBLED_ANSWER,
    Fault.GARBLED_REQUEST,
    Fault.REFUSE,
    Fault.BUSY,
    Fault.TOO_LARGE,
    Fault.READ_ONLY,
    Fault.FULL_DISK,
)
"""Drawn evenly; the agent's death twice as often."""

OF_THE_RUNNER = (*COMMON, Fault.KILL_RUNNER, Fault.KILL_RUNNER, Fault.HALF_ACKNOWLEDGED)
"""Where the runner stands between the agent and Elasticsearch."""


OF_THE_CLOCK = (Fault.CLOCK_AHEAD, Fault.CLOCK_BACK, Fault.OVER_MIDNIGHT)


class Topology(StrEnum):
    """What the records go through."""

    DIRECT = "direct"
    RUNNER = "runner"
    CLUSTER = "cluster"
    """As `direct`, to three nodes, of which each round loses one."""
    CLUSTER_RUNNER = "cluster-runner"
    """As `runner`, to three nodes."""

    @property
    def nodes(self) -> int:
        """Of Elasticsearch."""
        return 3 if self in (Topology.CLUSTER, Topology.CLUSTER_RUNNER) else 1

    @property
    def harder(self) -> tuple[Fault, ...]:
        """Faults that need an Elasticsearch of the round's own, or libfaketime."""
        return (*OF_THE_CLOCK, Fault.KILL_ELASTICSEARCH) if self.nodes == 1 else OF_THE_CLOCK


@dataclass(frozen=True, slots=True)
class Incident:
    """One fault.

    Attributes:
        at: seconds into the round when it begins.
        seconds: how long it lasts.
        hours: how far the clock jumps, where it does.
        stays: the clock stays where it jumped to; else it jumps back when the incident ends.
    """

    at: float
    fault: Fault
    seconds: float
    hours: float = 0.0
    stays: bool = False

    def __str__(self) -> str:
        far = f" by {self.hours:.1f} h" if self.hours else ""
        lasts = "and stays" if self.stays else f"for {self.seconds:.2f} s"
        return f"{self.at:.2f} s {self.fault}{far} {lasts}"


@dataclass(frozen=True, slots=True)
class Plan:
    """One round.

    Attributes:
        rotations: one file each, and how it rotates.
        lines: lines a file.
        seconds: how long the writer takes.
        incidents: in their order.
        refused: share of lines that the index refuses for their type: they must become dead letters.
        cramped: the agent's queue is as small as it may be, and copiers take their time between copy and truncation:
            the agent sees what it cannot read.
    """

    seed: int
    rotations: tuple[Rotation, ...]
    lines: int
    seconds: float
    incidents: tuple[Incident, ...] = field(default=())
    topology: Topology = Topology.DIRECT
    refused: float = 0.0
    cramped: bool = False

    def __str__(self) -> str:
        files = ", ".join(self.rotations)
        told = "; ".join(map(str, self.incidents))
        through = "" if self.topology is Topology.DIRECT else f" {self.topology}"
        refused = f"{self.refused:.1%} refused; " if self.refused else ""
        cramped = "cramped; " if self.cramped else ""
        written = f"{len(self.rotations)} files ({files}), {self.lines} lines each"
        return f"seed {self.seed}{through}: {cramped}{refused}{written}; {told}"


def draw(seed: int, topology: Topology = Topology.DIRECT, *, harder: tuple[Fault, ...] = ()) -> Plan:
    """The plan of a seed in a topology; `harder` faults are drawn too, each in about one round of four.

    With them every other round is cramped.
    """
    chance = random.Random(seed)
    rotations = tuple(chance.choice(list(Rotation)) for _ in range(chance.randint(2, 6)))
    seconds = chance.uniform(1.5, 3.5)
    drawn = COMMON if topology in (Topology.DIRECT, Topology.CLUSTER) else OF_THE_RUNNER
    faults = [chance.choice(drawn) for _ in range(chance.randint(2, 5))]
    faults += [fault for fault in harder if chance.random() < 0.25]
    faults += [Fault.LOSE_NODE] * (topology.nodes > 1)
    incidents = sorted((_incident(fault, seconds, chance) for fault in faults), key=lambda incident: incident.at)
    lines = chance.randint(300, 4000)
    refused = chance.uniform(0.001, 0.02) if chance.random() < 0.3 else 0.0
    cramped = bool(harder) and random.Random(f"{seed} cramped").random() < 0.5
    return Plan(seed, rotations, lines, seconds, tuple(incidents), topology, refused, cramped)


def _incident(fault: Fault, seconds: float, chance: random.Random) -> Incident:
    at, lasts = chance.uniform(0.2, seconds + 0.5), chance.uniform(0.1, 1.2)
    if fault not in OF_THE_CLOCK:
        return Incident(at, fault, lasts)
    hours = 0.0 if fault is Fault.OVER_MIDNIGHT else chance.uniform(0.5, 48)
    return Incident(at, fault, lasts, -hours if fault is Fault.CLOCK_BACK else hours, chance.random() < 0.5)
