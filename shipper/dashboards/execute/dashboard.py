"""A dashboard as it stands in a saved object, opened: its panels, controls and data views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.dashboards.execute.layer import VISUALIZATIONS, DataSource, Layer, open_layer
from shipper.dashboards.execute.table import UnsupportedError
from shipper.dashboards.export import blob, dashboards, read
from shipper.declarative import find
from shipper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from shipper.dashboards.export import Export, Line


@dataclass(frozen=True, slots=True)
class Lens:
    """A Lens panel: `visualization` is Lens's own state, of the kind `kind`."""

    kind: str
    visualization: Mapping[str, Any]
    layers: Mapping[str, Layer]
    query: str


@dataclass(frozen=True, slots=True)
class Markdown:
    """Text."""

    text: str


@dataclass(frozen=True, slots=True)
class Timelion:
    """A Timelion expression."""

    expression: str
    interval: str


Content = Lens | Markdown | Timelion


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: its place on the 48 columns, and what it holds or why that cannot be executed."""

    index: str
    title: str
    description: str
    hide_title: bool
    grid: Mapping[str, int]
    content: Content | UsageError


@dataclass(frozen=True, slots=True)
class Control:
    """A list of values to choose from."""

    id: str
    title: str
    field: str
    source: DataSource
    single: bool


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What a dashboard holds; times are date math, `refresh` seconds (0: never)."""

    id: str
    title: str
    description: str
    query: str
    start: str
    end: str
    refresh: float
    controls: tuple[Control, ...]
    panels: tuple[Panel, ...]

    def panel(self, title: str) -> Panel:
        """The panel of this title.

        Raises:
            UsageError: there is none.
        """
        for panel in self.panels:
            if panel.title == title:
                return panel
        raise UsageError(f"no panel `{title}`", where=self.title)


def built_files() -> list[Path]:
    """The exports that `shipper dashboards build` made."""
    return sorted((find("kibana_saved_objects") / "dist").glob("*.ndjson"))


def open_files(paths: Sequence[Path]) -> list[Dashboard]:
    """Every dashboard of the exports, in their order.

    Raises:
        UsageError: there is none, or a file is damaged.
    """
    found = [open_dashboard(export, line) for export, line in dashboards([read(path) for path in paths])]
    if not found:
        raise UsageError("no dashboards", hint="run `shipper dashboards build`")
    return found


def open_dashboard(export: Export, line: Line) -> Dashboard:
    """Open one dashboard of an export.

    Raises:
        UsageError: the object is damaged; a panel that cannot be executed is no error here.
    """
    return _Opener(export, line).dashboard()


class _Opener:
    def __init__(self, export: Export, line: Line) -> None:
        self._export = export
        self._line = line

    def dashboard(self) -> Dashboard:
        attributes = self._line.attributes
        try:
            meta = blob(attributes.get("kibanaSavedObjectMeta", {}), "searchSourceJSON", {})
            panels = blob(attributes, "panelsJSON", [])
            refresh = attributes.get("refreshInterval", {"pause": True})
            return Dashboard(
                id=self._line.id,
                title=self._line.title,
                description=attributes.get("description", ""),
                query=_query(meta),
                start=attributes.get("timeFrom", "now-15m"),
                end=attributes.get("timeTo", "now"),
                refresh=0 if refresh.get("pause", True) else refresh["value"] / 1000,
                controls=tuple(self._controls(attributes.get("controlGroupInput", {}))),
                panels=tuple(self._panel(one) for one in panels),
            )
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise UsageError(
                f"the dashboard `{self._line.title}` is damaged: {error!r}",
                where=f"{self._export.origin}:{self._line.number}",
                hint="run `shipper dashboards lint` on this file",
            ) from error

    def _panel(self, panel: Mapping[str, Any]) -> Panel:
        config = panel.get("embeddableConfig", {})
        try:
            content: Content | UsageError = self._content(panel, config)
        except UsageError as error:
            content = error
        return Panel(
            index=panel["panelIndex"],
            title=panel.get("title", ""),
            description=config.get("description", ""),
            hide_title=config.get("hidePanelTitles", False),
            grid=panel["gridData"],
            content=content,
        )

    def _content(self, panel: Mapping[str, Any], config: Mapping[str, Any]) -> Content:
        if panel["type"] == "lens" and "attributes" in config:
            return self._lens(panel["panelIndex"], config["attributes"])
        saved = config.get("savedVis")
        if panel["type"] == "visualization" and saved is not None:
            if saved["type"] == "markdown":
                return Markdown(saved["params"]["markdown"])
            if saved["type"] == "timelion":
                return Timelion(saved["params"]["expression"], saved["params"].get("interval", "auto"))
            raise UnsupportedError(f"visualizations of type `{saved['type']}` are not executed here")
        raise UnsupportedError(f"panels of type `{panel['type']}` are executed by value only, and not all types are")

    def _lens(self, index: str, attributes: Mapping[str, Any]) -> Lens:
        kind, state = attributes["visualizationType"], attributes["state"]
        if kind not in VISUALIZATIONS:
            raise UnsupportedError(f"visualizations of type `{kind}` are not executed here")
        if state.get("filters"):
            raise UnsupportedError("filter pills of a panel are not executed here", hint="write them as its KQL query")
        layers = {
            name: open_layer(name, layer, self._source(f"{index}:indexpattern-datasource-layer-{name}"))
            for name, layer in state["datasourceStates"]["formBased"]["layers"].items()
        }
        return Lens(kind, state["visualization"], layers, _query(state))

    def _source(self, reference: str) -> DataSource:
        view = self._export.find("index-pattern", self._line.target(reference))
        if view is None:
            raise UnsupportedError(f"the data view of `{reference}` is not in this file")
        formats = blob(view.attributes, "fieldFormatMap", {})
        return DataSource(view.attributes["title"], view.attributes.get("timeFieldName", "@timestamp"), formats)

    def _controls(self, group: dict[str, Any]) -> list[Control]:
        controls = blob(group, "panelsJSON", {})
        return [
            self._control(name, control) for name, control in sorted(controls.items(), key=lambda one: one[1]["order"])
        ]

    def _control(self, name: str, control: Mapping[str, Any]) -> Control:
        if control["type"] != "optionsListControl":
            raise UnsupportedError(f"controls of type `{control['type']}` are not executed here")
        given = control["explicitInput"]
        source = self._source(f"controlGroup_{name}:optionsListDataView")
        return Control(name, given.get("title", ""), given["fieldName"], source, given.get("singleSelect", False))


def _query(holder: Mapping[str, Any]) -> str:
    query = holder.get("query", {"query": "", "language": "kuery"})
    if query.get("query") and query.get("language", "kuery") != "kuery":
        raise UnsupportedError(f"queries in {query['language']} are not executed here", hint="write them in KQL")
    return str(query.get("query", ""))
