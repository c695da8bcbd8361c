"""An XY panel as a Vega-Lite specification. Colours of axes and text are the style sheet's."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.dashboards.execute.table import UnsupportedError
from shipper.dashboards.preview import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shipper.dashboards.execute.dashboard import Lens
    from shipper.dashboards.execute.period import Period
    from shipper.dashboards.execute.table import Column, Table

PALETTE = (
    "#3D8FDB", "#E8894A", "#2FA37C", "#8A63D2", "#D9A514", "#DB5C8B", "#4CB5C4", "#8C6D46", "#6B7FD7", "#7FA650",
)  # fmt: skip
OTHER = "#9AA8BC"
SERIES_TYPES = frozenset(
    {"bar", "bar_stacked", "bar_percentage_stacked", "bar_horizontal", "bar_horizontal_stacked", "line", "area",
     "area_stacked", "area_percentage_stacked"}
)  # fmt: skip
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class Series:
    """One legend entry."""

    name: str
    color: str


@dataclass(frozen=True, slots=True)
class Point:
    """One mark: `x` is epoch milliseconds or a category."""

    x: Any
    series: int
    value: float


@dataclass(frozen=True, slots=True)
class Line:
    """A reference line."""

    label: str
    value: float
    color: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn, free of Lens and of Vega.

    Attributes:
        kind: one of `SERIES_TYPES`.
        x: the x column.
        y: the column whose format the y axis has.
        top: fixed upper end of the y axis.
    """

    kind: str
    x: Column
    y: Column
    series: Sequence[Series]
    points: Sequence[Point]
    lines: Sequence[Line]
    top: float | None


def safe_color(color: object, fallback: str) -> str:
    """The colour if it is `#rrggbb`."""
    return color if isinstance(color, str) and _COLOR.fullmatch(color) else fallback


def chart_of(lens: Lens, tables: Mapping[str, Table]) -> Chart:
    """Read the XY state of a Lens panel.

    Raises:
        UnsupportedError: a layer or a series type we do not draw.
    """
    state = lens.visualization
    data = [layer for layer in state["layers"] if layer.get("layerType", "data") == "data"]
    other = {layer.get("layerType", "data") for layer in state["layers"]} - {"data", "referenceLine"}
    if len(data) != 1 or other:
        raise UnsupportedError("an XY panel is drawn with one data layer and reference lines")
    layer = data[0]
    if layer["seriesType"] not in SERIES_TYPES:
        raise UnsupportedError(f"series of type `{layer['seriesType']}` are not drawn here")
    table = tables[layer["layerId"]]
    series, points = _points(layer, table, state.get("fittingFunction", "None"))
    extent = state.get("yLeftExtent", {})
    return Chart(
        kind=layer["seriesType"],
        x=table.column(layer["xAccessor"]),
        y=table.column(layer["accessors"][0]),
        series=series,
        points=points,
        lines=_lines(state["layers"], tables),
        top=extent.get("upperBound") if extent.get("mode") == "custom" else None,
    )


def _points(layer: Mapping[str, Any], table: Table, fitting: str) -> tuple[list[Series], list[Point]]:
    split = layer.get("splitAccessor")
    x = table.column(layer["xAccessor"]).id
    values: dict[str, dict[Any, float | None]] = {}
    for row in table.rows:
        for name in layer["accessors"]:
            series = str(row[split]) if split else table.column(name).label
            values.setdefault(series, {})[row[x]] = row.get(name)
    colors = _colors(layer, table)
    names = sorted(values, key=lambda name: list(colors).index(name) if name in colors else len(colors))
    series_list = [Series(name, _color(name, number, colors, split is not None)) for number, name in enumerate(names)]
    points = [
        Point(at, number, value) for number, name in enumerate(names) for at, value in _fitted(values[name], fitting)
    ]
    return series_list, points


def _fitted(values: Mapping[Any, float | None], fitting: str) -> list[tuple[Any, float]]:
    if fitting == "Zero":
        return [(at, value or 0.0) for at, value in values.items()]
    return [(at, value) for at, value in values.items() if value is not None]


def _colors(layer: Mapping[str, Any], table: Table) -> dict[str, str]:
    """Name of a series -> the colour that the dashboard gives it."""
    mapping = layer.get("colorMapping", {}).get("assignments", [])
    colors = {
        str(value): safe_color(one["color"].get("colorCode"), OTHER)
        for one in mapping
        for value in one["rule"].get("values", [])
    }
    for one in layer.get("yConfig", []):
        if "color" in one:
            colors[table.column(one["forAccessor"]).label] = safe_color(one["color"], OTHER)
    return colors


def _color(name: str, number: int, colors: Mapping[str, str], split: bool) -> str:
    if name in colors:
        return colors[name]
    free = [color for color in PALETTE if color not in colors.values()] if split and colors else list(PALETTE)
    return free[number % len(free)]


