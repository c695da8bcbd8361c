"""Compares what was told with what was wrong."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shipper.rules.change import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.incidents.trouble import Trouble
    from shipper.rules.change import Change
    from shipper.rules.differences import Difference

WARM_UP = 86400
"""Seconds at the beginning that are not judged: rules that compare with the day before have none yet."""
INTERVAL = 60
"""Seconds between evaluations."""
AFTERMATH = 7200
"""Seconds after a trouble's end in which an alert about the same may still come: windows that look back see it."""


@dataclass(slots=True)
class Found:
    """What was told about one trouble."""

    trouble: Trouble
    told: list[Change] = field(default_factory=list)
    differs: set[tuple[str, str]] = field(default_factory=set)
    """What the notifications say that differs: field and value."""

    @property
    def intervals(self) -> float | None:
        """Evaluation intervals from when it could be seen to the first alert; None = missed."""
        during = [change.at for change in self.told if change.at <= self.trouble.end]
        return max(0.0, (min(during) - self.trouble.visible) / INTERVAL) if during else None

    @property
    def grouped(self) -> bool:
        """Is the cause in an alert's group?"""
        return any(self.trouble.cause & set(change.labels.items()) for change in self.told)

    @property
    def named(self) -> bool:
        """Does a notification name the cause, by its group or by what differs?"""
        return self.grouped or bool(self.trouble.cause & self.differs)


@dataclass(slots=True)
class Score:
    """The whole run."""

    found: list[Found]
    false: list[Change]
    days: float

    def summary(self) -> dict[str, float]:
        """The four figures the goals are about, and how much of the last one needs no search."""
        waits = [one.intervals for one in self.found if one.intervals is not None]
        count = len(self.found)
        return {
            "detected_percent": 100 * len(waits) / count,
            "median_intervals": statistics.median(waits) if waits else float("inf"),
            "false_alerts_a_week": len(self.false) * 7 / self.days,
            "cause_named_percent": 100 * sum(one.named for one in self.found) / count,
            "cause_in_group_percent": 100 * sum(one.grouped for one in self.found) / count,
        }


def score(
    changes: Iterable[Change],
    troubles: Sequence[Trouble],
    days: float,
    differs: Mapping[str, Sequence[Difference]] | None = None,
) -> Score:
    """Give each firing to the trouble it is about; what is about none is false. `differs`: by a change's key."""
    found = [Found(trouble) for trouble in troubles]
    false: list[Change] = []
    for change in changes:
        if change.send is not Kind.FIRING:
            continue
        owners = [one for one in found if _about(change, one.trouble)]
        for one in owners:
            one.told.append(change)
            one.differs.update((item.field, item.value) for item in (differs or {}).get(change.key, ()))
        if not owners:
            false.append(change)
    return Score(found, false, days)


def _about(change: Change, trouble: Trouble) -> bool:
    during = trouble.begin <= change.at <= trouble.end + AFTERMATH
    return during and any(value in trouble.about for value in change.group)
