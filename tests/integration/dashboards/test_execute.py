"""Every panel of what we ship, on a real Elasticsearch, beside values reckoned by hand.

The documents are in tests/support/dashboard_data.py.
"""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from shipper.dashboards.columns import (
    Average,
    Count,
    DateHistogram,
    FilterBucket,
    Filters,
    Formula,
    LastValue,
    Max,
    Median,
    Min,
    StandardDeviation,
    Sum,
    Terms,
    UniqueCount,
)
from shipper.dashboards.execute import dashboard as opened
from shipper.dashboards.execute.dashboard import Dashboard, open_dashboard
from shipper.dashboards.execute.layer import DataSource, open_layer
from shipper.dashboards.execute.period import Period
from shipper.dashboards.execute.request import Scope
from shipper.dashboards.execute.run import Result, Runner
from shipper.dashboards.export import dashboards, read
from shipper.dashboards.panel.base import Named, Place, make_layer
from shipper.elastic.client import connect, for_role
from shipper.errors import UnavailableError, UsageError
from shipper.home import Endpoints
from shipper.kql import KqlError
from tests.support import dashboard_data as data

DIST = Path(__file__).parents[3] / "kibana_saved_objects" / "dist"
HOUR = Period.parse(data.START, data.END, 0)
pytestmark = pytest.mark.elasticsearch


def at(number: int) -> int:
    return HOUR.start + number * 60_000


def board(name: str) -> Dashboard:
    [(export, line)] = dashboards([read(DIST / f"{name}.ndjson")])
    return open_dashboard(export, line)


@pytest.fixture(scope="module")
def hour(elasticsearch: Elasticsearch) -> Iterator[Runner]:
    """The hour, loaded once: these tests only read it."""
    prefix = f"t-{uuid.uuid4().hex[:12]}-"
    names = data.load_hour(elasticsearch, prefix)
    yield Runner(elasticsearch, "the test cluster", prefix)
    for name in names:
        elasticsearch.indices.delete(index=name)


def shown(runner: Runner, name: str = "overview", **scope: Any) -> dict[str, Result]:
    results = runner.run(board(name), Scope(HOUR, **scope))
    return {result.panel.title: result for result in results}


def values(result: Result, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row.get(name) for name in names) for row in result.table.rows]


def nonzero(result: Result) -> dict[tuple[str, int], Any]:
    """(series, time) -> value, without the empty rows."""
    return {(row["split"], row["x"]): row["metric-1"] for row in result.table.rows if row["metric-1"]}


def test_every_panel_of_the_overview_shows_what_was_reckoned_by_hand(hour: Runner):
    panels = shown(hour)
    assert [result.error for result in panels.values() if result.error] == []
    assert values(panels["Log records"], "metric-1", "metric-2") == [(20, 3)]
    assert values(panels["Errors"], "metric-1", "metric-2") == [(3, 2)]
    assert values(panels["Error share"], "metric-1") == [(3 / 20,)]
    assert values(panels["Requests"], "metric-1", "metric-2") == [(19, 3)]
    [[p95, median]] = values(panels["p95 latency"], "metric-1", "metric-2")
    # sorted ms: 10 x10, 20, 20, 30, 100 x4, 800, 900: the 10th of 19 is the median
    assert median == 10 * data.MILLISECOND
    assert 800 * data.MILLISECOND <= p95 <= 900 * data.MILLISECOND
    assert values(panels["Agent lag"], "metric-1", "metric-2") == [(700, 2)]


def test_levels_over_time_have_a_row_for_every_minute(hour: Runner):
    levels = shown(hour)["Log records over time by level"]
    found = nonzero(levels)
    assert found["info", at(10)] == 4
    assert found["error", at(10)] == 1
    assert found["error", at(40)] == 1
    assert found["warn", at(20)] == 1
    assert found["debug", at(59)] == 1
    assert sum(found.values()) == 20
    times = [row["x"] for row in levels.table.rows if row["split"] == "info"]
    assert times == [at(number) for number in range(60)]


def test_status_classes_are_disjoint_and_complete(hour: Runner):
    found = nonzero(shown(hour)["Requests by status class"])
    per_class = {name: sum(value for (split, _), value in found.items() if split == name) for name, _ in found}
    assert per_class == {"2xx": 14, "3xx": 1, "4xx": 1, "5xx": 3}


def test_latency_by_route_is_per_route_and_minute(hour: Runner):
    found = nonzero(shown(hour)["p95 latency by route"])
    assert found["/home", at(0)] == 10 * data.MILLISECOND
    assert found["/pay", at(11)] == 800 * data.MILLISECOND
    assert ("/home", at(30)) not in found


def test_where_the_time_goes_adds_up_to_the_whole(hour: Runner):
    rows = values(shown(hour)["Where the time goes"], "row-1", "row-2", "metric-1", "metric-3", "metric-4")
    # /pay: 4 x 100 + 900 + 800 = 2100 ms; /home: 10 x 10 + 20 + 20 + 30 = 170 ms
    assert rows == [
        ("/pay", "payments", 6, 2100 * data.MILLISECOND, pytest.approx(2100 / 2270)),
        ("/home", "shop", 13, 170 * data.MILLISECOND, pytest.approx(170 / 2270)),
    ]


