"""A Lens layer as it stands in a saved object, opened for execution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.dashboards.execute.table import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

BUCKETS = frozenset({"date_histogram", "terms", "filters"})
METRICS = frozenset(
    {"count", "unique_count", "average", "sum", "min", "max", "median", "percentile", "standard_deviation",
     "last_value"}
)  # fmt: skip
COMPUTED = frozenset(
    {"formula", "math", "static_value", "moving_average", "cumulative_sum", "differences", "overall_sum"}
)
VISUALIZATIONS = frozenset({"lnsMetric", "lnsXY", "lnsDatatable"})

UNSUPPORTED_KEYS = ("timeShift", "reducedTimeRange", "timeScale")
UNSUPPORTED_TERMS = ("otherBucket", "missingBucket", "include", "exclude", "secondaryFields", "accuracyMode")


@dataclass(frozen=True, slots=True)
class DataSource:
    """A data view, opened.

    Attributes:
        index: comma separated patterns.
        time_field: what the time range applies to.
        formats: field -> Kibana's field format.
    """

    index: str
    time_field: str
    formats: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Layer:
    """One table of a panel.

    Attributes:
        id: Lens's layer id.
        source: where its documents are.
        columns: column id -> Lens's column, in `columnOrder`.
        global_filters: whether the dashboard's query and controls apply.
    """

    id: str
    source: DataSource
    columns: Mapping[str, Mapping[str, Any]]
    global_filters: bool

    def of(self, operations: frozenset[str]) -> list[str]:
        """The ids of the columns with one of these operations, in order."""
        return [name for name, column in self.columns.items() if column["operationType"] in operations]

    @property
    def needs_documents(self) -> bool:
        """False for a layer of constants, such as reference lines."""
        return bool(self.of(BUCKETS | METRICS))


def open_layer(identity: str, state: Mapping[str, Any], source: DataSource) -> Layer:
    """Check a layer of `datasourceStates.formBased.layers`.

    Raises:
        UnsupportedError: an operation or an option we do not execute.
    """
    columns = {name: state["columns"][name] for name in state["columnOrder"]}
    for name, column in columns.items():
        _check_column(name, column)
    if state.get("sampling", 1) != 1:
        raise UnsupportedError("sampled layers are not executed", hint="remove `sampling`")
    return Layer(identity, source, columns, global_filters=not state.get("ignoreGlobalFilters", False))


def _check_column(name: str, column: Mapping[str, Any]) -> None:
    operation = column.get("operationType")
    if operation not in BUCKETS | METRICS | COMPUTED:
        raise UnsupportedError(f"the operation `{operation}` of column `{name}` is not executed here")
    for key in UNSUPPORTED_KEYS:
        if column.get(key):
            raise UnsupportedError(f"`{key}` of column `{name}` is not executed here")
    if operation == "terms":
        for key in UNSUPPORTED_TERMS:
            if column.get("params", {}).get(key):
                raise UnsupportedError(f"`{key}` of column `{name}` is not executed here")
