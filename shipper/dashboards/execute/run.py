"""All panels of a dashboard on one Elasticsearch: one multi-search, one result a panel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shipper import kql
from shipper.dashboards.execute import timelion
from shipper.dashboards.execute.calculate import complete
from shipper.dashboards.execute.dashboard import Lens, Markdown, Timelion
from shipper.dashboards.execute.period import interval_milliseconds
from shipper.dashboards.execute.request import Request, kql_fields
from shipper.dashboards.execute.response import rows
from shipper.dashboards.execute.table import Column, Table
from shipper.elastic.client import explained
from shipper.errors import ShipperError, UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from elasticsearch import Elasticsearch

    from shipper.dashboards.execute.dashboard import Control, Dashboard, Panel
    from shipper.dashboards.execute.layer import Layer
    from shipper.dashboards.execute.request import Scope

OPTIONS = 100
"""Values a control offers."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one panel shows.

    Attributes:
        panel: the panel.
        tables: layer id -> its table; Timelion's layer is called `timelion`.
        error: why there is no table.
        documents: how many documents matched.
    """

    panel: Panel
    tables: Mapping[str, Table] = field(default_factory=dict)
    error: ShipperError | None = None
    documents: int = 0

    @property
    def table(self) -> Table:
        """The first table.

        Raises:
            ShipperError: the panel's error, or it has no table.
        """
        if self.error is not None:
            raise self.error
        if not self.tables:
            raise UsageError(f"the panel `{self.panel.title}` has no table")
        return next(iter(self.tables.values()))


@dataclass(frozen=True, slots=True)
class _Search:
    index: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Planned:
    """A panel's searches and how to read their answers."""

    panel: Panel
    searches: Sequence[_Search]
    read: Callable[[list[Mapping[str, Any]]], dict[str, Table]]


class Runner:
    """Executes dashboards with a client that may read the indices."""

    def __init__(self, client: Elasticsearch, place: str, index_prefix: str = "") -> None:
        """`place` names the cluster in messages; `index_prefix` stands before each index of the data views."""
        self._client = client
        self._place = place
        self._prefix = index_prefix

    def _index(self, patterns: str) -> str:
        return ",".join(self._prefix + pattern.strip() for pattern in patterns.split(","))

    def run(self, dashboard: Dashboard, scope: Scope) -> list[Result]:
        """One result for each panel, in the dashboard's order; a panel's own mistake stays in its result.

        Raises:
            UnavailableError: Elasticsearch cannot be reached or may not be read.
            KqlError: the viewer's query is wrong.
        """
        for query in scope.queries:
            if query.strip():
                kql.parse(query)
        planned: list[_Planned | Result] = [self._plan(panel, scope) for panel in dashboard.panels]
        searches = [search for one in planned if isinstance(one, _Planned) for search in one.searches]
        answers = iter(self._search(searches))
        return [
            one if isinstance(one, Result) else _read(one, [next(answers) for _ in one.searches]) for one in planned
        ]

    def options(self, control: Control, scope: Scope) -> list[str]:
        """The values of a control's field in the time range, the most frequent first."""
        period = scope.period
        bounds = {"format": "epoch_millis", "gte": period.start, "lt": period.end}
        body = {
            "aggs": {"v": {"terms": {"field": control.field, "size": OPTIONS}}},
            "query": {"bool": {"filter": [{"range": {control.source.time_field: bounds}}]}},
            "size": 0,
        }
        [answer] = self._search([_Search(control.source.index, body)])
        buckets = answer.get("aggregations", {}).get("v", {}).get("buckets", [])
        return [str(one["key"]) for one in buckets]

    def _plan(self, panel: Panel, scope: Scope) -> _Planned | Result:
        try:
            match panel.content:
                case Lens():
                    return self._plan_lens(panel, panel.content, scope)
                case Timelion():
                    return _plan_timelion(panel, panel.content, scope)
                case Markdown():
                    return Result(panel)
                case error:
                    return Result(panel, error=error)
        except UsageError as error:
            return Result(panel, error=error)

    def _plan_lens(self, panel: Panel, lens: Lens, scope: Scope) -> _Planned:
        requests = {name: self._request(layer, lens, scope) for name, layer in lens.layers.items()}
        searched = [name for name, layer in lens.layers.items() if layer.needs_documents]
        searches = [_Search(lens.layers[name].source.index, requests[name].body()) for name in searched]

        def read(answers: list[Mapping[str, Any]]) -> dict[str, Table]:
            by_name = dict(zip(searched, answers, strict=True))
            return {name: _table(layer, requests[name], by_name.get(name)) for name, layer in lens.layers.items()}

        return _Planned(panel, searches, read)

    def _request(self, layer: Layer, lens: Lens, scope: Scope) -> Request:
        fields = kql_fields(layer, [lens.query, *scope.queries])
        return Request(layer, scope, lens.query, self._types(layer.source.index, fields))

    def _types(self, index: str, fields: set[str]) -> dict[str, str]:
        """The types of the fields in the cluster; a field of several types is left to Elasticsearch."""
        if not fields:
            return {}
        with explained(self._place):
            answer = self._client.field_caps(
                index=self._index(index), fields=sorted(fields), ignore_unavailable=True, allow_no_indices=True
            )
            return {name: next(iter(types)) for name, types in answer["fields"].items() if len(types) == 1}

    def _search(self, searches: Sequence[_Search]) -> list[Mapping[str, Any]]:
        if not searches:
            return []
        lines: list[dict[str, Any]] = []
        for search in searches:
            header = {"allow_no_indices": True, "ignore_unavailable": True, "index": self._index(search.index)}
            lines += [header, search.body]
        with explained(self._place):
            return list(self._client.msearch(searches=lines)["responses"])


