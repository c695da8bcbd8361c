"""The kinds of panels; the key `type` of a source chooses one."""

from shipper.dashboards.panel.base import Panel, Parts, Place
from shipper.dashboards.panel.markdown import MarkdownPanel
from shipper.dashboards.panel.metric import MetricPanel
from shipper.dashboards.panel.table import TablePanel
from shipper.dashboards.panel.timelion import TimelionPanel
from shipper.dashboards.panel.xy import XyPanel

AnyPanel = MetricPanel | XyPanel | TablePanel | MarkdownPanel | TimelionPanel

__all__ = ["AnyPanel", "MarkdownPanel", "MetricPanel", "Panel", "Parts", "Place", "TablePanel", "TimelionPanel",
           "XyPanel"]  # fmt: skip
