"""A link to what an alert is about, in Kibana's Discover."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from shipper.clock import iso_utc

if TYPE_CHECKING:
    from shipper.rules.change import Change
    from shipper.rules.rule import Rule

DATA_VIEWS = {
    "shipper-logs-*": "774028de-0d5f-5179-a00d-5a76db015542",
    "shipper-metrics-*": "ce2d0183-1023-58d0-86b3-7470198d7187",
}
"""Index pattern -> the id of the data view that `shipper dashboards build` makes for it (a test compares them)."""


def kql(change: Change, rule: Rule, evidence: str = "") -> str:
    """The documents of the alert's group, those that show the trouble, as a query one can paste into Kibana."""
    parts = [f"({part})" for part in dict.fromkeys((rule.filter, evidence)) if part]
    parts += [f"{name}: {_quoted(value)}" for name, value in change.labels.items()]
    return " and ".join(parts)


def discover(base: str, change: Change, rule: Rule, query: str, seconds: int) -> str:
    """Discover with the query, in our data view of the rule's indices; of others in Kibana's default.

    It opens on `seconds` (two windows at least) before the alert's end, and on all of the episode, if that is longer.
    """
    end = change.boundary
    start = min(end - max(seconds, 2 * int(rule.window)), change.since - int(rule.window))
    state = f"(time:(from:{_rison(iso_utc(start))},to:{_rison(iso_utc(end))}))"
    view = DATA_VIEWS.get(rule.index)
    source = "" if view is None else f"dataSource:(dataViewId:{_rison(view)},type:dataView),"
    app = f"({source}query:(language:kuery,query:{_rison(query)}))"
    return f"{base.rstrip('/')}/app/discover#/?_g={_escaped(state)}&_a={_escaped(app)}"


def runbook(page: str, base: str | None) -> str:
    """Where a runbook can be opened: below `base`, unless it is an address itself or there is none."""
    return page if base is None or "://" in page else f"{base.rstrip('/')}/{page.lstrip('/')}"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _rison(text: str) -> str:
    """A string in Rison, the notation of Kibana's addresses."""
    escaped = text.replace("!", "!!").replace("'", "!'")
    return f"'{escaped}'"


def _escaped(rison: str) -> str:
    return quote(rison, safe="!'(),:@")