def _plan_timelion(panel: Panel, content: Timelion, scope: Scope) -> _Planned:
    series = timelion.parse(content.expression)
    searches = [_Search(one.index, one.body(scope, content.interval)) for one in series]
    width = interval_milliseconds(content.interval, scope.period)
    return _Planned(panel, searches, lambda answers: {"timelion": timelion.table(series, answers, width)})


def _read(planned: _Planned, answers: list[Mapping[str, Any]]) -> Result:
    try:
        for answer in answers:
            _check(answer)
        documents = sum(answer["hits"]["total"]["value"] for answer in answers)
        return Result(planned.panel, planned.read(answers), documents=documents)
    except ShipperError as error:
        return Result(planned.panel, error=error)


def _check(answer: Mapping[str, Any]) -> None:
    """Refuse an answer that is an error, late, or lacks shards: a part must not look like the whole."""
    if "error" in answer:
        cause = answer["error"].get("root_cause") or [answer["error"]]
        raise UsageError(f"Elasticsearch refused this panel: {cause[0].get('reason', answer['error'])}")
    if answer.get("timed_out") or answer["_shards"]["failed"]:
        failed, total = answer["_shards"]["failed"], answer["_shards"]["total"]
        raise UnavailableError(
            f"incomplete: {failed} of {total} shards did not answer", hint="look at the cluster's health"
        )


def _table(layer: Layer, request: Request, answer: Mapping[str, Any] | None) -> Table:
    columns = [
        Column(
            id=name,
            label=column["label"],
            kind=column["dataType"],
            operation=column["operationType"],
            bucketed=column["isBucketed"],
            format=_format(layer, column),
            interval=request.interval(name) if column["operationType"] == "date_histogram" else 0,
        )
        for name, column in layer.columns.items()
    ]
    found = [{}] if answer is None else rows(layer, request, answer)
    return Table(columns, complete(layer, found))


def _format(layer: Layer, column: Mapping[str, Any]) -> Mapping[str, Any]:
    """The column's own format, else its field's in the data view."""
    own = column.get("params", {}).get("format")
    if own is not None:
        return dict(own)
    if column["operationType"] in {"count", "unique_count"}:
        return {}
    return layer.source.formats.get(column.get("sourceField", ""), {})
