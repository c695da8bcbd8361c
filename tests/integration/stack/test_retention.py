"""Retention on the real Elasticsearch: whole days of ours, never today's, each deletion recorded once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shipper.clock import ManualClock, SystemClock
from shipper.elastic.client import connect, for_role
from shipper.errors import FindingError, UnavailableError
from shipper.stack.doubt import check_clock
from shipper.stack.retention import FAMILIES, check_sight, excess_bytes, expire, hidden, survey
from shipper.stack.settings import Keep

pytestmark = pytest.mark.elasticsearch

NOON = datetime(2001, 3, 10, 12, tzinfo=UTC).timestamp()


@pytest.fixture
def days(elasticsearch, prefix):
    names = [f"shipper-logs-2001.03.{day:02d}" for day in (1, 8, 9, 10, 11)]
    names += ["campaign-events-2001.03.01", "shipper-logs-2001.02.31", "shipper-logs-old", "other-2001.03.01"]
    for name in names:
        elasticsearch.indices.create(index=prefix + name, settings={"number_of_replicas": 0})
    return prefix


def existing(client, prefix):
    return {name.removeprefix(prefix) for name in client.indices.get(index=f"{prefix}*")}


def test_only_whole_days_that_are_too_old_go(elasticsearch, days):
    clock = ManualClock(NOON)
    before = existing(elasticsearch, days)
    deleted = expire(elasticsearch, survey(elasticsearch, Keep(logs=2), clock, days), clock, days)
    assert sorted(deleted) == [f"{days}shipper-logs-2001.03.01", f"{days}shipper-logs-2001.03.08"]
    assert before - existing(elasticsearch, days) == {"shipper-logs-2001.03.01", "shipper-logs-2001.03.08"}


def test_todays_index_stays_even_where_one_day_is_kept(elasticsearch, days):
    clock = ManualClock(NOON)
    expire(elasticsearch, survey(elasticsearch, Keep(logs=1), clock, days), clock, days)
    assert {"shipper-logs-2001.03.10", "shipper-logs-2001.03.11"} <= existing(elasticsearch, days)
    assert "shipper-logs-2001.03.09" not in existing(elasticsearch, days)


def test_a_survey_deletes_nothing(elasticsearch, days):
    before = existing(elasticsearch, days)
    assert any(daily.expired for daily in survey(elasticsearch, Keep(logs=1), ManualClock(NOON), days))
    assert existing(elasticsearch, days) == before


def test_two_machines_with_one_plan_delete_once_and_record_once(elasticsearch, days):
    clock = ManualClock(NOON)
    first, second = (survey(elasticsearch, Keep(logs=3), clock, days) for _ in range(2))
    assert expire(elasticsearch, first, clock, days) == [f"{days}shipper-logs-2001.03.01"]
    assert expire(elasticsearch, second, clock, days) == []
    metrics = f"{days}shipper-metrics-2001.03.10"
    elasticsearch.indices.refresh(index=metrics)
    hits = elasticsearch.search(index=metrics)["hits"]["hits"]
    assert [hit["_source"]["shipper"]["retention"]["day"] for hit in hits] == ["2001-03-01"]


def test_a_clock_far_ahead_of_the_nodes_deletes_nothing(elasticsearch, prefix):
    year_ahead = ManualClock(SystemClock().time() + 365 * 86400)
    with pytest.raises(FindingError, match=r"clock is 365 days.* ahead of a node's"):
        check_clock(elasticsearch, [], year_ahead)
    check_clock(elasticsearch, [], SystemClock())


def test_a_clock_far_ahead_of_the_newest_data_deletes_nothing(elasticsearch, days):
    document = {"@timestamp": "2001-03-10T00:00:00Z"}
    elasticsearch.create(index=f"{days}shipper-logs-2001.03.10", id="1", document=document, refresh=True)
    later = ManualClock(datetime(2001, 3, 20, tzinfo=UTC).timestamp())
    dailies = survey(elasticsearch, Keep(logs=2), later, days)
    assert any(daily.expired for daily in dailies)
    with pytest.raises(FindingError, match=r"today is 2001-03-20 .* newest data is of 2001-03-10"):
        check_clock(elasticsearch, dailies, later)
    soon = ManualClock(datetime(2001, 3, 12, tzinfo=UTC).timestamp())
    check_clock(elasticsearch, survey(elasticsearch, Keep(logs=2), soon, days), soon)


def test_a_disk_with_room_costs_nothing_and_a_full_one_the_oldest_days(elasticsearch, days):
    assert excess_bytes(elasticsearch, 99) == 0
    assert excess_bytes(elasticsearch, 1) > 0
    keep = Keep(disk_percent=1, least_days=2)
    marked = survey(elasticsearch, keep, ManualClock(NOON), days)
    assert {(daily.index.removeprefix(days), daily.reason) for daily in marked if daily.expired} == {
        ("shipper-logs-2001.03.01", "disk"),
        ("shipper-logs-2001.03.08", "disk"),
    }


def test_a_closed_day_goes_like_any_other(elasticsearch, days):
    closed = f"{days}shipper-logs-2001.03.01"
    elasticsearch.indices.close(index=closed)
    clock = ManualClock(NOON)
    assert closed in expire(elasticsearch, survey(elasticsearch, Keep(logs=2), clock, days), clock, days)


def test_an_account_that_sees_none_of_the_indices_is_told_so_and_does_not_find_everything_tidy(endpoints, days):
    with connect(for_role(endpoints, "stack_operator")) as client:  # its rights are for indices without prefix
        assert survey(client, Keep(logs=2), ManualClock(NOON), days) == []
        with pytest.raises(UnavailableError, match=rf"may not see or delete {days}shipper-logs-\*: nothing"):
            check_sight(client, Keep(logs=2), FAMILIES, days, deletes=True)
        check_sight(client, Keep(logs=2), ("campaigns",), days, deletes=True)  # not asked to give those up
        check_sight(client, Keep(logs=2, disk_percent=80), FAMILIES, deletes=True)


def test_an_account_that_sees_but_may_not_delete_can_only_look(endpoints):
    with connect(for_role(endpoints, "rules_evaluator")) as client:
        assert hidden(client, FAMILIES, deletes=True) == [f"{stem}-*" for stem in FAMILIES.values()]


def test_a_full_disk_costs_nothing_of_a_flow_that_lives_on_another_cluster(elasticsearch, days):
    keep = Keep(disk_percent=1, least_days=2)
    assert not [one for one in survey(elasticsearch, keep, ManualClock(NOON), days, ("metrics",)) if one.expired]


def test_an_index_that_was_made_again_since_the_survey_is_left_to_the_next_run(elasticsearch, days):
    clock, late = ManualClock(NOON), f"{days}shipper-logs-2001.03.01"
    surveyed = survey(elasticsearch, Keep(logs=3), clock, days)
    elasticsearch.indices.delete(index=late)  # another machine's run, and then a late document
    elasticsearch.create(index=late, id="1", document={"message": "late"}, refresh=True)
    assert expire(elasticsearch, surveyed, clock, days) == []
    assert elasticsearch.count(index=late)["count"] == 1
    assert expire(elasticsearch, survey(elasticsearch, Keep(logs=3), clock, days), clock, days) == [late]
