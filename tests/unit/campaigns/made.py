"""Small random campaigns for property tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from shipper.campaigns.event import iso

_HOUR = 3_600_000
START = 1_772_323_200_000  # 2026-03-01


def event(number: int, action: str, hours: float, **fields: Any) -> dict[str, Any]:
    """One document; `fields`: contact, tenant, channel, campaign, message, variant, order, amount, currency."""
    document: dict[str, Any] = {
        "@timestamp": iso(START + int(hours * _HOUR)),
        "tenant": fields.get("tenant", "acme"),
        "actor": {"id": fields.get("contact", "c1"), "type": "contact"},
        "action": action,
        "event": {"id": f"e{number}"},
        "context": {},
    }
    for name in ("campaign", "message"):
        if fields.get(name):
            document["context"][name] = {"id": fields[name]}
    for name in ("channel", "variant"):
        if fields.get(name):
            document["context"][name] = fields[name]
    if "order" in fields:
        document["object"] = {"type": "order", "id": fields["order"]}
    if "amount" in fields:
        document["value"] = {"amount_minor": fields["amount"], "currency": fields.get("currency", "EUR")}
    return document


@st.composite
def documents(draw: st.DrawFn, most: int = 14) -> list[dict[str, Any]]:
    """Events of two tenants and three contacts, some with the same id and other content."""
    count = draw(st.integers(1, most))
    return [_one(draw, number) for number in range(count)]


def _one(draw: st.DrawFn, number: int) -> dict[str, Any]:
    action = draw(st.sampled_from(["enter", "deliver", "click", "purchase", "purchase", "refund", "signup", "noise"]))
    fields: dict[str, Any] = {
        "tenant": draw(st.sampled_from(["acme", "acme", "zeta"])),
        "contact": draw(st.sampled_from(["c1", "c1", "c2"])),
        "campaign": draw(st.sampled_from(["spring", "spring", "fall", ""])),
        "variant": draw(st.sampled_from(["A", "B", ""])),
    }
    if action in ("deliver", "click"):
        fields["channel"] = draw(st.sampled_from(["email", "sms", "direct"]))
        fields["message"] = draw(st.sampled_from(["m1", "m2"]))
    if action in ("purchase", "refund"):
        fields["order"] = draw(st.sampled_from(["o1", "o2"]))
        fields["amount"] = draw(st.integers(0, 10_000)) * (-1 if action == "refund" else 1)
        fields["currency"] = draw(st.sampled_from(["EUR", "USD"]))
    hours = draw(st.integers(0, 60 * 24)) + draw(st.sampled_from([0, 0.5]))
    return event(draw(st.sampled_from([number, number, number, 0])), action, hours, **fields)
