"""Rows of values: the top errors, the slowest routes."""

from __future__ import annotations

from typing import Any

from shipper.dashboards.columns import AnyBucket, AnyMetric
from shipper.dashboards.panel.base import Named, Panel, Parts, Place, lens_parts, make_layer, metric_ids


class TablePanel(Panel, frozen=True, kw_only=True, tag="table"):
    """`lnsDatatable`; the rows nest in their order, `sort_by` names a metric by its place."""

    data_view: str
    rows: tuple[AnyBucket, ...]
    metrics: tuple[AnyMetric, ...]
    query: str = ""
    sort_by: int = 1
    ascending: bool = False

    def __post_init__(self) -> None:
        if not self.rows or not self.metrics:
            raise ValueError("a table needs rows and metrics")
        if not 0 <= self.sort_by <= len(self.metrics):
            raise ValueError("sort_by is the place of a metric, from 1, or 0 for none")

    def parts(self, place: Place) -> Parts:
        buckets = [Named(f"row-{number}", row) for number, row in enumerate(self.rows, start=1)]
        layer = make_layer(place, self.data_view, buckets, self.metrics)
        shown = [one.id for one in buckets] + metric_ids(self.metrics)
        visualization: dict[str, Any] = {
            "columns": [
                {"columnId": name, "isMetric": name.startswith("metric-"), "isTransposed": False} for name in shown
            ],
            "headerRowHeight": "auto",
            "layerId": layer.id,
            "layerType": "data",
            "rowHeight": "auto",
        }
        if self.sort_by:
            direction = "asc" if self.ascending else "desc"
            visualization["sorting"] = {"columnId": f"metric-{self.sort_by}", "direction": direction}
        return lens_parts("lnsDatatable", [layer], visualization, self.query)
