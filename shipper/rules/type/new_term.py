"""new_term: a value of `group_by` that was not there before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from shipper.config import Duration
from shipper.rules import words
from shipper.rules.rule import Rule
from shipper.rules.type.common import WindowJudge, spell
from shipper.rules.verdict import Measures, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.rules.verdict import View


class NewTerm(Rule, frozen=True, kw_only=True, tag="new_term"):
    """Breach: a group with `min_count` documents in the window and none in the `history` before it.

    A group that is known to have been there in the `memory` before the window is not new either: when each was seen
    last is kept with the rule's state, from when the rule began. Nothing is new while the rule has seen no document
    at all older than `learn`.
    """

    history: Duration = Duration(86400)
    learn: Duration = Duration(3600)
    memory: Duration = Duration(30 * 86400)
    min_count: Annotated[int, msgspec.Meta(ge=1)] = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.group_by:
            raise ValueError("`new_term` needs `group_by`: the fields whose values may be new")
        if self.learn % self.step or self.history % self.step or not self.window <= self.learn <= self.history:
            raise ValueError("`window` <= `learn` <= `history`, all multiples of the cell")

    def judge(self) -> NewTermJudge:
        return NewTermJudge(self)


class NewTermJudge(WindowJudge[NewTerm]):
    """Compares the window with the history before it."""

    @property
    def span(self) -> int:
        return int(self.rule.window + self.rule.history)

    @property
    def memory(self) -> int:
        return int(max(self.rule.memory, self.rule.history))

    @property
    def measures(self) -> Measures:
        return Measures()

    def judge(self, view: View) -> Verdict:
        rule = self.rule
        count = view.window(int(rule.window)).count
        before = view.window(int(rule.history), ago=int(rule.window)).count
        known = view.everyone(int(self.span)).count > view.everyone(int(rule.learn)).count
        earlier = f"{before:,}" if before else "none"
        text = f"{words.counted(count)} in {self.period}, {earlier} in the {spell(rule.history)} before"
        heard = view.last_heard(int(rule.window)) if before == 0 else None
        remembered = heard is not None and heard + rule.step <= rule.window + self.memory
        if heard is not None and remembered:
            text += f", but one {words.lasting(heard)} ago"
        breach = known and before == 0 and not remembered and count >= rule.min_count
        return Verdict(Outcome.BREACH if breach else Outcome.CLEAR, float(count), text)

    def evidence(self, facts: Mapping[str, float]) -> str | None:  # noqa: ARG002 - all of the group is new
        return self.rule.filter
