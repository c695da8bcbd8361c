"""latency: a percentile of durations, with the group's share of all time spent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from shipper.rules import words
from shipper.rules.cell import percentile, tidy
from shipper.rules.rule import Rule
from shipper.rules.type.common import WindowJudge
from shipper.rules.verdict import Measures, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.rules.verdict import View


class Latency(Rule, frozen=True, kw_only=True, tag="latency"):
    """Breach: the percentile of at least `min_samples` durations (nanoseconds) is above `above_ms`.

    Percentiles come from fixed buckets and are at most 2 % off.
    """

    above_ms: Annotated[float, msgspec.Meta(gt=0)]
    percentile: Annotated[float, msgspec.Meta(gt=0, le=100)] = 95
    field: str = "event.duration"
    min_samples: Annotated[int, msgspec.Meta(ge=1)] = 20

    def judge(self) -> LatencyJudge:
        return LatencyJudge(self)


class LatencyJudge(WindowJudge[Latency]):
    """Reads the buckets."""

    @property
    def measures(self) -> Measures:
        return Measures(number=self.rule.field, durations=True)

    def judge(self, view: View) -> Verdict:
        rule = self.rule
        cell = view.window(int(rule.window))
        few = self.too_few(cell.values, rule.min_samples, "durations")
        if few is not None:
            return few
        value = tidy(percentile(cell, rule.percentile) / 1e6)
        everything = view.everyone(int(rule.window)).total
        share = tidy(100 * cell.total / everything) if everything > 0 else 0.0
        text = (
            f"p{rule.percentile:g} is {words.amount(value, 'ms')} over {cell.values:,} requests in {self.period} "
            f"(alerts above {words.amount(rule.above_ms, 'ms')}); {words.percent(share)} of all time spent"
        )
        facts = {"samples": float(cell.values), "share_percent": share, "mean_ms": tidy(cell.total / cell.values / 1e6)}
        return Verdict(Outcome.BREACH if value > rule.above_ms else Outcome.CLEAR, value, text, facts)

    def evidence(self, facts: Mapping[str, float]) -> str | None:  # noqa: ARG002 - a fixed bound
        return f"{self.rule.field} > {int(self.rule.above_ms * 1e6)}"
