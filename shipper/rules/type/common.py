"""What most judges share: they look at one window and have no history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from shipper.rules.rule import Rule
from shipper.rules.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shipper.rules.cell import Group

R = TypeVar("R", bound=Rule)


class WindowJudge(Generic[R]):
    """Answers of a type that looks at its window only."""

    def __init__(self, rule: R) -> None:
        self.rule = rule

    @property
    def span(self) -> int:
        return int(self.rule.window)

    @property
    def recent(self) -> int:
        return int(self.rule.window)

    @property
    def fires_early(self) -> bool:
        return True

    @property
    def history(self) -> int:
        return 0

    @property
    def memory(self) -> int:
        return 0

    @property
    def past(self) -> tuple[tuple[int, int], ...]:
        return ()

    @property
    def period(self) -> str:
        """The window, for people."""
        return spell(self.rule.window)

    def too_few(self, number: int, needed: int, things: str) -> Verdict | None:
        """The verdict where there is less to judge by than the rule asks for."""
        if number >= needed:
            return None
        some = f"only {number}" if number else "no"
        text = f"{some} {things} in {self.period}, fewer than the {needed} needed to judge"
        return Verdict(Outcome.NO_DATA, None, text)

    def expected(self) -> Iterable[Group]:
        return ()

    def evidence(self, facts: Mapping[str, float]) -> str | None:  # noqa: ARG002 - others look at them
        return ""

    @property
    def weight(self) -> str | None:
        return None


def spell(seconds: float) -> str:
    """Seconds as people write them: `90s`, `5m`, `2h`, `1d`."""
    whole = int(seconds)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if whole >= size and whole % size == 0:
            return f"{whole // size}{unit}"
    return f"{whole}s"
