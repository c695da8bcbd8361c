"""Roll-up cells: the dimensions of one number, and the number's changes.

Kinds of cells and their measures (all integers; a cell's amount is the sum of its deltas in the ledger):
- `credit`: credit of a touch for a conversion, by model, goal, conversion day and what the touch was.
  `credit` in 10^-9 conversions, `value` in minor units of `currency`.
- `goal`: what the credits of each model sum to. `conversions` and `value`, by goal and conversion day.
- `cohort`: by campaign, entry day and variant. `entered`; and by goal and lag day (whole 24-hour days since the
  contact's own entry) `converted` (contacts, first conversion), `conversions` and `value`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NOBODY = "(none)"
"""The channel that gets the credit of a conversion without any touch in its look-back."""


class Cell(msgspec.Struct, frozen=True, order=True, omit_defaults=True, forbid_unknown_fields=True):
    """The dimensions; an empty text (or lag_day -1) means that the kind has no such dimension or value.

    Attributes:
        day: UTC day of the conversion (credit, goal).
        entry_day: UTC day of the entry (cohort).
        lag_day: whole days from entry to conversion (cohort).
    """

    kind: str
    tenant: str
    measure: str
    goal: str = ""
    model: str = ""
    campaign: str = ""
    channel: str = ""
    message: str = ""
    variant: str = ""
    day: str = ""
    entry_day: str = ""
    lag_day: int = -1
    currency: str = ""


Contributions: TypeAlias = "dict[Cell, int]"
"""What one contact adds to each cell; never 0."""


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One amount of one cell, as it is stored."""

    cell: Cell
    amount: int


def cell_id(cell: Cell) -> str:
    """The document id of a cell."""
    return hashlib.sha256(msgspec.json.encode(cell)).hexdigest()[:40]


def cell_document(cell: Cell, amount: int) -> dict[str, Any]:
    """A cell as indexed; amount = units * 10^9 + nanos.

    Elasticsearch sums in doubles: the two parts stay exact far beyond the 2^53 of the amount itself.
    """
    document: dict[str, Any] = msgspec.to_builtins(cell)
    return {**document, "amount": amount, "units": amount // 10**9, "nanos": amount % 10**9}


def difference(new: Mapping[Cell, int], old: Mapping[Cell, int]) -> Contributions:
    """The signed deltas that lead from `old` to `new`."""
    deltas = {cell: new.get(cell, 0) - old.get(cell, 0) for cell in new.keys() | old.keys()}
    return {cell: delta for cell, delta in deltas.items() if delta}


def total(parts: Iterable[Mapping[Cell, int]]) -> Contributions:
    """The sum, without cells that came to 0."""
    sums: Contributions = {}
    for part in parts:
        for cell, amount in part.items():
            sums[cell] = sums.get(cell, 0) + amount
    return {cell: amount for cell, amount in sums.items() if amount}


def to_rows(contributions: Mapping[Cell, int]) -> tuple[Row, ...]:
    """Sorted, so that equal contributions are equal bytes."""
    return tuple(Row(cell, contributions[cell]) for cell in sorted(contributions))


def from_rows(rows: Iterable[Row]) -> Contributions:
    """The opposite of `to_rows`."""
    return {row.cell: row.amount for row in rows}
