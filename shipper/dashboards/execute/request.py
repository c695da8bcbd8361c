"""A layer -> the body of one search: nested aggregations, bucket in bucket, metrics innermost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper import kql
from shipper.dashboards.columns import RECORDS
from shipper.dashboards.execute.layer import BUCKETS, METRICS
from shipper.dashboards.execute.period import interval_milliseconds
from shipper.dashboards.execute.table import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shipper.dashboards.execute.layer import Layer
    from shipper.dashboards.execute.period import Period

SIMPLE = {"unique_count": "cardinality", "average": "avg", "sum": "sum", "min": "min", "max": "max"}
MAX_ROWS = 20_000
"""Rows that a request may ask for, as a product of its buckets."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the whole dashboard is cut to.

    Attributes:
        period: the time range.
        queries: KQL that holds everywhere: the dashboard's own and the viewer's.
        chosen: field -> values, from the controls.
    """

    period: Period
    queries: tuple[str, ...] = ()
    chosen: Mapping[str, tuple[str, ...]] | None = None


class Request:
    """Builds the search of one layer; `names` and `tag` are what the answer's reader needs."""

    def __init__(self, layer: Layer, scope: Scope, query: str, types: kql.FieldTypes) -> None:
        self._layer = layer
        self._scope = scope
        self._query = query
        self._types = types
        self.buckets = layer.of(BUCKETS)
        self.metrics = layer.of(METRICS)

    def body(self) -> dict[str, Any]:
        """The body for `_search`.

        Raises:
            KqlError: a query is wrong.
            UnsupportedError: an order or an interval we do not execute.
        """
        aggregations: dict[str, Any] = {f"m{number}": self._metric(name) for number, name in enumerate(self.metrics)}
        aggregations = {name: one for name, one in aggregations.items() if one}
        for depth in range(len(self.buckets) - 1, -1, -1):
            bucket = self._bucket(self.buckets[depth])
            inner = {**aggregations, **self._order_metric(self.buckets[depth])}
            aggregations = {"b": {**bucket, **({"aggs": inner} if inner else {})}}
        return {
            "aggs": aggregations,
            "query": {"bool": {"filter": self._filters()}},
            "size": 0,
            "track_total_hits": True,
        }

    def interval(self, name: str) -> int:
        """Width of a date histogram's rows, milliseconds."""
        return interval_milliseconds(self._layer.columns[name]["params"].get("interval", "auto"), self._scope.period)

    def _filters(self) -> list[dict[str, Any]]:
        period = self._scope.period
        bounds = {"format": "epoch_millis", "gte": period.start, "lt": period.end}
        filters: list[dict[str, Any]] = [{"range": {self._layer.source.time_field: bounds}}]
        queries = [self._query]
        if self._layer.global_filters:
            queries += self._scope.queries
            filters += [
                {"terms": {field: list(values)}} for field, values in (self._scope.chosen or {}).items() if values
            ]
        return filters + [self._dsl(query) for query in queries if query.strip()]

    def _dsl(self, query: str) -> dict[str, Any]:
        return kql.to_dsl(kql.parse(query), self._types)

    def _metric(self, name: str) -> dict[str, Any]:
        """The aggregation of a metric; empty for a plain count, which the bucket itself answers."""
        column = self._layer.columns[name]
        base = _base(column)
        query = column.get("filter", {}).get("query", "").strip()
        if not query:
            return base
        return {"filter": self._dsl(query), **({"aggs": {"v": base}} if base else {})}

    def _bucket(self, name: str) -> dict[str, Any]:
        column = self._layer.columns[name]
        operation, parameters = column["operationType"], column["params"]
        if operation == "filters":
            queries = [self._dsl(one["input"]["query"]) if one["input"]["query"].strip() else {"match_all": {}}
                       for one in parameters["filters"]]  # fmt: skip
            return {"filters": {"filters": {str(number): one for number, one in enumerate(queries)}}}
        if operation == "terms":
            return {"terms": {"field": column["sourceField"], "order": self._order(name), "size": parameters["size"]}}
        return {"date_histogram": self._histogram(name, column["sourceField"], parameters)}

    def _histogram(self, name: str, field: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        width = self.interval(name)
        period = self._scope.period
        if (period.end - period.start) / width > MAX_ROWS:
            raise UnsupportedError(f"more than {MAX_ROWS} rows", hint="take a wider interval or a shorter time range")
        histogram: dict[str, Any] = {"field": field, "fixed_interval": f"{width}ms", "min_doc_count": 1}
        if parameters.get("includeEmptyRows", True):
            histogram["min_doc_count"] = 0
            histogram["extended_bounds"] = {"max": period.end - 1, "min": period.start}
        return histogram

    def _order(self, name: str) -> dict[str, str]:
        parameters = self._layer.columns[name]["params"]
        direction = parameters.get("orderDirection", "desc")
        order = parameters.get("orderBy", {})
        if order.get("type") == "alphabetical":
            return {"_key": direction}
        if order.get("type") != "column":
            raise UnsupportedError(f"the order `{order.get('type')}` of column `{name}` is not executed here")
        by = self._layer.columns[order["columnId"]]
        if by["operationType"] not in METRICS or by["operationType"] == "last_value":
            raise UnsupportedError(f"an order by `{by['operationType']}` is not executed here")
        if not _base(by):
            return {"o" if _filtered(by) else "_count": direction}
        return {("o>v" if _filtered(by) else "o") + _leaf(by): direction}

    def _order_metric(self, name: str) -> dict[str, Any]:
        """The metric that orders a terms bucket, directly inside it."""
        order = self._layer.columns[name]["params"].get("orderBy", {})
        if order.get("type") != "column":
            return {}
        aggregation = self._metric(order["columnId"])
        return {"o": aggregation} if aggregation else {}


def _filtered(column: Mapping[str, Any]) -> bool:
    return bool(column.get("filter", {}).get("query", "").strip())


def _base(column: Mapping[str, Any]) -> dict[str, Any]:
    operation, field = column["operationType"], column["sourceField"]
    if operation == "count":
        return {} if field == RECORDS else {"value_count": {"field": field}}
    if operation in SIMPLE:
        return {SIMPLE[operation]: {"field": field}}
    if operation == "standard_deviation":
        return {"extended_stats": {"field": field}}
    if operation == "last_value":
        return {"top_hits": _newest(field, column)}
    return {"percentiles": {"field": field, "keyed": False, "percents": [percent(column)]}}


def percent(column: Mapping[str, Any]) -> float:
    """Which percentile a column asks for."""
    return 50.0 if column["operationType"] == "median" else float(column["params"]["percentile"])


def _newest(field: str, column: Mapping[str, Any]) -> dict[str, Any]:
    asked: dict[str, Any] = {"field": field}
    if column["dataType"] == "date":
        asked["format"] = "epoch_millis"
    by = {column["params"]["sortField"]: {"order": "desc", "unmapped_type": "date"}}
    return {"_source": False, "fields": [asked], "size": 1, "sort": [by]}


def _leaf(column: Mapping[str, Any]) -> str:
    operation = column["operationType"]
    if operation in {"median", "percentile"}:
        return f".{percent(column):g}"
    return ".std_deviation" if operation == "standard_deviation" else ""


def kql_fields(layer: Layer, queries: Sequence[str]) -> set[str]:
    """The fields that the layer's and the given KQL texts name.

    Raises:
        KqlError: one of them is wrong.
    """
    texts = list(queries)
    for column in layer.columns.values():
        texts.append(column.get("filter", {}).get("query", ""))
        if column["operationType"] == "filters":
            texts += [one["input"]["query"] for one in column["params"]["filters"]]
    return {name for text in texts if text.strip() for name in kql.fields(kql.parse(text))}
