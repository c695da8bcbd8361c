"""Numbers as text, charts as specifications and pictures, without a cluster."""

import re
from typing import Any

import pytest

from shipper.dashboards.execute.dashboard import Lens
from shipper.dashboards.execute.period import Period
from shipper.dashboards.execute.table import Column, Table, UnsupportedError
from shipper.dashboards.preview import numbers
from shipper.dashboards.preview.chart import (
    SERIES_TYPES,
    Chart,
    Line,
    Point,
    Series,
    Specification,
    chart_of,
    safe_color,
)
from shipper.dashboards.preview.svg import draw
from shipper.dashboards.preview.view import paragraphs

PERIOD = Period(0, 600_000)
TIME = Column("x", "@timestamp", "date", "date_histogram", bucketed=True, format={}, interval=60_000)
WORD = Column("x", "Route", "string", "terms", bucketed=True, format={})
COUNT = Column("m", "Records", "number", "count", bucketed=False, format={})
DURATION = {"id": "duration", "params": {"inputFormat": "nanoseconds", "outputPrecision": 1}}
HOSTILE = "</svg><script>alert(1)</script>\"'`${alert(1)}"


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (1234567, {}, "1,234,567"),
        (0.5, {}, "0.50"),
        (0.01607, {"id": "percent", "params": {"decimals": 2}}, "1.61 %"),
        (0, {"id": "bytes", "params": {"decimals": 1}}, "0 B"),
        (20_600, {"id": "bytes", "params": {"decimals": 1}}, "20.1 KB"),
        (458_000_000, DURATION, "458 ms"),
        (1_500_000_000, DURATION, "1.5 s"),
        (1_656_845_824_597, DURATION, "27.6 min"),
        (3, {"id": "number", "params": {"suffix": "req"}}, "3 req"),
    ],
)
def test_a_number_reads_as_people_write_it(value: float, form: dict[str, Any], text: str):
    assert numbers.number(value, form) == text


def test_nothing_is_a_dash_and_a_date_is_a_moment():
    assert numbers.cell(None, COUNT) == numbers.NOTHING
    assert numbers.cell(0, TIME) == "01 Jan 00:00:00"


def chart(kind: str, x: Column = TIME, lines: list[Line] | None = None) -> Chart:
    keys: list[Any] = [0, 60_000, 120_000] if x is TIME else ["a", "b", HOSTILE]
    series = [Series("info", "#3D8FDB"), Series(HOSTILE, "#DB3B43")]
    points = [Point(key, number, value) for number in (0, 1) for key, value in zip(keys, (1.0, 2.0, 3.0), strict=True)]
    return Chart(kind, x, COUNT, series, points, lines or [], None)


@pytest.mark.parametrize("kind", sorted(SERIES_TYPES))
@pytest.mark.parametrize("x", [TIME, WORD], ids=["time", "words"])
def test_every_kind_of_series_is_drawn_and_hostile_names_stay_text(kind: str, x: Column):
    picture = str(draw(Specification(chart(kind, x, [Line(HOSTILE, 2, "#112233")]), PERIOD, 400, 200).build(), HOSTILE))
    assert "<script" not in picture
    assert picture.startswith("<svg")
    assert picture.count("<svg") == 1
    assert picture.count('aria-roledescription="rect mark"') >= 3


def test_stacked_bars_stand_on_each_other():
    rows = Specification(chart("bar_stacked"), PERIOD, 400, 200).build()["layer"][0]["data"]["values"]
    first = [row for row in rows if row["x"] == 60_000]
    assert [(row["y0"], row["y"]) for row in first] == [(0, 2), (2, 4)]


def test_shares_of_stacked_bars_end_at_one():
    rows = Specification(chart("bar_percentage_stacked"), PERIOD, 400, 200).build()["layer"][0]["data"]["values"]
    assert [row["y"] for row in rows if row["o"] == 1] == [1, 1, 1]


def test_pointing_at_a_time_tells_every_series_the_greatest_first():
    words = Specification(chart("line"), PERIOD, 400, 200).build()["layer"][-1]["data"]["values"][0]["t"]
    assert words.startswith("01 Jan 00:00:00 UTC; info: 1; ")


def test_a_name_cannot_divide_the_words():
    board = chart("bar", WORD)
    board = Chart(board.kind, board.x, board.y, [Series("a; b", "#112233")] * 2, board.points, [], None)
    words = Specification(board, PERIOD, 400, 200).build()["layer"][-1]["data"]["values"][0]["t"]
    assert "a, b: 1" in words


def lens(layer: dict[str, Any], **more: Any) -> Lens:
    return Lens("lnsXY", {"layers": [layer], **more}, {}, "")


TABLE = Table([TIME, COUNT], [{"m": 1, "x": 0}, {"m": None, "x": 60_000}, {"m": 3, "x": 120_000}])
DATA = {"accessors": ["m"], "layerId": "l", "layerType": "data", "seriesType": "line", "xAccessor": "x"}


@pytest.mark.parametrize(("fitting", "values"), [("None", [1, 3]), ("Zero", [1, 0, 3]), ("Linear", [1, 3])])
def test_missing_values_are_fitted_as_the_panel_says(fitting: str, values: list[float]):
    assert [point.value for point in chart_of(lens(DATA, fittingFunction=fitting), {"l": TABLE}).points] == values


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({**DATA, "seriesType": "pie"}, "series of type `pie`"),
        ({**DATA, "layerType": "annotations"}, "one data layer"),
        ({**DATA, "xAccessor": "ghost"}, "the column `ghost`"),
    ],
)
def test_what_we_do_not_draw_is_an_error_and_never_an_empty_picture(layer: dict[str, Any], message: str):
    with pytest.raises(UnsupportedError, match=message):
        chart_of(lens(layer), {"l": TABLE})


@pytest.mark.parametrize("color", ["red", "#12345", "url(http://x)", "#112233;}", None, 3])
def test_a_colour_that_is_not_plain_is_not_used(color: object):
    assert safe_color(color, "#000000") == "#000000"


def test_a_picture_has_no_style_no_link_and_no_address():
    picture = str(draw(Specification(chart("bar_stacked"), PERIOD, 400, 200).build(), "A name"))
    assert not re.search(r'(style|href|src|on\w+)="', picture)
    assert "http" not in picture.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert 'aria-label="A name"' in picture


def test_markdown_is_shown_as_its_words():
    assert paragraphs("# Title\n\nfirst\nline\n\n\nsecond") == ["Title", "first\nline", "second"]
