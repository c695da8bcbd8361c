"""One contact's records -> entries, conversions and credits: a pure function, the same for run, rebuild and explain.

- An entry is the earliest record that enters the campaign; its variant is that record's, else that of the campaign's
  earliest record that has one.
- A conversion's value is its own amount plus its refunds', by currency; a refund without its conversion waits.
- A touch may get credit if it is not after the conversion and not older than the goal's look-back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.campaigns import credit
from shipper.campaigns.cell import NOBODY, Cell, Contributions
from shipper.campaigns.event import DAY_MS, day

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shipper.campaigns.definitions import Definitions, GoalRule
    from shipper.campaigns.record import Record


@dataclass(frozen=True, slots=True)
class Entry:
    """A contact in a campaign."""

    campaign: str
    at: int
    variant: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """A goal that was met; `value` is minor units by currency, refunds included."""

    goal: str
    record: Record
    value: Mapping[str, int]
    refunds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """The touches before a conversion: those that may get credit, and the others with the reason."""

    touches: tuple[Record, ...]
    excluded: tuple[tuple[Record, str], ...]


def entries(records: Sequence[Record]) -> list[Entry]:
    """By campaign, in the order of entry; `records` are sorted."""
    found: dict[str, Record] = {}
    variants: dict[str, str] = {}
    for item in records:
        if item.entry:
            found.setdefault(item.campaign, item)
        if item.variant:
            variants.setdefault(item.campaign, item.variant)
    return [Entry(name, item.at, item.variant or variants.get(name, "")) for name, item in found.items()]


def conversions(records: Sequence[Record], goal: GoalRule) -> list[Conversion]:
    """The goal's conversions in the order of time; `records` are sorted."""
    met = [item for item in records if goal.name in item.goals]
    if goal.only_first:
        met = met[:1]
    refunds: dict[tuple[str, str], list[Record]] = {}
    for item in records:
        if goal.name in item.refunds and item.thing[1]:
            refunds.setdefault(item.thing, []).append(item)
    return [_conversion(goal.name, item, refunds.pop(item.thing, [])) for item in met]


def path(records: Sequence[Record], conversion: Conversion, lookback: int | None) -> Path:
    """The contact's touches, sorted into those that may get credit for `conversion` and those that may not."""
    included: list[Record] = []
    excluded: list[tuple[Record, str]] = []
    for item in records:
        if not item.touch or item.id == conversion.record.id:
            continue
        if item.at > conversion.record.at:
            excluded.append((item, "after the conversion"))
        elif lookback is not None and conversion.record.at - item.at > lookback:
            excluded.append((item, "older than the look-back"))
        else:
            included.append(item)
    return Path(tuple(included), tuple(excluded))


def weights(model: str, touches: Sequence[Record], at: int, definitions: Definitions) -> list[int]:
    """The weight of each touch of a conversion at `at` (milliseconds)."""
    if model == "time_decay":
        return credit.time_decay([at - touch.at for touch in touches], definitions.half_life)
    if model == "last_non_direct":
        return credit.last_non_direct([touch.channel in definitions.direct for touch in touches])
    return credit.BY_COUNT[model](len(touches))


def contributions(tenant: str, records: Sequence[Record], definitions: Definitions) -> Contributions:
    """What this contact adds to every cell; `records` are sorted."""
    sums: Contributions = {}
    joined = entries(records)
    for entry in joined:
        _add(sums, _cohort(tenant, entry, "entered"), 1)
    for goal in definitions.goals:
        met = conversions(records, goal)
        for conversion in met:
            touches = path(records, conversion, goal.lookback).touches
            for cell, amount in _credits(tenant, conversion, touches, definitions):
                _add(sums, cell, amount)
        for entry in joined:
            for cell, amount in _lags(tenant, entry, met):
                _add(sums, cell, amount)
    return {cell: amount for cell, amount in sums.items() if amount}


def _conversion(goal: str, item: Record, refunds: Sequence[Record]) -> Conversion:
    value: dict[str, int] = {}
    for part in (item, *refunds):
        if part.currency:
            value[part.currency] = value.get(part.currency, 0) + part.amount
    return Conversion(goal, item, value, tuple(refund.id for refund in refunds))


def _credits(
    tenant: str, conversion: Conversion, touches: Sequence[Record], definitions: Definitions
) -> Iterator[tuple[Cell, int]]:
    when = day(conversion.record.at)
    measures = [("credit", "", credit.CREDIT), *(("value", name, value) for name, value in conversion.value.items())]
    for measure, currency, whole in measures:
        name, amount = ("conversions", 1) if measure == "credit" else (measure, whole)
        yield Cell("goal", tenant, name, conversion.goal, day=when, currency=currency), amount
    for model in definitions.models:
        shares = weights(model, touches, conversion.record.at, definitions) if touches else [1]
        for measure, currency, whole in measures:
            base = Cell("credit", tenant, measure, conversion.goal, model, day=when, currency=currency)
            for index, amount in enumerate(credit.allocate(whole, shares)):
                yield _credited(base, touches[index] if touches else None), amount


def _credited(base: Cell, touch: Record | None) -> Cell:
    return Cell(
        base.kind, base.tenant, base.measure, base.goal, base.model, day=base.day, currency=base.currency,
        channel=NOBODY if touch is None else touch.channel,
        campaign="" if touch is None else touch.campaign,
        message="" if touch is None else touch.message,
        variant="" if touch is None else touch.variant,
    )  # fmt: skip


def _lags(tenant: str, entry: Entry, met: Sequence[Conversion]) -> Iterator[tuple[Cell, int]]:
    after = [conversion for conversion in met if conversion.record.at >= entry.at]
    for index, conversion in enumerate(after):
        lag = (conversion.record.at - entry.at) // DAY_MS
        if index == 0:
            yield _cohort(tenant, entry, "converted", conversion.goal, lag), 1
        yield _cohort(tenant, entry, "conversions", conversion.goal, lag), 1
        for currency, amount in conversion.value.items():
            yield _cohort(tenant, entry, "value", conversion.goal, lag, currency), amount


def _cohort(tenant: str, entry: Entry, measure: str, goal: str = "", lag: int = -1, currency: str = "") -> Cell:
    return Cell(
        "cohort", tenant, measure, goal,
        campaign=entry.campaign, variant=entry.variant, entry_day=day(entry.at), lag_day=lag, currency=currency,
    )  # fmt: skip


def _add(sums: Contributions, cell: Cell, amount: int) -> None:
    sums[cell] = sums.get(cell, 0) + amount
