"""What `shipper rules status` shows: who evaluates each rule, what waits for each receiver, what became of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.clock import iso_utc
from shipper.rules.counts import COUNTS, WAITS
from shipper.rules.outboxstore import OutboxStore
from shipper.rules.statestore import StateStore

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

UNATTENDED = 120
"""Seconds without an evaluator from which on a firing rule is named."""


def overview(client: Elasticsearch, prefix: str, now: float) -> dict[str, Any]:
    """One JSON document; `now` in epoch seconds.

    Raises:
        elasticsearch.ApiError, elasticsearch.TransportError: it cannot be read.
    """
    receivers = {
        name: {
            "served": box.until > now,
            "waiting": {reason: waits.get(reason, 0) for reason in WAITS},
            "oldest_seconds": None if oldest is None else round(max(0.0, now - oldest), 1),
            "counts": {count: box.counts[count] for count in COUNTS},
        }
        for name, (box, waits, oldest) in OutboxStore(client, prefix).overview().items()
    }
    rules = {
        one.rule: {
            "owner": one.owner,
            "leased_until": iso_utc(one.until) if one.until else None,
            "stored": one.stored,
            "not_handed_over": one.journal,
            "forgotten": one.forgotten,
            "firing": one.firing,
            "problems": list(one.problems),
            "unattended_seconds": round(now - one.seen) if one.firing and one.seen < now - UNATTENDED else None,
        }
        for one in StateStore(client, prefix).all()
    }
    return {"at": iso_utc(now), "receivers": receivers, "rules": rules}
