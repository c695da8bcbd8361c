"""Compares reports with the known truth of a simulated campaign, number by number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.campaigns.credit import CREDIT
from shipper.campaigns.report import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.campaigns.report import Attribution, Cohorts, Reader


@dataclass(frozen=True, slots=True)
class Check:
    """One sentence that is true or not, and the figures behind it."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Reports:
    """Every table of a tenant: goal -> model -> attribution, goal -> cohorts."""

    attribution: Mapping[str, Mapping[str, Attribution]]
    cohorts: Mapping[str, Cohorts]


def collect(reader: Reader, truth: Mapping[str, Any], as_of: str) -> Reports:
    """Read the tables that `truth` (as `shipper.simulate.campaign` gives it) speaks of."""
    tenant = truth["tenant"]
    return Reports(
        {
            goal: {model: reader.attribution(Scope(tenant, goal), model) for model in models}
            for goal, models in truth["attribution"].items()
        },
        {goal: reader.cohorts(Scope(tenant, goal), as_of) for goal in truth["cohorts"]},
    )


def verify(truth: Mapping[str, Any], reports: Reports) -> list[Check]:
    """One check a goal and kind of table."""
    return [check for goal in truth["goals"] for check in _goal(goal, truth, reports)]


def _goal(goal: str, truth: Mapping[str, Any], reports: Reports) -> Iterator[Check]:
    tables = reports.attribution[goal]
    wanted = truth["goals"][goal]
    found = {model: {"conversions": table.conversions, "value": dict(table.value)} for model, table in tables.items()}
    bad = {model: totals for model, totals in found.items() if totals != wanted}
    yield _check(f"campaigns: every {goal} is counted once", bad, f"{wanted['conversions']} conversions")
    sums = {model: sum(row.credit for row in table.rows.values()) for model, table in tables.items()}
    off = {model: credit for model, credit in sums.items() if credit != wanted["conversions"] * CREDIT}
    yield _check(f"campaigns: the credits of each model sum to the {goal} conversions", off, f"{len(sums)} models")
    differing = {
        model: {"expected": truth["attribution"][goal][model], "reported": shown}
        for model, table in tables.items()
        if (shown := _plain(table)) != truth["attribution"][goal][model]
    }
    yield _check(f"campaigns: {goal} attribution by channel is the truth", differing, ", ".join(tables))
    expected = {_cohort_key(row): (row["entered"], row["converted"]) for row in truth["cohorts"][goal]}
    shown_rows = reports.cohorts[goal].as_json()["rows"]
    reported = {_cohort_key(row): (row["entered"], row["converted"]) for row in shown_rows}
    wrong = {key: (expected.get(key), reported.get(key)) for key in expected.keys() | reported.keys()}
    wrong = {key: pair for key, pair in wrong.items() if pair[0] != pair[1]}
    yield _check(f"campaigns: {goal} cohorts by entry day are the truth", wrong, f"{len(expected)} cohorts")


def _plain(table: Attribution) -> dict[str, Any]:
    return {key: {"credit": row.credit, "value": row.value} for key, row in table.rows.items()}


def _cohort_key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["campaign"], row["entry_day"], row["variant"]


def _check(name: str, wrong: Mapping[Any, Any], detail: str) -> Check:
    return Check(name, not wrong, f"differs: {dict(wrong)}"[:500] if wrong else detail)
