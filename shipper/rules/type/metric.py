"""The number that a rule follows over time: a count, a summary of a field, or the part that matches a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from shipper.rules import words
from shipper.rules.cell import Cell, percentile, tidy
from shipper.rules.query_text import parse_query
from shipper.rules.verdict import Measures

if TYPE_CHECKING:
    from collections.abc import Mapping


Name = Literal["count", "sum", "avg", "min", "max", "percentile", "percent"]
Direction = Literal["up", "down", "both"]


@dataclass(frozen=True, slots=True)
class Metric:
    """`percentile` is of durations (ns) and answers in ms; `percent` is the part of the documents that match `of`."""

    name: Name
    field: str | None
    percentile: float
    of: str | None

    def check(self) -> None:
        """Raises ValueError where the keys do not belong together."""
        if (self.name in ("count", "percent")) != (self.field is None):
            raise ValueError(f"`metric: {self.name}` {'needs' if self.field is None else 'takes no'} `field`")
        if (self.name == "percent") != (self.of is not None):
            raise ValueError("`metric: percent` needs `of`, a query; no other metric takes it")

    def measures(self, rule: str) -> Measures:
        """What the cells must hold.

        Raises:
            ConfigError: `of` is not in the query language.
        """
        filters = {} if self.of is None else {"of": parse_query(self.of, rule, "of")}
        return Measures(filters=filters, number=self.field, durations=self.name == "percentile")

    def evidence(self, facts: Mapping[str, float]) -> str:
        """The documents to show: what matches `of`, or what lies beyond the `usual` value, on the side it moved to."""
        if self.of is not None:
            return self.of
        usual, now = facts.get("usual"), facts.get("now")
        if self.field is None or self.name == "sum" or usual is None or now is None:
            return ""
        scale = 1e6 if self.name == "percentile" else 1.0
        return f"{self.field} {'>' if now > usual else '<'} {usual * scale:.10g}"

    def samples(self, cell: Cell) -> int:
        """On how many documents or values the number rests."""
        return cell.count if self.field is None else cell.values

    def value(self, cell: Cell) -> float | None:
        """The number of a cell; None where nothing was measured."""
        if self.name == "count":
            return float(cell.count)
        if self.samples(cell) == 0:
            return None
        match self.name:
            case "percent":
                value = 100 * cell.hits.get("of", 0) / cell.count
            case "percentile":
                value = percentile(cell, self.percentile) / 1e6
            case "avg":
                value = cell.total / cell.values
            case "sum":
                value = cell.total
            case "min":
                value = cell.low
            case _:
                value = cell.high
        return tidy(value)

    def spell(self, value: float) -> str:
        """The number with what it is a number of, for people."""
        match self.name:
            case "count":
                return words.counted(value)
            case "percent":
                return f"{self.amount(value)} of the documents match `{self.of}`"
            case "percentile":
                return f"p{self.percentile:g} is {self.amount(value)}"
            case _:
                return f"{self.name} of {self.field} is {self.amount(value)}"

    def amount(self, value: float) -> str:
        """The number alone, with its unit."""
        match self.name:
            case "count":
                return words.number(value)
            case "percent":
                return words.percent(value)
            case "percentile":
                return words.amount(value, "ms")
            case _:
                return words.amount(value, words.unit_of(self.field))
