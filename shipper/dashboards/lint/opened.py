"""An export opened for the rules: blobs decoded where they can be, problems of decoding kept as findings."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shipper.dashboards.lint.finding import Finding
from shipper.dashboards.saved_object import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.dashboards.export import Export, Line

BLOBS: dict[str, tuple[str, ...]] = {
    "dashboard": (
        "panelsJSON", "optionsJSON", "kibanaSavedObjectMeta.searchSourceJSON", "controlGroupInput.panelsJSON",
        "controlGroupInput.ignoreParentSettingsJSON",
    ),
    "index-pattern": ("fieldAttrs", "fieldFormatMap", "fields", "runtimeFieldMap", "sourceFilters"),
    "search": ("kibanaSavedObjectMeta.searchSourceJSON",),
    "visualization": ("kibanaSavedObjectMeta.searchSourceJSON", "uiStateJSON", "visState"),
}  # fmt: skip
"""Type -> attributes that hold JSON as a text."""


@dataclass(frozen=True, slots=True)
class Lens:
    """A Lens panel's inside."""

    attributes: dict[str, Any]

    @property
    def state(self) -> dict[str, Any]:
        return dict(self.attributes.get("state") or {})

    @property
    def layers(self) -> dict[str, dict[str, Any]]:
        sources = self.state.get("datasourceStates") or {}
        return dict((sources.get("formBased") or {}).get("layers") or {})

    @property
    def references(self) -> dict[str, str]:
        return {str(one.get("name")): str(one.get("id")) for one in self.attributes.get("references") or []}

    def columns(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """(layer id, column id, column)."""
        for layer, state in self.layers.items():
            for name, column in (state.get("columns") or {}).items():
                yield layer, name, column


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of a dashboard and where it is for people."""

    document: dict[str, Any]
    place: str

    @property
    def index(self) -> str:
        return str(self.document.get("panelIndex", ""))

    @property
    def config(self) -> dict[str, Any]:
        config = self.document.get("embeddableConfig")
        return config if isinstance(config, dict) else {}

    @property
    def lens(self) -> Lens | None:
        """The inside of a by-value Lens panel."""
        attributes = self.config.get("attributes")
        return Lens(attributes) if self.document.get("type") == "lens" and isinstance(attributes, dict) else None

    @property
    def saved_vis(self) -> dict[str, Any] | None:
        """The inside of a by-value visualization."""
        saved = self.config.get("savedVis")
        return saved if isinstance(saved, dict) else None


@dataclass
class Opened:
    """One saved object with its blobs; `findings` are those about the blobs (R11)."""

    export: Export
    line: Line
    blobs: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def finding(self, rule: str, place: str, message: str, fix: str) -> Finding:
        """A finding about this object."""
        return Finding(self.export.origin, self.line.number, place or self.line.title, rule, message, fix)

    def panels(self) -> list[Panel]:
        """The panels of a dashboard."""
        found = self.blobs.get("panelsJSON", [])
        return [
            Panel(one, f"panel `{one.get('title') or one.get('panelIndex')}`") for one in found if isinstance(one, dict)
        ]

    def controls(self) -> dict[str, dict[str, Any]]:
        """Control id -> control."""
        found = self.blobs.get("controlGroupInput.panelsJSON", {})
        return found if isinstance(found, dict) else {}


def open_object(export: Export, line: Line) -> Opened:
    """Decode an object's blobs; R11 holds for each."""
    opened = Opened(export, line)
    for path in BLOBS.get(line.type, ()):
        found, text = _at(line.attributes, path)
        if found:
            _decode(opened, path, text)
    return opened


def _at(attributes: dict[str, Any], path: str) -> tuple[bool, Any]:
    node: Any = attributes
    for part in path.split("."):
        if not isinstance(node, dict) or part not in node:
            return False, None
        node = node[part]
    return True, node


def _decode(opened: Opened, path: str, text: Any) -> None:
    if not isinstance(text, str):
        opened.blobs[path] = text
        opened.findings.append(
            opened.finding("R11", path, f"is {type(text).__name__}, not a JSON text", "write it as a string of JSON")
        )
        return
    try:
        opened.blobs[path] = json.loads(text)
    except ValueError as error:
        opened.findings.append(opened.finding("R11", path, f"is not JSON: {error}", "rebuild the file"))
        return
    if canonical(opened.blobs[path]) != text:
        opened.findings.append(
            opened.finding("R11", path, "is not canonical JSON", "sort its keys and drop spaces: rebuild the file")
        )
