"""Worked examples by hand."""

from __future__ import annotations

from shipper.campaigns import journey
from shipper.campaigns.contact import Contact, restate
from shipper.campaigns.definitions import CampaignSettings, compile_settings
from shipper.campaigns.event import parse
from shipper.campaigns.explain import as_text, explain
from shipper.campaigns.record import merge, record
from tests.unit.campaigns.made import event

DEFINITIONS = compile_settings(CampaignSettings())
DAY = 24


def records(*documents):
    return merge((), [kept for document in documents if (kept := record(parse(document), DEFINITIONS)) is not None])


def amounts(kept, **where):
    found = journey.contributions("acme", kept, DEFINITIONS)
    return {
        (cell.channel or cell.lag_day, cell.measure, cell.currency): amount
        for cell, amount in found.items()
        if all(getattr(cell, name) == value for name, value in where.items())
    }


def test_a_touch_older_than_the_lookback_or_after_the_conversion_gets_nothing():
    kept = records(
        event(1, "click", 0, channel="sms"),
        event(2, "click", 2 * DAY, channel="email"),
        event(3, "purchase", 8 * DAY, order="o1", amount=1000),
        event(4, "click", 9 * DAY, channel="in_app"),
    )
    assert amounts(kept, kind="credit", model="linear") == {
        ("email", "credit", ""): 10**9,
        ("email", "value", "EUR"): 1000,
    }
    told = explain(restate(Contact("acme", "c1"), kept, DEFINITIONS, ""), DEFINITIONS)
    assert [(item["event"], item["reason"]) for item in told["conversions"][0]["excluded"]] == [
        ("e1", "older than the look-back"),
        ("e4", "after the conversion"),
    ]
    assert "left out, older than the look-back" in as_text(told)


def test_a_touch_exactly_as_old_as_the_lookback_still_counts():
    kept = records(event(1, "click", 0, channel="sms"), event(2, "purchase", 7 * DAY, order="o", amount=1))
    assert ("sms", "credit", "") in amounts(kept, kind="credit", model="first")


def test_a_conversion_without_touches_is_credited_to_nobody_and_nothing_is_missing():
    kept = records(event(1, "purchase", 0, order="o", amount=5))
    assert amounts(kept, kind="credit", model="last") == {
        ("(none)", "credit", ""): 10**9,
        ("(none)", "value", "EUR"): 5,
    }


def test_a_refund_is_taken_from_those_that_were_credited_whenever_it_arrives():
    bought = [event(1, "click", 0, channel="sms"), event(2, "purchase", 1, order="o", amount=900)]
    refund = event(3, "refund", 200, order="o", amount=-900)
    stray = event(4, "refund", 200, order="other", amount=-77)
    assert amounts(records(*bought, refund, stray), kind="credit", model="last") == {("sms", "credit", ""): 10**9}
    assert amounts(records(refund)) == {}


def test_a_cohort_counts_from_the_contacts_own_entry_however_long_it_takes():
    kept = records(
        event(1, "enter", 20, campaign="spring", variant="B"),
        event(2, "purchase", 10, order="o0", amount=1),
        event(3, "purchase", 20 + 100 * DAY - 0.5, order="o1", amount=300),
        event(4, "purchase", 20 + 100 * DAY, order="o2", amount=200),
        event(5, "enter", 90, campaign="spring", variant="A"),
    )
    (entry,) = journey.entries(kept)
    assert (entry.variant, entry.campaign) == ("B", "spring")
    assert amounts(kept, kind="cohort", entry_day="2026-03-01") == {
        (-1, "entered", ""): 1,
        (99, "converted", ""): 1,
        (99, "conversions", ""): 1,
        (99, "value", "EUR"): 300,
        (100, "conversions", ""): 1,
        (100, "value", "EUR"): 200,
    }


def test_only_the_first_signup_of_a_contact_counts():
    kept = records(event(1, "signup", 5), event(2, "signup", 4))
    assert amounts(kept, kind="goal") == {(-1, "conversions", ""): 1}
    assert journey.conversions(kept, DEFINITIONS.goal("signup"))[0].record.id == "e2"
