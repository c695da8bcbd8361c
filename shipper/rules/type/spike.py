"""spike: many times as many documents as in the same length of time just before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from shipper.config import Duration
from shipper.rules import words
from shipper.rules.cell import tidy
from shipper.rules.rule import Rule
from shipper.rules.type.common import WindowJudge, spell
from shipper.rules.verdict import Measures, Outcome, Verdict

if TYPE_CHECKING:
    from shipper.rules.verdict import View


class Spike(Rule, frozen=True, kw_only=True, tag="spike"):
    """Breach: at least `min_count` documents, and more than `times` the usual number.

    The usual number is the count of the `reference` period before the window, scaled to the window's length; a
    reference with fewer than `min_reference` documents cannot be compared with.
    """

    times: Annotated[float, msgspec.Meta(gt=1)]
    min_count: Annotated[int, msgspec.Meta(ge=1)] = 20
    min_reference: Annotated[int, msgspec.Meta(ge=1)] = 5
    reference: Duration = Duration(1800)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.reference < self.window or self.reference % self.step:
            raise ValueError("`reference` must be a multiple of the cell and not shorter than `window`")

    def judge(self) -> SpikeJudge:
        return SpikeJudge(self)


class SpikeJudge(WindowJudge[Spike]):
    """Compares two windows."""

    @property
    def span(self) -> int:
        return int(self.rule.window + self.rule.reference)

    @property
    def measures(self) -> Measures:
        return Measures()

    def judge(self, view: View) -> Verdict:
        rule = self.rule
        count = view.window(int(rule.window)).count
        before = view.window(int(rule.reference), ago=int(rule.window)).count
        if before < rule.min_reference:
            return Verdict(Outcome.NO_DATA, None, f"only {words.counted(before)} in the {spell(rule.reference)} before")
        if not self._covered(view):
            return Verdict(Outcome.NO_DATA, None, f"the group is younger than {spell(rule.reference)}")
        usual = before * rule.window / rule.reference
        value = tidy(count / usual)
        text = (
            f"{words.counted(count)} in {self.period}, {words.times(value)} times the usual {words.number(usual)} "
            f"(alerts above {rule.times:g} times)"
        )
        breach = value > rule.times and count >= rule.min_count
        return Verdict(Outcome.BREACH if breach else Outcome.CLEAR, value, text, {"usual": tidy(usual)})

    def _covered(self, view: View) -> bool:
        """Were there documents in the oldest part of the reference? A young group has no usual number yet."""
        rule = self.rule
        oldest = max(rule.step, int(rule.reference / 4) // rule.step * rule.step)
        return view.window(oldest, ago=self.span - oldest).count > 0
