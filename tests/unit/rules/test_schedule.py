from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from shipper.clock import iso_utc
from shipper.rules.replay import Replay, Timeline
from shipper.rules.schedule import Schedule
from tests.support.rule_stream import START, rule

FLATLINE = "name: r\ntype: flatline\nbelow: 1\nwindow: 5m\nevery: 5m\nlate: 5m\nexpect: [{service.name: pay}]\n"


def heartbeat(at: int, watermark: int) -> dict[str, object]:
    return {
        "@timestamp": iso_utc(at), "event": {"dataset": "shipper.heartbeat", "ingested": iso_utc(at)},
        "agent": {"id": "a"}, "shipper": {"watermark": iso_utc(watermark)},
    }  # fmt: skip


def looks(schedule: Schedule, until: int, last: int | None = None) -> list[int]:
    schedule = replace(schedule, last=last)
    at, found = -1, []
    while (at := schedule.following(at)) <= until:
        found.append(at)
    return found


def test_a_window_is_looked_at_as_it_closes_and_before_where_it_may_fire_early():
    assert looks(Schedule(60, 30, early=False), 200) == [30, 90, 150]
    assert looks(Schedule(60, 30, early=True), 200) == [0, 30, 60, 90, 120, 150, 180]
    assert looks(Schedule(60, 0, early=True), 200) == [0, 60, 120, 180]
    assert looks(Schedule(60, 90, early=False), 200) == [30, 90, 150], "a grace longer than the interval"


def test_where_nothing_burns_a_closed_window_waits_for_the_next_that_ends():
    assert looks(Schedule(60, 30, early=True).at_rest(), 200) == [0, 60, 120, 180]
    assert looks(Schedule(60, 90, early=True).at_rest(), 200) == [0, 60, 120, 180]
    assert looks(Schedule(60, 30, early=False).at_rest(), 200) == [30, 90, 150], "no look is there to wait for"
    assert looks(Schedule(300, 30, early=True).at_rest(), 400) == [0, 30, 300, 330], "not for minutes"


def test_the_looks_of_a_rule_are_twice_as_many_while_something_burns():
    timeline = Timeline()
    for at in [START, *[START + 125] * 9, START + 600]:
        timeline.add({"@timestamp": iso_utc(at), "event": {"ingested": iso_utc(at)}})
    replay = Replay(rule("name: r\ntype: threshold\nabove: 3\nwindow: 1m\nevery: 1m\ngrace: 20s\nlate: 1m\n"), timeline)
    times = []
    for now in replay.ticks(START + 420):
        replay.tick(now)
        times.append(now - START)
    assert times == [60, 120, 180, 200, 240, 260, 300, 360, 420]


def test_a_window_that_is_overdue_is_looked_at_each_minute():
    assert looks(Schedule(300, 30, early=False), 500, last=-300) == [30, 90, 150, 210, 270, 300, 330, 390, 450]


@pytest.mark.parametrize("rest", [False, True])
@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("interval", [10, 60, 300])
@pytest.mark.parametrize("grace", [0, 5, 30, 90])
@pytest.mark.parametrize("last", [None, -600, 0, 300])
def test_the_latest_look_is_the_one_that_came_last(rest, early, interval, grace, last):
    schedule = Schedule(interval, grace, early=early, last=last)
    if rest:
        schedule = schedule.at_rest()
    times = [schedule.following(-1)]
    while times[-1] < 1200:
        times.append(schedule.following(times[-1]))
    for one, other in pairwise(times):
        assert {schedule.latest(at) for at in (one, (one + other) / 2, other - 0.001)} == {one}, (one, other)


def test_a_rule_of_every_five_minutes_need_not_wait_five_minutes_for_an_agent_that_lags():
    timeline = Timeline()
    for at in range(START - 60, START + 600, 10):
        timeline.add(heartbeat(at, min(at, START + 299 if at < START + 400 else at)))
    replay = Replay(rule(FLATLINE + "group_by: [service.name]\n"), timeline)
    judged: dict[int | None, int] = {}
    for now in replay.ticks(START + 600):
        replay.tick(now)
        judged.setdefault(replay.state.last, now - START)
    assert judged[START + 300] == 450, "it was to be closed at 330, and was looked at each minute from then on"
