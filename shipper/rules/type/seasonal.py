"""seasonal: a number is far from what the same hour of the last weeks had."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, Annotated

import msgspec

from shipper.config import Duration
from shipper.rules.cell import tidy
from shipper.rules.rule import Doubt, Rule
from shipper.rules.type.common import WindowJudge
from shipper.rules.type.metric import Direction, Metric, Name
from shipper.rules.verdict import Measures, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.rules.verdict import View

WEEK = 7 * 86400
SIGMA = 1.4826
"""Median absolute deviation -> standard deviation of a normal distribution."""
FEWEST = 4
"""Past windows to compare with, at least."""


class Seasonal(Rule, frozen=True, kw_only=True, tag="seasonal"):
    """Breach: the metric is more than `deviations` away from the median of the same hour of the last `weeks`.

    The hour (`around`) has its middle at this very time of the week; windows side by side in it are the samples. The
    deviation is 1.4826 times the median absolute deviation, but never less than `least_percent` of the median, nor,
    for counts, than its square root. Windows that an alert of this rule touched are left out. Weeks are weeks of UTC:
    in the week after a clock change the hour lies one hour off. `min_weeks` weeks must have samples.
    """

    deviations: Annotated[float, msgspec.Meta(gt=0)] = 6
    direction: Direction = "both"
    metric: Name = "count"
    field: str | None = None
    percentile: Annotated[float, msgspec.Meta(gt=0, le=100)] = 95
    of: str | None = None
    weeks: Annotated[int, msgspec.Meta(ge=1, le=8)] = 4
    min_weeks: Annotated[int, msgspec.Meta(ge=1)] = 2
    around: Duration = Duration(3600)
    min_count: Annotated[int, msgspec.Meta(ge=1)] = 20
    least_percent: Annotated[float, msgspec.Meta(gt=0)] = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        self.measured.check()
        if self.around < 2 * self.window or self.around % (2 * self.step):
            raise ValueError("`around` must be at least two windows, and a multiple of two cells")
        if self.min_weeks > self.weeks:
            raise ValueError("`min_weeks` cannot be more than `weeks`")

    @property
    def measured(self) -> Metric:
        """The number that is followed."""
        return Metric(self.metric, self.field, self.percentile, self.of)

    def doubts(self) -> Iterator[Doubt]:
        lowest = 100 / self.least_percent
        if self.direction == "down" and self.deviations >= lowest:
            message = (
                f"nothing falls further than {lowest:.3g} deviations, where one is {self.least_percent:g} % at least"
            )
            yield Doubt("deviations", message, "lower `deviations` or `least_percent`")

    def judge(self) -> SeasonalJudge:
        return SeasonalJudge(self)


class SeasonalJudge(WindowJudge[Seasonal]):
    """Compares the window with its like in the past."""

    def __init__(self, rule: Seasonal) -> None:
        super().__init__(rule)
        self._metric = rule.measured
        self._measures = self._metric.measures(rule.name)

    @property
    def measures(self) -> Measures:
        return self._measures

    @property
    def span(self) -> int:
        return self.recent

    @property
    def recent(self) -> int:
        return int(self.rule.window if self.rule.direction == "up" else self.rule.around)

    @property
    def fires_early(self) -> bool:
        return self.rule.direction == "up" and self.rule.metric in ("count", "max")

    @property
    def past(self) -> tuple[tuple[int, int], ...]:
        half = int(self.rule.around) // 2
        middle = int(self.rule.window) // 2 // self.rule.step * self.rule.step
        weeks = range(1, self.rule.weeks + 1)
        return tuple((week * WEEK + middle + half, week * WEEK + middle - half) for week in weeks)

    def judge(self, view: View) -> Verdict:
        rule, metric = self.rule, self._metric
        cell = view.window(int(rule.window))
        adds_up = rule.metric in ("count", "sum")
        value = 0.0 if adds_up and not metric.samples(cell) else metric.value(cell)
        weeks = [self._samples(view, *slice_) for slice_ in self.past]
        samples = [number for week in weeks for number in week]
        if sum(bool(week) for week in weeks) < rule.min_weeks or len(samples) < FEWEST:
            return Verdict(Outcome.NO_DATA, None, f"fewer than {rule.min_weeks} past weeks to compare with")
        if value is None or (not adds_up and metric.samples(cell) < rule.min_count):
            return Verdict(Outcome.NO_DATA, None, f"too little in {self.period} to judge")
        usual = statistics.median(samples)
        return self._compared(value, usual, self._spread(samples, usual), len(samples))

    def _samples(self, view: View, start: int, end: int) -> list[float]:
        """The metric of each past window between `start` and `end` seconds ago that no alert touched."""
        length, found = int(self.rule.window), []
        for ago in range(end, start - length + 1, length):
            if view.had_incident(length, ago):
                continue
            cell = view.window(length, ago)
            number = self._metric.value(cell)
            if number is not None and (cell.count or self._adds_up):
                found.append(number)
        return found if any(found) or not self._adds_up else []

    @property
    def _adds_up(self) -> bool:
        return self.rule.metric in ("count", "sum")

    def _spread(self, samples: list[float], usual: float) -> float:
        deviation = SIGMA * statistics.median(abs(number - usual) for number in samples)
        noise = math.sqrt(abs(usual)) if self.rule.metric == "count" else 0.0
        return max(deviation, abs(usual) * self.rule.least_percent / 100, noise)

    def _compared(self, value: float, usual: float, spread: float, samples: int) -> Verdict:
        rule = self.rule
        moved = tidy((value - usual) / spread) if spread else 0.0
        wanted = {"up": moved > 0, "down": moved < 0, "both": True}[rule.direction]
        enough = rule.metric != "count" or max(value, usual) >= rule.min_count
        text = (
            f"{self._metric.spell(value)} in {self.period}, usual at this hour of the week "
            f"{self._metric.amount(usual)} ± {self._metric.amount(spread)} ({samples} past windows): "
            f"{moved:+.3g} deviations (alerts beyond {rule.deviations:g})"
        )
        breach = wanted and enough and abs(moved) > rule.deviations
        facts = {"usual": tidy(usual), "spread": tidy(spread), "now": value}
        return Verdict(Outcome.BREACH if breach else Outcome.CLEAR, moved, text, facts)

    def evidence(self, facts: Mapping[str, float]) -> str | None:
        return self._metric.evidence(facts)
