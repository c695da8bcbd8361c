"""R5, R10, R14: panels lie beside each other, versions are pinned, limits are kept."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, Any

from shipper.dashboards.saved_object import CORE_MIGRATION_VERSION, MIGRATION_VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.dashboards.lint.finding import Finding
    from shipper.dashboards.lint.opened import Opened, Panel

WIDTH = 48
MOST_PANELS = 100
"""Kibana 9.4: panels and sections at the top, panels in a section, controls."""


def panels_lie_beside_each_other(opened: Opened) -> Iterator[Finding]:
    """R5: panelIndex is unique and equals gridData.i; panels are inside the grid and do not overlap."""
    panels = opened.panels()
    counted = Counter(panel.index for panel in panels)
    for panel in panels:
        grid = _grid(panel)
        if grid.get("i") != panel.index:
            yield opened.finding("R5", panel.place, f"gridData.i is `{grid.get('i')}`", "use the panelIndex")
        if counted[panel.index] > 1:
            yield opened.finding("R5", panel.place, f"another panel has the index `{panel.index}`", "give it its own")
        if not _inside(grid):
            yield opened.finding("R5", panel.place, f"it leaves the grid: {grid}", f"x from 0, x + w at most {WIDTH}")
    for one, other in combinations([panel for panel in panels if _inside(_grid(panel))], 2):
        if _overlap(_grid(one), _grid(other)):
            yield opened.finding("R5", one.place, f"it lies over {other.place}", "change x, y, w or h")


def _grid(panel: Panel) -> dict[str, Any]:
    grid = panel.document.get("gridData")
    return grid if isinstance(grid, dict) else {}


def _inside(grid: dict[str, Any]) -> bool:
    sizes = [grid.get(key) for key in ("x", "y", "w", "h")]
    if not all(isinstance(size, int) for size in sizes):
        return False
    x, y, w, h = (int(grid[key]) for key in ("x", "y", "w", "h"))
    return x >= 0 and y >= 0 and w > 0 and h > 0 and x + w <= WIDTH


def _overlap(a: dict[str, Any], b: dict[str, Any]) -> bool:
    if a.get("sectionId") != b.get("sectionId"):
        return False
    beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
    above = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
    return not beside and not above


def versions_are_pinned(opened: Opened) -> Iterator[Finding]:
    """R10: every object carries the versions we pin; without one Kibana migrates from 7.x and breaks Lens."""
    wanted = MIGRATION_VERSIONS.get(opened.line.type)
    if opened.line.type == "dashboard" and "sections" in opened.line.attributes:
        wanted = "10.3.0"
    found = opened.line.document.get("typeMigrationVersion")
    if wanted is None:
        yield opened.finding(
            "R10", "", f"no version is pinned for `{opened.line.type}`", "add it to MIGRATION_VERSIONS"
        )
    elif found != wanted:
        yield opened.finding("R10", "", f"typeMigrationVersion is `{found}`", f"write {wanted}")
    core = opened.line.document.get("coreMigrationVersion")
    if core != CORE_MIGRATION_VERSION:
        yield opened.finding("R10", "", f"coreMigrationVersion is `{core}`", f"write {CORE_MIGRATION_VERSION}")


def limits_are_kept(opened: Opened) -> Iterator[Finding]:
    """R14: Kibana 9.4 takes at most 100 panels at the top, 100 in a section and 100 controls."""
    sections = Counter(_grid(panel).get("sectionId") for panel in opened.panels())
    top = sections[None] + len(opened.line.attributes.get("sections") or [])
    if top > MOST_PANELS:
        yield opened.finding("R14", "", f"{top} panels and sections", f"at most {MOST_PANELS}: split the dashboard")
    for section, count in sections.items():
        if section is not None and count > MOST_PANELS:
            yield opened.finding(
                "R14", f"section `{section}`", f"{count} panels", f"at most {MOST_PANELS} in a section"
            )
    if len(opened.controls()) > MOST_PANELS:
        yield opened.finding("R14", "", f"{len(opened.controls())} controls", f"at most {MOST_PANELS}")
