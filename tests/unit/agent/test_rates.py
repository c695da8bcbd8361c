"""Rates are of the last minute, whatever the samples' spacing, and never negative."""

from __future__ import annotations

import pytest

from shipper.agent.monitoring.rates import Rates


def test_a_rate_is_the_growth_of_the_last_minute():
    rates = Rates()
    for second in range(0, 301, 5):
        rates.add(second, {"read": 10 * second if second <= 200 else 2000 + 100 * (second - 200)})
    seconds, growth = rates.per_second(300, {"read": 12_000})
    assert (seconds, growth) == (60, {"read": 100})


def test_before_a_minute_has_passed_the_rate_is_of_what_there_is():
    rates = Rates()
    rates.add(1000, {"read": 0})
    assert rates.per_second(1000, {"read": 0}) == (0, {"read": 0})
    assert rates.per_second(1004, {"read": 40, "new": 8}) == (4, {"read": 10, "new": 2})


def test_after_a_pause_longer_than_the_window_the_last_sample_is_the_begin():
    rates = Rates()
    rates.add(0, {"read": 0})
    rates.add(5, {"read": 50})
    assert rates.per_second(205, {"read": 450}) == (200, {"read": 2})


@pytest.mark.parametrize("later", [0, 5])
def test_a_count_that_went_back_is_no_negative_rate(later):
    rates = Rates()
    rates.add(0, {"read": 100})
    assert rates.per_second(later, {"read": 10})[1] == {"read": 0}


def test_samples_older_than_the_window_are_forgotten():
    rates = Rates()
    for second in range(10_000):
        rates.add(second, {"read": second})
    assert len(rates._samples) <= 62
