"""threshold: a count, or the sum, average, lowest or highest of a field, above or below a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from shipper.rules.cell import Cell, tidy
from shipper.rules.rule import Doubt, Rule
from shipper.rules.type.common import WindowJudge
from shipper.rules.verdict import Measures, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.rules.verdict import View


class Threshold(Rule, frozen=True, kw_only=True, tag="threshold"):
    """`metric` of `field` over the window, compared with exactly one of `above` and `below`."""

    metric: Literal["count", "sum", "avg", "min", "max"] = "count"
    field: str | None = None
    above: float | None = None
    below: float | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.above is None) == (self.below is None):
            raise ValueError("give exactly one of `above` and `below`")
        if (self.metric == "count") != (self.field is None):
            raise ValueError("`metric: count` takes no `field`; every other metric needs one")

    def doubts(self) -> Iterator[Doubt]:
        part = self.field is not None and self.field.endswith(".pct")
        if self.field is not None and not self.unit and not part:
            bound = "above" if self.above is not None else "below"
            yield Doubt(bound, f"the bound of {self.field} has no unit", 'say it, such as `unit: " bytes"`')
        if part and self.above is not None and self.above >= 1 and self.metric != "sum":
            yield Doubt(
                "above", f"{self.field} is a part of 1, so it is never above {self.above:g}", "write 0.9 for 90 %"
            )
        if self.metric == "count" and self.below is not None and self.below <= 0:
            yield Doubt("below", f"a count is never below {self.below:g}", "set `below` to 1 or more")
        if self.metric == "count" and self.below is not None and self.group_by:
            yield Doubt("below", "a group without documents is not seen", "use `type: flatline`, which expects groups")
        if self.metric == "count" and self.above is not None and self.above < 0:
            yield Doubt("above", f"a count is always above {self.above:g}", "set `above` to 0 or more")

    def judge(self) -> ThresholdJudge:
        return ThresholdJudge(self)


class ThresholdJudge(WindowJudge[Threshold]):
    """Compares one number of the window."""

    @property
    def measures(self) -> Measures:
        return Measures(number=self.rule.field)

    @property
    def fires_early(self) -> bool:
        return self.rule.above is not None and self.rule.metric in ("count", "max")

    def judge(self, view: View) -> Verdict:
        cell = view.window(int(self.rule.window))
        if self.rule.metric != "count" and cell.values == 0:
            return Verdict(Outcome.NO_DATA, None, f"no {self.rule.field} in {self.period}")
        value = tidy(_number(cell, self.rule.metric))
        breach = value > self.rule.above if self.rule.above is not None else value < (self.rule.below or 0.0)
        return Verdict(
            Outcome.BREACH if breach else Outcome.CLEAR, value, self._text(value), {"count": float(cell.count)}
        )

    def _text(self, value: float) -> str:
        rule = self.rule
        what = "documents" if rule.field is None else f"{rule.metric} of {rule.field}"
        bound = f"above {rule.above:g}" if rule.above is not None else f"below {rule.below:g}"
        amount = f"{value:.6g}{rule.unit}"
        said = f"{amount} {what}" if rule.field is None else f"{what} is {amount}"
        return f"{said} in {self.period} (alerts {bound}{rule.unit})"


def _number(cell: Cell, metric: str) -> float:
    if metric == "count":
        return cell.count
    if metric == "avg":
        return cell.total / cell.values
    return {"sum": cell.total, "min": cell.low, "max": cell.high}[metric]
