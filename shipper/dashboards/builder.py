"""Sources -> saved objects -> NDJSON files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.dashboards.panel import TimelionPanel, XyPanel
from shipper.dashboards.panel.base import Place
from shipper.dashboards.saved_object import Reference, SavedObject, canonical, ndjson, stable_id
from shipper.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shipper.dashboards.panel import AnyPanel
    from shipper.dashboards.source import DataView, OptionsControl, Source, Sources, Tag


def build(sources: Sources) -> dict[str, str]:
    """File name -> NDJSON, one importable file a dashboard.

    Raises:
        ConfigError: a dashboard does not fit together; with its file and line.
    """
    return {f"{source.name}.ndjson": ndjson(build_dashboard(source, sources)) for source in sources.dashboards}


def build_dashboard(source: Source, sources: Sources) -> list[SavedObject]:
    """The dashboard, every data view and the tags it uses."""
    shared = sources.shared
    views = {name: data_view(name, view) for name, view in shared.data_views.items()}
    tags = {name: _tag(name, tag) for name, tag in shared.tags.items()}
    used_tags = [tags[name] for name in _known(source, tags)]
    dashboard = _Builder(source, {name: view.id for name, view in views.items()}).dashboard(used_tags)
    used = {reference.id for reference in dashboard.references}
    return [dashboard, *(view for view in views.values() if view.id in used), *used_tags]


def data_view(name: str, view: DataView) -> SavedObject:
    """The index pattern of a data view."""
    formats = {
        field: {
            "id": "duration",
            "params": {
                "includeSpaceWithSuffix": True,
                "inputFormat": duration.stored,
                "outputFormat": duration.shown,
                "outputPrecision": duration.decimals,
                "useShortSuffix": True,
            },
        }
        for field, duration in view.durations.items()
    }
    attributes = {
        "allowHidden": False,
        "fieldAttrs": "{}",
        "fieldFormatMap": canonical(formats),
        "fields": "[]",
        "name": view.name,
        "runtimeFieldMap": "{}",
        "sourceFilters": "[]",
        "timeFieldName": view.time_field,
        "title": view.title,
    }
    return SavedObject("index-pattern", stable_id("data_view", name), attributes)


def write(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Write `folder/dist`; files of dashboards that are gone are removed. Returns the names that changed."""
    dist = folder / "dist"
    dist.mkdir(parents=True, exist_ok=True)
    changed = differences(folder, files)
    for name in changed:
        if name in files:
            (dist / name).write_text(files[name], "utf-8")
        else:
            (dist / name).unlink()
    return changed


