"""The accounts of the local stack suffice for the work, and the reading one cannot write."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from elasticsearch import AuthorizationException

from shipper.campaigns import verify
from shipper.campaigns.definitions import CampaignSettings, compile_settings
from shipper.campaigns.indices import Indices
from shipper.campaigns.report import Reader
from shipper.campaigns.work import Workplace
from shipper.clock import SystemClock
from shipper.elastic.client import connect, for_role
from shipper.simulate.campaign import Plan, simulate
from tests.integration.campaigns.indexed import put

pytestmark = pytest.mark.elasticsearch


def test_the_worker_may_do_its_work_on_what_the_writer_wrote_and_the_writer_may_read_nothing(endpoints):
    tenant = f"t{uuid.uuid4().hex[:8]}"  # the roles speak of the real index names, so the tenant keeps tests apart
    made = simulate(Plan(date(2026, 11, 1), tenant, contacts=8, entry_days=1, horizon=3))
    events = [{**event, "event": {"id": f"{tenant}-{event['event']['id']}"}} for event in made.events]
    with (
        connect(for_role(endpoints, "campaign_writer")) as writer,
        connect(for_role(endpoints, "insights_worker")) as worker,
    ):
        put(writer, "", events)
        Workplace(worker, "", compile_settings(CampaignSettings()), SystemClock()).run_once()
        reports = verify.collect(Reader(worker, Indices()), made.truth, "2026-12-01T00:00:00+00:00")
        assert [check for check in verify.verify(made.truth, reports) if not check.ok] == []
        with pytest.raises(AuthorizationException):
            writer.search(index="campaign-events-*")
        with pytest.raises(AuthorizationException):
            worker.delete(index="campaign-events-2026.11.01", id=events[0]["event"]["id"])
