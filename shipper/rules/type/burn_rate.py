"""burn_rate: how fast a service level's error budget is spent, over a long and a short window at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from shipper.config import Duration, Settings
from shipper.rules import words
from shipper.rules.cell import tidy
from shipper.rules.query_text import parse_query
from shipper.rules.rule import Doubt, Rule
from shipper.rules.type.common import WindowJudge, spell
from shipper.rules.verdict import Measures, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.rules.cell import Cell
    from shipper.rules.verdict import View


class Pair(Settings, frozen=True, kw_only=True):
    """Both windows must burn faster than `rate` times the even pace."""

    long: Duration
    short: Duration
    rate: Annotated[float, msgspec.Meta(gt=0)]


BUDGET = 30 * 86400
"""Seconds for which an error budget is meant to last."""
DEFAULT_PAIRS = (
    Pair(long=Duration(3600), short=Duration(300), rate=14.4),
    Pair(long=Duration(21600), short=Duration(1800), rate=6.0),
)
"""2 % of a 30-day budget in an hour, 5 % in six hours."""


class BurnRate(Rule, frozen=True, kw_only=True, tag="burn_rate"):
    """Breach: any pair of windows burns too fast. `bad` marks the documents that spend the budget.

    A long window with fewer than `min_count` documents is not judged, and a window with fewer than `min_bad` bad
    ones burns nothing: at low traffic one bad request is not an outage. `window` has no meaning here.
    """

    bad: str
    objective_percent: Annotated[float, msgspec.Meta(gt=0, lt=100)]
    pairs: Annotated[tuple[Pair, ...], msgspec.Meta(min_length=1)] = DEFAULT_PAIRS
    min_count: Annotated[int, msgspec.Meta(ge=1)] = 50
    min_bad: Annotated[int, msgspec.Meta(ge=1)] = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        for pair in self.pairs:
            if pair.short >= pair.long or pair.short % self.step or pair.long % self.step:
                raise ValueError("each pair's windows are multiples of the cell, the short one shorter")

    def doubts(self) -> Iterator[Doubt]:
        fastest = 1 / (1 - self.objective_percent / 100)
        for pair in self.pairs:
            if pair.rate >= fastest:
                message = f"if all fails, the budget burns {fastest:.3g} times too fast: {pair.rate:g} is never passed"
                yield Doubt("pairs", message, "lower `rate`, or aim higher with `objective_percent`")

    def judge(self) -> BurnRateJudge:
        return BurnRateJudge(self)


class BurnRateJudge(WindowJudge[BurnRate]):
    """Compares each pair; the fastest one that breaches is named."""

    def __init__(self, rule: BurnRate) -> None:
        super().__init__(rule)
        self._bad = parse_query(rule.bad, rule.name, "bad")
        self._budget = 1 - rule.objective_percent / 100

    @property
    def span(self) -> int:
        return int(max(pair.long for pair in self.rule.pairs))

    @property
    def recent(self) -> int:
        return int(max(pair.short for pair in self.rule.pairs))

    @property
    def measures(self) -> Measures:
        return Measures(filters={"bad": self._bad})

    def judge(self, view: View) -> Verdict:
        cells = [(view.window(int(pair.long)), view.window(int(pair.short)), pair) for pair in self.rule.pairs]
        enough = [(self._rate(long), self._rate(short), pair) for long, short, pair in cells if self._judges(long)]
        if not enough:
            return Verdict(Outcome.NO_DATA, None, f"fewer than {self.rule.min_count} documents: too few to judge")
        breaching = [(long, pair) for long, short, pair in enough if long > pair.rate and short > pair.rate]
        rate, pair = max(breaching, key=lambda item: item[0]) if breaching else (enough[0][0], enough[0][2])
        spent = tidy(100 * rate * pair.long / BUDGET)
        text = (
            f"burns the error budget of the {self.rule.objective_percent:g}% objective "
            f"{words.times(rate)} times too fast over {spell(pair.long)} and {spell(pair.short)} "
            f"(alerts above {pair.rate:g} times): "
            f"{spent:.3g}% of a 30-day budget in {spell(pair.long)}"
        )
        facts = {"long_seconds": float(pair.long), "budget_percent": spent}
        return Verdict(Outcome.BREACH if breaching else Outcome.CLEAR, rate, text, facts)

    def _judges(self, cell: Cell) -> bool:
        return cell.count >= self.rule.min_count

    def _rate(self, cell: Cell) -> float:
        bad = cell.hits.get("bad", 0)
        if cell.count == 0 or bad < self.rule.min_bad:
            return 0.0
        return tidy(bad / cell.count / self._budget)

    def evidence(self, facts: Mapping[str, float]) -> str | None:  # noqa: ARG002 - always the same
        return self.rule.bad
