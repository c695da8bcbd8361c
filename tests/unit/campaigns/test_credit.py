from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.campaigns.credit import allocate, first, last, last_non_direct, linear, position, time_decay


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=9).filter(any))
def test_an_allocation_sums_to_its_total_and_no_share_is_a_unit_off(total, weights):
    shares = allocate(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1


def test_equal_remainders_go_to_the_earlier_touch():
    assert allocate(10**9, [1, 1, 1]) == [333_333_334, 333_333_333, 333_333_333]
    assert allocate(-100, [1, 1, 1]) == [-34, -33, -33]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_that_divide_nothing_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        allocate(1, weights)


def test_position_gives_forty_twenty_forty_and_shares_two_touches():
    assert allocate(100, position(1)) == [100]
    assert allocate(100, position(2)) == [50, 50]
    assert allocate(100, position(3)) == [40, 20, 40]
    assert allocate(1000, position(4)) == [400, 100, 100, 400]


def test_first_last_and_linear_are_what_their_names_say():
    assert (first(3), last(3), linear(3)) == ([1, 0, 0], [0, 0, 1], [1, 1, 1])


def test_a_half_life_halves_the_weight_also_of_touches_that_are_all_old():
    day = 86_400_000
    for old in (0, 400 * day):
        weights = time_decay([old + 2 * day, old + day, old], day)
        assert allocate(7, weights) == [1, 2, 4]


@given(st.lists(st.integers(0, 10**11), min_size=1, max_size=8), st.integers(1, 10**10))
def test_a_younger_touch_never_weighs_less(ages, half_life):
    weights = time_decay(ages, half_life)
    assert max(weights) == 2**64
    by_age = [weight for _, weight in sorted(zip(ages, weights, strict=True))]
    assert by_age == sorted(by_age, reverse=True)


def test_last_non_direct_passes_over_direct_unless_there_is_nothing_else():
    assert last_non_direct([False, True, True]) == [1, 0, 0]
    assert last_non_direct([True, True]) == [0, 1]
