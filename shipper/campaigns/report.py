"""Attribution and cohort tables, read from the roll-up cells only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from shipper.campaigns.event import day
from shipper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from elasticsearch import Elasticsearch

    from shipper.campaigns.indices import Indices

BY = ("channel", "campaign", "message", "variant")
"""What an attribution table may be broken down by."""

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cells a report reads; a campaign of None is all of them."""

    tenant: str
    goal: str
    campaign: str | None = None


@dataclass(slots=True)
class Credit:
    """A share of the conversions: `credit` in 10^-9 conversions, `value` in minor units by currency."""

    credit: int = 0
    value: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Credit by channel (or another dimension), most first.

    Attributes:
        conversions: all of the goal, and `value` their value: what the credits of all campaigns sum to.
    """

    scope: Scope
    model: str
    by: str
    rows: Mapping[str, Credit]
    conversions: int
    value: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Credits in 10^-9 conversions, values in minor units."""
        return {
            "tenant": self.scope.tenant,
            "goal": self.scope.goal,
            "campaign": self.scope.campaign,
            "model": self.model,
            "by": self.by,
            "rows": [{self.by: key, "credit": row.credit, "value": row.value} for key, row in self.rows.items()],
            "conversions": self.conversions,
            "value": dict(self.value),
        }


@dataclass(frozen=True, slots=True)
class Cohort:
    """The contacts that entered a campaign on one day (and in one variant).

    Attributes:
        converted: lag day -> contacts whose first conversion came so many whole days after their own entry.
    """

    campaign: str
    entry_day: str
    variant: str
    entered: int
    converted: Mapping[int, int]

    def within(self, lag: int) -> int:
        """Contacts that converted on `lag` or earlier."""
        return sum(count for at, count in self.converted.items() if at <= lag)

    @property
    def ever(self) -> int:
        """Contacts that converted, however long it took."""
        return sum(self.converted.values())

    def observed(self, as_of: str) -> int:
        """How many lag days have passed for every one of them at `as_of` (ISO 8601).

        Those columns are final, but for late events.
        """
        since = datetime.fromisoformat(as_of) - _midnight(self.entry_day) - timedelta(days=1)
        return max(0, since.days)

    def begun(self, as_of: str) -> int:
        """How many lag days have begun for the earliest of them; later columns are empty."""
        return max(0, (datetime.fromisoformat(as_of) - _midnight(self.entry_day)).days + 1)


@dataclass(frozen=True, slots=True)
class Cohorts:
    """Cohorts by entry day, campaign and variant; `as_of` is when the report was made."""

    scope: Scope
    as_of: str
    rows: Sequence[Cohort]

    def as_json(self) -> dict[str, Any]:
        """Counts of contacts; `observed` is how many lag days are final."""
        return {
            "tenant": self.scope.tenant,
            "goal": self.scope.goal,
            "campaign": self.scope.campaign,
            "as_of": self.as_of,
            "rows": [
                {
                    "campaign": row.campaign,
                    "entry_day": row.entry_day,
                    "variant": row.variant,
                    "entered": row.entered,
                    "converted": {str(lag): count for lag, count in sorted(row.converted.items())},
                    "observed": row.observed(self.as_of),
                }
                for row in self.rows
            ],
        }

    def merged(self) -> Cohorts:
        """Variants and campaigns summed: one row an entry day."""
        return Cohorts(self.scope, self.as_of, list(_merge(self.rows, by_variant=False)))

    def variants(self) -> Sequence[Cohort]:
        """Entry days summed: one row a variant, its entry day the youngest one."""
        return list(_merge(self.rows, by_variant=True))


