"""One statistic of one thing at one time: as an ECS document with an id that the same round always gives again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.clock import iso_utc
from shipper.ecs.table import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.event import Document


@dataclass(frozen=True, slots=True)
class Sample:
    """`dataset` is `elasticsearch.node` and the like; `subject` names the thing within its source."""

    dataset: str
    source: str
    subject: str
    fields: Mapping[str, Any]
    """By dotted name; counts are totals since the thing started, sizes bytes, times ms, `pct` fractions of 1."""


def round_of(now: float, every: float) -> float:
    """The beginning of the round that `now` is in: two monitors, or one started again, share it."""
    return now - now % every


def identity(sample: Sample, at: float) -> str:
    """The document's id: one a thing and round."""
    digest = hashlib.sha256(f"{sample.dataset}\0{sample.source}\0{sample.subject}".encode()).hexdigest()[:24]
    return f"monitor-{digest}-{int(at * 1000)}"


def document(sample: Sample, at: float, now: float) -> Document:
    """The ECS document of a sample taken in the round `at`."""
    built: Document = {
        "@timestamp": iso_utc(at),
        "ecs": {"version": VERSION},
        "event": {
            "dataset": sample.dataset,
            "id": identity(sample, at),
            "ingested": iso_utc(now),
            "kind": "metric",
            "module": sample.dataset.partition(".")[0],
        },
    }
    for name, value in sample.fields.items():
        if value is None:
            continue
        *parents, leaf = name.split(".")
        level = built
        for parent in parents:
            level = level.setdefault(parent, {})
        level[leaf] = value
    return built
