"""What each account may do, and what it may not, asked of the real Elasticsearch."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable  # noqa: TC003 - pytest reads the fixture's annotation
from typing import Any

import pytest
from elasticsearch import AuthorizationException, Elasticsearch

from shipper.elastic.client import connect, for_role

pytestmark = pytest.mark.elasticsearch

RUN = uuid.uuid4().hex[:8]  # the stack is shared: these indices are this run's alone
LOGS = f"shipper-logs-roles-{RUN}"
METRICS = f"shipper-metrics-roles-{RUN}"
EVENTS = f"campaign-events-roles-{RUN}"
ALERTS = f"shipper-alerts-roles-{RUN}"
STATE = f"shipper-rule-state-roles-{RUN}"
INSIGHTS = f"insights-roles-{RUN}"
DOCUMENT = {"@timestamp": "2001-01-01T00:00:00Z", "tenant": "t"}
FAMILIES = {LOGS, METRICS, EVENTS, ALERTS, STATE, INSIGHTS}

ADDS = {
    "shipper_writer": {LOGS, METRICS},
    "campaign_writer": {EVENTS},
    "shipper_reader": set(),
    "rules_evaluator": {METRICS, ALERTS, STATE},
    "insights_worker": {INSIGHTS},
    "insights_eraser": {INSIGHTS},
    "dashboard_deployer": set(),
    "stack_operator": {METRICS},
    "stack_monitor": {METRICS},
}
READS = {
    "shipper_writer": set(),
    "campaign_writer": set(),
    "shipper_reader": {LOGS, METRICS, EVENTS, ALERTS, INSIGHTS},
    "rules_evaluator": {LOGS, METRICS, EVENTS, ALERTS, STATE},
    "insights_worker": {EVENTS, INSIGHTS},
    "insights_eraser": {EVENTS, INSIGHTS},
    "dashboard_deployer": {LOGS, METRICS, EVENTS, ALERTS, INSIGHTS},
    "stack_operator": set(),
    "stack_monitor": set(),
}
CHANGES = {
    "rules_evaluator": {ALERTS, STATE},
    "insights_worker": {INSIGHTS},
    "insights_eraser": {INSIGHTS},
}
DELETES = CHANGES | {"insights_eraser": {EVENTS, INSIGHTS}}
DROPS_INDICES = {"insights_worker": {INSIGHTS}, "stack_operator": FAMILIES}


@pytest.fixture(scope="module")
def admin(endpoints):
    """The local stack's admin, with one index of each family; they are gone afterwards."""
    with connect(for_role(endpoints, "admin")) as client:
        for index in FAMILIES:
            client.index(index=index, id="there", document=DOCUMENT, refresh=True)
        yield client
        for index in FAMILIES:
            client.indices.delete(index=index, ignore_unavailable=True)


def allowed(act: Callable[[], Any]) -> bool:
    try:
        act()
    except AuthorizationException:
        return False
    return True


def what(role: str, endpoints: Any, act: Callable[[Elasticsearch, str], Any]) -> set[str]:
    with connect(for_role(endpoints, role)) as client:
        return {index for index in FAMILIES if allowed(functools.partial(act, client, index))}


@pytest.mark.parametrize("role", ADDS)
def test_a_role_adds_documents_only_where_it_must(role, endpoints, admin):
    added = what(role, endpoints, lambda c, index: c.create(index=index, id=uuid.uuid4().hex, document=DOCUMENT))
    assert added == ADDS[role]


@pytest.mark.parametrize("role", READS)
def test_a_role_reads_only_what_it_must(role, endpoints, admin):
    assert what(role, endpoints, lambda c, index: c.search(index=index)) == READS[role]
    assert what(role, endpoints, lambda c, index: c.get(index=index, id="there")) == READS[role]


@pytest.mark.parametrize("role", ADDS)
def test_a_role_changes_only_what_is_its_own(role, endpoints, admin):
    changed = what(role, endpoints, lambda c, index: c.index(index=index, id="there", document=DOCUMENT))
    assert changed == CHANGES.get(role, set())


@pytest.mark.parametrize("role", ADDS)
def test_a_role_deletes_documents_only_where_it_must(role, endpoints, admin):
    deleted = what(role, endpoints, lambda c, index: c.options(ignore_status=404).delete(index=index, id="another"))
    assert deleted == DELETES.get(role, set())


@pytest.mark.parametrize("role", ADDS)
def test_a_role_drops_only_indices_that_it_may(role, endpoints, admin):
    dropped = what(role, endpoints, lambda c, index: c.indices.delete(index=index))
    for index in dropped:
        admin.index(index=index, id="there", document=DOCUMENT, refresh=True)
    assert dropped == DROPS_INDICES.get(role, set())


@pytest.mark.parametrize("role", ADDS)
def test_no_role_changes_templates_or_users_but_the_operator_changes_templates(role, endpoints, admin):
    with connect(for_role(endpoints, role)) as client:
        put = functools.partial(
            client.indices.put_index_template, name=f"stack-roles-{RUN}", index_patterns=[f"stack-roles-{RUN}-*"]
        )
        assert allowed(put) == (role == "stack_operator")
        assert not allowed(lambda: client.security.delete_role(name="none"))
        assert allowed(client.cluster.health)
    admin.options(ignore_status=404).indices.delete_index_template(name=f"stack-roles-{RUN}")


def test_a_writer_creates_the_index_of_a_new_day_from_its_template(endpoints, admin):
    index = f"shipper-logs-roles-new-{RUN}"
    try:
        with connect(for_role(endpoints, "shipper_writer")) as client:
            client.create(index=index, id="1", document={**DOCUMENT, "source": {"ip": "10.0.0.1"}})
        mapping = admin.indices.get_mapping(index=index)[index]["mappings"]["properties"]
        assert mapping["source"]["properties"]["ip"] == {"type": "ip"}
    finally:
        admin.indices.delete(index=index, ignore_unavailable=True)


def test_the_insights_worker_reads_shard_checkpoints_and_the_evaluator_refreshes(endpoints, admin):
    with connect(for_role(endpoints, "insights_worker")) as client:
        assert EVENTS in client.indices.stats(index="campaign-events-*", level="shards")["indices"]
        client.indices.refresh(index="campaign-events-*")
    with connect(for_role(endpoints, "rules_evaluator")) as client:
        client.indices.refresh(index="shipper-logs-*")
