"""What each type calls a breach, on plain documents with known numbers."""

from __future__ import annotations

from typing import Any

import pytest

from shipper.clock import iso_utc
from shipper.event import set_field
from shipper.rules.replay import Replay, Timeline
from shipper.rules.type.seasonal import WEEK
from tests.support.rule_stream import START, rule

MINUTE = "window: 60s\nevery: 60s\ngrace: 10s\nlate: 0s\n"


def at(second: float, **fields: Any) -> dict[str, Any]:
    document: dict[str, Any] = {"@timestamp": iso_utc(START + second), "event": {"ingested": iso_utc(START + second)}}
    for name, value in fields.items():
        set_field(document, name.replace("__", "."), value)
    return document


def told(text: str, documents: list[dict[str, Any]], until: int) -> list[tuple[int, str, float | None, str]]:
    """(second, new status, value, text) of what was sent."""
    timeline = Timeline()
    for document in documents:
        timeline.add(document)
    replay = Replay(rule("name: r\n" + text + MINUTE), timeline)
    return [
        (change.at - START, change.after.value, change.value, change.text)
        for now in replay.ticks(START + until)
        for change in replay.tick(now).changes
        if change.send is not None
    ]


def requests(second: int, number: int, milliseconds: float, **fields: Any) -> list[dict[str, Any]]:
    return [
        at(second + 60 * index / number, event__duration=int(milliseconds * 1e6), **fields) for index in range(number)
    ]


def test_saturation_is_the_time_spent_over_the_time_that_passed():
    documents = requests(0, 30, 100) + requests(60, 30, 3600)
    first, last = told("type: saturation\nworkers: 2\n", documents, 240)
    assert first[:3] == (120, "firing", 90.0)
    assert "1.8 requests at once in 1m, 90% of 2 workers (alerts above 80%); 30 requests, as many as in" in first[3]
    assert last[1] == "resolved"


def test_apdex_counts_the_bounds_in_and_the_failed_out():
    documents = [
        *requests(0, 10, 100),
        *requests(0, 10, 400),
        *requests(0, 5, 401),
        *requests(0, 5, 50, event__outcome="failure"),
    ]
    text = "type: apdex\ntarget_ms: 100\nbelow: 0.6\nbad: 'event.outcome: failure'\n"
    first, *_ = told(text, documents, 70)
    assert first[2] == 0.5
    assert "10 satisfied within 100 ms, 10 tolerating, 10 frustrated" in first[3]


def test_change_finds_the_endpoint_that_became_slower_than_itself():
    steady = [document for minute in range(12) for document in requests(60 * minute, 25, 200, http__route="/a")]
    slower = [
        document
        for minute in range(12)
        for document in requests(60 * minute, 25, 100 if minute < 10 else 200, http__route="/b")
    ]
    text = (
        "type: change\nmetric: percentile\nfield: event.duration\nby_percent: 50\ndirection: up\nreference: 10m\n"
        "group_by: [http.route]\n"
    )
    sent = told(text, steady + slower, 720)
    assert [(second, status) for second, status, _, _ in sent] == [(660, "firing")]
    assert sent[0][2] == pytest.approx(100, abs=3)


@pytest.mark.parametrize(("direction", "fires"), [("down", True), ("both", True), ("up", False)])
def test_change_of_a_count_sees_silence_as_a_fall(direction, fires):
    documents = [document for minute in range(10) for document in requests(60 * minute, 30, 1)]
    text = f"type: change\nby_percent: 80\nreference: 5m\ndirection: {direction}\n"
    sent = told(text, documents, 740)
    assert bool([line for line in sent if line[1] == "firing"]) is fires
    if fires:
        assert sent[0][2] == -100


@pytest.mark.parametrize(("usual", "fires"), [("mean", True), ("median", False)])
def test_change_against_the_median_takes_no_end_of_a_storm_for_a_fall(usual, fires):
    storm = [*[30] * 8, 300, 300, 300, *[30] * 4]
    documents = [document for minute, many in enumerate(storm) for document in requests(60 * minute, many, 1)]
    text = f"type: change\nby_percent: 60\nreference: 10m\nusual: {usual}\ndirection: down\n"
    assert bool(told(text, documents, 830)) is fires


