"""What differs in a saturation: by the time that was spent, now and before, in a real index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shipper.clock import ManualClock, iso_utc
from shipper.rules.evaluator import Evaluator, Surroundings
from shipper.rules.fields import field_types
from tests.support.rule_receiver import Receiver
from tests.support.rule_stream import START, rule

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from shipper.rules.notification import Notification

pytestmark = pytest.mark.elasticsearch

RULE = (
    "name: watched\ntype: saturation\nworkers: 1\nabove_percent: 50\nwindow: 60s\nevery: 60s\ngrace: 5s\nlate: 60s\n"
    "filter: 'service.name: *'\ngroup_by: [service.name]\nmin_samples: 10\n"
)
MS = 1_000_000


def request(number: int, second: float, milliseconds: int, **more: Any) -> dict[str, Any]:
    return {
        "@timestamp": iso_utc(START + second),
        "service": {"name": "shop"},
        "host": {"name": f"h{number % 4}"},
        "trace": {"id": f"t{number}"},
        "event": {"duration": milliseconds * MS},
        **more,
    }


def told(client: Elasticsearch, prefix: str, logs: str, documents: list[dict[str, Any]]) -> Notification:
    """The one notification of the window that ends 10 minutes after START."""
    operations: list[dict[str, Any]] = []
    for document in documents:
        operations += [{"create": {}}, document]
    assert not client.bulk(index=logs, operations=operations)["errors"]
    clock, receiver = ManualClock(START + 600), Receiver()
    around = Surroundings(client, clock, field_types(), {"hook": receiver}, {"default": ("hook",)}, prefix)
    Evaluator([rule(RULE)], around).evaluate("watched")
    (one,) = receiver.seen
    return one


def calm() -> list[dict[str, Any]]:
    return [request(number, number, 100) for number in range(540)]


def test_the_host_that_takes_the_time_is_named_though_it_has_no_more_requests(elasticsearch, prefix, logs):
    ill = [request(number, 540 + number / 4, 900 if number % 4 == 3 else 100) for number in range(240)]
    one = told(elasticsearch, prefix, logs, calm() + ill)
    assert [difference.text for difference in one.differs] == [
        "host.name=h3 has 75% of the time spent, 25% before; 25% of the documents"
    ]
    assert {example.host for example in one.examples} == {"h3"}, "the longest, not the newest"


def test_a_tenant_that_sends_more_is_named_and_other_services_do_not_count(elasticsearch, prefix, logs):
    few = [request(number, number, 100, tenant="acme" if number % 10 == 0 else "other") for number in range(540)]
    many = [
        request(number, 540 + number / 8, 100, tenant="other" if number % 10 == 0 else "acme") for number in range(480)
    ]
    elsewhere = [{**one, "service": {"name": "mail"}, "tenant": "third"} for one in many[:100]]
    one = told(elasticsearch, prefix, logs, few + many + elsewhere)
    assert [difference.text for difference in one.differs] == [
        "tenant=acme has 90% of the time spent, 10% before; 90% of the documents"
    ]


def test_more_of_the_same_names_nobody(elasticsearch, prefix, logs):
    more = [request(number, 540 + number / 8, 100) for number in range(480)]
    assert told(elasticsearch, prefix, logs, calm() + more).differs == []


def test_a_part_of_the_documents_names_nobody(elasticsearch, prefix, logs, monkeypatch):
    ill = [request(number, 540 + number / 4, 900 if number % 4 == 3 else 100) for number in range(240)]
    search = elasticsearch.search

    def late(**asked: Any) -> Any:
        answer = search(**asked)
        return {**answer, "timed_out": True} if "host.name" in asked.get("aggs", {}) else answer

    monkeypatch.setattr(elasticsearch, "search", late)
    assert told(elasticsearch, prefix, logs, calm() + ill).differs == []
