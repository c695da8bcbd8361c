"""ElastAlert2 over the same world: what it found, what it cost, and what our evaluator costs on the same documents."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from benchmarks.incidents.peer import elastalert2, live
from benchmarks.incidents.peer.documents import loaded, reached
from benchmarks.incidents.peer.passthrough import passing
from benchmarks.incidents.report import details
from benchmarks.incidents.score import WARM_UP, score
from benchmarks.incidents.world import DAY, SERVICES, START
from shipper.elastic.capability import probe
from shipper.elastic.client import connect, for_role
from shipper.home import default_home

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.incidents.trouble import Trouble
    from benchmarks.incidents.world import World
    from shipper.rules.change import Change
    from shipper.rules.rule import Rule

BEFORE = 3 * 3600
"""Seconds that both run before they are judged, so that windows are full."""


def beside(
    venv: Path, world: World, troubles: Sequence[Trouble], rules: Sequence[Rule], cost_hours: float
) -> dict[str, Any]:
    """Run both over the local stack; the figures, as `details` has them for ours.

    Raises:
        UnavailableError: no local stack runs.
        UsageError: there is no ElastAlert2 in `venv`.
    """
    endpoints = default_home().endpoints()
    account, judged = endpoints.account("admin"), START + WARM_UP
    with connect(for_role(endpoints, "admin")) as admin:
        version = ".".join(map(str, probe(admin).version))
        with passing(endpoints.elasticsearch, version) as way, loaded(admin, world) as prefix:
            here = reached(admin, prefix, rules)
            theirs, missing = elastalert2.expressible(here, prefix)
            span = (judged - BEFORE, world.end)
            told, cost = elastalert2.run(venv, theirs, admin, way, account, prefix, span)
            some = (troubles[0].begin - 3600, troubles[0].begin - 3600 + int(cost_hours * 3600))
            ours = live.evaluate(here, admin, way, account, prefix, some)
            same = [rule for rule in here if rule.name in theirs]
            ours_same = live.evaluate(same, admin, way, account, prefix, some)
    alerts = [owned(change) for change in told.alerts if judged < change.at <= world.end]
    tops = {owned(change).key: told.tops[change.key] for change in told.alerts}
    result = score(alerts, troubles, world.days - WARM_UP / DAY, tops)
    return {
        **result.summary(), "version": told.version, "rules": len(theirs), "inexpressible": missing,
        "a_day": cost.a_day(), "ours_a_day": ours.a_day(), "ours_same_rules_a_day": ours_same.a_day(),
        **details(result),
    }  # fmt: skip


def owned(change: Change) -> Change:
    """The alert with the service of its route: it can group by one field where ours have both."""
    route = change.labels.get("http.route")
    owner = next((name for name, routes in SERVICES.items() if route in routes), None)
    if owner is None or "service.name" in change.names:
        return change
    return replace(change, names=("service.name", *change.names), group=(owner, *change.group))
