"""The columns of a panel: what a source file says, and Lens's words for it.

A metric is one number for each row, a bucket cuts the documents into rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from shipper.config import Settings
from shipper.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

RECORDS = "___records___"
"""Lens's field for whole documents."""


class Format(Settings, frozen=True, kw_only=True):
    """How numbers are shown: `style: percent, decimals: 2`."""

    style: Literal["number", "percent", "bytes"] = "number"
    decimals: int = 0
    suffix: str = ""
    compact: bool = False

    def lens(self) -> dict[str, Any]:
        parameters: dict[str, Any] = {"decimals": self.decimals}
        if self.compact:
            parameters["compact"] = True
        if self.suffix:
            parameters["suffix"] = self.suffix
        return {"id": self.style, "params": parameters}


class Metric(Settings, tag_field="op", frozen=True, kw_only=True):
    """Base of the numbers."""

    label: str
    filter: str = ""
    format: Format | None = None

    def column(self) -> dict[str, Any]:
        """Lens's column for it; a formula makes several and is built by `build_metric`."""
        column: dict[str, Any] = {
            "customLabel": True,
            "dataType": "number",
            "isBucketed": False,
            "label": self.label,
            "operationType": type(self).__struct_config__.tag,
            "params": self.parameters(),
            "scale": "ratio",
            "sourceField": self.source_field(),
        }
        if self.format is not None:
            column["params"]["format"] = self.format.lens()
        if self.filter:
            column["filter"] = {"language": "kuery", "query": self.filter}
        return column

    def parameters(self) -> dict[str, Any]:
        """The operation's own `params`."""
        return {"emptyAsNull": True}

    def source_field(self) -> str:
        """The field it reads."""
        raise NotImplementedError


class Count(Metric, tag="count", frozen=True, kw_only=True):
    """Documents; an empty row is 0."""

    def parameters(self) -> dict[str, Any]:
        return {"emptyAsNull": False}

    def source_field(self) -> str:
        return RECORDS


class FieldMetric(Metric, frozen=True, kw_only=True):
    """A number from the values of one field."""

    field: str

    def source_field(self) -> str:
        return self.field


class UniqueCount(FieldMetric, tag="unique_count", frozen=True, kw_only=True):
    """Approximate number of different values."""


class Average(FieldMetric, tag="average", frozen=True, kw_only=True):
    """Arithmetic mean."""


class Sum(FieldMetric, tag="sum", frozen=True, kw_only=True):
    """Sum."""


class Min(FieldMetric, tag="min", frozen=True, kw_only=True):
    """Least value."""


class Max(FieldMetric, tag="max", frozen=True, kw_only=True):
    """Greatest value."""


class Median(FieldMetric, tag="median", frozen=True, kw_only=True):
    """50th percentile, approximate."""


class StandardDeviation(FieldMetric, tag="standard_deviation", frozen=True, kw_only=True):
    """Of the population."""


class Percentile(FieldMetric, tag="percentile", frozen=True, kw_only=True):
    """`percentile: 95`, approximate."""

    percentile: float = 95.0

    def __post_init__(self) -> None:
        if not 0 < self.percentile < 100:
            raise ValueError("a percentile is above 0 and below 100")

    def parameters(self) -> dict[str, Any]:
        return {"emptyAsNull": True, "percentile": _plain(self.percentile)}


class LastValue(FieldMetric, tag="last_value", frozen=True, kw_only=True):
    """The newest document's value, text or number (`data: string`)."""

    data: Literal["number", "string", "date", "ip", "boolean"] = "string"
    sort_field: str = "@timestamp"

    def column(self) -> dict[str, Any]:
        column = FieldMetric.column(self)
        column["dataType"] = self.data
        column["scale"] = "ratio" if self.data == "number" else "ordinal"
        column.setdefault("filter", {"language": "kuery", "query": f"{self.field}: *"})
        return column

    def parameters(self) -> dict[str, Any]:
        return {"showArrayValues": False, "sortField": self.sort_field}


