"""The simulated campaign: repeatable, disorderly, and with a truth that a hand can check."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from datetime import date

from shipper.campaigns.event import parse
from shipper.simulate.campaign import Plan, default_plan, simulate
from shipper.simulate.campaign_truth import Join, Journey, Order, Rules, Touch, expected

PLAN = Plan(date(2026, 11, 1), contacts=40)
DAY = 86_400_000


def test_the_same_plan_gives_the_same_events_and_truth_in_files_too(tmp_path):
    made, again = simulate(PLAN), simulate(PLAN)
    assert made == again
    assert made != simulate(Plan(date(2026, 11, 1), contacts=40, seed=2))
    made.write(tmp_path / "events.ndjson", tmp_path / "truth.json")
    lines = (tmp_path / "events.ndjson").read_text().splitlines()
    assert [json.loads(line) for line in lines] == made.events
    assert json.loads((tmp_path / "truth.json").read_text()) == made.truth


def test_events_are_valid_and_come_late_and_twice_and_with_refunds():
    made = simulate(PLAN)
    events = [parse(document) for document in made.events]
    assert max(Counter(event.id for event in events).values()) == 2
    assert any(later.at < earlier.at for earlier, later in itertools.pairwise(events))
    assert any((event.amount_minor or 0) < 0 for event in events)
    assert {event.channel for event in events} >= {"email", "in_app", "sms", "postcard", "direct"}


def test_the_default_plan_lies_wholly_in_the_past():
    now = 1_795_000_000.0
    events = [parse(document) for document in simulate(default_plan(now)).events]
    assert max(event.at for event in events) < now * 1000


def test_the_truth_of_one_journey_is_what_a_hand_works_out():
    touches = [
        Touch(1 * DAY, "open", "email", "w", "m1", "A"),
        Touch(2 * DAY, "open", "sms", "w", "m2", "A"),
        Touch(9 * DAY, "click", "direct", "", "", ""),
    ]
    journey = Journey("c", [Join("w", DAY, "A")], touches, [Order("o", 10 * DAY - DAY // 2, 1001, "EUR", 1)], [0])
    truth = expected("t", [journey], Rules(lookback=8 * DAY, half_life=7 * DAY))
    tables = truth["attribution"]["purchase"]
    assert tables["first"] == {"sms": {"credit": 10**9, "value": {"EUR": 1000}}}
    assert tables["last_non_direct"] == tables["first"]
    assert tables["linear"]["direct"] == {"credit": 500_000_000, "value": {"EUR": 500}}
    assert tables["time_decay"]["direct"]["credit"] == 2 * tables["time_decay"]["sms"]["credit"] + 1
    assert truth["attribution"]["signup"]["last"] == {"(none)": {"credit": 10**9, "value": {}}}
    (row,) = truth["cohorts"]["purchase"]
    assert (row["entry_day"], row["entered"], row["converted"]) == ("1970-01-02", 1, {"8": 1})
    assert truth["cohorts"]["signup"][0]["converted"] == {}
