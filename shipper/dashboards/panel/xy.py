"""Bars, lines and areas over time or over values."""

from __future__ import annotations

from typing import Any, Literal

from shipper.config import Settings
from shipper.dashboards.columns import AnyBucket, AnyMetric, AnySplit, DateHistogram, StaticValue
from shipper.dashboards.panel.base import (
    Layer,
    Named,
    Panel,
    Parts,
    Place,
    color_mapping,
    lens_parts,
    make_layer,
    metric_ids,
)
from shipper.dashboards.saved_object import stable_id

Series = Literal[
    "bar", "bar_stacked", "bar_percentage_stacked", "bar_horizontal", "bar_horizontal_stacked", "line", "area",
    "area_stacked", "area_percentage_stacked",
]  # fmt: skip


class ReferenceLine(Settings, frozen=True, kw_only=True):
    """A horizontal line at a threshold."""

    label: str
    value: float
    color: str = "#C4232F"


class XyPanel(Panel, frozen=True, kw_only=True, tag="xy"):
    """`lnsXY` with one data layer, and a layer of reference lines where there are any."""

    data_view: str
    metrics: tuple[AnyMetric, ...]
    series: Series = "bar_stacked"
    x: AnyBucket = DateHistogram()
    split: AnySplit | None = None
    query: str = ""
    y_title: str = ""
    y_max: float | None = None
    metric_colors: tuple[str, ...] = ()
    lines: tuple[ReferenceLine, ...] = ()
    legend: bool = True
    fitting: Literal["None", "Zero", "Linear", "Carry"] = "None"

    def __post_init__(self) -> None:
        if not self.metrics:
            raise ValueError("an xy panel needs a metric")
        if self.split is not None and len(self.metrics) > 1:
            raise ValueError("a split goes with one metric")

    def parts(self, place: Place) -> Parts:
        buckets = [Named("x", self.x)]
        if self.split is not None:  # the split first: Lens nests the time inside it
            buckets.insert(0, Named("split", self.split))
        layer = make_layer(place, self.data_view, buckets, self.metrics)
        layers, shown = [layer], [self._data_layer(layer)]
        if self.lines:
            reference = self._line_layer(place)
            layers.append(reference)
            shown.append(self._shown_lines(reference))
        return lens_parts("lnsXY", layers, self._visualization(shown), self.query)

    def _data_layer(self, layer: Layer) -> dict[str, Any]:
        names = metric_ids(self.metrics)
        shown: dict[str, Any] = {
            "accessors": names,
            "layerId": layer.id,
            "layerType": "data",
            "position": "top",
            "seriesType": self.series,
            "showGridlines": False,
            "xAccessor": "x",
        }
        if self.metric_colors:
            shown["yConfig"] = [
                {"axisMode": "left", "color": color, "forAccessor": name}
                for name, color in zip(names, self.metric_colors, strict=False)
            ]
        if self.split is not None:
            shown["splitAccessor"] = "split"
            if self.split.colors:
                shown["colorMapping"] = color_mapping(self.split.colors)
        return shown

    def _line_layer(self, place: Place) -> Layer:
        columns = {
            f"line-{number}": StaticValue(label=line.label, value=line.value).column()
            for number, line in enumerate(self.lines, start=1)
        }
        return Layer(stable_id(place.index, self.data_view, "lines"), place.data_view(self.data_view), columns)

    def _shown_lines(self, layer: Layer) -> dict[str, Any]:
        return {
            "accessors": list(layer.columns),
            "layerId": layer.id,
            "layerType": "referenceLine",
            "yConfig": [
                {
                    "axisMode": "left",
                    "color": line.color,
                    "fill": "none",
                    "forAccessor": f"line-{number}",
                    "lineStyle": "dashed",
                    "lineWidth": 1,
                    "textVisibility": True,
                }
                for number, line in enumerate(self.lines, start=1)
            ],
        }

    def _visualization(self, layers: list[dict[str, Any]]) -> dict[str, Any]:
        upper = (
            {"mode": "full"} if self.y_max is None else {"lowerBound": 0, "mode": "custom", "upperBound": self.y_max}
        )
        return {
            "axisTitlesVisibilitySettings": {"x": False, "yLeft": bool(self.y_title), "yRight": False},
            "fillOpacity": 0.3 if self.series == "area" else 0.75,
            "fittingFunction": self.fitting,
            "gridlinesVisibilitySettings": {"x": False, "yLeft": True, "yRight": True},
            "labelsOrientation": {"x": 0, "yLeft": 0, "yRight": 0},
            "layers": layers,
            "legend": {
                "isVisible": self.legend,
                "position": "right",
                "shouldTruncate": True,
                "showSingleSeries": False,
            },
            "preferredSeriesType": self.series,
            "tickLabelsVisibilitySettings": {"x": True, "yLeft": True, "yRight": True},
            "valueLabels": "hide",
            "yLeftExtent": upper,
            "yLeftScale": "linear",
            "yTitle": self.y_title,
        }