class StaticValue(Settings, tag_field="op", tag="static_value", frozen=True, kw_only=True):
    """A constant, such as the line of a threshold."""

    label: str
    value: float
    format: Format | None = None

    def column(self) -> dict[str, Any]:
        parameters: dict[str, Any] = {"value": _text(self.value)}
        if self.format is not None:
            parameters["format"] = self.format.lens()
        return {
            "customLabel": True,
            "dataType": "number",
            "isBucketed": False,
            "isStaticValue": True,
            "label": self.label,
            "operationType": "static_value",
            "params": parameters,
            "references": [],
            "scale": "ratio",
        }


class Formula(Settings, tag_field="op", tag="formula", frozen=True, kw_only=True):
    """`count(kql='event.outcome: failure') / count()`."""

    label: str
    formula: str
    format: Format | None = None


class DateHistogram(Settings, tag_field="op", tag="date_histogram", frozen=True, kw_only=True):
    """Rows of equal time; `auto` depends on the range shown."""

    label: str = "@timestamp"
    field: str = "@timestamp"
    interval: str = "auto"
    empty_rows: bool = True

    def column(self) -> dict[str, Any]:
        return {
            "customLabel": self.label != self.field,
            "dataType": "date",
            "isBucketed": True,
            "label": self.label,
            "operationType": "date_histogram",
            "params": {"dropPartials": False, "includeEmptyRows": self.empty_rows, "interval": self.interval},
            "scale": "interval",
            "sourceField": self.field,
        }


class Terms(Settings, tag_field="op", tag="terms", frozen=True, kw_only=True):
    """The most frequent values; `order_by` names a metric by its place (1 is the first), 0 is the value itself."""

    field: str
    label: str = ""
    size: int = 5
    order_by: int = 1
    ascending: bool = False
    other: bool = False
    data: Literal["string", "number", "ip", "boolean"] = "string"
    colors: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 1 <= self.size <= 1000:
            raise ValueError("size is 1 to 1000")

    def column(self, metrics: list[str]) -> dict[str, Any]:
        """Lens's column; `metrics` are the ids of the panel's metrics in order."""
        if self.order_by > len(metrics):
            raise ConfigError(f"order_by: {self.order_by}, but the panel has {len(metrics)} metrics")
        order: dict[str, Any] = {"fallback": False, "type": "alphabetical"}
        if self.order_by:
            order = {"columnId": metrics[self.order_by - 1], "type": "column"}
        return {
            "customLabel": bool(self.label),
            "dataType": self.data,
            "isBucketed": True,
            "label": self.label or f"Top {self.size} values of {self.field}",
            "operationType": "terms",
            "params": {
                "exclude": [],
                "excludeIsRegex": False,
                "include": [],
                "includeIsRegex": False,
                "missingBucket": False,
                "orderBy": order,
                "orderDirection": "asc" if self.ascending else "desc",
                "otherBucket": self.other,
                "parentFormat": {"id": "terms"},
                "secondaryFields": [],
                "size": self.size,
            },
            "scale": "ordinal",
            "sourceField": self.field,
        }


class FilterBucket(Settings, frozen=True, kw_only=True):
    """One named KQL filter and its colour."""

    label: str
    query: str
    color: str = ""


class Filters(Settings, tag_field="op", tag="filters", frozen=True, kw_only=True):
    """A row for each filter."""

    filters: tuple[FilterBucket, ...]
    label: str = "Filters"

    @property
    def colors(self) -> Mapping[str, str]:
        """Label -> colour."""
        return {one.label: one.color for one in self.filters if one.color}

    def column(self) -> dict[str, Any]:
        return {
            "customLabel": True,
            "dataType": "string",
            "isBucketed": True,
            "label": self.label,
            "operationType": "filters",
            "params": {
                "filters": [
                    {"input": {"language": "kuery", "query": one.query}, "label": one.label} for one in self.filters
                ]
            },
            "scale": "ordinal",
        }


AnyMetric = (
    Count | UniqueCount | Average | Sum | Min | Max | Median | StandardDeviation | Percentile | LastValue | StaticValue
    | Formula
)  # fmt: skip
AnySplit = Terms | Filters
AnyBucket = DateHistogram | Terms | Filters


def bucket_column(bucket: AnyBucket, metrics: list[str]) -> dict[str, Any]:
    """Lens's column of a bucket; `metrics` are the metrics' ids in order."""
    return bucket.column(metrics) if isinstance(bucket, Terms) else bucket.column()


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else value


def _text(value: float) -> str:
    return str(_plain(value))
