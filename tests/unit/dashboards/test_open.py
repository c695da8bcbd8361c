"""Opening a saved object for execution: what we cannot execute is said, and spares the other panels."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shipper.dashboards.execute.dashboard import Dashboard, open_dashboard
from shipper.dashboards.execute.table import UnsupportedError
from shipper.dashboards.execute.timelion import parse as parse_timelion
from shipper.dashboards.export import dashboards, parse
from shipper.errors import UsageError

OVERVIEW = Path(__file__).parents[3] / "kibana_saved_objects" / "dist" / "overview.ndjson"


def opened(change: Callable[[dict[str, Any]], object]) -> Dashboard:
    """The overview, its first panel changed."""
    lines = [json.loads(line) for line in OVERVIEW.read_text().splitlines()]
    board = next(line for line in lines if line.get("type") == "dashboard")
    panels = json.loads(board["attributes"]["panelsJSON"])
    change(panels[0])
    board["attributes"]["panelsJSON"] = json.dumps(panels)
    [(export, line)] = dashboards([parse("\n".join(map(json.dumps, lines)), "x.ndjson")])
    return open_dashboard(export, line)


def attributes(panel: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = panel["embeddableConfig"]["attributes"]
    return found


def column(panel: dict[str, Any]) -> dict[str, Any]:
    layers = attributes(panel)["state"]["datasourceStates"]["formBased"]["layers"]
    found: dict[str, Any] = next(iter(layers.values()))["columns"]["metric-1"]
    return found


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p.update(type="map"), "panels of type `map`"),
        (lambda p: attributes(p).update(visualizationType="lnsPie"), "type `lnsPie`"),
        (lambda p: column(p).update(operationType="counter_rate"), "operation `counter_rate`"),
        (lambda p: column(p).update(timeShift="1d"), "`timeShift`"),
        (lambda p: column(p).update(reducedTimeRange="1m"), "`reducedTimeRange`"),
        (lambda p: attributes(p)["state"].update(filters=[{}]), "filter pills"),
        (lambda p: attributes(p)["state"]["query"].update(language="lucene", query="a"), "queries in lucene"),
        (lambda p: p.update(panelIndex="moved"), "data view"),
    ],
)
def test_what_cannot_be_executed_is_the_panels_error_alone(change: Callable[[dict[str, Any]], object], message: str):
    first, *others = opened(change).panels
    assert isinstance(first.content, UsageError)
    assert message in first.content.message
    assert not any(isinstance(panel.content, UsageError) for panel in others)


def test_a_damaged_object_is_said_with_its_line():
    with pytest.raises(UsageError, match="damaged") as caught:
        opened(lambda panel: panel.pop("gridData"))
    assert caught.value.where == "x.ndjson:1"


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_a_line_that_is_no_object_is_said_with_its_number(text: str):
    with pytest.raises(UsageError) as caught:
        parse(f'{{"type":"tag","id":"a"}}\n{text}', "x.ndjson")
    assert caught.value.where == "x.ndjson:2"


def test_timelion_series_are_read_with_their_labels():
    one, two = parse_timelion(".es(index=a-*, q='x:1, 2').label('One').lines(fill=1), .es(index=b, metric=avg:f)")
    assert (one.index, one.query, one.label, one.metric) == ("a-*", "x:1, 2", "One", "count")
    assert (two.index, two.query, two.metric) == ("b", "*", "avg:f")


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".es(q=a)",
        ".es(index=a).derivative()",
        ".graphite(a)",
        ".es(index=a, split=b:5)",
        ".es(index=a, metric=p99:f)",
    ],
)
def test_timelion_beyond_the_subset_is_an_error(text: str):
    with pytest.raises(UnsupportedError):
        parse_timelion(text)