def test_top_errors_nest_services_in_types(hour: Runner):
    rows = values(shown(hour)["Top errors"], "row-1", "row-2", "metric-1", "metric-2")
    assert rows == [("Timeout", "payments", 2, at(11) + 30_000), ("KeyError", "shop", 1, at(40))]


def test_alerts_count_episodes_and_tell_the_last_state(hour: Runner):
    rows = values(shown(hour)["Alerts"], "row-1", "row-2", "metric-1", "metric-2", "metric-3")
    assert rows == [
        ("error-burst", "service.name=payments", 2, "firing", at(41)),
        ("slow", "http.route=/pay", 1, "firing", at(12)),
    ]


def test_hosts_average_and_keep_their_reference_line(hour: Runner):
    result = shown(hour)["Host CPU and memory"]
    first = result.table.rows[0]
    assert (first["x"], first["metric-1"], first["metric-2"]) == (at(0), pytest.approx(0.3), 0.5)
    assert [table.rows for table in result.tables.values()][1] == [{"line-1": 0.9}]


def test_agent_lag_is_the_worst_of_each_minute_and_host(hour: Runner):
    rows = values(shown(hour)["Agent lag by host"], "split", "x", "metric-1")
    found = {(split, x): value for split, x, value in rows if value is not None}
    assert found == {("web-1", at(5)): 700, ("web-2", at(6)): 0}


def test_timelion_and_its_lens_twin_show_the_same(hour: Runner):
    panels = shown(hour, "timelion_legacy")
    legacy = nonzero(panels["Errors and warnings (Timelion, legacy)"])
    assert legacy == nonzero(panels["Errors and warnings"])
    assert sum(legacy.values()) == 4


def test_what_the_viewer_asks_cuts_every_panel(hour: Runner):
    by_query = shown(hour, queries=("service.name: payments",))
    by_control = shown(hour, chosen={"service.name": ("payments",)})
    for panels in (by_query, by_control):
        assert values(panels["Requests"], "metric-1", "metric-2") == [(6, 2)]
        assert values(panels["Alerts"], "row-1") == []


def test_a_control_offers_the_values_of_the_range_most_frequent_first(hour: Runner):
    service = board("overview").controls[0]
    assert hour.options(service, Scope(HOUR)) == ["shop", "payments", "jobs"]


def test_without_any_index_every_panel_is_empty_and_none_is_an_error(elasticsearch: Elasticsearch, prefix: str):
    panels = shown(Runner(elasticsearch, "the test cluster", prefix))
    assert [result.error for result in panels.values() if result.error] == []
    assert {result.documents for result in panels.values()} == {0}
    assert values(panels["Error share"], "metric-1") == [(None,)]
    assert values(panels["p95 latency"], "metric-1") == [(None,)]


def test_the_readers_account_may_do_all_that_a_dashboard_needs(endpoints: Endpoints):
    settings = for_role(endpoints, "shipper_reader")
    board_ = board("overview")
    with connect(settings) as client:
        runner = Runner(client, settings.place)
        results = runner.run(board_, Scope(HOUR, ("service.name: shop",)))
        assert [result.error for result in results if result.error] == []
        assert runner.options(board_.controls[0], Scope(HOUR)) == []


def test_a_wrong_query_of_the_viewer_is_an_error_with_its_place(hour: Runner):
    with pytest.raises(KqlError, match="column"):
        shown(hour, queries=("service.name: (a",))


def test_an_unreachable_cluster_is_said_with_the_next_step():
    with Elasticsearch("http://127.0.0.1:9", max_retries=0) as nowhere, pytest.raises(UnavailableError) as caught:
        shown(Runner(nowhere, "127.0.0.1:9"))
    assert "shipper stack" in (caught.value.hint or "")


def test_a_panel_that_elasticsearch_refuses_is_an_error_and_spares_its_neighbours(
    elasticsearch: Elasticsearch, prefix: str
):
    elasticsearch.indices.create(
        index=f"{prefix}shipper-logs-2026.01.01",
        mappings={
            "properties": {"@timestamp": {"type": "date"}, "event": {"properties": {"duration": {"type": "keyword"}}}}
        },
        settings={"number_of_replicas": 0},
    )
    panels = shown(Runner(elasticsearch, "the test cluster", prefix))
    assert isinstance(panels["p95 latency"].error, UsageError)
    assert panels["Log records"].error is None


