from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from shipper.rules.cell import CEILING, FLOOR, Cell, bucket_of, percentile

DURATIONS = st.integers(min_value=FLOOR, max_value=CEILING - 1)


def cell_of(durations: list[int]) -> Cell:
    cell = Cell()
    for duration in durations:
        cell.count += 1
        cell.add_value(duration)
        cell.buckets[bucket_of(duration)] = cell.buckets.get(bucket_of(duration), 0) + 1
    return cell


@given(DURATIONS)
def test_a_bucket_holds_its_durations_and_is_at_most_a_thirty_second_wide(duration):
    bucket = bucket_of(duration)
    assert bucket <= duration < bucket * (1 + 1 / 32) + 1


@given(st.lists(DURATIONS, min_size=1, max_size=60), st.floats(min_value=0.1, max_value=100))
def test_a_percentile_is_at_most_two_percent_off(durations, percent):
    exact = sorted(durations)[max(1, math.ceil(len(durations) * percent / 100)) - 1]
    assert abs(percentile(cell_of(durations), percent) - exact) <= 0.02 * exact


@given(st.lists(DURATIONS, max_size=40), st.lists(DURATIONS, min_size=1, max_size=40))
def test_merged_cells_are_the_cell_of_all_documents(left, right):
    merged = cell_of(left)
    merged.merge(cell_of(right))
    assert merged == cell_of(left + right)


def test_the_shortest_and_the_longest_durations_have_their_buckets():
    assert bucket_of(0) == bucket_of(FLOOR - 1) == 0
    assert bucket_of(CEILING) == bucket_of(CEILING * 9) == CEILING
    assert percentile(cell_of([CEILING * 9]), 50) == CEILING * 9
