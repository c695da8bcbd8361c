"""Why a contact's conversions were credited as they were: touches, weights, and what was left out and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.campaigns import credit, journey
from shipper.campaigns.cell import NOBODY
from shipper.campaigns.event import iso
from shipper.campaigns.render import moneys, share

if TYPE_CHECKING:
    from shipper.campaigns.contact import Contact
    from shipper.campaigns.definitions import Definitions
    from shipper.campaigns.record import Record


def explain(contact: Contact, definitions: Definitions) -> dict[str, Any]:
    """The contact's entries and conversions; credits in 10^-9 conversions by model, values in minor units."""
    found = [
        _conversion(contact, met, definitions)
        for goal in definitions.goals
        for met in journey.conversions(contact.records, goal)
    ]
    return {
        "tenant": contact.tenant,
        "contact": contact.contact,
        "version": contact.version,
        "entries": [
            {"campaign": entry.campaign, "entered_at": iso(entry.at), "variant": entry.variant}
            for entry in journey.entries(contact.records)
        ],
        "conversions": sorted(found, key=lambda item: (item["at"], item["goal"])),
    }


def as_text(explained: dict[str, Any]) -> str:
    """The same for a terminal."""
    lines = [f"{explained['contact']} of {explained['tenant']}, changed {explained['version']} times"]
    for entry in explained["entries"]:
        variant = f", variant {entry['variant']}" if entry["variant"] else ""
        lines.append(f"  entered {entry['campaign']} at {entry['entered_at']}{variant}")
    for met in explained["conversions"]:
        lines += ["", f"{met['goal']} at {met['at']}, {moneys(met['value'])}  (event {met['event']})"]
        lines += [f"  refunded by event {refund}" for refund in met["refunds"]]
        lines += [_touch_line(touch) for touch in met["touches"]]
        if not met["touches"]:
            lines.append(f"  credited to {NOBODY}: no touch within the look-back")
        lines += [f"  - {touch['at']}  {touch['what']}: left out, {touch['reason']}" for touch in met["excluded"]]
    return "\n".join(lines)


def _touch_line(touch: dict[str, Any]) -> str:
    shares = ", ".join(f"{model} {share(units, credit.CREDIT)}" for model, units in touch["credit"].items() if units)
    return f"  + {touch['at']}  {touch['what']}: {shares or 'no credit in any model'}"


def _conversion(contact: Contact, met: journey.Conversion, definitions: Definitions) -> dict[str, Any]:
    path = journey.path(contact.records, met, definitions.goal(met.goal).lookback)
    by_model = {
        model: credit.allocate(credit.CREDIT, journey.weights(model, path.touches, met.record.at, definitions))
        for model in definitions.models
        if path.touches
    }
    return {
        "goal": met.goal,
        "at": iso(met.record.at),
        "event": met.record.id,
        "value": dict(met.value),
        "refunds": list(met.refunds),
        "touches": [
            {**_what(touch), "credit": {model: units[index] for model, units in by_model.items()}}
            for index, touch in enumerate(path.touches)
        ],
        "excluded": [{**_what(touch), "reason": reason} for touch, reason in path.excluded],
    }


def _what(touch: Record) -> dict[str, Any]:
    parts = (touch.action, touch.channel, touch.message, touch.variant)
    return {"at": iso(touch.at), "event": touch.id, "what": " ".join(part for part in parts if part)}
