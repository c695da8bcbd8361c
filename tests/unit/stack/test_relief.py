"""Which days a full disk costs: the oldest first, no more than needed, and never the protected ones."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shipper.stack.retention import Daily, relieve, snapshot_name
from shipper.stack.settings import Keep

TODAY = date(2026, 3, 31)


def daily(age, stored=10, family="logs", reason=None):
    day = TODAY - timedelta(days=age)
    return Daily(f"{family}-{day}", f"{family}{age}", family, day, 1, stored, stored, 1, reason)


def gone(dailies):
    return [one.index for one in dailies if one.reason == "disk"]


def test_the_oldest_go_until_there_is_room():
    dailies = [daily(age) for age in (30, 29, 28, 27)]
    assert gone(relieve(dailies, 15, Keep(), TODAY)) == [daily(30).index, daily(29).index]


def test_what_age_frees_counts_first():
    dailies = [daily(30, reason="age"), daily(29), daily(28)]
    assert gone(relieve(dailies, 10, Keep(), TODAY)) == []
    assert gone(relieve(dailies, 11, Keep(), TODAY)) == [daily(29).index]


def test_campaign_events_are_never_given_for_space():
    assert gone(relieve([daily(300, family="campaigns")], 10**9, Keep(), TODAY)) == []


@given(st.lists(st.integers(-3, 40), unique=True), st.integers(0, 10**6), st.integers(1, 40))
def test_protected_days_and_today_stay_however_full_the_disk_is(ages, excess, least):
    dailies = [daily(age) for age in sorted(ages, reverse=True)]
    marked = relieve(dailies, excess, Keep(least_days=least), TODAY)
    assert [one.index for one in marked] == [one.index for one in dailies]
    assert all((TODAY - one.day).days >= max(1, least) for one in marked if one.expired)


def test_the_snapshot_of_one_set_of_indices_has_one_name_in_any_order():
    first, second = daily(30), daily(29)
    assert snapshot_name([first, second]) == snapshot_name([second, first])
    assert snapshot_name([first]) != snapshot_name([second])
