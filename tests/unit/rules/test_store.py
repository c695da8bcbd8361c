"""Cells by group and time: a window is the sum of its cells, however long and whatever was asked before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shipper.rules.cell import Cell
from shipper.rules.store import LARGE, CellStore

STEP = 10
AT = st.integers(min_value=0, max_value=3 * LARGE)
ADD = st.tuples(st.just("add"), AT, st.sampled_from("ab"), st.integers(1, 9))
ASK = st.tuples(st.just("ask"), AT, st.sampled_from("ab"), AT)
FORGET = st.tuples(st.just("forget"), AT, st.just("a"), st.just(0))
REPLACE = st.tuples(st.just("replace"), AT, st.sampled_from("ab"), st.integers(1, 9))


@given(st.lists(st.one_of(ADD, ASK, FORGET, REPLACE), max_size=60))
def test_a_window_is_the_sum_of_its_cells_whatever_was_added_replaced_and_forgotten(steps):
    store = CellStore(STEP)
    truth: dict[tuple[str, int], int] = {}
    for kind, at, name, number in steps:
        match kind:
            case "add":
                store.cell((name,), at * STEP).count += number
                truth[name, at] = truth.get((name, at), 0) + number
            case "replace":
                store.replace(at * STEP, (at + 2) * STEP, {((name,), at * STEP): Cell(count=number)})
                truth = {key: value for key, value in truth.items() if not at <= key[1] < at + 2}
                truth[name, at] = number
            case "forget":
                store.forget_before(at * STEP)
                truth = {key: value for key, value in truth.items() if key[1] >= at}
            case _:
                expected = sum(value for (who, when), value in truth.items() if who == name and at <= when < number)
                assert store.window((name,), at * STEP, number * STEP).count == expected


def test_the_sum_of_decimals_does_not_depend_on_what_was_asked_before():
    fresh, asked = CellStore(STEP), CellStore(STEP)
    for at in range(LARGE * 2):
        for store in (fresh, asked):
            store.cell((), at * STEP).add_value(0.1 * at)
        asked.window((), 0, at * STEP)
    whole = [store.window((), 5 * STEP, 120 * STEP).total for store in (fresh, asked)]
    assert whole[0] == whole[1]
