"""saturation: how many requests are in progress at once, from their durations (Little's law)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from shipper.rules import words
from shipper.rules.cell import tidy
from shipper.rules.rule import Rule
from shipper.rules.type.common import WindowJudge
from shipper.rules.verdict import Measures, Outcome, Verdict

if TYPE_CHECKING:
    from shipper.rules.verdict import View


class Saturation(Rule, frozen=True, kw_only=True, tag="saturation"):
    """Breach: the work in progress takes more than `above_percent` of the `workers` of one group.

    Little's law: mean number in progress = sum of durations / length of time. A request is counted whole in the window
    in which it ended, so requests much longer than `window` blur the result.
    """

    workers: Annotated[float, msgspec.Meta(gt=0)]
    above_percent: Annotated[float, msgspec.Meta(gt=0)] = 80
    field: str = "event.duration"
    min_samples: Annotated[int, msgspec.Meta(ge=1)] = 20

    def judge(self) -> SaturationJudge:
        return SaturationJudge(self)


class SaturationJudge(WindowJudge[Saturation]):
    """Divides the time spent by the time that passed."""

    @property
    def measures(self) -> Measures:
        return Measures(number=self.rule.field)

    def judge(self, view: View) -> Verdict:
        rule = self.rule
        cell = view.window(int(rule.window))
        few = self.too_few(cell.values, rule.min_samples, "durations")
        if few is not None:
            return few
        busy = tidy(cell.total / 1e9 / float(rule.window))
        percent = tidy(100 * busy / rule.workers)
        before = view.window(int(rule.window), ago=int(rule.window))
        text = (
            f"{busy:.3g} requests at once in {self.period}, {words.percent(percent)} of {rule.workers:g} workers "
            f"(alerts above {rule.above_percent:g}%); {_cause(cell.values, before.values)}"
        )
        facts = {"concurrency": busy, "requests": float(cell.values), "requests_before": float(before.values)}
        breach = percent > rule.above_percent
        return Verdict(Outcome.BREACH if breach else Outcome.CLEAR, percent, text, facts)

    @property
    def span(self) -> int:
        return 2 * int(self.rule.window)

    @property
    def weight(self) -> str:
        return self.rule.field


def _cause(now: int, before: int) -> str:
    """More requests are load; the same number that takes longer is a slower service."""
    if before == 0:
        return f"{now:,} requests, none in the time before"
    grown = round(100 * (now - before) / before)
    return f"{now:,} requests, {f'{grown:+,}% against' if grown else 'as many as in'} the time before"
