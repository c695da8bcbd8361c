"""Timelion, the legacy expressions we ship: `.es(…)` with the modifiers that change how it looks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.dashboards.execute.period import interval_milliseconds
from shipper.dashboards.execute.table import Column, Row, Table, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.dashboards.execute.request import Scope

_SERIES = re.compile(
    r"\s*\.es\((?P<arguments>(?:'[^']*'|[^()'])*)\)(?P<rest>(?:\s*\.\w+\((?:'[^']*'|[^()'])*\))*)\s*(?:,|$)"
)
_ARGUMENT = re.compile(r"\s*(?P<name>\w+)\s*=\s*(?:'(?P<quoted>[^']*)'|(?P<plain>[^,']+?))\s*(?:,|$)")
_MODIFIER = re.compile(r"\s*\.(?P<name>\w+)\((?P<argument>(?:'[^']*'|[^()'])*)\)")
LOOKS = frozenset({"bars", "color", "label", "lines", "points", "title", "yaxis"})
KNOWN = frozenset({"index", "metric", "q", "timefield"})
METRICS = frozenset({"avg", "cardinality", "max", "min", "sum"})


@dataclass(frozen=True, slots=True)
class Series:
    """One `.es(…)`; `metric` is `count` or `avg:field`."""

    index: str
    time_field: str
    query: str
    metric: str
    label: str

    def body(self, scope: Scope, interval: str) -> dict[str, Any]:
        """The body for `_search`."""
        period = scope.period
        histogram = {
            "date_histogram": {
                "extended_bounds": {"max": period.end - 1, "min": period.start},
                "field": self.time_field,
                "fixed_interval": f"{interval_milliseconds(interval, period)}ms",
                "min_doc_count": 0,
            },
            **self._metric(),
        }
        bounds = {"format": "epoch_millis", "gte": period.start, "lt": period.end}
        query = {"bool": {"filter": [{"range": {self.time_field: bounds}}, {"query_string": {"query": self.query}}]}}
        return {"aggs": {"b": histogram}, "query": query, "size": 0, "track_total_hits": True}

    def points(self, answer: Mapping[str, Any]) -> list[tuple[int, Any]]:
        """(epoch milliseconds, value) of an answer."""
        buckets = answer.get("aggregations", {}).get("b", {}).get("buckets", [])
        return [(one["key"], one["m"]["value"] if "m" in one else one["doc_count"]) for one in buckets]

    def _metric(self) -> dict[str, Any]:
        if self.metric == "count":
            return {}
        name, _, field = self.metric.partition(":")
        return {"aggs": {"m": {name: {"field": field}}}}


def parse(expression: str) -> list[Series]:
    """The series of an expression.

    Raises:
        UnsupportedError: anything but `.es(index=, timefield=, q=, metric=)` with looks after it.
    """
    series, at = [], 0
    while at < len(expression.rstrip()):
        match = _SERIES.match(expression, at)
        if match is None:
            raise UnsupportedError(f"this part of the Timelion expression is not executed here: `{expression[at:]}`")
        series.append(_series(match["arguments"], match["rest"]))
        at = match.end()
    if not series:
        raise UnsupportedError("an empty Timelion expression")
    return series


def _series(arguments: str, rest: str) -> Series:
    given: dict[str, str] = {}
    at = 0
    while at < len(arguments.rstrip()):
        match = _ARGUMENT.match(arguments, at)
        if match is None or match["name"] not in KNOWN:
            raise UnsupportedError(f"this argument of .es() is not executed here: `{arguments[at:]}`")
        given[match["name"]] = match["quoted"] if match["quoted"] is not None else match["plain"]
        at = match.end()
    if "index" not in given:
        raise UnsupportedError(".es() without index= reads every index", hint="add index=shipper-logs-*")
    metric = given.get("metric", "count")
    if metric != "count" and (metric.partition(":")[0] not in METRICS or not metric.partition(":")[2]):
        raise UnsupportedError(f"the Timelion metric `{metric}` is not executed here")
    query = given.get("q", "*")
    return Series(given["index"], given.get("timefield", "@timestamp"), query, metric, _label(rest) or query)


def _label(rest: str) -> str:
    label = ""
    for match in _MODIFIER.finditer(rest):
        if match["name"] not in LOOKS:
            raise UnsupportedError(f"the Timelion function `.{match['name']}()` is not executed here")
        if match["name"] == "label":
            label = match["argument"].strip().strip("'")
    return label


def table(series: list[Series], answers: list[Mapping[str, Any]], width: int) -> Table:
    """Time, series and value as one table."""
    columns = [
        Column("split", "Series", "string", "terms", bucketed=True, format={}),
        Column("x", "@timestamp", "date", "date_histogram", bucketed=True, format={}, interval=width),
        Column("metric-1", "Value", "number", "count", bucketed=False, format={}),
    ]
    rows: list[Row] = [
        {"metric-1": value, "split": one.label, "x": at}
        for one, answer in zip(series, answers, strict=True)
        for at, value in one.points(answer)
    ]
    return Table(columns, rows)
