"""The number that a rule follows over time: a count, a summary of a field, or the part that matches a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from shipper.rules.cell import Cell, percentile, tidy
from shipper.rules.query_text import parse_query
from shipper.rules.verdict import Measures

if TYPE_CHECKING:
    from shipper.kql import Node

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

    def evidence(self, rule: str) -> Node | None:
        """The documents to show; None = all of the rule's."""
        return None if self.of is None else parse_query(self.of, rule, "of")

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
                number = 100 * cell.hits.get("of", 0) / cell.count
            case "percentile":
                number = percentile(cell, self.percentile) / 1e6
            case "avg":
                number = cell.total / cell.values
            case "sum":
                number = cell.total
            case "min":
                number = cell.low
            case _:
                number = cell.high
        return tidy(number)

    def spell(self, value: float) -> str:
        """The number with what it is a number of, for people."""
        match self.name:
            case "count":
                return f"{value:.6g} documents"
            case "percent":
                return f"{value:.3g}% of the documents match `{self.of}`"
            case "percentile":
                return f"p{self.percentile:g} is {value:.4g} ms"
            case _:
                return f"{self.name} of {self.field} is {value:.6g}"
