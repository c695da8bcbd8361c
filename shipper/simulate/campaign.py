"""A campaign with known truth: contacts, their journeys, the events as they would arrive, and the expected tables.

    made = simulate(Plan(first_day=date(2026, 11, 1)))
    made.events     # documents in the order of arrival: some late, some twice
    made.truth      # what `shipper campaigns report` must say; see shipper/simulate/campaign_truth.py

The same plan gives the same events and ids.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from shipper.clock import iso_utc
from shipper.simulate.campaign_truth import Join, Journey, Order, Rules, Touch, expected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DAY = 86_400_000
_HOUR = 3_600_000
_OPEN_CHANCE = {"email": 0.45, "in_app": 0.6, "sms": 0.5, "postcard": 0.05}
_BUY_CHANCE = {"A": 0.30, "B": 0.42}
_DELAYS = (lambda chance: chance.randrange(2 * _DAY), lambda chance: chance.randrange(9 * _DAY))


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make.

    Attributes:
        first_day: UTC day of the first entries.
        entry_days: entries are spread over so many days.
        horizon: nothing happens later than so many days after `first_day`.
        late: share of events that arrive after all others; `twice`: share that arrives a second time.
    """

    first_day: date
    tenant: str = "acme"
    contacts: int = 200
    entry_days: int = 5
    horizon: int = 12
    late: float = 0.05
    twice: float = 0.08
    seed: int = 1
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True, slots=True)
class Simulated:
    """The events in the order of arrival, and the truth as plain data."""

    events: list[dict[str, Any]]
    truth: dict[str, Any]

    def write(self, out: Path, truth: Path | None = None) -> None:
        """Write the events as NDJSON, and the truth as JSON where asked."""
        out.write_bytes(b"".join(orjson.dumps(event) + b"\n" for event in self.events))
        if truth is not None:
            truth.write_bytes(orjson.dumps(self.truth, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))


def simulate(plan: Plan) -> Simulated:
    """Make the journeys, tell them as events, and work out the truth from the journeys alone."""
    chance = random.Random(plan.seed)
    journeys = [_journey(plan, f"contact-{number:04d}", chance) for number in range(plan.contacts)]
    events = [event for journey in journeys for event in _told(plan, journey)]
    events.sort(key=lambda event: (event["@timestamp"], event["event"]["id"]))
    return Simulated(_arrivals(events, plan, chance), expected(plan.tenant, journeys, plan.rules))


def _journey(plan: Plan, contact: str, chance: random.Random) -> Journey:
    start = int(datetime.combine(plan.first_day, datetime.min.time(), UTC).timestamp()) * 1000
    entered = start + chance.randrange(plan.entry_days) * _DAY + chance.randrange(_DAY)
    variant = chance.choice("AB")
    joins = [Join("welcome", entered, variant)]
    touches = list(_messages(joins[0], chance))
    if chance.random() < 0.3:
        joins.append(Join("spring-sale", entered + chance.randrange(1, 4 * _DAY), ""))
        touches += _messages(joins[1], chance)
    if chance.random() < 0.35:
        touches.append(Touch(entered + chance.randrange(1, 6 * _DAY), "click", "direct", "", "", ""))
    end = start + plan.horizon * _DAY
    orders = list(_orders(contact, entered, _BUY_CHANCE[variant], chance))
    signups = [entered + chance.randrange(5 * _DAY) for _ in range(chance.choice((0, 0, 1, 2)))]
    return Journey(
        contact,
        joins,
        sorted((touch for touch in touches if touch.at < end), key=lambda touch: touch.at),
        sorted((order for order in orders if order.at < end), key=lambda order: order.at),
        sorted(at for at in signups if at < end),
    )


