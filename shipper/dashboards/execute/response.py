"""The answer of a search -> rows, one for each innermost bucket."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from shipper.dashboards.columns import RECORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.dashboards.execute.layer import Layer
    from shipper.dashboards.execute.request import Request
    from shipper.dashboards.execute.table import Row


def rows(layer: Layer, request: Request, answer: Mapping[str, Any]) -> list[Row]:
    """The rows with their buckets and metrics; computed columns are still missing."""
    reader = _Reader(layer, request)
    top = {"doc_count": answer["hits"]["total"]["value"], **answer.get("aggregations", {})}
    return list(reader.rows(top, 0, {}))


class _Reader:
    def __init__(self, layer: Layer, request: Request) -> None:
        self._layer = layer
        self._buckets = request.buckets
        self._metrics = request.metrics

    def rows(self, node: Mapping[str, Any], depth: int, above: Row) -> Iterator[Row]:
        if depth == len(self._buckets):
            yield {**above, **{name: self._value(number, name, node) for number, name in enumerate(self._metrics)}}
            return
        name = self._buckets[depth]
        for key, child in self._children(name, node.get("b", {}).get("buckets", [])):
            yield from self.rows(child, depth + 1, {**above, name: key})

    def _children(self, name: str, buckets: Any) -> Iterator[tuple[Any, Mapping[str, Any]]]:
        column = self._layer.columns[name]
        if column["operationType"] == "filters":
            for number, one in enumerate(column["params"]["filters"]):
                child = buckets.get(str(number)) if isinstance(buckets, dict) else None
                if child is not None:
                    yield one.get("label") or one["input"]["query"], child
            return
        for child in buckets:
            boolean = column["dataType"] == "boolean"
            yield (child["key_as_string"] if boolean else child["key"]), child

    def _value(self, number: int, name: str, node: Mapping[str, Any]) -> Any:
        column = self._layer.columns[name]
        found = node.get(f"m{number}", {})
        documents = node["doc_count"]
        if "filter" in column and column["filter"].get("query", "").strip():
            documents = found.get("doc_count", 0)
            found = found.get("v", {})
        if documents == 0 and column["params"].get("emptyAsNull", False):
            return None
        if column["operationType"] == "count" and column["sourceField"] == RECORDS:
            return documents
        return _read(column["operationType"], column, found)


def _read(operation: str, column: Mapping[str, Any], found: Mapping[str, Any]) -> Any:
    if operation == "last_value":
        return _newest(column, found)
    if operation in {"median", "percentile"}:
        values = found.get("values") or [{}]
        return _number(values[0].get("value"))
    if operation == "standard_deviation":
        return _number(found.get("std_deviation"))
    return _number(found.get("value"))


def _newest(column: Mapping[str, Any], found: Mapping[str, Any]) -> Any:
    hits = found.get("hits", {}).get("hits", [])
    values = hits[0].get("fields", {}).get(column["sourceField"], []) if hits else []
    if not values:
        return None
    if column["dataType"] == "date":
        return int(values[0])
    return values[0]


def _number(value: Any) -> float | int | None:
    if isinstance(value, int | float) and math.isfinite(value):
        return value
    return None