def differences(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Names in `folder/dist` that are missing, differ, or are too many."""
    dist = folder / "dist"
    present = {path.name for path in dist.glob("*.ndjson")}
    return sorted(
        name
        for name in present | set(files)
        if name not in files or name not in present or (dist / name).read_text("utf-8") != files[name]
    )


def _tag(name: str, tag: Tag) -> SavedObject:
    attributes = {"color": tag.color, "description": tag.description, "name": tag.name}
    return SavedObject("tag", stable_id("tag", name), attributes)


def _known(source: Source, tags: Mapping[str, SavedObject]) -> list[str]:
    for index, name in enumerate(source.dashboard.tags):
        if name not in tags:
            raise source.file.error(f"unknown tag `{name}`", ("tags", index), "add it to shared.yml")
    return list(source.dashboard.tags)


class _Builder:
    def __init__(self, source: Source, views: Mapping[str, str]) -> None:
        self._source = source
        self._views = views
        self._id = stable_id("dashboard", source.name)
        self._references: list[Reference] = []

    def dashboard(self, tags: list[SavedObject]) -> SavedObject:
        config = self._source.dashboard
        self._check()
        panels = [self._panel(number, panel) for number, panel in enumerate(config.panels)]
        self._references += [Reference(f"tag-ref-{tag.id}", "tag", tag.id) for tag in tags]
        seconds = config.time.refresh
        attributes: dict[str, Any] = {
            "controlGroupInput": self._controls(),
            "description": config.description,
            "kibanaSavedObjectMeta": {
                "searchSourceJSON": canonical({"filter": [], "query": {"language": "kuery", "query": config.query}})
            },
            "optionsJSON": canonical(
                {
                    "hidePanelTitles": False,
                    "syncColors": True,
                    "syncCursor": True,
                    "syncTooltips": True,
                    "useMargins": True,
                }
            ),
            "panelsJSON": canonical(panels),
            "refreshInterval": {"pause": seconds <= 0, "value": int(seconds * 1000)},
            "timeFrom": config.time.start,
            "timeRestore": True,
            "timeTo": config.time.end,
            "title": config.title,
            "version": 1,
        }
        return SavedObject("dashboard", self._id, attributes, tuple(self._references))

    def _panel(self, number: int, panel: AnyPanel) -> dict[str, Any]:
        index = stable_id(self._id, panel.title)
        try:
            parts = panel.parts(Place(self._id, index, self._views))
        except UsageError as error:
            where = f"{error.message}" + (f" ({error.where})" if error.where else "")
            raise self._source.file.error(where, ("panels", number), error.hint) from error
        self._references += [Reference(f"{index}:{one.name}", one.type, one.id) for one in parts.references]
        config = dict(parts.config)
        if panel.hide_title:
            config["hidePanelTitles"] = True
        if panel.description:
            config["description"] = panel.description
        grid = panel.grid
        return {
            "embeddableConfig": config,
            "gridData": {"h": grid.h, "i": index, "w": grid.w, "x": grid.x, "y": grid.y},
            "panelIndex": index,
            "title": panel.title,
            "type": parts.type,
        }

    def _check(self) -> None:
        panels = self._source.dashboard.panels
        titles = [panel.title for panel in panels]
        for number, panel in enumerate(panels):
            if titles.index(panel.title) != number:
                raise self._error("a second panel with this title", number, "panels are told apart by their titles")
            for other in panels[:number]:
                if _overlap(panel, other):
                    raise self._error(f"it lies over the panel `{other.title}`", number, "change x, y, w or h")
            if isinstance(panel, TimelionPanel) and not any(
                isinstance(other, XyPanel) and other.title == panel.twin for other in panels
            ):
                raise self._error("a Timelion panel needs its Lens twin", number, f"add an xy panel `{panel.twin}`")

    def _error(self, message: str, number: int, hint: str) -> ConfigError:
        return self._source.file.error(message, ("panels", number, "title"), hint)

    def _controls(self) -> dict[str, Any]:
        panels = {}
        for order, control in enumerate(self._source.dashboard.controls):
            name = stable_id(self._id, "control", control.field)
            view = self._views.get(control.data_view)
            if view is None:
                raise self._source.file.error(
                    f"unknown data view `{control.data_view}`", ("controls", order, "data_view"), "see shared.yml"
                )
            self._references.append(Reference(f"controlGroup_{name}:optionsListDataView", "index-pattern", view))
            panels[name] = _control(name, order, control)
        parent = {
            "ignoreFilters": False,
            "ignoreQuery": False,
            "ignoreTimerange": False,
            "ignoreValidations": False,
        }
        return {
            "chainingSystem": "HIERARCHICAL",
            "controlStyle": "oneLine",
            "ignoreParentSettingsJSON": canonical(parent),
            "panelsJSON": canonical(panels),
            "showApplySelections": False,
        }


def _control(name: str, order: int, control: OptionsControl) -> dict[str, Any]:
    return {
        "explicitInput": {
            "enhancements": {},
            "fieldName": control.field,
            "id": name,
            "selectedOptions": [],
            "singleSelect": control.single,
            "sort": {"by": "_count", "direction": "desc"},
            "title": control.title,
        },
        "grow": False,
        "order": order,
        "type": "optionsListControl",
        "width": "medium",
    }


def _overlap(one: AnyPanel, other: AnyPanel) -> bool:
    a, b = one.grid, other.grid
    return a.x < b.x + b.w and b.x < a.x + a.w and a.y < b.y + b.h and b.y < a.y + a.h
