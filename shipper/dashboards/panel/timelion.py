"""Timelion: deprecated by Kibana since 7.10, still drawn. Each one needs a Lens twin beside it."""

from __future__ import annotations

from shipper.dashboards.panel.base import Panel, Parts, Place
from shipper.dashboards.panel.markdown import saved_vis


class TimelionPanel(Panel, frozen=True, kw_only=True, tag="timelion"):
    """A by-value Timelion visualization; `twin` is the title of the Lens panel that shows the same."""

    expression: str
    twin: str
    interval: str = "auto"

    def parts(self, place: Place) -> Parts:  # noqa: ARG002 - the expression names its index itself
        parameters: dict[str, object] = {"expression": self.expression, "interval": self.interval}
        return Parts("visualization", {"enhancements": {}, "savedVis": saved_vis("timelion", parameters)})
