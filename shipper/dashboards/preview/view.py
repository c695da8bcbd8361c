"""Results -> what the template shows. All text stays text until the template escapes it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.dashboards.execute.dashboard import Lens, Markdown, Timelion
from shipper.dashboards.execute.table import UnsupportedError
from shipper.dashboards.preview import numbers
from shipper.dashboards.preview.chart import PALETTE, Chart, Point, Series, Specification, chart_of, safe_color
from shipper.dashboards.preview.svg import draw
from shipper.errors import ShipperError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from shipper.dashboards.execute.dashboard import Panel
    from shipper.dashboards.execute.period import Period
    from shipper.dashboards.execute.run import Result
    from shipper.dashboards.execute.table import Column, Row, Table

ROW_PIXELS = 20
"""Height of a grid row, as in Kibana."""

FRAME, NARROW, NARROW_PANEL, WIDEST = 48, 900, 320, 1760
"""As in site.css, pixels: margins of the page, where the grid begins, height of a panel below it, the widest page."""

MAX_SHOWN_ROWS = 500
"""Rows of a table that the page shows; the rest is said in words."""


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell: its text, the machine's form of a time, and how much of a bar lies behind it (0 to 1)."""

    text: str
    number: bool
    time: str = ""
    share: float | None = None


@dataclass(frozen=True, slots=True)
class TableView:
    """A table as text."""

    header: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[CellView]]
    hidden: int


@dataclass(frozen=True, slots=True)
class MetricView:
    """One big number."""

    value: str
    subtitle: str
    secondary: str
    color: str | None


@dataclass(frozen=True, slots=True)
class PanelView:
    """One panel; exactly one of the contents is there, `empty` where there is nothing to draw."""

    index: str
    title: str
    description: str
    hide_title: bool
    kind: str
    error: ShipperError | None = None
    empty: bool = False
    metric: MetricView | None = None
    table: TableView | None = None
    chart: Markup | None = None
    legend: Sequence[Series] = ()
    lines: Sequence[str] = ()
    legacy: bool = False


class Viewer:
    """Makes the views of one request."""

    def __init__(self, period: Period, window: int) -> None:
        """`window` is the width of the reader's window in pixels; in a narrow one the panels lie below each other."""
        self._period = period
        self._window = min(window, WIDEST)

    def view(self, result: Result) -> PanelView:
        """The view of a panel; what cannot be drawn says why."""
        try:
            return self._view(result)
        except ShipperError as error:
            return self._frame(result, "error", error=error)

    def _view(self, result: Result) -> PanelView:
        if result.error is not None:
            raise result.error
        match result.panel.content:
            case Markdown() as content:
                return self._frame(result, "text", lines=paragraphs(content.text))
            case Timelion():
                return self._chart(result, _timelion_chart(result.table), legacy=True)
            case Lens(kind="lnsMetric") as lens:
                return self._frame(result, "metric", metric=_metric(lens, result.table))
            case Lens(kind="lnsDatatable") as lens:
                shown = _table(lens, result.table)
                return self._frame(result, "table", table=shown, empty=not shown.rows)
            case Lens(kind="lnsXY") as lens:
                return self._chart(result, chart_of(lens, result.tables))
        raise UnsupportedError("this panel is not drawn here")

    def _frame(self, result: Result, kind: str, **content: Any) -> PanelView:
        panel = result.panel
        return PanelView(panel.index, panel.title, panel.description, panel.hide_title, kind, **content)

    def _chart(self, result: Result, chart: Chart, *, legacy: bool = False) -> PanelView:
        if not result.documents or not chart.points:
            return self._frame(result, "chart", empty=True, legacy=legacy)
        several = len(chart.series) > 1
        width, height = self._size(result.panel, several)
        picture = draw(Specification(chart, self._period, width, height).build(), _summary(result.panel, chart))
        return self._frame(
            result, "chart", chart=picture, legend=chart.series if several else (), table=_plain(result), legacy=legacy
        )

    def _size(self, panel: Panel, legend: bool) -> tuple[int, int]:
        """Pixels for the drawing itself: the panel less its frame, title and legend."""
        below = 66 + (26 if legend else 0)
        if self._window < NARROW:
            return max(240, self._window - 60), NARROW_PANEL - below + 12
        width = panel.grid["w"] * (self._window - FRAME) / 48 - 46
        return max(160, round(width)), max(80, panel.grid["h"] * ROW_PIXELS - below)


