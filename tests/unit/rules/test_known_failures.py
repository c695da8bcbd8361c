"""How other systems failed, tried here. The numbers are those of docs/operations/alerting-failures.md."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

from shipper.clock import iso_utc
from shipper.rules.engine import CATCH_UP
from shipper.rules.replay import Replay, Timeline
from tests.support.rule_play import BASE, documents, play
from tests.support.rule_stream import START, rule

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/operations/alerting-failures.md"


def timeline(found: list[dict[str, Any]]) -> Timeline:
    made = Timeline()
    for document in found:
        made.add(document)
    return made


def heartbeat(at: float, watermark: float) -> dict[str, Any]:
    return {
        "@timestamp": iso_utc(START + at),
        "event": {"dataset": "shipper.heartbeat", "ingested": iso_utc(START + at)},
        "agent": {"id": "a"},
        "shipper": {"watermark": iso_utc(START + watermark)},
    }


def test_f3_a_delay_longer_than_interval_and_window_together_misses_nothing():
    beats = [heartbeat(at, at - 300) for at in range(0, 700, 5)]
    counted = BASE + "filter: 'not event.dataset: shipper.heartbeat'\n"
    assert play(counted, documents((12, 5), lag=295) + beats, until=700) == [
        "320: ok->firing [firing] stale", "330: firing->resolved [resolved] stale",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "kind", ["threshold\nabove: 3", "spike\ntimes: 2\nmin_count: 4\nmin_reference: 1\nreference: 20s"]
)
def test_f4_a_late_run_judges_every_window_it_missed(kind):
    text = BASE.replace("threshold\nabove: 3", kind)
    found = documents(*((at, 2) for at in range(2, 200, 10)), (72, 10), (122, 10))
    regular, late = Replay(rule(text), timeline(found)), Replay(rule(text), timeline(found))
    ends = [change.boundary for now in range(START, START + 201, 10) for change in regular.tick(now).changes]
    late.tick(START)
    assert [change.boundary for change in late.tick(START + 200).changes] == ends != []


def test_f5_a_failed_run_is_done_again_by_the_next():
    found = documents((-5, 1), (12, 5), (200, 1))
    replay = Replay(rule(BASE.replace("above: 3", "above: 3\nmetric: count")), timeline(found))
    replay.tick(START)
    replay.engine.store.forget_before(START + 1000)  # the failed search saw nothing
    assert replay.tick(START + 10, ("the search timed out",)).changes == []
    assert [change.after for change in replay.tick(START + 30).changes] == ["firing"]


def test_f6_f7_f9_however_late_or_rare_the_runs_are_the_boundaries_stay_and_all_are_judged():
    found = documents((-5, 1), *((at, 5) for at in range(2, 200, 30)), (290, 1))
    regular = Replay(rule(BASE), timeline(found))
    expected = [(change.boundary, change.after) for now in range(START, START + 300, 10)
                for change in regular.tick(now).changes]  # fmt: skip
    slow, source, now, seen = Replay(rule(BASE), timeline(found)), random.Random(9), START, []
    while now < START + 300:
        seen += [(change.boundary, change.after) for change in slow.tick(now).changes]
        now += source.randint(11, 47)
    assert {boundary % 10 for boundary, _ in seen} == {0}
    assert seen == expected[: len(seen)]
    assert len(seen) >= len(expected) - 2


@pytest.mark.parametrize("seed", range(5))
def test_f10_ticks_that_drop_out_do_not_end_an_alert(seed):
    source = random.Random(seed)
    replay = Replay(rule(BASE), timeline(documents((-5, 1), *((at, 5) for at in range(2, 200, 10)))))
    kept = [now for now in range(START, START + 300, 10) if source.random() > 0.4]
    told = [change.send for now in kept for change in replay.tick(now).changes]
    assert [kind for kind in told if kind] == ["firing", "resolved"]


def test_f11_an_open_window_proves_no_lack():
    text = BASE.replace("above: 3", "below: 3")
    found = documents(*((at, 1) for at in range(0, 200, 2)))
    replay = Replay(rule(text), timeline(found))
    for now in range(START, START + 190, 10):
        assert replay.tick(now).changes == [], "at each tick the newest window is seen before all of it arrived"


TERMS = (
    "name: r\ntype: new_term\ngroup_by: [service.name]\nwindow: 10s\nevery: 10s\ncell: 10s\ngrace: 5s\n"
    "learn: 60s\nhistory: 10m\nlate: 10s\n"
)


def test_f15_a_restart_does_not_flood_with_terms_that_are_old():
    found = [
        document
        for at in range(0, 300, 10)
        for name in ("a", "b", "c")
        for document in documents((at, 1), service={"name": name})
    ] + documents((200, 1), service={"name": "new"})
    told = play(TERMS, found, until=300, restart_at=set(range(0, 300, 30)))
    assert [line for line in told if "[firing]" in line] == ["210: ok->firing [firing]"]
    again = Replay(rule(TERMS), timeline(found))  # all state is lost, the documents are not
    again.tick(START + 280)
    assert [change for now in (290, 300) for change in again.tick(START + now).changes if change.send] == []


def test_f20_a_rule_that_was_switched_off_for_long_does_not_tell_what_is_old():
    found = documents((-5, 1), (12, 5), (CATCH_UP + 5000, 1), (CATCH_UP + 5012, 5))
    replay = Replay(rule(BASE), timeline(found))
    replay.tick(START)
    told = [change for change in replay.tick(START + CATCH_UP + 5020).changes if change.send]
    assert [(change.boundary - START, change.send) for change in told] == [(CATCH_UP + 5020, "firing")]


def test_f28_f29_six_hundred_groups_are_told_once_each_and_all_are_shown():
    text = BASE + "group_by: [host.name]\nremind: 1h\n"
    found = [
        document
        for at in range(2, 60, 10)
        for host in range(600)
        for document in documents((at, 4), host={"name": f"h{host}"})
    ]
    told = play(text, found, until=120)
    assert len([line for line in told if "[firing]" in line]) == 600
    assert len([line for line in told if "[resolved]" in line]) == 600
    assert len(told) == 1200


def test_f37_silence_in_a_window_of_a_whole_day_fires():
    text = (
        "name: r\ntype: flatline\nwindow: 1d\nevery: 1h\ncell: 1h\ngroup_by: [service.name]\nhistory: 7d\n"
        "retire: 7d\ngrace: 5s\nlate: 0s\n"
    )
    found = documents((5, 1), service={"name": "backup"})
    assert [line for line in play(text, found, until=2 * 86400) if "[firing]" in line] == ["90005: ok->firing [firing]"]


BURN = (
    "name: r\ntype: burn_rate\nbad: 'event.outcome: failure'\nobjective_percent: 99.9\nmin_count: 10\nevery: 60s\n"
    "grace: 5s\nlate: 0s\n"
)


def outcomes(seconds: range, bad: range) -> list[dict[str, Any]]:
    return [
        document
        for at in seconds
        for document in documents((at, 1), event={
            "outcome": "failure" if at in bad else "success", "ingested": iso_utc(START + at),
        })
    ]  # fmt: skip


def test_f41_one_bad_event_in_an_hour_burns_nothing():
    assert play(BURN, outcomes(range(0, 7200, 120), range(3600, 3601)), until=7300) == []


def test_f42_a_burn_ends_when_the_short_window_is_clean_again():
    told = play(BURN, outcomes(range(0, 10800, 10), range(3600, 4200)), until=10800)
    fired, resolved = (int(line.partition(":")[0]) for line in told if "[" in line)
    assert 3600 < fired < 4000
    assert 4200 < resolved <= 4200 + 1800 + 120


@pytest.mark.parametrize("zone", ["UTC", "Asia/Singapore", "America/New_York"])
def test_f43_the_zone_of_the_machine_changes_no_window(monkeypatch, zone):
    import time

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert play(BASE, documents((12, 5))) == ["20: ok->firing [firing]", "35: firing->resolved [resolved]"]
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


def test_every_known_failure_has_a_test_or_a_reason():
    rows = {
        int(number): text for number, text in re.findall(r"^\| F(\d+) \|.*?\|(.*)\|$", PAGE.read_text(), re.MULTILINE)
    }
    assert sorted(rows) == list(range(1, 44))
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    for number, text in rows.items():
        named = re.findall(r"`(test_\w+)`", text)
        for name in named:
            assert f"def {name}(" in tests, f"F{number}: {name}"
            assert re.search(rf"_f{number}(_|$)", name), f"F{number}: {name} has not its number"
        assert named or "cannot" in text or "not yet" in text.lower(), f"F{number}"


def test_every_promise_names_tests_that_are_there():
    _, promises = PAGE.read_text().split("## What alerts promise")
    rows = re.findall(r"^\| (?!promise|-)(.*?) \| (.*) \|$", promises.replace("|---|---|\n", ""), re.MULTILINE)
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(rows) >= 20
    for promise, shown in rows:
        named = re.findall(r"`(test_\w+)`", shown)
        assert named, promise
        assert [name for name in named if f"def {name}(" not in tests] == [], promise
