"""ratio: which part of the documents matches a query, with a least number of documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from shipper.rules import words
from shipper.rules.cell import tidy
from shipper.rules.query_text import parse_query
from shipper.rules.rule import Rule
from shipper.rules.type.common import WindowJudge
from shipper.rules.verdict import Measures, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.rules.verdict import View


class Ratio(Rule, frozen=True, kw_only=True, tag="ratio"):
    """Breach: `of` matches more than `above_percent` of at least `min_count` documents, and `min_hits` of them."""

    of: str
    above_percent: Annotated[float, msgspec.Meta(ge=0, lt=100)]
    min_count: Annotated[int, msgspec.Meta(ge=1)] = 20
    min_hits: Annotated[int, msgspec.Meta(ge=1)] = 1

    def judge(self) -> RatioJudge:
        return RatioJudge(self)


class RatioJudge(WindowJudge[Ratio]):
    """Compares hits with the count."""

    def __init__(self, rule: Ratio) -> None:
        super().__init__(rule)
        self._of = parse_query(rule.of, rule.name, "of")

    @property
    def measures(self) -> Measures:
        return Measures(filters={"of": self._of})

    def judge(self, view: View) -> Verdict:
        rule = self.rule
        cell = view.window(int(rule.window))
        hits = cell.hits.get("of", 0)
        few = self.too_few(cell.count, rule.min_count, "documents")
        if few is not None:
            return few
        percent = tidy(100 * hits / cell.count)
        breach = percent > rule.above_percent and hits >= rule.min_hits
        text = (
            f"{words.percent(percent)} of {words.counted(cell.count)} in {self.period} ({hits:,}; alerts above "
            f"{rule.above_percent:g}%) match `{rule.of}`"
        )
        facts = {"hits": float(hits), "count": float(cell.count)}
        return Verdict(Outcome.BREACH if breach else Outcome.CLEAR, percent, text, facts)

    def evidence(self, facts: Mapping[str, float]) -> str | None:  # noqa: ARG002 - always the same
        return self.rule.of
