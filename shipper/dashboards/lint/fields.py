"""R13, R15: every field exists in our index templates with a fitting type; data views name indices that are written."""

from __future__ import annotations

import difflib
import fnmatch
from typing import TYPE_CHECKING, Any

from shipper import kql
from shipper.dashboards.columns import RECORDS
from shipper.kql.values import FAMILIES, Family

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.dashboards.lint.finding import Finding
    from shipper.dashboards.lint.opened import Opened

NUMERIC = frozenset({Family.INTEGER, Family.DECIMAL})
COUNTABLE = NUMERIC | {Family.KEYWORD, Family.IP, Family.BOOLEAN, Family.DATE}
FITTING: Mapping[str, frozenset[Family]] = {
    **dict.fromkeys(("average", "sum", "median", "percentile", "percentile_rank", "standard_deviation"), NUMERIC),
    **dict.fromkeys(("min", "max"), NUMERIC | {Family.DATE}),
    **dict.fromkeys(("terms", "unique_count", "last_value"), COUNTABLE),
    "date_histogram": frozenset({Family.DATE}),
    "range": NUMERIC,
}


class FieldRules:
    """The rules that need to know the templates."""

    def __init__(self, catalog: Mapping[str, kql.FieldTypes]) -> None:
        """`catalog`: index pattern -> the types of its fields, as our templates map them."""
        self._catalog = catalog

    def views_are_written(self, opened: Opened) -> Iterator[Finding]:
        """R15: a data view's title is the pattern of indices that something writes, its time field a date."""
        if opened.line.type != "index-pattern":
            return
        title = str(opened.line.attributes.get("title", ""))
        types = self._types(title)
        if types is None:
            known = ", ".join(sorted(self._catalog))
            yield opened.finding("R15", "", f"nothing writes indices named `{title}`", f"one of: {known}")
            return
        field = opened.line.attributes.get("timeFieldName")
        if field is not None and FAMILIES.get(types.get(str(field), "")) is not Family.DATE:
            yield opened.finding("R15", "", f"the time field `{field}` is no date there", "name a date field")

    def fields_exist(self, opened: Opened) -> Iterator[Finding]:
        """R13: columns, filters, queries, sorts and controls name fields of the templates, with fitting types."""
        for panel in opened.panels():
            lens = panel.lens
            if lens is None:
                continue
            for name, layer in lens.layers.items():
                target = opened.line.target(f"{panel.index}:indexpattern-datasource-layer-{name}")
                types = self._view(opened, target)
                if types is not None:
                    yield from self._layer(opened, panel.place, layer, types)
                    yield from self._query(opened, panel.place, _text(lens.state.get("query")), types)
        for name, control in opened.controls().items():
            types = self._view(opened, opened.line.target(f"controlGroup_{name}:optionsListDataView"))
            field = (control.get("explicitInput") or {}).get("fieldName")
            if types is not None and field:
                yield from self._field(opened, f"control `{name}`", "terms", str(field), types)

    def _layer(self, opened: Opened, place: str, layer: dict[str, Any], types: kql.FieldTypes) -> Iterator[Finding]:
        for column in (layer.get("columns") or {}).values():
            field = column.get("sourceField")
            if field and field != RECORDS:
                yield from self._field(opened, place, str(column.get("operationType")), str(field), types)
            parameters = column.get("params") or {}
            if "sortField" in parameters:
                yield from self._field(opened, place, "date_histogram", str(parameters["sortField"]), types)
            queries = [_text(column.get("filter"))]
            queries += [_text(one.get("input")) for one in parameters.get("filters") or []]
            for query in queries:
                yield from self._query(opened, place, query, types)

    def _field(
        self, opened: Opened, place: str, operation: str, field: str, types: kql.FieldTypes
    ) -> Iterator[Finding]:
        kind = types.get(field)
        if kind is None:
            near = difflib.get_close_matches(field, list(types), n=1)
            yield opened.finding(
                "R13",
                place,
                f"no template has the field `{field}`",
                f"did you mean `{near[0]}`?" if near else "map it first",
            )
            return
        fitting = FITTING.get(operation)
        if fitting is not None and FAMILIES.get(kind) not in fitting:
            yield opened.finding(
                "R13", place, f"`{operation}` does not go with `{field}`, which is of type {kind}", "take another field"
            )

    def _query(self, opened: Opened, place: str, query: str, types: kql.FieldTypes) -> Iterator[Finding]:
        if not query.strip():
            return
        try:
            node = kql.parse(query)
            names = kql.fields(node)
            for name in sorted(names):
                if "*" not in name and name not in types:
                    yield from self._field(opened, place, "query", name, types)
            if all(name in types for name in names):
                kql.to_dsl(node, types)
        except kql.KqlError as error:
            yield opened.finding(
                "R13", place, f"the query `{query}` is wrong: {error.message}", error.hint or "mend it"
            )

    def _view(self, opened: Opened, identity: str | None) -> kql.FieldTypes | None:
        view = opened.export.find("index-pattern", identity)
        return None if view is None else self._types(str(view.attributes.get("title", "")))

    def _types(self, title: str) -> kql.FieldTypes | None:
        """The types of a data view's indices: patterns of the catalog that the title names or covers."""
        found: dict[str, str] = {}
        for pattern in (part.strip() for part in title.split(",")):
            matching = [types for name, types in self._catalog.items() if _covers(pattern, name)]
            if not matching:
                return None
            for types in matching:
                found.update(types)
        return found


def _covers(pattern: str, name: str) -> bool:
    return pattern == name or fnmatch.fnmatchcase(name.removesuffix("*"), pattern)


def _text(query: Any) -> str:
    if isinstance(query, dict) and query.get("language", "kuery") == "kuery":
        return str(query.get("query") or "")
    return ""
