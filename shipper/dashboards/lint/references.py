"""R1, R2, R6, R7, R8: references have one name each, are used, and lead somewhere; the summary counts right."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shipper.dashboards.export import Export
    from shipper.dashboards.lint.finding import Finding
    from shipper.dashboards.lint.opened import Opened

CONTROL_VIEWS = {
    "optionsListControl": "optionsListDataView",
    "rangeSliderControl": "rangeSliderDataView",
}
LAYER = "indexpattern-datasource-layer-"


def unique_names(opened: Opened) -> Iterator[Finding]:
    """R1: reference names are unique in an object."""
    counted = Counter(str(one.get("name")) for one in opened.line.references)
    for name, times in counted.items():
        if times > 1:
            yield opened.finding("R1", "", f"{times} references are called `{name}`", "give each its own name")


def targets_exist(opened: Opened) -> Iterator[Finding]:
    """R1: each target is in the file."""
    for one in opened.line.references:
        if opened.export.find(str(one.get("type")), str(one.get("id"))) is None:
            yield opened.finding(
                "R1", "", f"`{one.get('name')}` points at {one.get('type')} {one.get('id')}, which is not in the file",
                "export it with this object",
            )  # fmt: skip


def dashboard_references(opened: Opened) -> Iterator[Finding]:
    """R1: the dashboard names exactly the references that its parts use, with the same ids."""
    if opened.line.type != "dashboard":
        return
    wanted = dict(_wanted(opened))
    present = {str(one.get("name")): str(one.get("id")) for one in opened.line.references}
    for name, (place, identity) in wanted.items():
        if name not in present:
            yield opened.finding(
                "R1", place, f"the reference `{name}` is missing", "add it to the dashboard's references"
            )
        elif identity is not None and present[name] != identity:
            yield opened.finding("R1", place, f"`{name}` has another id inside the panel", "use one id in both places")
    for name in present:
        if name not in wanted and not name.startswith("tag-ref-"):
            yield opened.finding("R1", "", f"nothing uses the reference `{name}`", "remove it")


def _wanted(opened: Opened) -> Iterator[tuple[str, tuple[str, str | None]]]:
    for panel in opened.panels():
        if panel.lens is not None:
            for name, identity in panel.lens.references.items():
                yield f"{panel.index}:{name}", (panel.place, identity)
        if "panelRefName" in panel.document:
            yield f"{panel.index}:{panel.document['panelRefName']}", (panel.place, None)
        reference = (panel.saved_vis or {}).get("params", {}).get("index_pattern_ref_name")
        if reference:
            yield f"{panel.index}:{reference}", (panel.place, None)
    for name, control in opened.controls().items():
        suffix = CONTROL_VIEWS.get(str(control.get("type")))
        if suffix:
            yield f"controlGroup_{name}:{suffix}", (f"control `{name}`", None)
    for number, one in enumerate(_filters(opened)):
        index = one.get("meta", {}).get("indexRefName")
        if index:
            yield str(index), (f"filter {number}", None)


def layers_and_references(opened: Opened) -> Iterator[Finding]:
    """R2: each Lens layer has its reference, and each reference its layer."""
    for panel in opened.panels():
        lens = panel.lens
        if lens is None:
            continue
        named = {name.removeprefix(LAYER) for name in lens.references if name.startswith(LAYER)}
        for layer in lens.layers.keys() - named:
            yield opened.finding("R2", panel.place, f"the layer `{layer}` has no reference", f"add `{LAYER}{layer}`")
        for layer in named - lens.layers.keys():
            yield opened.finding("R2", panel.place, f"`{LAYER}{layer}` names no layer", "remove it or add the layer")


def controls_agree(opened: Opened) -> Iterator[Finding]:
    """R6: each control has its data view, its own id, and a field."""
    present = {str(one.get("name")) for one in opened.line.references}
    for name, control in opened.controls().items():
        place = f"control `{name}`"
        suffix = CONTROL_VIEWS.get(str(control.get("type")))
        if suffix and f"controlGroup_{name}:{suffix}" not in present:
            yield opened.finding("R6", place, "its data view has no reference", f"add `controlGroup_{name}:{suffix}`")
        given = control.get("explicitInput", {})
        if given.get("id") != name:
            yield opened.finding(
                "R6", place, f"its explicitInput.id is `{given.get('id')}`", "use the control's own id"
            )
        if suffix and not given.get("fieldName"):
            yield opened.finding("R6", place, "it has no fieldName", "name the field it lists")


def filters_refer(opened: Opened) -> Iterator[Finding]:
    """R7: each filter names its index by a reference that is there."""
    present = {str(one.get("name")) for one in opened.line.references}
    for number, one in enumerate(_filters(opened)):
        name = one.get("meta", {}).get("indexRefName")
        if name not in present:
            yield opened.finding(
                "R7", f"filter {number}", f"its meta.indexRefName is `{name}`, which is no reference",
                f"name it kibanaSavedObjectMeta.searchSourceJSON.filter[{number}].meta.index and add the reference",
            )  # fmt: skip


def _filters(opened: Opened) -> list[dict[str, dict[str, str]]]:
    source = opened.blobs.get("kibanaSavedObjectMeta.searchSourceJSON")
    found = source.get("filter", []) if isinstance(source, dict) else []
    return [one for one in found if isinstance(one, dict)]


def summary_counts(export: Export, objects: Sequence[Opened]) -> Iterator[Finding]:
    """R8: exportedCount is the number of objects; type and id are unique in a file."""
    if export.summary is not None and objects:
        count = export.summary.document.get("exportedCount")
        if count != len(objects):
            found = objects[0].finding(
                "R8", "", f"exportedCount is {count}, but {len(objects)} objects are here", "rebuild"
            )
            yield found
    counted = Counter((one.line.type, one.line.id) for one in objects)
    for one in objects:
        if counted[(one.line.type, one.line.id)] > 1:
            yield one.finding("R8", "", f"another {one.line.type} has the id {one.line.id}", "Kibana refuses the file")
