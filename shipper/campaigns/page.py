"""The Insights page: attribution by channel and cohorts by entry day, with a model and a goal to choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from shipper.campaigns import render
from shipper.campaigns.credit import MODELS
from shipper.campaigns.report import BY, Scope
from shipper.elastic.client import explained
from shipper.errors import UsageError
from shipper.web import Body, Page, Query, templates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shipper.campaigns.report import Attribution, Cohort, Cohorts, Reader

_SHADES = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the attribution; `width` in per cent of the longest, `models` its share in each model."""

    label: str
    width: float
    credit: str
    share: str
    value: Sequence[str]
    models: Sequence[str]


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One cell of the triangle; `shade` 0 to 10 by the share of converted contacts."""

    text: str
    shade: int
    open: bool
    tip: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One entry day, or one variant without cells."""

    label: str
    entered: str
    converted: str
    cells: Sequence[HeatCell]
    rate: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A select of the toolbar."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: str


def insights_page(reader: Reader, tenant: str | None, now: Callable[[], str]) -> Page:
    """The page of one tenant; of any that the query names where `tenant` is None. `now` is what cohorts are as of."""
    view = _View(reader, tenant, now)
    return Page("/insights", "Insights", view.render)


class _View:
    def __init__(self, reader: Reader, tenant: str | None, now: Callable[[], str]) -> None:
        self._reader = reader
        self._tenant = tenant
        self._now = now
        found = templates("shipper.campaigns")
        self._template = found.get_template("insights.html")
        self._style = found.get_template("insights.css").render()

    def render(self, query: Query) -> Body:
        with explained("Elasticsearch"):
            return self._rendered(query)

    def _rendered(self, query: Query) -> Body:
        tenants = [self._tenant] if self._tenant is not None else self._reader.choices("tenant")
        if not tenants:
            return self._show(choices=[], empty=True)
        tenant = _chosen("tenant", query, tenants)
        goals = self._reader.choices("goal", tenant)
        if not goals:
            return self._show(choices=[], empty=True)
        campaigns = self._reader.choices("campaign", tenant)
        goal = _chosen("goal", query, goals)
        model = _chosen("model", query, MODELS, "linear")
        by = _chosen("by", query, BY)
        campaign = _chosen("campaign", query, ["", *campaigns])
        scope = Scope(tenant, goal, campaign or None)
        tables = {name: self._reader.attribution(scope, name, by) for name in MODELS}
        cohorts = self._reader.cohorts(scope, self._now())
        choices = [
            Choice("goal", "Goal", _plain(goals), goal),
            Choice("model", "Attribution model", [(name, name.replace("_", " ")) for name in MODELS], model),
            Choice("by", "By", _plain(BY), by),
            Choice("campaign", "Campaign", [("", "all"), *_plain(campaigns)], campaign),
        ]
        if len(tenants) > 1:
            choices.insert(0, Choice("tenant", "Tenant", _plain(tenants), tenant))
        return self._show(choices=choices, empty=False, **_attribution(tables, model), **_cohorts(cohorts))

    def _show(self, **values: object) -> Body:
        return Body(Markup(self._template.render(**values)), self._style)  # noqa: S704 - the template escapes


def _attribution(tables: Mapping[str, Attribution], model: str) -> dict[str, Any]:
    table = tables[model]
    most = max((row.credit for row in table.rows.values()), default=0)
    totals = {name: sum(row.credit for row in other.rows.values()) for name, other in tables.items()}
    bars = [
        Bar(
            label=key,
            width=round(100 * max(0, row.credit) / most, 2) if most else 0.0,
            credit=render.credit(row.credit),
            share=render.share(row.credit, totals[model]),
            value=_amounts(row.value),
            models=[render.share(_credit(other, key), totals[name]) for name, other in tables.items()],
        )
        for key, row in table.rows.items()
    ]
    only_elsewhere = sorted({key for other in tables.values() for key in other.rows} - set(table.rows))
    bars += [
        Bar(key, 0.0, render.credit(0), render.share(0, totals[model]), (),
            [render.share(_credit(other, key), totals[name]) for name, other in tables.items()])
        for key in only_elsewhere
    ]  # fmt: skip
    return {
        "by": table.by,
        "model": model,
        "models": [name.replace("_", " ") for name in tables],
        "bars": bars,
        "goal": table.scope.goal,
        "conversions": f"{table.conversions:,}",
        "value": _amounts(table.value),
        "credited": render.credit(totals[model]),
        "campaign": table.scope.campaign,
    }


def _amounts(value: Mapping[str, int]) -> list[str]:
    return [render.money(amount, currency) for currency, amount in sorted(value.items())]


def _credit(table: Attribution, key: str) -> int:
    return table.rows[key].credit if key in table.rows else 0


def _cohorts(table: Cohorts) -> dict[str, Any]:
    merged = table.merged()
    lags = render.shown_lags(merged)
    top = max((row.within(lag) / row.entered for row in merged.rows for lag in lags), default=0.0)
    entered, ever = sum(row.entered for row in table.rows), sum(row.ever for row in table.rows)
    return {
        "lags": lags,
        "days": [
            HeatRow(
                row.entry_day,
                f"{row.entered:,}",
                f"{row.ever:,}",
                [_heat(row, lag, table.as_of, top) for lag in lags],
                render.share(row.ever, row.entered),
            )
            for row in merged.rows
        ],
        "variants": [
            HeatRow(row.variant, f"{row.entered:,}", f"{row.ever:,}", (), render.share(row.ever, row.entered))
            for row in table.variants()
            if row.variant
        ],
        "as_of": table.as_of[:16].replace("T", " "),
        "entered": f"{entered:,}",
        "rate": render.share(ever, entered),
    }


def _heat(row: Cohort, lag: int, as_of: str, top: float) -> HeatCell:
    text = render.cell(row, lag, as_of)
    if not text:
        return HeatCell("", 0, open=False, tip="not begun yet")
    count = row.within(lag)
    still_open = text.startswith("~")
    note = "; still open: not all of them have had that long" if still_open else ""
    tip = f"{count:,} of {row.entered:,} within {lag} whole days{note}"
    shade = round(_SHADES * count / row.entered / top) if top else 0
    return HeatCell(text.removeprefix("~").removesuffix(" %"), shade, still_open, tip)


def _chosen(name: str, query: Query, allowed: Sequence[str], default: str | None = None) -> str:
    """The query's value.

    Raises:
        UsageError: it is none of the allowed ones.
    """
    value = query.one(name, allowed[0] if default is None else default)
    if value not in allowed:
        raise UsageError(f"there is no {name} {value[:60]!r}", hint="choose one from the page's lists")
    return value


def _plain(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, name) for name in names]