def _lines(layers: Sequence[Mapping[str, Any]], tables: Mapping[str, Table]) -> list[Line]:
    found = []
    for layer in layers:
        if layer.get("layerType") != "referenceLine":
            continue
        table = tables[layer["layerId"]]
        looks = {one["forAccessor"]: one for one in layer.get("yConfig", [])}
        for name in layer["accessors"]:
            value = table.rows[0].get(name)
            if value is not None:
                color = safe_color(looks.get(name, {}).get("color"), OTHER)
                found.append(Line(table.column(name).label, float(value), color))
    return found


class Specification:
    """Builds the Vega-Lite specification of a chart."""

    def __init__(self, chart: Chart, period: Period, width: int, height: int) -> None:
        self._chart = chart
        self._period = period
        self._width = width
        self._height = height
        largest = max([abs(point.value) for point in chart.points] + [abs(line.value) for line in chart.lines] + [0.0])
        self._unit = numbers.unit_for(chart.top or largest, chart.y.format)
        self._timed = chart.x.kind == "date"
        self._sideways = chart.kind.startswith("bar_horizontal")
        self._normalized = "percentage" in chart.kind
        self._stacked_here = self._timed and chart.kind.startswith("bar")

    def build(self) -> dict[str, Any]:
        """The specification; all data is inside it."""
        layers = [self._marks(), *self._rules(), self._bands()]
        return {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "background": None,
            "config": CONFIG,
            "autosize": {"contains": "padding", "type": "fit"},
            "height": self._height,
            "layer": layers,
            "padding": {"bottom": 2, "left": 2, "right": 8, "top": 8},
            "width": self._width,
        }

    def _marks(self) -> dict[str, Any]:
        chart = self._chart
        scale = {"domain": [one.name for one in chart.series], "range": [one.color for one in chart.series]}
        encoding: dict[str, Any] = {
            "color": {"field": "s", "legend": None, "scale": scale, "sort": None, "type": "nominal"},
            "order": {"field": "o", "type": "quantitative"},
            **self._axes(),
        }
        return {"data": {"values": self._rows()}, "encoding": encoding, "mark": self._mark()}

    def _rows(self) -> list[dict[str, Any]]:
        """One row a mark: `x` to `e`, middle `m`, and for timed bars `y0` to `y`, stacked here."""
        totals: dict[Any, float] = {}
        for point in self._chart.points:
            totals[point.x] = totals.get(point.x, 0.0) + point.value
        below: dict[Any, float] = {}
        rows = []
        for point in sorted(self._chart.points, key=lambda one: one.series):
            divisor = (totals[point.x] or 1.0) if self._normalized else self._unit.factor
            value = point.value / (divisor if self._stacked_here else self._unit.factor)
            base = below.get(point.x, 0.0) if self._stacked_here and "stacked" in self._chart.kind else 0.0
            below[point.x] = base + value
            rows.append(
                {
                    "e": self._end(point.x),
                    "m": self._middle(point.x),
                    "o": point.series,
                    "s": self._chart.series[point.series].name,
                    "x": point.x,
                    "y": base + value,
                    "y0": base,
                }
            )
        return rows

    def _mark(self) -> dict[str, Any]:
        if self._chart.kind == "line":
            return {
                "aria": False,
                "interpolate": "monotone",
                "point": {"filled": True, "size": 9},
                "strokeWidth": 2,
                "type": "line",
            }
        if self._chart.kind.startswith("area"):
            return {
                "aria": False,
                "fillOpacity": 0.28,
                "interpolate": "monotone",
                "line": {"strokeWidth": 2},
                "type": "area",
            }
        return {"aria": False, "type": "rect" if self._stacked_here else "bar"}

    def _axes(self) -> dict[str, Any]:
        value: dict[str, Any] = {
            "axis": self._value_axis(),
            "field": "y",
            "scale": {"nice": True, "zero": True, **self._top()},
            "stack": None if self._stacked_here else self._stack(),
            "title": None,
            "type": "quantitative",
        }
        axes = {"x": self._key_axis(), "y": value}
        if self._stacked_here:
            axes |= {"x2": {"field": "e"}, "y2": {"field": "y0"}}
        if self._sideways:
            names = {"x": "y", "x2": "y2", "y": "x", "y2": "x2"}
            axes = {names[name]: one for name, one in axes.items()}
        return axes

    def _stack(self) -> str | None:
        if self._normalized:
            return "normalize"
        return "zero" if "stacked" in self._chart.kind else None

    def _top(self) -> dict[str, Any]:
        if self._chart.top is None or self._normalized:
            return {}
        return {"domain": [0, self._chart.top / self._unit.factor], "nice": False}

    def _value_axis(self) -> dict[str, Any]:
        if self._normalized:
            return {"domain": False, "format": ".0%", "tickCount": 5, "ticks": False}
        suffix = f" + {json.dumps(' ' + self._unit.suffix)}" if self._unit.suffix else ""
        axis: dict[str, Any] = {"domain": False, "tickCount": 5, "ticks": False}
        axis["labelExpr"] = f"format(datum.value, abs(datum.value) >= 10000 ? '~s' : ',~r'){suffix}"
        if not suffix and self._chart.y.operation in {"count", "unique_count"}:
            axis["tickMinStep"] = 1
        return axis

    def _key_axis(self) -> dict[str, Any]:
        if not self._timed:
            plain = {"domain": True, "grid": False, "labelLimit": 160, "ticks": False}
            return {"axis": plain, "field": "x", "sort": None, "title": None, "type": "nominal"}
        long = self._period.end - self._period.start > 2 * 86_400_000
        axis = {
            "format": "%d %b" if long else "%H:%M",
            "grid": False,
            "labelFlush": True,
            "labelOverlap": "greedy",
            "labelSeparation": 14,
            "tickCount": max(3, self._width // 95),
        }
        bars = self._chart.kind.startswith("bar")
        domain = [self._period.start // self._chart.x.interval * self._chart.x.interval, self._period.end]
        return {"axis": axis, "field": "x" if bars else "m", "scale": {"domain": domain, "type": "utc"}, "title": None,
                "type": "temporal"}  # fmt: skip

    def _end(self, x: Any) -> Any:
        """Where a bar ends: a sliver before the next begins."""
        return x + self._chart.x.interval * 0.84 if self._timed else x

    def _middle(self, x: Any) -> Any:
        return x + self._chart.x.interval / 2 if self._timed else x

    def _rules(self) -> list[dict[str, Any]]:
        channel = "x" if self._sideways else "y"
        layers: list[dict[str, Any]] = []
        for line in self._chart.lines:
            row: dict[str, Any] = {"label": line.label, "v": line.value / self._unit.factor}
            place: dict[str, Any] = {channel: {"field": "v", "type": "quantitative"}}
            mark = {"aria": False, "color": line.color, "strokeDash": [4, 4], "strokeWidth": 1.25, "type": "rule"}
            text = {"align": "right", "aria": False, "color": line.color, "dx": -4, "dy": -6, "type": "text"}
            if self._timed and not self._sideways:
                row["at"] = self._period.end
                place["x"] = {"field": "at", "type": "temporal"}
            label: dict[str, Any] = {"text": {"field": "label", "type": "nominal"}}
            layers.append({"data": {"values": [row]}, "encoding": {channel: place[channel]}, "mark": mark})
            layers.append({"data": {"values": [row]}, "encoding": {**place, **label}, "mark": text})
        return layers

    def _bands(self) -> dict[str, Any]:
        """An invisible band over each x: it carries the words that are shown when it is pointed at."""
        at: dict[Any, list[Point]] = {}
        for point in self._chart.points:
            at.setdefault(point.x, []).append(point)
        step = self._chart.x.interval if self._timed else 0
        rows = [{"e": x + step if self._timed else x, "t": self._words(x, points), "x": x} for x, points in at.items()]
        key = {"field": "x", "type": "temporal" if self._timed else "nominal"}
        encoding: dict[str, Any] = {"description": {"field": "t", "type": "nominal"}}
        channel = "y" if self._sideways else "x"
        encoding[channel] = key
        if self._timed:
            encoding[f"{channel}2"] = {"field": "e"}
        mark = {"fillOpacity": 0, "style": "band", "type": "rect"}
        return {"data": {"values": rows}, "encoding": encoding, "mark": mark}

    def _words(self, x: Any, points: Sequence[Point]) -> str:
        head = f"{numbers.moment(x)} UTC" if self._timed else _part(str(x))
        shown = [point for point in points if point.value or self._chart.kind in {"line", "area"}]
        ordered = sorted(shown, key=lambda point: -abs(point.value))
        values = [
            f"{_part(self._chart.series[point.series].name)}: {numbers.number(point.value, self._chart.y.format)}"
            for point in ordered
        ]
        return "; ".join([head, *(values or ["nothing"])])


def _part(text: str) -> str:
    """A name inside the words of a band, where `; ` divides."""
    return text.replace("; ", ", ")


CONFIG: Mapping[str, Any] = {
    "axis": {"gridDash": [], "labelFontSize": 11, "labelPadding": 6, "tickSize": 4},
    "bar": {"cornerRadius": 0, "discreteBandSize": {"band": 0.78}},
    "font": "Liberation Sans, Arial, sans-serif",
    "text": {"fontSize": 11},
    "view": {"stroke": None},
}
"""Measures only: `shipper/web/static` colours axes, grid and text for both themes."""
