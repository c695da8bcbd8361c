"""flatline: too few documents, or none, of a group that is known or listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from shipper.config import Duration
from shipper.rules import words
from shipper.rules.rule import Doubt, Rule
from shipper.rules.type.common import WindowJudge
from shipper.rules.verdict import Measures, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from shipper.rules.cell import Group
    from shipper.rules.verdict import View


class Flatline(Rule, frozen=True, kw_only=True, tag="flatline"):
    """Breach: fewer than `below` documents in the window.

    A group is expected when it is in `expect` (one mapping a group, every `group_by` field) or was seen within
    `history`. Without `group_by`, all documents are one group that is always expected.
    """

    below: Annotated[int, msgspec.Meta(ge=1)] = 1
    expect: tuple[dict[str, str], ...] = ()
    history: Duration = Duration(86400)

    def __post_init__(self) -> None:
        super().__post_init__()
        for entry in self.expect:
            if sorted(entry) != sorted(self.group_by):
                raise ValueError("each entry of `expect` names every `group_by` field and no other")

    def doubts(self) -> Iterator[Doubt]:
        known = min(self.history, self.retire)
        if self.group_by and not self.expect and known <= self.window:
            message = "a group that falls silent is forgotten before its window is empty"
            yield Doubt("history", message, "make `history` and `retire` longer than `window`")

    def judge(self) -> FlatlineJudge:
        return FlatlineJudge(self)


class FlatlineJudge(WindowJudge[Flatline]):
    """Counts; an incomplete window never proves absence."""

    @property
    def measures(self) -> Measures:
        return Measures()

    @property
    def fires_early(self) -> bool:
        return False

    @property
    def history(self) -> int:
        return int(self.rule.history) if self.rule.group_by else 0

    def expected(self) -> Iterable[Group]:
        if not self.rule.group_by:
            return [()]
        return [tuple(entry[name] for name in self.rule.group_by) for entry in self.rule.expect]

    def judge(self, view: View) -> Verdict:
        count = view.window(int(self.rule.window)).count
        text = f"{words.counted(count)} in {self.period} (alerts below {self.rule.below:,})"
        return Verdict(Outcome.BREACH if count < self.rule.below else Outcome.CLEAR, float(count), text)

    def evidence(self, facts: Mapping[str, float]) -> str | None:  # noqa: ARG002 - nothing is there
        return None
