"""What a panel shows, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Row = dict[str, Any]
"""Column id -> value: epoch milliseconds for dates, None where there is none."""


class UnsupportedError(UsageError):
    """A panel holds something we do not execute; never an empty picture instead."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the result.

    Attributes:
        id: Lens's id.
        label: what people read.
        kind: `number`, `string`, `date`, `ip` or `boolean`.
        operation: Lens's operation.
        bucketed: it names the row rather than measuring it.
        format: Lens's number format, or that of the data view's field.
        interval: width of a date histogram's rows in milliseconds; 0 otherwise.
    """

    id: str
    label: str
    kind: str
    operation: str
    bucketed: bool
    format: Mapping[str, Any]
    interval: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of one layer."""

    columns: Sequence[Column]
    rows: Sequence[Row]

    def column(self, name: str) -> Column:
        """The column of this id.

        Raises:
            UnsupportedError: the layer has none; its visualization points at nothing.
        """
        for column in self.columns:
            if column.id == name:
                return column
        raise UnsupportedError(f"the visualization names the column `{name}`, which the layer does not have")

    def buckets(self) -> list[Column]:
        """The columns that name the rows, in nesting order."""
        return [column for column in self.columns if column.bucketed]
