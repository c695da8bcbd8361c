"""What a notification says beyond the number: what differs, and where to look."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest

from shipper.dashboards.saved_object import stable_id
from shipper.kql import matches, parse
from shipper.rules import links, shares
from shipper.rules.change import Change
from shipper.rules.differences import CANDIDATES, aggregations, differences
from shipper.rules.fields import is_known
from shipper.rules.state import Status
from tests.support.rule_stream import START, rule


def answer(bad: int, all_bad: int, other: int, all_other: int) -> dict[str, Any]:
    bucket = {"key": "h1", "doc_count": bad, "bg_count": bad + other}
    return {"host.name": {"doc_count": all_bad, "bg_count": all_bad + all_other, "buckets": [bucket]}}


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ((90, 100, 10, 100), ["host.name=h1 in 90% of them, 10% of the others"]),
        ((100, 100, 95, 100), []),
        ((20, 100, 0, 100), []),
        ((50, 100, 0, 0), []),
        ((0, 0, 0, 0), []),
    ],
)
def test_a_value_differs_where_many_of_the_troubled_have_it_and_few_of_the_others(numbers, told):
    assert [difference.text for difference in differences(answer(*numbers))] == told


def sums(now: tuple[int, float], before: tuple[int, float]) -> dict[str, Any]:
    sides = zip(("now", "before"), (now, before), strict=True)
    return {side: {"doc_count": count, "total": {"value": total}} for side, (count, total) in sides}


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        ((100, 980.0), (1200, 330.0), ["host.name=h1 has 98% of the time spent, 33% before; 33% of the documents"]),
        ((100, 980.0), (0, 0.0), ["host.name=h1 has 98% of the time spent, 0% before; 33% of the documents"]),
        ((200, 660.0), (300, 100.0), ["host.name=h1 has 66% of the time spent, 10% before; 67% of the documents"]),
        ((30, 800.0), (100, 800.0), ["host.name=h1 has 80% of the time spent, 80% before; 10% of the documents"]),
        ((100, 330.0), (1200, 330.0), []),
        ((4, 980.0), (1, 1.0), []),
        ((0, 0.0), (1, 1.0), []),
    ],
)
def test_a_value_took_the_time_whose_share_of_it_is_far_above_the_one_before_or_that_of_its_documents(
    now, before, told
):
    answer = {**sums((300, 1000.0), (3600, 1000.0)), "host.name": {"buckets": [{"key": "h1", **sums(now, before)}]}}
    assert [one.text for one in shares.shares(answer, "event.duration")] == told


def test_without_a_time_before_or_any_time_spent_shares_are_of_the_documents_or_none():
    hosts = {"host.name": {"buckets": [{"key": "h1", **sums((100, 980.0), (0, 0.0))}]}}
    (told,) = shares.shares({**sums((300, 1000.0), (0, 0.0)), **hosts}, "http.response.body.bytes")
    assert told.text == "host.name=h1 has 98% of http.response.body.bytes; 33% of the documents"
    assert shares.shares({**sums((300, 0.0), (0, 0.0)), **hosts}, "event.duration") == []
    assert shares.shares({}, "event.duration") == [], "no answer"


def test_what_grew_is_told_before_what_always_takes_much_for_its_documents():
    always = {"key": "/report", **sums((30, 500.0), (300, 500.0))}
    grown = {"key": "h3", **sums((100, 600.0), (1200, 330.0))}
    answer = {"host.name": {"buckets": [grown]}, "http.route": {"buckets": [always]}}
    told = shares.shares({**sums((300, 1000.0), (3600, 1000.0)), **answer}, "event.duration")
    assert [one.value for one in told] == ["h3", "/report"]


def test_what_a_rule_groups_by_cannot_differ_and_every_candidate_is_a_field_of_ours():
    assert set(aggregations({}, ("host.name",))) == set(CANDIDATES) - {"host.name"}
    assert set(shares.aggregations("event.duration", {}, ("host.name",))) == {"now", "before"} | set(CANDIDATES) - {
        "host.name"
    }
    assert all(is_known(name) for name in CANDIDATES)


def change(value: str) -> Change:
    return Change(
        "r", ("service.name",), (value,), START, START, Status.OK, Status.FIRING, 1.0, "", complete=True, since=START
    )


@pytest.mark.parametrize("value", ["shop", 'a "b" c', "back\\slash", "a: (b) and *", "it's!"])
def test_the_query_of_a_notification_finds_its_group_whatever_its_name(value):
    watched = rule("name: r\ntype: threshold\nabove: 1\nfilter: 'log.level: error'\n")
    node = parse(links.kql(change(value), watched, evidence="log.level: error or event.outcome: failure"))
    document = {"log": {"level": "error"}, "service": {"name": value}}
    assert matches(node, document, {"service.name": "keyword"})
    assert not matches(node, {**document, "service": {"name": "other"}}, {"service.name": "keyword"})


def test_a_link_opens_our_data_view_with_the_query_and_the_time():
    watched = rule("name: r\ntype: threshold\nabove: 1\n")
    told = change("it's!")
    address = links.discover("https://kibana/", told, watched, links.kql(told, watched), 60)
    assert " " not in address
    assert unquote(address) == (
        "https://kibana/app/discover#/?_g=(time:(from:'2026-01-05T09:50:00.000Z',to:'2026-01-05T10:00:00.000Z'))"
        "&_a=(dataSource:(dataViewId:'774028de-0d5f-5179-a00d-5a76db015542',type:dataView),"
        "query:(language:kuery,query:'service.name: \"it!'s!!\"'))"
    )
    expected = {f"shipper-{name}-*": stable_id("data_view", name) for name in ("logs", "metrics")}
    assert expected == links.DATA_VIEWS


@pytest.mark.parametrize(
    ("page", "base", "opened"),
    [
        ("docs/runbooks/a.md", "https://git.example/main/", "https://git.example/main/docs/runbooks/a.md"),
        ("docs/runbooks/a.md", None, "docs/runbooks/a.md"),
        ("https://wiki.example/a", "https://git.example", "https://wiki.example/a"),
    ],
)
def test_a_runbook_is_an_address_where_it_is_known_where_they_lie(page, base, opened):
    assert links.runbook(page, base) == opened
