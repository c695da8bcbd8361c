"""The campaign of the demonstration: simulated with known truth, posted to Logstash, counted, reported."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from shipper.campaigns.indices import Indices
from shipper.campaigns.report import Reader
from shipper.campaigns.verify import collect, verify
from shipper.clock import iso_utc
from shipper.elastic.client import connect, explained, for_role
from shipper.simulate.campaign import default_plan, simulate

if TYPE_CHECKING:
    from shipper.demo.checks import Outcome
    from shipper.demo.stage import Stage


def run_campaign(stage: Stage, outcome: Outcome) -> None:
    """Post the events twice over, run the job, and compare each table with the truth."""
    with stage.console.step("campaign") as step:
        made = simulate(default_plan(time.time()))
        events = stage.run / "campaign.ndjson"
        made.write(events)
        stage.shipper("campaigns", "ingest", str(events))
        stage.shipper("campaigns", "run", "--once")
        settings = for_role(stage.endpoints, "insights_worker")
        with explained(settings.place), connect(settings) as client:
            reports = collect(Reader(client, Indices()), made.truth, iso_utc(time.time()))
        checks = verify(made.truth, reports)
        for check in checks:
            outcome.check(**asdict(check))
        outcome.campaigns = {"events": len(made.events), "goals": made.truth["goals"]}
        step.note(f"{len(made.events):,} events, {sum(check.ok for check in checks)} of {len(checks)} tables match")
