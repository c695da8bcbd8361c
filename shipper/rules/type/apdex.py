"""apdex: which part of the users is satisfied with how long they waited (Apdex Alliance, specification 1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from shipper.kql.nodes import And, Node, Not
from shipper.rules import words
from shipper.rules.cell import tidy
from shipper.rules.query_text import parse_query
from shipper.rules.rule import Rule
from shipper.rules.type.common import WindowJudge
from shipper.rules.verdict import Measures, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.rules.verdict import View

FRUSTRATED = 4
"""Beyond so many times the target a user is frustrated; up to it, half satisfied."""


class Apdex(Rule, frozen=True, kw_only=True, tag="apdex"):
    """Breach: (satisfied + tolerating / 2) / all is below `below`.

    Satisfied waits at most `target_ms`, tolerating up to four times that. What matches `bad` frustrates, however fast
    it was. Durations are in nanoseconds; documents without one are not counted.
    """

    target_ms: Annotated[float, msgspec.Meta(gt=0)]
    below: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.85
    field: str = "event.duration"
    bad: str | None = None
    min_samples: Annotated[int, msgspec.Meta(ge=1)] = 20

    def judge(self) -> ApdexJudge:
        return ApdexJudge(self)


class ApdexJudge(WindowJudge[Apdex]):
    """Counts with exact bounds, not with buckets."""

    def __init__(self, rule: Apdex) -> None:
        super().__init__(rule)
        target = int(rule.target_ms * 1e6)
        satisfied = parse_query(f"{rule.field} <= {target}", rule.name, "field")
        waits = parse_query(f"{rule.field} > {target} and {rule.field} <= {FRUSTRATED * target}", rule.name, "field")
        bad = None if rule.bad is None else parse_query(rule.bad, rule.name, "bad")
        self._filters: dict[str, Node] = {
            "satisfied": satisfied if bad is None else And((satisfied, Not(bad))),
            "tolerating": waits if bad is None else And((waits, Not(bad))),
        }

    @property
    def measures(self) -> Measures:
        return Measures(filters=self._filters, number=self.rule.field)

    def judge(self, view: View) -> Verdict:
        rule = self.rule
        cell = view.window(int(rule.window))
        few = self.too_few(cell.values, rule.min_samples, "durations")
        if few is not None:
            return few
        satisfied, tolerating = cell.hits.get("satisfied", 0), cell.hits.get("tolerating", 0)
        frustrated = cell.values - satisfied - tolerating
        score = tidy((satisfied + tolerating / 2) / cell.values)
        text = (
            f"apdex is {score:.3g} over {cell.values:,} requests in {self.period} (alerts below {rule.below:g}): "
            f"{satisfied:,} satisfied within {words.amount(rule.target_ms, 'ms')}, {tolerating:,} tolerating, "
            f"{frustrated:,} frustrated"
        )
        facts = {"satisfied": float(satisfied), "tolerating": float(tolerating), "frustrated": float(frustrated)}
        return Verdict(Outcome.BREACH if score < rule.below else Outcome.CLEAR, score, text, facts)

    def evidence(self, facts: Mapping[str, float]) -> str | None:  # noqa: ARG002 - a fixed bound
        slow = f"{self.rule.field} > {int(self.rule.target_ms * 1e6)}"
        return slow if self.rule.bad is None else f"{slow} or {self.rule.bad}"
