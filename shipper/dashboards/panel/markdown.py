"""Text between the charts."""

from __future__ import annotations

from shipper.dashboards.panel.base import Panel, Parts, Place


class MarkdownPanel(Panel, frozen=True, kw_only=True, tag="markdown"):
    """A by-value markdown visualization."""

    markdown: str

    def parts(self, place: Place) -> Parts:  # noqa: ARG002 - text needs no place
        parameters = {"fontSize": 12, "markdown": self.markdown, "openLinksInNewTab": False}
        return Parts("visualization", {"enhancements": {}, "savedVis": saved_vis("markdown", parameters)})


def saved_vis(kind: str, parameters: dict[str, object]) -> dict[str, object]:
    """A by-value visualization that is not Lens."""
    return {
        "data": {"aggs": [], "searchSource": {"filter": [], "query": {"language": "kuery", "query": ""}}},
        "description": "",
        "id": "",
        "params": parameters,
        "title": "",
        "type": kind,
        "uiState": {},
    }
