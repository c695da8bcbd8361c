from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.dashboards.columns import Formula
from shipper.dashboards.execute.calculate import complete, cumulative_sum, differences, moving_average, overall_sum
from shipper.dashboards.execute.layer import DataSource, Layer
from shipper.dashboards.execute.table import Row, UnsupportedError
from shipper.dashboards.formula_columns import formula_columns

NUMBERS = st.lists(st.none() | st.integers(-1000, 1000), max_size=30)


def computed(formula: str, **base: float | None) -> Any:
    """The value of a formula whose metrics have these values, by their place: m0, m1, …"""
    columns = formula_columns("f", Formula(label="F", formula=formula))
    row: Row = {f"fX{name[1:]}": value for name, value in base.items()}
    [result] = complete(Layer("l", DataSource("i", "t", {}), columns, global_filters=True), [row])
    return result["f"]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("count() / count()", 0.75),
        ("count() + count() * 2", 11),
        ("(count() - count()) * -1", 1),
        ("pick_max(count(), count())", 4),
        ("round(count() / count(), 1)", 0.8),
        ("clamp(count(), 0, 2) + 0 * count()", 2),
        ("abs(count() - count())", 1),
        ("sqrt(count() + count() - 3)", 2),
    ],
)
def test_a_formula_is_reckoned(formula: str, value: float):
    assert computed(formula, m0=3, m1=4) == pytest.approx(value)


@pytest.mark.parametrize("formula", ["count() / count()", "count() + count()", "sqrt(count() - 9) + count()"])
def test_a_missing_operand_gives_nothing(formula: str):
    assert computed(formula, m0=None, m1=1) is None


def test_a_division_by_zero_gives_nothing():
    assert computed("count() / count()", m0=1, m1=0) is None


def test_a_root_of_a_negative_number_gives_nothing():
    assert computed("sqrt(count())", m0=-1) is None


def test_defaults_fills_what_is_missing():
    assert computed("defaults(count(), 7)", m0=None) == 7


def test_a_circle_of_columns_is_an_error():
    columns: dict[str, Any] = {
        name: {"operationType": "formula", "params": {}, "references": [other], "isBucketed": False}
        for name, other in (("a", "b"), ("b", "a"))
    }
    with pytest.raises(UnsupportedError, match="circle"):
        complete(Layer("l", DataSource("i", "t", {}), columns, global_filters=True), [{}])


def test_an_unknown_function_of_a_saved_object_is_an_error():
    columns: dict[str, Any] = {
        "a": {"operationType": "math", "params": {"tinymathAst": {"name": "ifelse", "args": [1]}}, "references": []}
    }
    with pytest.raises(UnsupportedError, match="ifelse"):
        complete(Layer("l", DataSource("i", "t", {}), columns, global_filters=True), [{}])


def test_a_moving_average_looks_only_back_and_skips_what_is_missing():
    assert moving_average([1, 3, None, 5, 7], {"window": 2}) == [None, 1, None, 2, 4]


@given(NUMBERS)
def test_a_running_sum_ends_in_the_whole(values: list[int | None]):
    known = [value for value in cumulative_sum(values, {}) if value is not None]
    assert not known or known[-1] == sum(value for value in values if value is not None)


@given(NUMBERS)
def test_differences_undo_a_running_sum(values: list[int | None]):
    whole = [value for value in values if value is not None]
    assert differences(cumulative_sum(whole, {}), {})[1:] == whole[1:]


@given(NUMBERS)
def test_each_function_keeps_the_number_of_rows(values: list[int | None]):
    for function in (cumulative_sum, differences, moving_average, overall_sum):
        assert len(function(values, {})) == len(values)
