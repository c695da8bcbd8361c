"""cardinality: how many different values a field has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.rules.rule import Doubt, Rule
from shipper.rules.type.common import WindowJudge
from shipper.rules.verdict import Measures, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.rules.verdict import View


class Cardinality(Rule, frozen=True, kw_only=True, tag="cardinality"):
    """Breach: `field` has more than `above`, or fewer than `below`, different values in the window.

    The count is exact: every value is read. A field with a value of its own in each document costs as much memory as
    the documents have values.
    """

    field: str
    above: int | None = None
    below: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.above is None) == (self.below is None):
            raise ValueError("give exactly one of `above` and `below`")

    def doubts(self) -> Iterator[Doubt]:
        if self.below is not None and self.below <= 0:
            yield Doubt("below", f"a number of values is never below {self.below}", "set `below` to 1 or more")
        if self.above is not None and self.above < 0:
            yield Doubt("above", f"a number of values is always above {self.above}", "set `above` to 0 or more")

    def judge(self) -> CardinalityJudge:
        return CardinalityJudge(self)


class CardinalityJudge(WindowJudge[Cardinality]):
    """Joins the values of all cells."""

    @property
    def measures(self) -> Measures:
        return Measures(distinct=self.rule.field)

    @property
    def fires_early(self) -> bool:
        return self.rule.above is not None

    def judge(self, view: View) -> Verdict:
        rule = self.rule
        cell = view.window(int(rule.window))
        if cell.count == 0:
            return Verdict(Outcome.NO_DATA, None, f"no documents in {self.period}")
        number = len(cell.terms or ())
        breach = number > rule.above if rule.above is not None else number < (rule.below or 0)
        bound = f"above {rule.above:,}" if rule.above is not None else f"below {rule.below:,}"
        text = f"{number:,} different {rule.field} in {self.period} (alerts {bound})"
        return Verdict(Outcome.BREACH if breach else Outcome.CLEAR, float(number), text)
