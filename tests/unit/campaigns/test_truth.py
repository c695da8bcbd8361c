"""The job against the simulator's brute force, which shares no code with it."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from shipper.campaigns.definitions import CampaignSettings, compile_settings
from shipper.campaigns.job import Job
from shipper.clock import ManualClock
from shipper.simulate.campaign import Plan, simulate
from tests.unit.campaigns.memory import ListFeed, MemoryStore


def _sums(store: MemoryStore, **where: str) -> dict[tuple[str, str, str, str, str], dict[str, Any]]:
    rows: dict[Any, dict[str, Any]] = defaultdict(lambda: {"credit": 0, "value": defaultdict(int)})
    for cell, amount in store.amounts().items():
        if all(getattr(cell, name) == value for name, value in where.items()):
            row = rows[cell.channel]
            if cell.measure == "credit":
                row["credit"] += amount
            else:
                row["value"][cell.currency] += amount
    return {key: {"credit": row["credit"], "value": dict(row["value"])} for key, row in rows.items()}


@pytest.mark.parametrize("seed", range(1, 6))
def test_credits_and_cohorts_of_a_simulated_campaign_are_the_brute_force_truth(seed):
    made = simulate(Plan(date(2026, 11, 1), contacts=60, seed=seed, late=0.2, twice=0.3))
    store = MemoryStore()
    Job(store, compile_settings(CampaignSettings()), ManualClock()).run_once(
        ListFeed(made.events, 17), store.ledger_feed
    )
    for goal, models in made.truth["attribution"].items():
        for model, expected in models.items():
            assert _sums(store, kind="credit", goal=goal, model=model) == expected, (goal, model)
    for goal, rows in made.truth["cohorts"].items():
        for row in rows:
            where = {key: row[key] for key in ("campaign", "entry_day", "variant")}
            lags = {
                str(cell.lag_day): amount
                for cell, amount in store.amounts().items()
                if (cell.kind, cell.measure, cell.goal) == ("cohort", "converted", goal)
                and all(getattr(cell, name) == value for name, value in where.items())
            }
            assert lags == row["converted"]