def _summary(panel: Panel, chart: Chart) -> str:
    names = ", ".join(series.name for series in chart.series[:12])
    return f"{panel.title}: {chart.y.label} by {chart.x.label}, {len(chart.series)} series ({names}). A table follows."


def _metric(lens: Lens, table: Table) -> MetricView:
    state = lens.visualization
    if "breakdownByAccessor" in state or "maxAccessor" in state:
        raise UnsupportedError("a metric with a breakdown or a maximum is not drawn here")
    row = table.rows[0] if table.rows else {}
    column = table.column(state["metricAccessor"])
    value = row.get(column.id)
    secondary = ""
    if "secondaryMetricAccessor" in state:
        other = table.column(state["secondaryMetricAccessor"])
        secondary = f"{other.label}: {numbers.cell(row.get(other.id), other)}"
    return MetricView(
        numbers.cell(value, column), state.get("subtitle", ""), secondary, _threshold_color(state.get("palette"), value)
    )


def _threshold_color(palette: Mapping[str, Any] | None, value: Any) -> str | None:
    if palette is None or not isinstance(value, int | float):
        return None
    color = None
    for stop in palette["params"]["colorStops"]:
        if stop["stop"] is None or value >= stop["stop"]:
            color = safe_color(stop["color"], "#9AA8BC")
    return color


def _table(lens: Lens, table: Table) -> TableView:
    state = lens.visualization
    if any(one.get("isTransposed") or one.get("collapseFn") for one in state["columns"]):
        raise UnsupportedError("tables with transposed or collapsed columns are not drawn here")
    columns = [table.column(one["columnId"]) for one in state["columns"] if not one.get("hidden")]
    rows, sorting = list(table.rows), state.get("sorting")
    if sorting and sorting.get("columnId"):
        rows = _sorted(rows, sorting["columnId"], descending=sorting.get("direction") == "desc")
    return _as_text(columns, rows, sorting["columnId"] if sorting else "")


def _sorted(rows: list[Row], name: str, *, descending: bool) -> list[Row]:
    """By one column, rows without a value last."""
    with_value = [row for row in rows if row.get(name) is not None]
    with_value.sort(key=lambda row: row[name], reverse=descending)
    return with_value + [row for row in rows if row.get(name) is None]


def _plain(result: Result) -> TableView:
    """The table behind a chart, for those who read rather than look."""
    table = result.table
    columns = [column for column in table.columns if not re.fullmatch(r".*X\d+", column.id)]
    return _as_text(columns, table.rows, "")


def _as_text(columns: Sequence[Column], rows: Sequence[Row], ranked: str) -> TableView:
    values = [row.get(ranked) for row in rows]
    numeric = [value for value in values if isinstance(value, int | float)]
    largest = max(numeric) if len(set(numeric)) > 1 else 0
    shown = [
        [_cell(row.get(column.id), column, largest if column.id == ranked else 0) for column in columns]
        for row in rows[:MAX_SHOWN_ROWS]
    ]
    header = [(column.label, _is_number(column)) for column in columns]
    return TableView(header, shown, max(0, len(rows) - MAX_SHOWN_ROWS))


def _cell(value: Any, column: Column, largest: float) -> CellView:
    is_date = column.kind == "date" and isinstance(value, int | float)
    share = None
    if largest > 0 and isinstance(value, int | float) and not is_date and math.isfinite(value):
        share = max(0.0, min(1.0, value / largest))
    time = numbers.iso(int(value)) if is_date else ""
    return CellView(numbers.cell(value, column), _is_number(column), time, share)


def _is_number(column: Column) -> bool:
    return column.kind == "number"


def _timelion_chart(table: Table) -> Chart:
    names = list(dict.fromkeys(row["split"] for row in table.rows))
    return Chart(
        kind="line",
        x=table.column("x"),
        y=table.column("metric-1"),
        series=[Series(name, PALETTE[number % len(PALETTE)]) for number, name in enumerate(names)],
        points=[
            Point(row["x"], names.index(row["split"]), row["metric-1"])
            for row in table.rows
            if row["metric-1"] is not None
        ],
        lines=[],
        top=None,
    )


def paragraphs(markdown: str) -> list[str]:
    """Markdown as plain paragraphs: the preview shows its words, Kibana its layout."""
    return [part.strip().lstrip("#").strip() for part in re.split(r"\n\s*\n", markdown) if part.strip()]
