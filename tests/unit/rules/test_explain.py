from __future__ import annotations

import pytest

from shipper.rules.explain import why
from shipper.rules.state import GroupState, Status
from shipper.rules.verdict import Outcome, Verdict
from tests.support.rule_stream import START, rule

BREACH, CLEAR, NOTHING = (Verdict(outcome, 1.0, "") for outcome in (Outcome.BREACH, Outcome.CLEAR, Outcome.NO_DATA))


@pytest.mark.parametrize(
    ("status", "verdict", "problems", "said"),
    [
        (Status.OK, CLEAR, [], "it is within its bound"),
        (Status.OK, NOTHING, [], "there is too little to judge"),
        (Status.OK, BREACH, [], "judged at the next evaluation"),
        (Status.PENDING, BREACH, [], "it breaches since 2026-01-05T10:00:00.000Z; it fires after 120 s (`for`)"),
        (Status.FIRING, BREACH, [], "it fires since 2026-01-05T10:00:00.000Z"),
        (Status.FIRING, CLEAR, ["1 of 2 shards failed"], "an incomplete result cannot resolve it"),
        (Status.RECOVERING, CLEAR, [], "resolves after 60 s of clear windows"),
        (Status.NO_DATA, NOTHING, [], "without data it is kept (`no_data: keep`)"),
    ],
)
def test_why_says_what_the_verdict_leads_to(status, verdict, problems, said):
    watched = rule("name: r\ntype: threshold\nabove: 1\nfor: 2m\nrecover: 1m\nno_data: keep\n")
    assert said in why(watched, GroupState(group=(), status=status, since=START), verdict, problems)


def test_why_counts_the_breaches_where_some_of_the_last_are_enough():
    watched = rule("name: r\ntype: threshold\nabove: 1\nbreaches: {at_least: 3, of: 5}\n")
    state = GroupState(group=(), status=Status.PENDING, breached=[START, START + 120])
    assert why(watched, state, BREACH, []) == "2 of the last 5 evaluations breached; it fires at 3"
