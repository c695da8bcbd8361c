"""R3, R4, R9, R12: the inside of Lens panels hangs together and holds only what Kibana knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.dashboards.lint.finding import Finding
    from shipper.dashboards.lint.opened import Lens, Opened

VISUALIZATIONS = frozenset(
    {"lnsChoropleth", "lnsDatatable", "lnsGauge", "lnsHeatmap", "lnsLegacyMetric", "lnsMetric", "lnsPartition",
     "lnsPie", "lnsTagcloud", "lnsXY"}
)  # fmt: skip
OPERATIONS = frozenset(
    {"average", "count", "counter_rate", "cumulative_sum", "date_histogram", "differences", "filters", "formula",
     "last_value", "math", "max", "median", "min", "moving_average", "normalize_by_unit", "now", "overall_average",
     "overall_max", "overall_min", "overall_sum", "percentile", "percentile_rank", "range", "standard_deviation",
     "static_value", "sum", "terms", "time_range", "interval", "unique_count"}
)  # fmt: skip
CONTROLS = frozenset({"optionsListControl", "rangeSliderControl", "timeSlider", "esqlControl"})
VIS_TYPES = frozenset({"markdown", "metrics", "timelion", "vega"})
PANEL_TYPES = frozenset({"image", "lens", "links", "map", "search", "visualization"})

ACCESSOR_KEYS = frozenset(
    {"accessor", "breakdownByAccessor", "columnId", "forAccessor", "goalAccessor", "maxAccessor", "metricAccessor",
     "minAccessor", "secondaryMetricAccessor", "splitAccessor", "tagAccessor", "trendlineMetricAccessor",
     "trendlineTimeAccessor", "valueAccessor", "xAccessor", "yAccessor"}
)  # fmt: skip
ACCESSOR_LISTS = frozenset({"accessors", "metrics", "primaryGroups", "secondaryGroups"})


def columns_agree(opened: Opened) -> Iterator[Finding]:
    """R3: columnOrder names every column once; what columns refer to exists."""
    for place, lens in _lenses(opened):
        for name, layer in lens.layers.items():
            columns = layer.get("columns") or {}
            order = layer.get("columnOrder") or []
            if sorted(order) != sorted(columns):
                odd = sorted(set(order) ^ set(columns)) or order
                yield opened.finding(
                    "R3", place, f"columnOrder and columns of layer `{name}` differ: {odd}", "list each once"
                )
            for identity, column in columns.items():
                for target in _targets(column):
                    if target not in columns:
                        yield opened.finding(
                            "R3",
                            place,
                            f"column `{identity}` refers to `{target}`, which is not there",
                            "name a column",
                        )


def _targets(column: dict[str, Any]) -> Iterator[str]:
    yield from (str(one) for one in column.get("references") or [])
    order = (column.get("params") or {}).get("orderBy") or {}
    if order.get("type") == "column":
        yield str(order.get("columnId"))


def visualization_agrees(opened: Opened) -> Iterator[Finding]:
    """R4: every layer and column that the visualization names exists."""
    for place, lens in _lenses(opened):
        columns = {name for _, name, _ in lens.columns()}
        visualization = lens.state.get("visualization") or {}
        for layer in _values(visualization, frozenset({"layerId"}), frozenset()):
            if layer not in lens.layers:
                yield opened.finding(
                    "R4", place, f"the visualization names the layer `{layer}`", "name one that is there"
                )
        for name in _values(visualization, ACCESSOR_KEYS, ACCESSOR_LISTS):
            if name not in columns:
                yield opened.finding(
                    "R4", place, f"the visualization names the column `{name}`", "name one that is there"
                )


def _values(node: Any, keys: frozenset[str], lists: frozenset[str]) -> Iterator[str]:
    """Every text under `keys`, and in the lists under `lists`, however deep."""
    if isinstance(node, list):
        for item in node:
            yield from _values(item, keys, lists)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in keys and isinstance(value, str):
                yield value
            elif key in lists and isinstance(value, list):
                yield from (item for item in value if isinstance(item, str))
                yield from _values([item for item in value if not isinstance(item, str)], keys, lists)
            else:
                yield from _values(value, keys, lists)


def formulas_point_at_their_last_part(opened: Opened) -> Iterator[Finding]:
    """R9: a formula refers to the last of its parts alone; Kibana draws its first reference."""
    for place, lens in _lenses(opened):
        for layer, name, column in lens.columns():
            if column.get("operationType") != "formula":
                continue
            columns = lens.layers[layer]["columns"]
            parts = [one for one in columns if one.startswith(f"{name}X") and one[len(name) + 1 :].isdigit()]
            last = max(parts, key=lambda one: int(one[len(name) + 1 :]), default=None)
            if last is not None and column.get("references") != [last]:
                yield opened.finding(
                    "R9",
                    place,
                    f"the formula `{name}` refers to {column.get('references')}",
                    f"refer to [`{last}`] alone",
                )


def only_known_kinds(opened: Opened) -> Iterator[Finding]:
    """R12: visualizations, operations, panels and controls are kinds that Kibana has."""
    for panel in opened.panels():
        kind = panel.document.get("type")
        if kind not in PANEL_TYPES:
            yield opened.finding("R12", panel.place, f"unknown panel type `{kind}`", _one_of(PANEL_TYPES))
        saved = panel.saved_vis
        if saved is not None and saved.get("type") not in VIS_TYPES:
            yield opened.finding("R12", panel.place, f"unknown visualization `{saved.get('type')}`", _one_of(VIS_TYPES))
    for place, lens in _lenses(opened):
        kind = lens.attributes.get("visualizationType")
        if kind not in VISUALIZATIONS:
            yield opened.finding("R12", place, f"unknown visualizationType `{kind}`", _one_of(VISUALIZATIONS))
        for _, name, column in lens.columns():
            if column.get("operationType") not in OPERATIONS:
                message = f"unknown operation `{column.get('operationType')}` in column `{name}`"
                yield opened.finding("R12", place, message, _one_of(OPERATIONS))
    for name, control in opened.controls().items():
        if control.get("type") not in CONTROLS:
            message = f"unknown control type `{control.get('type')}`"
            yield opened.finding("R12", f"control `{name}`", message, _one_of(CONTROLS))


def _one_of(names: frozenset[str]) -> str:
    return f"one of: {', '.join(sorted(names))}"


def _lenses(opened: Opened) -> Iterator[tuple[str, Lens]]:
    for panel in opened.panels():
        if panel.lens is not None:
            yield panel.place, panel.lens
