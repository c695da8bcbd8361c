"""The job on a real Elasticsearch: exact, whatever is killed, whenever it arrives."""

from __future__ import annotations

import itertools
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from shipper.campaigns import verify
from shipper.campaigns.definitions import CampaignSettings, compile_settings
from shipper.campaigns.feed import ElasticFeed
from shipper.campaigns.indices import Indices, ensure
from shipper.campaigns.job import Job
from shipper.campaigns.report import Reader, Scope
from shipper.campaigns.store import ElasticStore
from shipper.campaigns.work import Workplace
from shipper.clock import SystemClock
from shipper.errors import UsageError
from shipper.simulate.campaign import Plan, simulate
from tests.integration.campaigns.indexed import put

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

pytestmark = pytest.mark.elasticsearch

DEFINITIONS = compile_settings(CampaignSettings())
AS_OF = "2026-12-01T00:00:00+00:00"
SMALL = Plan(date(2026, 11, 1), contacts=15, entry_days=2, horizon=4, late=0.2, twice=0.2)


class DiedError(BaseException):
    """The worker was killed."""


class DyingStore(ElasticStore):
    """Dies at its n-th write: before it, in the middle of its documents, or after it."""

    def __init__(self, client: Elasticsearch, indices: Indices, step: int, moment: str) -> None:
        super().__init__(client, indices)
        self._left = step
        self._moment = moment

    def _dying(self, write: Any, items: Any) -> Any:
        self._left -= 1
        if self._left != 0:
            return write(items)
        if self._moment != "before":
            write(items[: len(items) // 2] if self._moment == "middle" else items)
        raise DiedError

    def save_contacts(self, changed):
        return self._dying(super().save_contacts, changed)

    def append(self, entries):
        self._dying(super().append, entries)

    def save_cells(self, changed):
        return self._dying(super().save_cells, changed)

    def save_cursor(self, name, cursor):
        self._dying(lambda items: super(DyingStore, self).save_cursor(*items[0]) if items else None, [(name, cursor)])


def test_reports_are_the_truth_and_equal_a_rebuild_also_after_late_events(elasticsearch, prefix):
    made = simulate(SMALL)
    place = Workplace(elasticsearch, prefix, DEFINITIONS, SystemClock())
    for part in itertools.zip_longest(*[iter(made.events)] * 60):
        put(elasticsearch, prefix, [event for event in part if event is not None])
        place.run_once()
    reports = verify.collect(Reader(elasticsearch, Indices(prefix)), made.truth, AS_OF)
    assert [check for check in verify.verify(made.truth, reports) if not check.ok] == []
    difference = place.rebuild(write=False)
    assert (difference.equal, difference.compared) == (True, 15)
    assert place.run_once().events == 0


def test_a_worker_killed_at_every_step_loses_and_doubles_nothing(elasticsearch, prefix):
    made = simulate(SMALL)
    indices = Indices(prefix)
    ensure(elasticsearch, indices)
    deaths = 0
    parts = [made.events[start::4] for start in range(4)]
    for moment, part in zip(("before", "middle", "after", "middle"), parts, strict=True):
        put(elasticsearch, prefix, part)
        for step in itertools.count(1):
            store = DyingStore(elasticsearch, indices, step, moment)
            try:
                Job(store, DEFINITIONS, SystemClock()).run_once(
                    ElasticFeed(elasticsearch, indices.events), lambda: ElasticFeed(elasticsearch, indices.ledger)
                )
            except DiedError:
                deaths += 1
                continue
            break
    assert deaths > 20
    place = Workplace(elasticsearch, prefix, DEFINITIONS, SystemClock())
    assert place.rebuild(write=False).equal
    reports = verify.collect(Reader(elasticsearch, indices), made.truth, AS_OF)
    assert [check for check in verify.verify(made.truth, reports) if not check.ok] == []


def test_a_wrong_number_in_a_report_is_found_by_the_comparison_with_the_truth(elasticsearch, prefix):
    made = simulate(SMALL)
    put(elasticsearch, prefix, made.events)
    put(elasticsearch, prefix, [{**made.events[0], "action": "purchase", "event": {"id": "one-too-many"}}])
    Workplace(elasticsearch, prefix, DEFINITIONS, SystemClock()).run_once()
    checks = verify.verify(made.truth, verify.collect(Reader(elasticsearch, Indices(prefix)), made.truth, AS_OF))
    assert next(check.name for check in checks if not check.ok) == "campaigns: every purchase is counted once"


def test_changed_definitions_are_refused_until_a_rebuild_made_them_count_for_the_past(elasticsearch, prefix):
    made = simulate(SMALL)
    put(elasticsearch, prefix, made.events)
    Workplace(elasticsearch, prefix, DEFINITIONS, SystemClock()).run_once()
    other = compile_settings(CampaignSettings(touch="action: click", models=("last",)))
    changed = Workplace(elasticsearch, prefix, other, SystemClock())
    with pytest.raises(UsageError, match="other definitions"):
        changed.run_once()
    assert not changed.rebuild(write=True).equal
    assert changed.rebuild(write=False).equal
    assert changed.run_once().contacts == 0
    reader = Reader(elasticsearch, Indices(prefix))
    total = made.truth["goals"]["purchase"]["conversions"]
    table = reader.attribution(Scope("acme", "purchase"), "last")
    assert sum(row.credit for row in table.rows.values()) == total * 10**9
    assert reader.attribution(Scope("acme", "purchase"), "first").rows == {}


def test_a_rebuild_does_not_forget_days_that_retention_has_deleted(elasticsearch, prefix):
    made = simulate(SMALL)
    put(elasticsearch, prefix, made.events)
    place = Workplace(elasticsearch, prefix, DEFINITIONS, SystemClock())
    place.run_once()
    elasticsearch.indices.delete(index=f"{prefix}campaign-events-2026.11.01")
    assert place.run_once().contacts == 0
    with pytest.raises(UsageError, match="no longer in campaign-events"):
        place.rebuild(write=True)


def test_documents_that_are_no_events_are_counted_and_passed_over(elasticsearch, prefix):
    elasticsearch.index(index=f"{prefix}campaign-events-2026.11.01", document={"tenant": "acme"})
    done = Workplace(elasticsearch, prefix, DEFINITIONS, SystemClock()).run_once()
    assert (done.events, done.invalid, done.contacts) == (1, 1, 0)


def test_one_tenant_never_sees_another_in_its_tables(elasticsearch, prefix):
    ours, theirs = simulate(SMALL), simulate(Plan(date(2026, 11, 1), "zeta", 6, 2, 4, seed=9))
    put(elasticsearch, prefix, [*ours.events, *theirs.events])
    Workplace(elasticsearch, prefix, DEFINITIONS, SystemClock()).run_once()
    reader = Reader(elasticsearch, Indices(prefix))
    for made in (ours, theirs):
        checks = verify.verify(made.truth, verify.collect(reader, made.truth, AS_OF))
        assert all(check.ok for check in checks)
    with pytest.raises(UsageError, match="several tenants"):
        reader.only_tenant()
