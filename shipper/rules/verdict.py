"""What a rule type answers, and what it may look at: the contract between types and the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shipper.kql import Node
    from shipper.rules.cell import Cell, Group
    from shipper.rules.store import Totals


class Outcome(StrEnum):
    """The answer for one group and one window."""

    BREACH = "breach"
    CLEAR = "clear"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome, the number it rests on, and the sentence that says how much."""

    outcome: Outcome
    value: float | None
    text: str
    facts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measures:
    """What a type needs in its cells besides the count."""

    filters: Mapping[str, Node] = field(default_factory=dict)
    """Name -> documents counted apart (`Cell.hits`)."""
    number: str | None = None
    """The numeric field of `values`, `total`, `low`, `high`."""
    durations: bool = False
    """Also sort the number (nanoseconds) into buckets."""
    distinct: str | None = None
    """The field of `terms`; a document with several values then counts once for each."""


class View(Protocol):
    """The cells that end at one boundary."""

    def window(self, seconds: int, ago: int = 0) -> Cell:
        """This group, `seconds` long, ending `ago` seconds before the boundary."""

    def everyone(self, seconds: int) -> Totals:
        """All groups together, ending at the boundary."""

    def last_heard(self, ago: int) -> int | None:
        """How many seconds before the boundary the latest known document of this group lies that is at least `ago` old.

        By cells: the end of its cell. It may be older than all cells. None where none is known. Only judges with a
        `memory` are told.
        """

    def had_incident(self, seconds: int, ago: int) -> bool:
        """Did an episode of this group touch the window of `seconds` that ended `ago` seconds before the boundary?

        Only judges with a `past` are told.
        """


class Judge(Protocol):
    """A rule type at work: pure, from cells to a verdict."""

    @property
    def measures(self) -> Measures:
        """What the cells must hold."""

    @property
    def span(self) -> int:
        """How far back it looks, in seconds."""

    @property
    def recent(self) -> int:
        """A group without documents in the last so many seconds cannot begin to breach."""

    @property
    def fires_early(self) -> bool:
        """More documents cannot undo a breach: it may fire on an incomplete window."""

    @property
    def history(self) -> int:
        """Seconds for which a group that was seen is still expected; 0 where absence means nothing."""

    @property
    def memory(self) -> int:
        """Seconds for which it is remembered when a group was seen last, longer than cells are kept; 0 = not at all."""

    @property
    def past(self) -> tuple[tuple[int, int], ...]:
        """Older times it compares with, beyond `span`: (from, to) in seconds before the boundary.

        They are read once; documents that come into them later change no verdict that was given.
        """

    def expected(self) -> Iterable[Group]:
        """Groups that are judged though they were never seen."""

    def judge(self, view: View) -> Verdict:
        """The verdict at a boundary."""

    def evidence(self, facts: Mapping[str, float]) -> str | None:
        """Which of the rule's documents show the trouble, as a query; None where absence is the trouble.

        "" = all; the rule's own `filter` = all, and what it does not count is well. `facts`: those of the verdict.
        """

    @property
    def weight(self) -> str | None:
        """The field whose sum is the trouble: not how many documents differ tells then, but whose sum grew."""