class Reader:
    """Reads reports; its account needs no more than to read the cells of its tenant."""

    def __init__(self, client: Elasticsearch, indices: Indices) -> None:
        self._client = client
        self._index = indices.cells

    def choices(self, dimension: str, tenant: str | None = None) -> list[str]:
        """The values of `tenant`, `goal`, `model` or `campaign` that have cells, sorted."""
        where = {} if tenant is None else {"tenant": tenant}
        return sorted(str(key[dimension]) for key, _ in self._sums(where, (dimension,)) if key[dimension] is not None)

    def only_tenant(self) -> str:
        """The tenant, where there is one.

        Raises:
            UsageError: there is none, or more than one.
        """
        tenants = self.choices("tenant")
        if len(tenants) == 1:
            return tenants[0]
        if not tenants:
            raise UsageError(
                "there is nothing to report yet", hint="send events and run `shipper campaigns run --once`"
            )
        raise UsageError("there are several tenants", hint=f"choose one: --tenant {' | '.join(tenants)}")

    def attribution(self, scope: Scope, model: str, by: str = "channel") -> Attribution:
        """Credit of one model; what is credited to nobody is the row `(none)`."""
        where = {"kind": "credit", "tenant": scope.tenant, "goal": scope.goal, "model": model}
        if scope.campaign is not None:
            where["campaign"] = scope.campaign
        rows: dict[str, Credit] = {}
        for key, amount in self._sums(where, (by, "measure", "currency")):
            row = rows.setdefault(key[by] or "(none)", Credit())
            _put(row, key, amount)
        total = Credit()
        for key, amount in self._sums(
            {"kind": "goal", "tenant": scope.tenant, "goal": scope.goal}, ("measure", "currency")
        ):
            _put(total, key, amount)
        kept = {key: row for key, row in rows.items() if row.credit or row.value}
        ranked = dict(sorted(kept.items(), key=lambda item: (-item[1].credit, item[0])))
        return Attribution(scope, model, by, ranked, total.credit, total.value)

    def cohorts(self, scope: Scope, as_of: str) -> Cohorts:
        """Cohorts of entry days; `as_of` (ISO 8601) marks what is immature."""
        where = {"kind": "cohort", "tenant": scope.tenant}
        if scope.campaign is not None:
            where["campaign"] = scope.campaign
        keys = ("entry_day", "campaign", "variant")
        entered = {
            (day(key["entry_day"]), key["campaign"], key["variant"] or ""): amount
            for key, amount in self._sums({**where, "measure": "entered"}, keys)
            if amount
        }
        converted: dict[tuple[str, str, str], dict[int, int]] = {}
        goal_cells = {**where, "measure": "converted", "goal": scope.goal}
        for key, amount in self._sums(goal_cells, (*keys, "lag_day")):
            if amount:
                lags = converted.setdefault((day(key["entry_day"]), key["campaign"], key["variant"] or ""), {})
                lags[key["lag_day"]] = amount
        rows = [
            Cohort(campaign, entry_day, variant, count, converted.get((entry_day, campaign, variant), {}))
            for (entry_day, campaign, variant), count in sorted(entered.items())
        ]
        return Cohorts(scope, as_of, rows)

    def _sums(self, where: Mapping[str, str], by: Sequence[str]) -> Iterator[tuple[dict[str, Any], int]]:
        """(values of `by`, exact sum of the amounts) of the cells that match."""
        sources = [{name: {"terms": {"field": name, "missing_bucket": True}}} for name in by]
        composite: dict[str, Any] = {"size": _PAGE, "sources": sources}
        sums = {name: {"sum": {"field": name}} for name in ("units", "nanos")}
        while True:
            answer = self._client.search(
                index=self._index,
                ignore_unavailable=True,  # before the first run there is no index: nothing to report
                size=0,
                query={"bool": {"filter": [{"term": {name: value}} for name, value in where.items()]}},
                aggregations={"cells": {"composite": composite, "aggregations": sums}},
                track_total_hits=False,
            )
            found = answer.get("aggregations", {}).get("cells", {"buckets": []})
            for bucket in found["buckets"]:
                yield bucket["key"], int(bucket["units"]["value"]) * 10**9 + int(bucket["nanos"]["value"])
            if "after_key" not in found or not found["buckets"]:
                return
            composite = {**composite, "after": found["after_key"]}


def _put(row: Credit, key: Mapping[str, Any], amount: int) -> None:
    if key["measure"] in ("credit", "conversions"):
        row.credit += amount
    elif amount:
        row.value[key["currency"]] = row.value.get(key["currency"], 0) + amount


def _merge(rows: Sequence[Cohort], *, by_variant: bool) -> Iterator[Cohort]:
    groups: dict[str, list[Cohort]] = {}
    for row in rows:
        groups.setdefault(row.variant if by_variant else row.entry_day, []).append(row)
    for key, group in sorted(groups.items()):
        converted: dict[int, int] = {}
        for row in group:
            for lag, count in row.converted.items():
                converted[lag] = converted.get(lag, 0) + count
        youngest = max(row.entry_day for row in group)
        yield Cohort("", youngest, key if by_variant else "", sum(row.entered for row in group), converted)


def _midnight(entry_day: str) -> datetime:
    return datetime.combine(date.fromisoformat(entry_day), datetime.min.time(), UTC)
