"""One big number, with a second one below it and a colour by thresholds."""

from __future__ import annotations

from typing import Any

from shipper.config import Settings
from shipper.dashboards.columns import AnyMetric
from shipper.dashboards.panel.base import Panel, Parts, Place, lens_parts, make_layer


class Threshold(Settings, frozen=True, kw_only=True):
    """From this value on, this colour; the first one has no `from`."""

    color: str
    at_least: float | None = None


class MetricPanel(Panel, frozen=True, kw_only=True, tag="metric"):
    """`lnsMetric`."""

    data_view: str
    metric: AnyMetric
    secondary: AnyMetric | None = None
    query: str = ""
    thresholds: tuple[Threshold, ...] = ()

    def __post_init__(self) -> None:
        bounds = [one.at_least for one in self.thresholds]
        later = [bound for bound in bounds[1:] if bound is not None]
        if bounds and (bounds[0] is not None or len(later) != len(bounds) - 1 or later != sorted(set(later))):
            raise ValueError("thresholds rise; the first has no at_least, all others have one")

    def parts(self, place: Place) -> Parts:
        metrics = [self.metric] if self.secondary is None else [self.metric, self.secondary]
        layer = make_layer(place, self.data_view, [], metrics)
        visualization: dict[str, Any] = {"layerId": layer.id, "layerType": "data", "metricAccessor": "metric-1"}
        if self.description:
            visualization["subtitle"] = self.description
        if self.secondary is not None:
            visualization["secondaryMetricAccessor"] = "metric-2"
        if self.thresholds:
            visualization["palette"] = self._palette()
        return lens_parts("lnsMetric", [layer], visualization, self.query)

    def _palette(self) -> dict[str, Any]:
        lower = [one.at_least for one in self.thresholds]
        upper = [*lower[1:], None]
        colors = [one.color for one in self.thresholds]
        return {
            "name": "custom",
            "params": {
                "colorStops": [{"color": color, "stop": stop} for color, stop in zip(colors, lower, strict=True)],
                "continuity": "all",
                "maxSteps": 5,
                "name": "custom",
                "progression": "fixed",
                "rangeMax": None,
                "rangeMin": None,
                "rangeType": "number",
                "reverse": False,
                "steps": len(colors),
                "stops": [{"color": color, "stop": stop} for color, stop in zip(colors, upper, strict=True)],
            },
            "type": "palette",
        }
