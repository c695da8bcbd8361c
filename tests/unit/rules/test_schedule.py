from __future__ import annotations

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
    at, found = -1, []
    while (at := schedule.following(at, last)) <= until:
        found.append(at)
    return found


def test_a_window_is_looked_at_as_it_closes_and_before_where_it_may_fire_early():
    assert looks(Schedule(60, 30, early=False), 200) == [30, 90, 150]
    assert looks(Schedule(60, 30, early=True), 200) == [0, 30, 60, 90, 120, 150, 180]
    assert looks(Schedule(60, 0, early=True), 200) == [0, 60, 120, 180]
    assert looks(Schedule(60, 90, early=False), 200) == [30, 90, 150], "a grace longer than the interval"


def test_a_window_that_is_overdue_is_looked_at_each_minute():
    assert looks(Schedule(300, 30, early=False), 500, last=-300) == [30, 90, 150, 210, 270, 300, 330, 390, 450]


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("interval", [10, 60, 300])
@pytest.mark.parametrize("grace", [0, 5, 30, 90])
@pytest.mark.parametrize("last", [None, -600, 0, 300])
def test_the_latest_look_is_the_one_that_came_last(early, interval, grace, last):
    schedule = Schedule(interval, grace, early=early)
    times = [schedule.following(-1, last)]
    while times[-1] < 1200:
        times.append(schedule.following(times[-1], last))
    for one, other in pairwise(times):
        assert {schedule.latest(at, last) for at in (one, (one + other) / 2, other - 0.001)} == {one}, (one, other)


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
