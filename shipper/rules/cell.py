"""Cells: all that a rule ever sees of the documents.

A cell sums up one group in one slice of time. Live queries and plain documents reduce to equal cells, and everything
after the cells is shared. Durations (nanoseconds) fall into fixed log-linear buckets: each power-of-8 level is cut
into steps of 1/32 of its lower bound, so a bucket's middle is at most 1.6 % off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

Group = tuple[str, ...]
"""The values of `group_by`, in its order; () where a rule has none."""

FLOOR = 1 << 10
"""Nanoseconds; shorter durations share one bucket (key 0)."""
LEVELS = tuple((FLOOR << (3 * level), FLOOR << (3 * level + 3)) for level in range(12))
"""[from, to) in nanoseconds of each level, 1 us to 20 h; longer durations share the bucket at the end."""
CEILING = LEVELS[-1][1]
STEPS = 32


@dataclass(slots=True)
class Cell:
    """Counts and sums of some documents; `merge` adds another cell.

    `hits` counts documents per named filter; `values`, `total`, `low` and `high` are of the measured field;
    `buckets` maps the lower bound of a duration bucket (ns) to its count; `terms` are the different values of a field.
    """

    count: int = 0
    hits: dict[str, int] = field(default_factory=dict)
    values: int = 0
    total: float = 0.0
    low: float = math.inf
    high: float = -math.inf
    buckets: dict[int, int] = field(default_factory=dict)
    terms: set[str] | None = None

    def merge(self, other: Cell) -> None:
        """Add `other` to this cell."""
        self.count += other.count
        if other.values:
            self.values += other.values
            self.total += other.total
            self.low = min(self.low, other.low)
            self.high = max(self.high, other.high)
        if other.hits:
            for name, hits in other.hits.items():
                self.hits[name] = self.hits.get(name, 0) + hits
        if other.buckets:
            for bucket, number in other.buckets.items():
                self.buckets[bucket] = self.buckets.get(bucket, 0) + number
        if other.terms:
            self.terms = other.terms if self.terms is None else self.terms | other.terms

    def add_term(self, term: str) -> None:
        """Note a value of the field whose different values count."""
        if self.terms is None:
            self.terms = set()
        self.terms.add(term)

    def add_value(self, value: float) -> None:
        """Count one value of the measured field."""
        self.values += 1
        self.total += value
        self.low = min(self.low, value)
        self.high = max(self.high, value)


def bucket_step(level: tuple[int, int]) -> int:
    """The width of a level's buckets in nanoseconds."""
    return level[0] // STEPS


def bucket_of(duration: float) -> int:
    """The key (lower bound, ns) of the bucket of a duration."""
    if duration < FLOOR:
        return 0
    if duration >= CEILING:
        return CEILING
    whole = int(duration)
    level = (whole.bit_length() - 11) // 3
    step = bucket_step(LEVELS[level])
    return whole // step * step


def percentile(cell: Cell, percent: float) -> float:
    """The nearest-rank percentile of the durations in nanoseconds, at most 2 % off.

    Raises:
        ValueError: the cell holds no durations.
    """
    size = sum(cell.buckets.values())
    if size == 0:
        raise ValueError("no durations")
    rank, seen = max(1, math.ceil(size * percent / 100)), 0
    for bucket in sorted(cell.buckets):
        seen += cell.buckets[bucket]
        if seen >= rank:
            return min(max(_middle(bucket), cell.low), cell.high)
    raise AssertionError("the rank lies within the size")


def tidy(number: float) -> float:
    """Ten significant digits: sums of decimals differ in the last bits with the order of their parts."""
    return float(f"{number:.10g}")


def _middle(bucket: int) -> float:
    if bucket == 0:
        return FLOOR / 2
    if bucket == CEILING:
        return math.inf  # cut to the highest value seen
    level = (bucket.bit_length() - 11) // 3
    return bucket + bucket_step(LEVELS[level]) / 2
