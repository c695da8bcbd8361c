"""What a contact's state keeps of an event: only what some definition asks for, in one canonical form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shipper.campaigns.definitions import Definitions
    from shipper.campaigns.event import CampaignEvent


class Record(msgspec.Struct, frozen=True, order=True, omit_defaults=True, forbid_unknown_fields=True):
    """One relevant event. Records sort by time, then id: the order in which touches and conversions are read.

    Attributes:
        at: milliseconds since the epoch.
        goals: the goals it is a conversion of.
        refunds: the goals it is a refund of.
        thing: `object.type` and `object.id`, by which a refund finds its conversion.
        amount: minor units; a refund's is what it adds, so normally negative.
    """

    at: int
    id: str
    entry: bool = False
    touch: bool = False
    goals: tuple[str, ...] = ()
    refunds: tuple[str, ...] = ()
    action: str = ""
    channel: str = ""
    campaign: str = ""
    message: str = ""
    variant: str = ""
    thing: tuple[str, str] = ("", "")
    amount: int = 0
    currency: str = ""


def record(event: CampaignEvent, definitions: Definitions) -> Record | None:
    """What to keep of an event; None if no definition asks for it."""
    document = event.document
    goals = tuple(goal.name for goal in definitions.goals if goal.converts(document))
    refunds = tuple(goal.name for goal in definitions.goals if goal.refunds is not None and goal.refunds(document))
    entry = bool(event.campaign) and definitions.is_entry(document)
    touch = definitions.is_touch(document)
    if not (goals or refunds or entry or touch):
        return None
    return Record(
        at=event.at,
        id=event.id,
        entry=entry,
        touch=touch,
        goals=goals,
        refunds=refunds,
        action=event.action,
        channel=event.channel,
        campaign=event.campaign,
        message=event.message,
        variant=event.variant,
        thing=(event.object_type, event.object_id),
        amount=event.amount_minor or 0,
        currency=event.currency,
    )


def merge(known: Iterable[Record], new: Iterable[Record]) -> tuple[Record, ...]:
    """The union by id, sorted; of two versions of one id the smaller wins.

    Commutative, associative and idempotent: the order, repetition and grouping of events leave no trace.
    """
    by_id: dict[str, Record] = {}
    for item in (*known, *new):
        other = by_id.get(item.id)
        by_id[item.id] = item if other is None else min(item, other)
    return tuple(sorted(by_id.values()))