def _messages(join: Join, chance: random.Random) -> Iterator[Touch]:
    """Four messages; a postcard is delivered days after it was sent. No two touches share a millisecond."""
    at = join.at
    for number, channel in enumerate(("email", "in_app", "sms", "postcard")):
        at += chance.randrange(1, 2 * _DAY if number else 4 * _HOUR)
        if chance.random() < 0.2:
            continue
        arrives = at + (chance.randrange(2, 5) * _DAY if channel == "postcard" else 0)
        message = f"{join.campaign}-{number + 1}" + (
            f"-{join.variant.lower()}" if channel == "email" and join.variant else ""
        )
        yield Touch(arrives, "deliver", channel, join.campaign, message, join.variant)
        if chance.random() < _OPEN_CHANCE[channel]:
            opened = arrives + chance.randrange(1, 10 * _HOUR)
            yield Touch(opened, "open", channel, join.campaign, message, join.variant)
            if chance.random() < 0.4:
                yield Touch(opened + chance.randrange(1, _HOUR), "click", channel, join.campaign, message, join.variant)


def _orders(contact: str, entered: int, buys: float, chance: random.Random) -> Iterator[Order]:
    """Orders soon or late, in two currencies, some paid back in part or whole, some before the entry."""
    number = 0
    while chance.random() < buys and number < 4:
        number += 1
        delay = chance.randrange(-_DAY, 0) if chance.random() < 0.1 else chance.choice(_DELAYS)(chance)
        amount = chance.randrange(499, 25_000)
        refunded = chance.choice((0, 0, 0, 0, amount, chance.randrange(1, amount)))
        currency = chance.choice(("EUR", "EUR", "EUR", "USD"))
        yield Order(f"{contact}-order-{number}", entered + delay, amount, currency, refunded)


def _told(plan: Plan, journey: Journey) -> Iterator[dict[str, Any]]:
    """The journey as documents."""
    number = 0

    def event(at: int, action: str, **parts: Any) -> dict[str, Any]:
        nonlocal number
        number += 1
        return {
            "@timestamp": iso_utc(at / 1000),
            "tenant": plan.tenant,
            "event": {"id": f"sim-{plan.seed}-{journey.contact}-{number:03d}"},
            "actor": {"id": journey.contact, "type": "contact"},
            "action": action,
            **parts,
        }

    for join in journey.joins:
        variant = {"variant": join.variant} if join.variant else {}
        yield event(join.at, "enter", context={"campaign": {"id": join.campaign}, **variant})
    for touch in journey.touches:
        context: dict[str, Any] = {"channel": touch.channel}
        if touch.campaign:
            context |= {"campaign": {"id": touch.campaign}, "message": {"id": touch.message}}
        if touch.variant:
            context["variant"] = touch.variant
        yield event(touch.at, touch.action, context=context, object={"type": "message", "id": touch.message or "site"})
    for order in journey.orders:
        thing = {"type": "order", "id": order.id}
        yield event(order.at, "purchase", object=thing, value=_money(order.amount, order.currency))
        if order.refunded:
            paid_back = _money(-order.refunded, order.currency)
            yield event(order.at + 6 * _HOUR, "refund", object=thing, value=paid_back)
    for at in journey.signups:
        yield event(at, "signup", object={"type": "plan", "id": "trial"}, resource={"type": "site", "id": "shop"})


def _money(amount: int, currency: str) -> dict[str, Any]:
    return {"amount_minor": amount, "currency": currency}


def _arrivals(events: list[dict[str, Any]], plan: Plan, chance: random.Random) -> list[dict[str, Any]]:
    """In time order, but some at the very end, and some once more anywhere after the first time."""
    in_time: list[dict[str, Any]] = []
    late: list[dict[str, Any]] = []
    for event in events:
        (late if chance.random() < plan.late else in_time).append(event)
    chance.shuffle(late)
    arrived = [*in_time, *late]
    for event in chance.sample(arrived, round(len(arrived) * plan.twice)):
        arrived.insert(chance.randint(arrived.index(event) + 1, len(arrived)), event)
    return arrived


def default_plan(now: float, contacts: int = 200, seed: int = 1) -> Plan:
    """A plan whose last day has just passed at `now` (seconds since the epoch)."""
    days = Plan(date.min).horizon
    return Plan(datetime.fromtimestamp(now, UTC).date() - timedelta(days=days + 1), contacts=contacts, seed=seed)
