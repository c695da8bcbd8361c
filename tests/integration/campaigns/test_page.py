"""The Insights page over a real site: right numbers, and no value of an event is ever markup."""

from __future__ import annotations

import re
import urllib.parse
from datetime import date

import pytest

from shipper.campaigns.definitions import CampaignSettings, compile_settings
from shipper.campaigns.event import parse, wire
from shipper.campaigns.indices import Indices, ensure
from shipper.campaigns.page import insights_page
from shipper.campaigns.report import Reader
from shipper.campaigns.work import Workplace
from shipper.clock import SystemClock
from shipper.simulate.campaign import Plan, simulate
from shipper.web import Site
from tests.integration.campaigns.indexed import put

pytestmark = pytest.mark.elasticsearch

NOW = "2026-11-04T12:00:00+00:00"
HOSTILE = "<img src=x onerror=alert(1)>\"'&</td>"


def site(client, prefix, tenant=None):
    return Site([insights_page(Reader(client, Indices(prefix)), tenant, lambda: NOW)])


def shown(client, prefix, query=""):
    answer = site(client, prefix).respond(f"/insights{query}")
    return answer.status, answer.body.decode()


@pytest.fixture
def filled(elasticsearch, prefix):
    made = simulate(Plan(date(2026, 11, 1), contacts=15, entry_days=2, horizon=4))
    put(elasticsearch, prefix, made.events)
    Workplace(elasticsearch, prefix, compile_settings(CampaignSettings()), SystemClock()).run_once()
    return made


def test_the_page_shows_the_credits_of_the_chosen_model_and_marks_open_cohort_cells(elasticsearch, prefix, filled):
    status, page = shown(elasticsearch, prefix, "?model=last&goal=purchase")
    assert status == 200
    for channel, row in filled.truth["attribution"]["purchase"]["last"].items():
        found = re.search(rf'<th scope="row"[^>]*>{re.escape(channel)}</th>.*?</tr>', page, re.DOTALL)
        assert found is not None
        assert f"{row['credit'] / 10**9:.2f}</td>" in found.group()
    assert re.search(r'<option value="last" selected>', page)
    assert re.search(r'class="number heat-\d+ open"', page)
    assert re.search(r'class="number heat-0 blank"', page)


def test_hostile_names_are_text_on_every_view(elasticsearch, prefix):
    base = {"tenant": "acme", "actor": {"id": HOSTILE}}
    context = {"campaign": {"id": HOSTILE}, "message": {"id": HOSTILE}, "channel": HOSTILE, "variant": HOSTILE}
    documents = [
        base | {"@timestamp": f"2026-11-01T0{hour}:00:00Z", "action": action, "context": context}
        for hour, action in enumerate(("enter", "click", "purchase"))
    ]
    put(elasticsearch, prefix, [wire(parse(document)) for document in documents])
    Workplace(elasticsearch, prefix, compile_settings(CampaignSettings()), SystemClock()).run_once()
    quoted = urllib.parse.quote(HOSTILE)
    for query in ("", "?by=campaign", "?by=message", "?by=variant", f"?campaign={quoted}", f"?goal={quoted}"):
        _, page = shown(elasticsearch, prefix, query)
        assert "&lt;img src=x" in page
        assert "<img" not in page
        assert "onerror=alert(1)>" not in page


def test_an_empty_installation_says_what_to_do_first(elasticsearch, prefix):
    ensure(elasticsearch, Indices(prefix))
    status, page = shown(elasticsearch, prefix)
    assert status == 200
    assert "shipper campaigns ingest" in page


def test_the_page_of_one_tenant_cannot_be_talked_into_another(elasticsearch, prefix, filled):
    answer = site(elasticsearch, prefix, "zeta").respond("/insights?tenant=acme")
    assert "email" not in answer.body.decode()


def test_an_unknown_model_is_refused_with_words(elasticsearch, prefix, filled):
    status, page = shown(elasticsearch, prefix, "?model=best")
    assert status >= 400
    assert "there is no model" in page
