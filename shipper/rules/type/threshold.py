"""threshold: a count, a summary of a field, a percentile of durations or a counter's growth, against a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from shipper.rules import words
from shipper.rules.cell import Cell, percentile, tidy
from shipper.rules.counter import rate
from shipper.rules.rule import Doubt, Rule
from shipper.rules.type.common import WindowJudge
from shipper.rules.verdict import Measures, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.rules.verdict import View


class Threshold(Rule, frozen=True, kw_only=True, tag="threshold"):
    """`metric` of `field` over the window, compared with exactly one of `above` and `below`.

    `percentile` is of durations (nanoseconds) and answers in milliseconds, at most 2 % off. `rate` is the growth a
    second of a counter that only grows, resets aside; `group_by` must tell one counter from another.
    """

    metric: Literal["count", "sum", "avg", "min", "max", "percentile", "rate"] = "count"
    field: str | None = None
    percentile: Annotated[float, msgspec.Meta(gt=0, le=100)] = 95
    above: float | None = None
    below: float | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.above is None) == (self.below is None):
            raise ValueError("give exactly one of `above` and `below`")
        if (self.metric == "count") != (self.field is None):
            raise ValueError("`metric: count` takes no `field`; every other metric needs one")

    @property
    def shown_unit(self) -> str:
        """What stands behind a value."""
        if self.unit:
            return self.unit
        if self.metric == "percentile":
            return "ms"
        unit = words.unit_of(self.field)
        if self.metric == "rate":
            return "bytes/s" if unit == "bytes" else "/s"
        return unit

    def doubts(self) -> Iterator[Doubt]:
        part = self.field is not None and self.field.endswith(".pct")
        if self.field is not None and not self.unit and self.metric != "percentile" and not part:
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
        return Measures(number=self.rule.field, durations=self.rule.metric == "percentile")

    @property
    def span(self) -> int:
        return int(self.rule.window) + (self.rule.step if self.rule.metric == "rate" else 0)

    @property
    def fires_early(self) -> bool:
        return self.rule.above is not None and self.rule.metric in ("count", "max")

    def judge(self, view: View) -> Verdict:
        cell = view.window(int(self.rule.window))
        if self.rule.metric != "count" and cell.values == 0:
            return Verdict(Outcome.NO_DATA, None, f"no {self.rule.field} in {self.period}")
        number = self._rate(view) if self.rule.metric == "rate" else _number(cell, self.rule)
        if number is None:
            return Verdict(Outcome.NO_DATA, None, f"{self.rule.field} in one cell only: no growth to see")
        value = tidy(number)
        breach = value > self.rule.above if self.rule.above is not None else value < (self.rule.below or 0.0)
        return Verdict(
            Outcome.BREACH if breach else Outcome.CLEAR, value, self._text(value), {"count": float(cell.count)}
        )

    def _rate(self, view: View) -> float | None:
        """Growth a second from the cell before the window, or else its first, to its last."""
        step, window = self.rule.step, int(self.rule.window)
        cells = [(at, view.window(step, ago=window - at)) for at in range(0, window + 1, step)]
        return rate([(at, cell.high) for at, cell in cells if cell.values])

    def _text(self, value: float) -> str:
        rule = self.rule
        metric = f"p{rule.percentile:g}" if rule.metric == "percentile" else rule.metric
        above, limit = rule.above is not None, rule.above if rule.above is not None else (rule.below or 0.0)
        bound = f"{'above' if above else 'below'} {words.amount(limit, rule.shown_unit)}"
        if rule.field is None:
            said = words.counted(value) if not rule.unit else words.amount(value, rule.unit)
        else:
            said = f"{metric} of {rule.field} is {words.amount(value, rule.shown_unit)}"
        return f"{said} in {self.period} (alerts {bound})"

    def evidence(self, facts: Mapping[str, float]) -> str | None:  # noqa: ARG002 - a fixed bound
        rule = self.rule
        if rule.field is None:
            return rule.filter if rule.above is not None else ""
        if rule.metric in ("sum", "rate"):
            return ""
        sign, bound = (">", rule.above) if rule.above is not None else ("<", rule.below or 0.0)
        return f"{rule.field} {sign} {bound * (1e6 if rule.metric == 'percentile' else 1):.10g}"


def _number(cell: Cell, rule: Threshold) -> float:
    match rule.metric:
        case "count":
            return cell.count
        case "avg":
            return cell.total / cell.values
        case "percentile":
            return percentile(cell, rule.percentile) / 1e6
        case "sum":
            return cell.total
        case "min":
            return cell.low
        case _:
            return cell.high
