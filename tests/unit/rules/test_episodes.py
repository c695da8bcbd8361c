"""The life of a group, as timelines: documents in, what was sent out. F numbers are the known failures of others."""

from __future__ import annotations

from typing import Any

import pytest

from shipper.clock import iso_utc
from shipper.rules.notification import Findings, notification
from shipper.rules.replay import Replay, Timeline
from tests.support.rule_play import BASE, documents, play
from tests.support.rule_stream import START, rule


def test_a_burst_fires_once_and_resolves_once():
    assert play(BASE, documents((12, 5))) == ["20: ok->firing [firing]", "35: firing->resolved [resolved]"]


@pytest.mark.parametrize("offset", range(10))
def test_f12_a_burst_split_over_a_boundary_fires_wherever_it_is_split(offset):
    found = documents(*((20 + offset - 5 + number, 1) for number in range(8)))
    overlapping = BASE.replace("window: 10s", "window: 20s")
    assert [line.partition(" ")[2] for line in play(overlapping, found)] == [
        "ok->firing [firing]",
        "firing->resolved [resolved]",
    ]


def test_for_waits_for_breaches_in_a_row():
    text = BASE + "for: 20s\n"
    assert play(text, documents((2, 5), (12, 5), (22, 5))) == [
        "10: ok->pending", "30: pending->firing [firing]", "45: firing->resolved [resolved]",
    ]  # fmt: skip
    assert play(text, documents((2, 5), (22, 5))) == [
        "10: ok->pending", "25: pending->ok", "30: ok->pending", "45: pending->ok",
    ]  # fmt: skip


def test_breaches_counts_some_of_the_last_evaluations_not_all_in_a_row():
    text = BASE + "breaches: {at_least: 3, of: 5}\n"
    every_other = documents((2, 5), (22, 5), (42, 5), (52, 5), (62, 5))
    assert play(text, every_other) == [
        "10: ok->pending", "50: pending->firing [firing]", "105: firing->resolved [resolved]",
    ]  # fmt: skip
    assert play(text, documents((2, 5), (12, 5))) == ["10: ok->pending", "75: pending->ok"]
    assert play(text, every_other, restart_at={20, 40, 60}) == play(text, every_other)


def test_breaches_are_counted_over_late_documents_too():
    text = BASE + "breaches: {at_least: 2, of: 3}\n"
    found = documents((2, 5)) + documents((22, 5), lag=40)
    told = play(text, found)
    assert [line for line in told if "[" in line] == [
        "70: ok->firing [firing] correction", "70: firing->resolved [resolved]",
    ]  # fmt: skip


def test_recover_waits_until_it_was_clear_for_long_enough():
    text = BASE + "recover: 20s\n"
    assert play(text, documents((2, 5), (32, 5))) == [
        "10: ok->firing [firing]", "25: firing->recovering", "40: recovering->firing",
        "55: firing->recovering", "75: recovering->resolved [resolved]",
    ]  # fmt: skip


def test_f1_a_document_indexed_after_the_run_counts_once_as_a_correction():
    found = documents((12, 3)) + documents((13, 1), lag=30)
    assert play(BASE, found) == ["50: ok->firing [firing] correction", "50: firing->resolved [resolved]"]


def test_f23_documents_that_arrive_in_one_late_batch_alert_once():
    found = [
        *documents((12, 2), (22, 2), (32, 2)),
        *documents((12, 4), lag=48), *documents((22, 4), lag=38), *documents((32, 4), lag=28),
    ]  # fmt: skip
    told = play(BASE, found)
    assert len([line for line in told if "[firing]" in line]) == 1
    assert len([line for line in told if "[resolved]" in line]) == 1


def test_documents_later_than_late_do_not_alert():
    assert play(BASE, documents((2, 3)) + documents((3, 3), lag=100)) == []


def test_f13_x2_windows_that_straddle_a_restart_are_whole():
    found = documents((12, 2), (18, 2))
    assert play(BASE, found, restart_at={10, 20, 30}) == play(BASE, found)
    assert play(BASE, found)


def test_f21_a_restart_does_not_begin_for_again():
    text = BASE + "for: 20s\n"
    found = documents((2, 5), (12, 5), (22, 5))
    assert play(text, found, restart_at={10, 20, 30}) == play(text, found)


def test_f39_a_flapping_alert_is_held_and_ends():
    found = documents(*((at, 5) for at in range(2, 400, 40)))
    told = play(BASE, found, until=1600)
    fired = [line for line in told if "[firing]" in line]
    assert 3 <= len(fired) <= 4, "from the third on it must stay clear longer than the pause"
    assert told[-1].endswith("[resolved]")


def test_reminders_wait_twice_as_long_each_time():
    text = BASE + "remind: 20s\n"
    found = documents(*((at, 5) for at in range(2, 200, 10)))
    assert [line for line in play(text, found) if "reminder" in line] == [
        f"{at}: firing->firing [reminder]" for at in (30, 70, 150)
    ]


def group(at: float, number: int, name: str) -> list[dict[str, Any]]:
    return documents((at, number), service={"name": name})


FLATLINE = (
    "name: r\ntype: flatline\nbelow: 1\nwindow: 20s\nevery: 10s\ncell: 10s\ngrace: 5s\nlate: 20s\n"
    "group_by: [service.name]\nhistory: 1d\n"
)


def test_x3_a_listed_group_that_was_never_seen_is_missed():
    text = FLATLINE + "expect: [{service.name: pay}]\n"
    found = [document for at in range(2, 200, 5) for document in group(at, 1, "mail")]
    assert play(text, found) == ["5: ok->firing [firing]"]


