"""change: a number has moved away from what it was just before, up or down."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from shipper.config import Duration
from shipper.rules import words
from shipper.rules.cell import tidy
from shipper.rules.rule import Doubt, Rule
from shipper.rules.type.common import WindowJudge, spell
from shipper.rules.type.metric import Direction, Metric, Name
from shipper.rules.verdict import Measures, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.rules.cell import Cell
    from shipper.rules.verdict import View


class Change(Rule, frozen=True, kw_only=True, tag="change"):
    """Breach: the metric differs by more than `by_percent` from that of the `reference` period before the window.

    Counts and sums are scaled to the window's length. Both periods need `min_count` documents (or values); for a
    `count` or `sum` that fell, only the reference does. `at_least` is the smallest difference that matters, in the
    metric's own unit. `usual: median` compares with the median of the reference's windows instead of with all of it:
    what lasted less than half of the reference, such as a storm that is over, does not move that.
    """

    by_percent: Annotated[float, msgspec.Meta(gt=0)]
    direction: Direction = "both"
    metric: Name = "count"
    field: str | None = None
    percentile: Annotated[float, msgspec.Meta(gt=0, le=100)] = 95
    of: str | None = None
    reference: Duration = Duration(3600)
    usual: Literal["mean", "median"] = "mean"
    min_count: Annotated[int, msgspec.Meta(ge=1)] = 20
    at_least: Annotated[float, msgspec.Meta(ge=0)] = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.measured.check()
        if self.reference < self.window or self.reference % self.step:
            raise ValueError("`reference` must be a multiple of the cell and not shorter than `window`")
        if self.usual == "median" and (self.reference < 3 * self.window or self.reference % self.window):
            raise ValueError(
                "`usual: median` needs a `reference` of three windows at least, and a multiple of `window`"
            )

    @property
    def measured(self) -> Metric:
        """The number that is followed."""
        return Metric(self.metric, self.field, self.percentile, self.of)

    def doubts(self) -> Iterator[Doubt]:
        if self.direction == "down" and self.by_percent >= 100:
            yield Doubt("by_percent", "nothing falls by more than 100 %", "write the percentage of the fall, below 100")

    def judge(self) -> ChangeJudge:
        return ChangeJudge(self)


class ChangeJudge(WindowJudge[Change]):
    """Compares two windows that lie side by side."""

    def __init__(self, rule: Change) -> None:
        super().__init__(rule)
        self._metric = rule.measured
        self._measures = self._metric.measures(rule.name)

    @property
    def span(self) -> int:
        return int(self.rule.window + self.rule.reference)

    @property
    def recent(self) -> int:
        return self.span  # a group that fell silent has changed, too

    @property
    def measures(self) -> Measures:
        return self._measures

    @property
    def fires_early(self) -> bool:
        return self.rule.direction == "up"

    def judge(self, view: View) -> Verdict:
        rule, metric = self.rule, self._metric
        now = view.window(int(rule.window))
        past = view.window(int(rule.reference), ago=int(rule.window))
        scale = float(rule.window / rule.reference) if self._adds_up else 1.0
        if metric.samples(past) * scale < rule.min_count or not self._covered(view):
            return Verdict(Outcome.NO_DATA, None, f"too little in the {spell(rule.reference)} before to compare with")
        usual, after = self._median(view) if rule.usual == "median" else self._of(past, scale), self._of(now)
        if usual is None or after is None or (not self._adds_up and metric.samples(now) < rule.min_count):
            return Verdict(Outcome.NO_DATA, None, f"too little in {self.period} to judge")
        return self._compared(after, tidy(usual))

    @property
    def _adds_up(self) -> bool:
        return self.rule.metric in ("count", "sum")

    def _of(self, cell: Cell, scale: float = 1.0) -> float | None:
        """The metric of a period; nothing at all counts as 0 where it is a count or sum."""
        if self._adds_up and not self._metric.samples(cell):
            return 0.0
        value = self._metric.value(cell)
        return None if value is None else value * scale

    def _median(self, view: View) -> float | None:
        """The median of the windows that make up the reference."""
        window = int(self.rule.window)
        cells = (view.window(window, ago=ago) for ago in range(window, self.span, window))
        numbers = [number for cell in cells if (number := self._of(cell)) is not None]
        return statistics.median(numbers) if numbers else None

    def _compared(self, after: float, usual: float) -> Verdict:
        rule = self.rule
        moved = after - usual
        percent = tidy(100 * moved / abs(usual)) if usual else (0.0 if moved == 0 else 1e6 * (1 if moved > 0 else -1))
        wanted = {"up": moved > 0, "down": moved < 0, "both": True}[rule.direction]
        breach = wanted and abs(percent) > rule.by_percent and abs(moved) >= rule.at_least
        bound = {"up": "+", "down": "-", "both": "±"}[rule.direction]
        text = (
            f"{self._metric.spell(after)} in {self.period}, {self._against(usual, percent)} "
            f"{spell(rule.reference)} before (alerts beyond {bound}{rule.by_percent:g}%)"
        )
        facts = {"usual": usual, "now": after}
        return Verdict(Outcome.BREACH if breach else Outcome.CLEAR, percent, text, facts)

    def _against(self, usual: float, percent: float) -> str:
        of = "the median {} of the" if self.rule.usual == "median" else "{} in the"
        if not usual:
            return f"against {of.format('none')}"
        return f"{words.percent(percent, signed=True)} against {of.format(self._metric.amount(usual))}"

    def _covered(self, view: View) -> bool:
        """Was there something in the oldest quarter of the reference? A young group has no past to compare with."""
        rule = self.rule
        oldest = max(rule.step, int(rule.reference / 4) // rule.step * rule.step)
        return view.window(oldest, ago=self.span - oldest).count > 0

    def evidence(self, facts: Mapping[str, float]) -> str | None:
        return self._metric.evidence(facts)