def test_change_against_the_median_sees_a_fall_and_says_against_what():
    documents = [document for minute in range(10) for document in requests(60 * minute, 30, 1)]
    documents += requests(600, 6, 1)
    sent = told("type: change\nby_percent: 60\nreference: 8m\nusual: median\ndirection: down\n", documents, 740)
    assert sent == [
        (670, "firing", -80.0, "6 documents in 1m, -80% against the median 30 of the 8m before (alerts beyond -60%)")
    ]


def test_change_of_a_part_is_compared_as_a_part_not_as_a_count():
    text = (
        "type: change\nmetric: percent\nof: 'event.outcome: success'\nby_percent: 30\ndirection: down\nreference: 5m\n"
    )
    half = [at(second, event__outcome="success" if second % 2 else "failure") for second in range(300)]
    fewer = [at(300 + 2 * second, event__outcome="success" if second % 2 else "failure") for second in range(30)]
    rarely = [at(360 + second, event__outcome="success" if second % 5 == 0 else "failure") for second in range(60)]
    assert [(line[0], line[1]) for line in told(text, half + fewer + rarely, 480)] == [(430, "firing")]


def test_change_knows_no_usual_number_of_a_young_group():
    documents = requests(0, 30, 1) + requests(60, 300, 1)
    assert told("type: change\nby_percent: 50\nreference: 5m\n", documents, 180) == []


def test_cardinality_counts_each_value_once_wherever_it_stands():
    documents = [at(second, client__ip=f"10.0.0.{second % 7}") for second in range(60)]
    documents += [at(61, client__ip=["10.0.0.1", "10.0.1.1"]), at(62)]
    first, *_ = told("type: cardinality\nfield: client.ip\nabove: 6\n", documents, 120)
    assert first[2] == 7
    assert told("type: cardinality\nfield: client.ip\nabove: 7\n", documents, 120) == []
    low = told("type: cardinality\nfield: client.ip\nbelow: 3\n", documents, 240)
    assert [(line[1], line[2]) for line in low] == [("firing", 2.0), ("resolved", None)]


WEEKLY = "type: seasonal\nmin_count: 10\naround: 20m\nmin_weeks: 2\n"


def weeks(counts: dict[int, int], minutes: int = 40) -> list[dict[str, Any]]:
    """`counts` documents a minute, by weeks before START."""
    return [
        document
        for week, number in counts.items()
        for minute in range(-minutes // 2, minutes // 2)
        for document in requests(60 * minute - week * WEEK, number, 1)
    ]


def test_seasonal_finds_the_spike_and_the_fall_against_the_same_hour_of_other_weeks():
    past = weeks({4: 30, 3: 32, 2: 28, 1: 31})
    quiet = [document for minute in range(5) for document in requests(60 * minute, 33, 1)]
    assert told(WEEKLY, past + quiet, 300) == []
    spike = told(WEEKLY, past + quiet + requests(300, 100, 1), 420)
    assert [line[:2] for line in spike] == [(370, "firing")]
    assert "usual at this hour of the week 30" in spike[0][3]
    fall = told(WEEKLY + "direction: down\ndeviations: 4\n", past + quiet, 420)
    assert [line[1] for line in fall] == ["firing"]
    assert told(WEEKLY + "direction: up\n", past + quiet, 420) == []


def test_seasonal_is_silent_until_it_has_seen_enough_weeks():
    assert told(WEEKLY, weeks({1: 10}) + requests(0, 300, 1), 120) == []
    assert told(WEEKLY, weeks({1: 10, 2: 10}) + requests(0, 300, 1), 120) != []


def test_seasonal_leaves_past_incidents_out_of_what_is_usual():
    """A week ago twice as many documents as ever were an incident: it must not become the new normal."""
    text = WEEKLY.replace("min_weeks: 2", "min_weeks: 1\nweeks: 2")
    calm = weeks({3: 30}, 60)
    incident = weeks({2: 30}, 60) + weeks({1: 300}, 60)
    documents = calm + incident + [document for minute in range(5) for document in requests(60 * minute, 300, 1)]
    sent = told(text, documents, 300)
    week_ago = [line for line in sent if line[0] < -WEEK / 2 and line[1] == "firing"]
    now = [line for line in sent if line[0] > -WEEK / 2 and line[1] == "firing"]
    assert len(week_ago) == 1
    assert [line[0] for line in now] == [70], "with the incident in, 300 would be near the median"