def one_layer(runner: Runner, buckets: list[Named], metrics: list[Any]) -> list[dict[str, Any]]:
    """Execute a layer that is no panel of ours, as if it were one."""
    built = make_layer(Place("d", "p", {"logs": "v"}), "logs", buckets, metrics)
    layer = open_layer(built.id, built.document(), DataSource("shipper-logs-*", "@timestamp", {}))
    panel = opened.Panel(
        "p", "P", "", hide_title=False, grid={}, content=opened.Lens("lnsXY", {}, {built.id: layer}, "")
    )
    board = Dashboard("d", "D", "", "", "", "", 0, (), (panel,))
    [result] = runner.run(board, Scope(HOUR))
    return list(result.table.rows)


def test_each_metric_is_what_its_name_says(hour: Runner):
    duration = "event.duration"
    metrics = [
        Count(label="n"),
        Count(label="n", filter="http.response.status_code >= 500"),
        UniqueCount(label="u", field="service.name"),
        Average(label="a", field=duration),
        Sum(label="s", field=duration),
        Min(label="i", field=duration),
        Max(label="x", field=duration),
        Median(label="m", field=duration, filter="http.route: /pay"),
        StandardDeviation(label="d", field=duration, filter="http.route: /nowhere"),
        LastValue(label="l", field="log.level"),
    ]
    [row] = one_layer(hour, [], metrics)
    found = [row[f"metric-{number}"] for number in range(1, len(metrics) + 1)]
    ms = data.MILLISECOND
    assert found == [20, 3, 3, pytest.approx(2270 / 19 * ms), 2270 * ms, 10 * ms, 900 * ms, 100 * ms, None, "debug"]


@pytest.mark.parametrize(
    ("metric", "ascending", "expected"),
    [
        (Count(label="n"), False, ["/home", "/pay"]),
        (Count(label="n"), True, ["/pay", "/home"]),
        (Count(label="n", filter="log.level: error"), False, ["/pay", "/home"]),
        (Sum(label="s", field="event.duration"), False, ["/pay", "/home"]),
        (Max(label="s", field="event.duration", filter="log.level: info"), False, ["/pay", "/home"]),
        (Median(label="s", field="event.duration"), True, ["/home", "/pay"]),
        (StandardDeviation(label="s", field="event.duration"), False, ["/pay", "/home"]),
    ],
)
def test_terms_are_ordered_by_any_metric(hour: Runner, metric: Any, ascending: bool, expected: list[str]):
    rows = one_layer(hour, [Named("t", Terms(field="http.route", ascending=ascending))], [metric])
    assert [row["t"] for row in rows] == expected


def test_terms_are_ordered_by_a_metric_that_lies_deeper(hour: Runner):
    buckets = [Named("t", Terms(field="http.route")), Named("x", DateHistogram(interval="30m"))]
    rows = one_layer(hour, buckets, [Sum(label="s", field="event.duration")])
    ms = data.MILLISECOND
    assert [(row["t"], row["x"], row["metric-1"]) for row in rows] == [
        ("/pay", at(0), 2100 * ms), ("/pay", at(30), None), ("/home", at(0), 140 * ms), ("/home", at(30), 30 * ms),
    ]  # fmt: skip


def test_a_size_cuts_the_terms(hour: Runner):
    assert len(one_layer(hour, [Named("t", Terms(field="log.level", size=2))], [Count(label="n")])) == 2


def test_table_functions_run_along_the_time_of_each_series(hour: Runner):
    buckets = [Named("t", Filters(filters=(FilterBucket(label="home", query="http.route: /home"),
                                           FilterBucket(label="pay", query="http.route: /pay")))),
               Named("x", DateHistogram(interval="10m"))]  # fmt: skip
    metrics = [
        Formula(label="c", formula="cumulative_sum(count())"),
        Formula(label="d", formula="differences(count())"),
        Formula(label="m", formula="moving_average(count(), window=2)"),
        Formula(label="o", formula="count() / overall_sum(count())"),
    ]
    rows = one_layer(hour, buckets, metrics)
    home = [row for row in rows if row["t"] == "home"]
    # counts of /home in the six tens of minutes: 10 0 2 0 1 0
    assert [row["metric-1"] for row in home] == [10, 10, 12, 12, 13, 13]
    assert [row["metric-2"] for row in home] == [None, -10, 2, -2, 1, -1]
    assert [row["metric-3"] for row in home] == [None, 10, 5, 1, 1, 0.5]
    assert [row["metric-4"] for row in home] == [pytest.approx(n / 13) for n in (10, 0, 2, 0, 1, 0)]
    assert [row["metric-1"] for row in rows if row["t"] == "pay"] == [0, 6, 6, 6, 6, 6]


def test_the_range_holds_its_begin_and_not_its_end(elasticsearch: Elasticsearch, prefix: str):
    data.load(elasticsearch, prefix, "shipper-logs", [
        {"@timestamp": moment, "log": {"level": "info"}}
        for moment in ("2025-12-31T23:59:59.999Z", data.START, "2026-01-01T00:59:59.999Z", data.END)
    ])  # fmt: skip
    rows = one_layer(Runner(elasticsearch, "t", prefix), [Named("x", DateHistogram(interval="1h"))], [Count(label="n")])
    assert [(row["x"], row["metric-1"]) for row in rows] == [(at(0), 2)]
