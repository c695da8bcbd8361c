"""What `new_term` remembers beyond its cells: a rare but known value is not new after a quiet time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.clock import iso_utc
from shipper.rules import engine as engine_module
from shipper.rules.replay import Replay, Timeline
from shipper.rules.state import decode, encode
from tests.support.rule_stream import START, rule

if TYPE_CHECKING:
    import pytest

    from shipper.rules.state import RuleState

TERM = (
    "name: term\ntype: new_term\nlearn: 40s\nhistory: 60s\nmemory: {memory}\nwindow: 20s\nevery: 10s\ncell: 5s\n"
    "grace: 5s\nlate: 20s\ngroup_by: [service.name]\n"
)


def fired(rare: list[int], memory: str, *, seconds: int, also: int = 0) -> tuple[list[int], RuleState]:
    """Seconds of the firings for `rare` among a steady service; the state goes through its stored form at each tick."""
    timeline = Timeline()
    spots = [("steady", at) for at in range(0, seconds, 5)] + [("rare", at) for at in rare]
    spots += [(f"other{number}", number) for number in range(also)]
    for name, at in spots:
        stamp = iso_utc(START + at)
        timeline.add({"@timestamp": stamp, "service": {"name": name}, "event": {"ingested": stamp}})
    running = Replay(rule(TERM.format(memory=memory)), timeline)
    told: list[int] = []
    for now in running.ticks(START + seconds):
        running.state = decode(encode(running.state), running.rule.group_by)
        told += [
            change.boundary - START
            for change in running.tick(now).changes
            if change.after == "firing" and change.group == ("rare",)
        ]
    return told, running.state


def test_a_value_that_comes_back_within_the_memory_is_not_new_and_one_after_it_is():
    assert fired([0, 300], "10m", seconds=400)[0] == []
    assert fired([0, 300], "2m", seconds=400)[0] == [310]


def test_a_value_is_new_once_however_often_it_comes_within_the_memory():
    assert fired([100, 300, 500], "10m", seconds=600)[0] == [110]


def test_a_value_of_the_first_history_that_was_not_seen_since_is_remembered():
    assert fired([2, 100 + 60], "10m", seconds=300)[0] == []


def test_beyond_the_most_that_is_remembered_the_longest_silent_are_given_up_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine_module, "MOST_REMEMBERED", 5)
    told, state = fired([1, 300], "10m", seconds=400, also=20)
    assert told == [310], "it was among those given up"
    assert len(state.groups) == 5
    assert state.forgotten > 10
