"""The truth of a simulated campaign, worked out the slow and obvious way from the journeys themselves.

It shares no code with shipper/campaigns on purpose: fractions instead of integer weights, journeys instead of events.
Credits are integers in 10^-9 conversions and values in minor units, each conversion divided by largest remainder
(equal remainders go to the earlier touch), so that reports can be compared for equality.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DAY = 86_400_000
_UNITS = 10**9


@dataclass(frozen=True, slots=True)
class Rules:
    """What the truth is measured by; the defaults are those of `campaigns.yml`. Times in milliseconds."""

    lookback: int = 7 * _DAY
    half_life: int = 7 * _DAY
    direct: str = "direct"


@dataclass(frozen=True, slots=True)
class Join:
    """An entry into a campaign; times are milliseconds since the epoch."""

    campaign: str
    at: int
    variant: str


@dataclass(frozen=True, slots=True)
class Touch:
    """A message that reached the contact, or a visit."""

    at: int
    action: str
    channel: str
    campaign: str
    message: str
    variant: str


@dataclass(frozen=True, slots=True)
class Order:
    """A purchase; `amount` and `refunded` in minor units of `currency`."""

    id: str
    at: int
    amount: int
    currency: str
    refunded: int


@dataclass(frozen=True, slots=True)
class Journey:
    """All of one contact, each list in the order of time."""

    contact: str
    joins: Sequence[Join]
    touches: Sequence[Touch]
    orders: Sequence[Order]
    signups: Sequence[int]


Met = tuple[int, dict[str, int]]
"""A conversion: when, and its value by currency after refunds."""


def expected(tenant: str, journeys: Sequence[Journey], rules: Rules) -> dict[str, Any]:
    """The tables.

    `{"tenant", "contacts", "goals": {goal: {"conversions", "value": {currency: n}}},
    "attribution": {goal: {model: {channel: {"credit", "value": {currency: n}}}}},
    "cohorts": {goal: [{"campaign", "entry_day", "variant", "entered", "converted": {lag day: contacts}}]}}`
    """
    return {
        "tenant": tenant,
        "contacts": len(journeys),
        "goals": {goal: _totals(journeys, goal) for goal in ("purchase", "signup")},
        "attribution": {
            goal: {model: _attribution(journeys, goal, model, rules) for model in _MODELS}
            for goal in ("purchase", "signup")
        },
        "cohorts": {goal: _cohorts(journeys, goal) for goal in ("purchase", "signup")},
    }


def _met(journey: Journey, goal: str) -> list[Met]:
    if goal == "signup":
        return [(at, {}) for at in journey.signups[:1]]
    return [(order.at, {order.currency: order.amount - order.refunded}) for order in journey.orders]


def _totals(journeys: Sequence[Journey], goal: str) -> dict[str, Any]:
    value: dict[str, int] = defaultdict(int)
    count = 0
    for journey in journeys:
        for _, amounts in _met(journey, goal):
            count += 1
            for currency, amount in amounts.items():
                value[currency] += amount
    return {"conversions": count, "value": dict(value)}


def _attribution(journeys: Sequence[Journey], goal: str, model: str, rules: Rules) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for journey in journeys:
        for at, value in _met(journey, goal):
            touches = [touch for touch in journey.touches if at - rules.lookback <= touch.at <= at]
            shares = _MODELS[model](touches, at, rules) if touches else [Fraction(1)]
            channels = [touch.channel for touch in touches] or ["(none)"]
            for channel, units in zip(channels, _divide(_UNITS, shares), strict=True):
                _row(table, channel)["credit"] += units
            for currency, amount in value.items():
                for channel, part in zip(channels, _divide(amount, shares), strict=True):
                    _row(table, channel)["value"][currency] += part
    rows = {
        channel: {"credit": row["credit"], "value": {name: part for name, part in row["value"].items() if part}}
        for channel, row in table.items()
    }
    return {channel: row for channel, row in rows.items() if row["credit"] or row["value"]}


def _row(table: dict[str, Any], channel: str) -> dict[str, Any]:
    row: dict[str, Any] = table.setdefault(channel, {"credit": 0, "value": defaultdict(int)})
    return row


def _divide(total: int, shares: Sequence[Fraction]) -> list[int]:
    exact = [total * share / sum(shares) for share in shares]
    parts = [floor(part) for part in exact]
    while sum(parts) < total:
        behind = [share - part for share, part in zip(exact, parts, strict=True)]
        parts[behind.index(max(behind))] += 1
    return parts


def _only(count: int, chosen: int) -> list[Fraction]:
    return [Fraction(index == chosen) for index in range(count)]


def _position(touches: Sequence[Touch], _at: int, _rules: Rules) -> list[Fraction]:
    if len(touches) <= 2:
        return [Fraction(1, len(touches))] * len(touches)
    middle = [Fraction(20, 100) / (len(touches) - 2)] * (len(touches) - 2)
    return [Fraction(40, 100), *middle, Fraction(40, 100)]


def _time_decay(touches: Sequence[Touch], at: int, rules: Rules) -> list[Fraction]:
    with localcontext() as context:
        context.prec = 50
        return [Fraction(Decimal(2) ** (Decimal(touch.at - at) / rules.half_life)) for touch in touches]


def _last_non_direct(touches: Sequence[Touch], _at: int, rules: Rules) -> list[Fraction]:
    chosen = len(touches) - 1
    for index, touch in enumerate(touches):
        if touch.channel != rules.direct:
            chosen = index
    return _only(len(touches), chosen)


_MODELS = {
    "first": lambda touches, _at, _rules: _only(len(touches), 0),
    "last": lambda touches, _at, _rules: _only(len(touches), len(touches) - 1),
    "linear": lambda touches, _at, _rules: [Fraction(1, len(touches))] * len(touches),
    "position": _position,
    "time_decay": _time_decay,
    "last_non_direct": _last_non_direct,
}


def _cohorts(journeys: Sequence[Journey], goal: str) -> list[dict[str, Any]]:
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for join, journey in _all_joins(journeys):
        key = (join.campaign, datetime.fromtimestamp(join.at / 1000, UTC).date().isoformat(), join.variant)
        row = rows.setdefault(key, {"entered": 0, "converted": defaultdict(int)})
        row["entered"] += 1
        after = [at for at, _ in _met(journey, goal) if at >= join.at]
        if after:
            row["converted"][(min(after) - join.at) // _DAY] += 1
    return [
        {
            "campaign": campaign,
            "entry_day": day,
            "variant": variant,
            "entered": row["entered"],
            "converted": {str(lag): count for lag, count in sorted(row["converted"].items())},
        }
        for (campaign, day, variant), row in sorted(rows.items())
    ]


def _all_joins(journeys: Sequence[Journey]) -> Iterator[tuple[Join, Journey]]:
    for journey in journeys:
        for join in journey.joins:
            yield join, journey
