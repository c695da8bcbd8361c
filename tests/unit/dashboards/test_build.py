import json
from pathlib import Path
from typing import Any

import pytest

from shipper.config import bind, parse
from shipper.dashboards import builder
from shipper.dashboards.source import Dashboard, Shared, Source, Sources, read_sources
from shipper.errors import ConfigError, UsageError

FOLDER = Path(__file__).parents[3] / "kibana_saved_objects"
SHARED = """
data_views:
  logs: {title: shipper-logs-*, name: Logs, durations: {event.duration: {}}}
  metrics: {title: shipper-metrics-*, name: Metrics}
tags:
  ours: {name: Ours, color: "#112233"}
"""
COUNT = (
    "  - {title: Records, type: metric, grid: {x: 0, y: 0, w: 8, h: 5}, data_view: logs, metric: {op: count, label: n}}"
)


def sources(text: str, name: str = "board") -> Sources:
    file = parse(text, f"src/{name}.yml", {})
    return Sources(bind(parse(SHARED, "shared.yml", {}), Shared), (Source(name, file, bind(file, Dashboard)),))


def built(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in builder.build(sources(text))["board.ndjson"].splitlines()]


def test_the_committed_files_are_what_a_rebuild_gives():
    assert builder.differences(FOLDER, builder.build(read_sources(FOLDER))) == []


def test_two_builds_are_the_same_bytes():
    assert builder.build(read_sources(FOLDER)) == builder.build(read_sources(FOLDER))


def test_a_file_holds_the_dashboard_the_views_it_uses_and_a_summary():
    *objects, summary = built(f"title: Board\ntags: [ours]\npanels:\n{COUNT}")
    assert [one["type"] for one in objects] == ["dashboard", "index-pattern", "tag"]
    assert objects[1]["attributes"]["title"] == "shipper-logs-*"
    assert summary["exportedCount"] == 3


def test_volatile_keys_are_left_out():
    for one in built(f"title: Board\npanels:\n{COUNT}")[:-1]:
        assert not {"created_at", "created_by", "updated_at", "updated_by", "version", "sort"} & set(one)


def test_ids_depend_on_names_and_not_on_places():
    text = f"title: Board\npanels:\n{COUNT}"
    moved = text.replace("x: 0", "x: 8").replace("title: Board", "title: Other")
    assert built(text)[0]["id"] == built(moved)[0]["id"]
    panels = [json.loads(built(one)[0]["attributes"]["panelsJSON"])[0]["panelIndex"] for one in (text, moved)]
    assert panels[0] == panels[1]


def test_a_reference_of_a_layer_is_hoisted_with_the_panel_before_it():
    dashboard = built(f"title: Board\npanels:\n{COUNT}")[0]
    panel = json.loads(dashboard["attributes"]["panelsJSON"])[0]
    inner = panel["embeddableConfig"]["attributes"]["references"][0]
    assert dashboard["references"] == [{**inner, "name": f"{panel['panelIndex']}:{inner['name']}"}]


def test_durations_get_a_field_format():
    view = built(f"title: Board\npanels:\n{COUNT}")[1]
    assert json.loads(view["attributes"]["fieldFormatMap"])["event.duration"]["id"] == "duration"


def test_the_range_and_the_refresh_are_restored():
    attributes = built(f"title: B\ntime: {{start: now-6h, refresh: 10s}}\npanels:\n{COUNT}")[0]["attributes"]
    assert attributes["timeRestore"] is True
    assert (attributes["timeFrom"], attributes["timeTo"]) == ("now-6h", "now")
    assert attributes["refreshInterval"] == {"pause": False, "value": 10000}


TIMELION = "  - {title: T, type: timelion, twin: Twin, grid: {x: 0, y: 9, w: 8, h: 5}, expression: '.es(index=a)'}"


@pytest.mark.parametrize(
    ("panels", "line", "message"),
    [
        (COUNT.replace("data_view: logs", "data_view: lags"), 3, "unknown data view `lags`"),
        (f"{COUNT}\n{COUNT.replace('x: 0', 'x: 8')}", 4, "a second panel with this title"),
        (f"{COUNT}\n{COUNT.replace('Records', 'Two')}", 4, "it lies over the panel `Records`"),
        (COUNT.replace("w: 8", "w: 49"), 3, "at most 48"),
        (COUNT.replace("op: count", "op: kount"), 3, "Invalid value|invalid value"),
        (COUNT.replace("op: count, label: n", "op: formula, label: n, formula: 'count( +'"), 3, "column"),
        (COUNT.replace("metric: {op", "metrik: {op"), 3, "unknown key `metrik`"),
        (TIMELION, 3, "needs its Lens twin"),
    ],
)
def test_a_mistake_in_a_source_is_named_with_its_line(panels: str, line: int, message: str):
    with pytest.raises(ConfigError, match=message) as caught:
        built(f"title: Board\npanels:\n{panels}")
    assert caught.value.where is not None
    assert caught.value.where.startswith(f"src/board.yml:{line}")


def test_an_unknown_tag_is_named_with_its_line():
    with pytest.raises(ConfigError, match="unknown tag `thers`") as caught:
        built(f"title: Board\ntags: [thers]\npanels:\n{COUNT}")
    assert caught.value.where == "src/board.yml:2: tags[0]"


def test_a_folder_without_sources_is_said(tmp_path: Path):
    (tmp_path / "shared.yml").write_text(SHARED)
    with pytest.raises(UsageError, match="no dashboards"):
        read_sources(tmp_path)


def test_a_dashboard_that_is_gone_loses_its_file(tmp_path: Path):
    files = builder.build(sources(f"title: Board\npanels:\n{COUNT}"))
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "old.ndjson").write_text("{}")
    assert builder.write(tmp_path, files) == ["board.ndjson", "old.ndjson"]
    assert [path.name for path in (tmp_path / "dist").iterdir()] == ["board.ndjson"]
    assert builder.write(tmp_path, files) == []
