"""The committed dashboards are clean; each seeded fault is caught by the rule that is meant for it."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shipper.dashboards.export import Export, parse
from shipper.dashboards.lint import RULES, lint
from shipper.dashboards.lint.catalog import catalog
from shipper.dashboards.saved_object import canonical
from shipper.errors import UsageError

DIST = Path(__file__).parents[3] / "kibana_saved_objects" / "dist"
FILES = sorted(DIST.glob("*.ndjson"))


class Draft:
    """A built file with its blobs decoded, to be broken on purpose."""

    def __init__(self, text: str) -> None:
        self.lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
        self.dashboard = next(line for line in self.lines if line.get("type") == "dashboard")
        self.attributes = self.dashboard["attributes"]
        self.panels = json.loads(self.attributes["panelsJSON"])
        self.controls = json.loads(self.attributes["controlGroupInput"]["panelsJSON"])
        self.source = json.loads(self.attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])

    def panel(self, title: str) -> dict[str, Any]:
        return next(panel for panel in self.panels if panel["title"] == title)

    def state(self, title: str) -> dict[str, Any]:
        state: dict[str, Any] = self.panel(title)["embeddableConfig"]["attributes"]["state"]
        return state

    def layer(self, title: str) -> dict[str, Any]:
        return next(iter(self.state(title)["datasourceStates"]["formBased"]["layers"].values()))

    def export(self) -> Export:
        document = copy.deepcopy(self.lines)
        dashboard = next(line for line in document if line.get("type") == "dashboard")
        attributes = dashboard["attributes"]
        if isinstance(attributes["panelsJSON"], str):  # else it was broken on purpose
            attributes["panelsJSON"] = canonical(self.panels)
        attributes["controlGroupInput"]["panelsJSON"] = canonical(self.controls)
        attributes["kibanaSavedObjectMeta"]["searchSourceJSON"] = canonical(self.source)
        return parse("\n".join(json.dumps(line) for line in document), "seeded.ndjson")


LEVELS, ROUTES, ERRORS, SHARE = "Log records over time by level", "Where the time goes", "Top errors", "Error share"


def set_(holder: dict[str, Any], key: str, value: Any) -> None:
    holder[key] = value


def swap_reference(draft: Draft) -> None:
    reference = next(one for one in draft.dashboard["references"] if "layer" in one["name"])
    reference["id"] = next(line["id"] for line in draft.lines if line["type"] == "tag")


def add_panels(draft: Draft) -> None:
    panel = draft.panel("Errors")
    for number in range(100):
        extra = copy.deepcopy(panel)
        extra["panelIndex"] = extra["gridData"]["i"] = f"extra-{number}"
        extra["gridData"] |= {"y": 1000 + number * 5}
        extra["embeddableConfig"]["attributes"]["references"] = []
        extra["embeddableConfig"]["attributes"]["state"]["datasourceStates"]["formBased"]["layers"] = {}
        extra["embeddableConfig"]["attributes"]["state"]["visualization"] = {}
        draft.panels.append(extra)


def first_control(draft: Draft) -> dict[str, Any]:
    return next(iter(draft.controls.values()))


def view(draft: Draft) -> dict[str, Any]:
    return next(line for line in draft.lines if line.get("attributes", {}).get("title") == "shipper-logs-*")


MUTATIONS: list[tuple[str, str, Callable[[Draft], object]]] = [
    ("R1", "a name twice", lambda d: d.dashboard["references"].append(d.dashboard["references"][0])),
    ("R1", "a missing reference", lambda d: d.dashboard["references"].pop(5)),
    ("R1", "an unused reference", lambda d: d.dashboard["references"].append(
        {**d.dashboard["references"][0], "name": "nobody"})),
    ("R1", "another id in the panel", swap_reference),
    ("R1", "a data view that is not in the file", lambda d: d.lines.remove(view(d))),
    ("R2", "a layer without reference", lambda d: set_(
        d.panel(LEVELS)["embeddableConfig"]["attributes"], "references", [])),
    ("R2", "a reference without layer", lambda d: d.state(LEVELS)["datasourceStates"]["formBased"]["layers"].clear()),
    ("R3", "a column that is not in the order", lambda d: d.layer(LEVELS)["columnOrder"].pop()),
    ("R3", "a ghost in the order", lambda d: d.layer(LEVELS)["columnOrder"].append("ghost")),
    ("R3", "an order by a ghost", lambda d: set_(
        d.layer(LEVELS)["columns"]["split"]["params"]["orderBy"], "columnId", "ghost")),
    ("R3", "a reference to a ghost", lambda d: set_(
        d.layer(SHARE)["columns"]["metric-1X2"], "references", ["metric-1X0", "ghost"])),
    ("R4", "an accessor that is no column", lambda d: set_(d.state(SHARE)["visualization"], "metricAccessor", "ghost")),
    ("R4", "a list with a ghost", lambda d: d.state(LEVELS)["visualization"]["layers"][0]["accessors"].append("ghost")),
    ("R4", "a table column that is no column", lambda d: set_(
        d.state(ERRORS)["visualization"]["columns"][0], "columnId", "ghost")),
    ("R4", "a layer that is not there", lambda d: set_(d.state(ERRORS)["visualization"], "layerId", "ghost")),
    ("R5", "a wrong gridData.i", lambda d: set_(d.panel(ERRORS)["gridData"], "i", "other")),
    ("R5", "out of the grid", lambda d: set_(d.panel(ERRORS)["gridData"], "w", 49)),
    ("R5", "one over the other", lambda d: set_(d.panel(ERRORS)["gridData"], "y", 5)),
    ("R5", "an index twice", lambda d: set_(d.panel(ERRORS), "panelIndex", d.panel(ROUTES)["panelIndex"])),
    ("R6", "a control without reference", lambda d: d.dashboard["references"].remove(
        next(one for one in d.dashboard["references"] if one["name"].startswith("controlGroup_")))),
    ("R6", "a control with another id", lambda d: set_(first_control(d)["explicitInput"], "id", "other")),
    ("R6", "a control without field", lambda d: first_control(d)["explicitInput"].pop("fieldName")),
    ("R7", "a filter without index", lambda d: d.source["filter"].append({"meta": {}, "query": {"match_all": {}}})),
    ("R8", "a wrong count", lambda d: set_(d.lines[-1], "exportedCount", 99)),
    ("R8", "an object twice", lambda d: d.lines.insert(0, copy.deepcopy(view(d)))),
    ("R9", "a formula that points at its first part", lambda d: set_(
        d.layer(SHARE)["columns"]["metric-1"], "references", ["metric-1X0", "metric-1X2"])),
    ("R10", "a newer version", lambda d: set_(d.dashboard, "typeMigrationVersion", "10.4.0")),
    ("R10", "no version", lambda d: view(d).pop("typeMigrationVersion")),
    ("R10", "no core version", lambda d: view(d).pop("coreMigrationVersion")),
    ("R10", "a type without pin", lambda d: set_(view(d), "type", "canvas-workpad")),
    ("R11", "a decoded blob", lambda d: set_(d.attributes, "panelsJSON", d.panels)),
    ("R11", "a blob with spaces", lambda d: set_(d.attributes, "optionsJSON", '{ "useMargins": true }')),
    ("R11", "a blob that is no JSON", lambda d: set_(view(d)["attributes"], "fieldFormatMap", "{")),
    ("R12", "an unknown visualization", lambda d: set_(
        d.panel(ERRORS)["embeddableConfig"]["attributes"], "visualizationType", "lnsTable")),
    ("R12", "an unknown operation", lambda d: set_(d.layer(ERRORS)["columns"]["metric-1"], "operationType", "kount")),
    ("R12", "an unknown control", lambda d: set_(first_control(d), "type", "optionList")),
    ("R12", "an unknown panel", lambda d: set_(d.panel(ERRORS), "type", "lense")),
    ("R13", "a field that no template has", lambda d: set_(
        d.layer(ERRORS)["columns"]["row-1"], "sourceField", "error.typ")),
    ("R13", "terms of a text", lambda d: set_(d.layer(ERRORS)["columns"]["row-1"], "sourceField", "message")),
    ("R13", "a sum of words", lambda d: set_(d.layer(ROUTES)["columns"]["metric-3"], "sourceField", "log.level")),
    ("R13", "a time that is none", lambda d: set_(d.layer(LEVELS)["columns"]["x"], "sourceField", "log.level")),
    ("R13", "a query on no field of ours", lambda d: set_(d.state(ERRORS)["query"], "query", "log.lvl: error")),
    ("R13", "a query that is no KQL", lambda d: set_(d.state(ERRORS)["query"], "query", "log.level: (error")),
    ("R13", "a metric's filter", lambda d: set_(
        d.layer("Errors")["columns"]["metric-1"]["filter"], "query", "http.response.status_code: many")),
    ("R13", "a control's field", lambda d: set_(first_control(d)["explicitInput"], "fieldName", "service.nam")),
    ("R14", "too many panels", add_panels),
    ("R15", "a data view of nothing", lambda d: set_(view(d)["attributes"], "title", "filebeat-*")),
    ("R15", "a time field that is no date", lambda d: set_(view(d)["attributes"], "timeFieldName", "log.level")),
]  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_we_ship_has_no_finding(path: Path):
    assert lint(parse(path.read_text(), path.name), catalog()) == []


def test_an_untouched_draft_is_clean():
    assert lint(Draft((DIST / "overview.ndjson").read_text()).export(), catalog()) == []


@pytest.mark.parametrize(
    ("rule", "fault", "mutate"), MUTATIONS, ids=[f"{rule}-{fault}" for rule, fault, _ in MUTATIONS]
)
def test_a_seeded_fault_is_caught_by_its_rule(rule: str, fault: str, mutate: Callable[[Draft], object]):
    draft = Draft((DIST / "overview.ndjson").read_text())
    mutate(draft)
    found = lint(draft.export(), catalog())
    assert rule in {finding.rule for finding in found}, fault
    assert all(finding.line >= 1 and finding.fix for finding in found)


def test_every_rule_has_a_seeded_fault():
    assert {rule for rule, _, _ in MUTATIONS} == {f"R{number}" for number in range(1, 16)}


def test_every_rule_says_its_number():
    assert all(rule.__doc__ and rule.__doc__.startswith("R") for rule in RULES)


def test_a_finding_names_file_line_panel_rule_and_fix():
    draft = Draft((DIST / "overview.ndjson").read_text())
    draft.layer(ERRORS)["columns"]["row-1"]["sourceField"] = "error.typ"
    texts = [str(finding) for finding in lint(draft.export(), catalog())]
    assert (
        "seeded.ndjson:1: panel `Top errors`: R13 no template has the field `error.typ` (did you mean `error.type`?)"
        in texts
    )


@pytest.mark.parametrize(
    "attributes",
    [
        {"panelsJSON": "7"},
        {"panelsJSON": '[{"type": {}, "embeddableConfig": {}}]'},
        {"panelsJSON": '[{"type": "lens", "embeddableConfig": {"attributes": {"state": "x"}}}]'},
        {"controlGroupInput": {"panelsJSON": '{"a": "x"}'}},
        {"kibanaSavedObjectMeta": {"searchSourceJSON": '{"filter": 3}'}},
    ],
)
def test_an_object_of_a_shape_that_kibana_never_writes_is_named_with_its_line(attributes):
    good = json.dumps({"type": "index-pattern", "id": "a", "attributes": {"title": "x"}, "references": []})
    bad = json.dumps({"type": "dashboard", "id": "d", "attributes": attributes, "references": []})
    with pytest.raises(UsageError, match="shape that Kibana writes") as refused:
        lint(parse(f"{good}\n{bad}", "export.ndjson"), catalog())
    assert refused.value.where == "export.ndjson:2"


def test_json_nested_without_end_is_refused_not_a_crash():
    with pytest.raises(UsageError, match="not JSON"):
        parse("[" * 100_000, "export.ndjson")
