"""What every rule file has, whatever its type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from shipper.config import Duration, Settings
from shipper.rules.casefile import Case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.rules.verdict import Judge

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
Text = Annotated[str, msgspec.Meta(min_length=1)]
Severity = Literal["info", "warning", "critical"]
NoData = Literal["resolve", "keep", "alert"]
_INDEX = re.compile(r"[a-z0-9.*][a-z0-9.*_-]*")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A key whose value makes no sense together with the others, why, and what to do."""

    key: str
    message: str
    hint: str


class Flapping(Settings, frozen=True, kw_only=True):
    """When an alert fires `times` within the period, each further firing doubles the time it must stay clear."""

    times: Annotated[int, msgspec.Meta(ge=2)] = 3
    within: Duration = Duration(3600)


class Breaches(Settings, frozen=True, kw_only=True):
    """Fires when `at_least` of the last `of` evaluations breached, and stays until fewer do."""

    at_least: Annotated[int, msgspec.Meta(ge=1)]
    of: Annotated[int, msgspec.Meta(ge=2, le=100)]

    def __post_init__(self) -> None:
        if self.at_least > self.of:
            raise ValueError("`at_least` cannot be more than `of`")


class Rule(Settings, frozen=True, kw_only=True, tag_field="type"):
    """The common part of all rules; a type adds its condition.

    Times are whole seconds; `window`, `every`, `for`, `recover` and `late` are multiples of `every`'s `cell`.
    """

    name: Name
    summary: Text
    """What is wrong when it fires, for the person on call."""
    owner: Text
    runbook: Text
    severity: Severity = "warning"
    index: Text = "shipper-logs-*"
    filter: str = ""
    group_by: tuple[Text, ...] = ()
    window: Duration = Duration(300)
    every: Duration = Duration(60)
    cell: Duration | None = None
    """The resolution of the cells; by default one minute, or `every` where that is shorter."""
    hold: Duration = msgspec.field(default=Duration(0), name="for")
    """How long the breach must last before it fires."""
    breaches: Breaches | None = None
    """Instead of `for`: some of the last evaluations, not all of them in a row."""
    recover: Duration = Duration(0)
    """How long it must stay clear before it resolves."""
    no_data: NoData = "resolve"
    retire: Duration = Duration(86400)
    """A group without documents for so long is over, whatever its state."""
    grace: Duration = Duration(30)
    """A window closes so long after its end where no agent sends heartbeats."""
    watermark: bool = True
    """False: the documents do not come from agents; only `grace` closes a window."""
    late: Duration = Duration(600)
    """Documents that arrive so long after their window closed still count, as a correction."""
    remind: Duration = Duration(14400)
    """First reminder of a firing alert; each next one waits twice as long."""
    flapping: Flapping = Flapping()
    notify: tuple[str, ...] = ("default",)
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    tests: tuple[Case, ...] = ()

    def __post_init__(self) -> None:
        cell = self.step
        for label, value in self._periods():
            if float(value) % cell:
                raise ValueError(f"`{label}` must be a multiple of the cell ({cell} s)")
        if self.every <= 0 or self.window <= 0:
            raise ValueError("`window` and `every` must be longer than 0")
        if self.breaches is not None and self.hold:
            raise ValueError("give `for` or `breaches`, not both")
        if len(set(self.group_by)) < len(self.group_by):
            raise ValueError("`group_by` names a field twice")
        for pattern in self.index.split(","):
            if _INDEX.fullmatch(pattern) is None:
                raise ValueError(f"`index`: `{pattern}` is no index: lower-case letters, digits, `-`, `_`, `.` and `*`")
        for number, case in enumerate(self.tests):
            self._check_case(number, case)

    def _check_case(self, number: int, case: Case) -> None:
        for expected in case.expect:
            for name in expected.group:
                if name not in self.group_by:
                    raise ValueError(
                        f"`tests`: case {number + 1} expects a group by `{name}`, which is not in `group_by`"
                    )

    @property
    def step(self) -> int:
        """Seconds of one cell."""
        return max(1, int(min(60, self.every, self.window) if self.cell is None else self.cell))

    def _periods(self) -> list[tuple[str, Duration]]:
        window = (("window", self.window), ("every", self.every))
        return [*window, ("for", self.hold), ("recover", self.recover), ("late", self.late)]

    @property
    def interval(self) -> int:
        """Seconds between evaluations."""
        return int(self.every)

    @property
    def run(self) -> int:
        """How many boundaries it takes to fire: breached in a row, or the `of` of `breaches`."""
        return -int(-self.hold // self.every) + 1 if self.breaches is None else self.breaches.of

    def doubts(self) -> Iterator[Doubt]:
        """What in the condition can never be met, or always is; for `rules lint`."""
        yield from ()

    def judge(self) -> Judge:
        """The pure half of the type.

        Raises:
            ShipperError: a query in the rule is wrong.
        """
        raise NotImplementedError