def test_f38_a_group_that_stays_away_is_forgotten():
    text = FLATLINE + "retire: 60s\n"
    found = [document for at in range(2, 300, 5) for document in group(at, 1, "shop")] + group(2, 1, "gone")
    assert play(text, found, until=300) == ["35: ok->firing [firing]", "85: firing->resolved [resolved]"]


def test_f30_a_document_without_the_key_silences_nobody():
    text = BASE + "group_by: [service.name]\n"
    found = documents((12, 5)) + group(12, 5, "shop")
    assert play(text, found) == ["20: ok->firing [firing]", "35: firing->resolved [resolved]"]


AVERAGE = BASE.replace("above: 3", "metric: avg\nfield: event.duration\nabove: 3")


def test_f35_f36_no_data_keeps_an_alert_where_the_rule_says_so():
    slow = documents((2, 2))
    for document in slow:
        document["event"]["duration"] = 9
    fast = documents((72, 2))
    for document in fast:
        document["event"]["duration"] = 1
    assert play(AVERAGE + "no_data: keep\n", slow + fast) == [
        "15: ok->firing [firing]", "25: firing->no_data", "85: no_data->resolved [resolved]",
    ]  # fmt: skip
    assert play(AVERAGE, slow) == ["15: ok->firing [firing]", "25: firing->resolved [resolved]"]


def test_f8_f14_a_downtime_is_caught_up_and_told_once():
    timeline = Timeline()
    for document in documents((-5, 1), (12, 5), (52, 5), (200, 1)):
        timeline.add(document)
    replay = Replay(rule(BASE), timeline)
    replay.tick(START)
    told = replay.tick(START + 150).changes
    assert [(change.after, change.send) for change in told] == [
        ("firing", None), ("resolved", "resolved"), ("firing", None), ("resolved", "resolved"),
    ]  # fmt: skip
    ends = [notification(change, replay.rule, Findings()) for change in told if change.send]
    assert [(one.since, one.at, one.stale) for one in ends] == [
        (iso_utc(START + 20), iso_utc(START + 30), True), (iso_utc(START + 60), iso_utc(START + 70), True),
    ], "when it was, not when the evaluator came back"  # fmt: skip


def test_what_still_fires_after_a_downtime_is_told_as_stale_and_what_is_seen_in_time_is_not():
    timeline = Timeline()
    for document in documents((-5, 1), *((at, 5) for at in range(12, 300, 10))):
        timeline.add(document)
    replay = Replay(rule(BASE), timeline)
    replay.tick(START)
    assert [(change.send, change.stale) for change in replay.tick(START + 150).changes] == [("firing", True)]
    ends = [change for at in range(160, 400, 10) for change in replay.tick(START + at).changes]
    assert [(change.send, change.stale) for change in ends] == [("resolved", False)]


def test_what_comes_late_since_an_agent_lags_is_told_as_late():
    timeline = Timeline()
    quiet = {"event": {"dataset": "shipper.heartbeat"}, "agent": {"id": "a"}}
    for at in range(0, 400, 5):
        stamps = {"@timestamp": iso_utc(START + at), "shipper": {"watermark": iso_utc(START + max(at - 100, -50))}}
        timeline.add({**quiet, **stamps, "event": {**quiet["event"], "ingested": iso_utc(START + at)}})
    for document in documents((-5, 1), *((at, 1) for at in range(0, 100, 5)), service={"name": "pay"}):
        timeline.add(document)
    replay = Replay(rule(FLATLINE + "expect: [{service.name: pay}]\n"), timeline)
    told = [change for at in range(0, 400, 5) for change in replay.tick(START + at).changes if change.send]
    assert [(change.send, change.stale) for change in told] == [("firing", True)]
    assert told[0].at - told[0].boundary >= 100


def test_f22_a_gap_in_the_evaluation_is_no_breach():
    timeline = Timeline()
    for document in documents((-5, 1), (2, 5), (200, 1)):
        timeline.add(document)
    replay = Replay(rule(BASE + "for: 60s\n"), timeline)
    replay.tick(START + 10)
    assert [change.after for change in replay.tick(START + 150).changes] == ["ok"]


def test_f31_a_partial_result_may_fire_but_never_resolves():
    timeline = Timeline()
    for document in documents((-5, 1), (12, 5)):
        timeline.add(document)
    replay = Replay(rule(BASE), timeline)
    replay.tick(START)
    broken = ("1 of 2 shards failed",)
    assert [change.send for change in replay.tick(START + 20, broken).changes] == ["firing"]
    for at in range(30, 200, 10):
        assert replay.tick(START + at, broken).changes == []
    assert [change.send for change in replay.tick(START + 200).changes] == ["resolved"]


def test_a_rule_of_every_six_hours_or_a_day_is_judged_and_resolves():
    for hours in (6, 24):
        text = (
            f"name: r\ntype: threshold\nmetric: avg\nfield: event.duration\nunit: ns\nabove: 3\nwindow: {hours}h\n"
            f"every: {hours}h\ncell: 1h\ngrace: 5s\nlate: {hours}h\n"
        )
        found = documents((1, 5))
        for document in found:
            document["event"]["duration"] = 9
        told = play(text, found, until=5 * hours * 3600)
        assert [line.partition(": ")[2] for line in told] == ["ok->firing [firing]", "firing->resolved [resolved]"]
