"""Metrics about notifications: one document a receiver and minute, `event.dataset: shipper.notify`."""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import elasticsearch

from shipper.clock import iso_utc
from shipper.ecs.table import VERSION
from shipper.elastic.client import failure
from shipper.rules.counts import COUNTS, waiting

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from shipper.clock import Clock
    from shipper.event import Document
    from shipper.rules.queue import Queue

DATASET = "shipper.notify"
EVERY = 60
"""Seconds."""
_log = logging.getLogger("shipper.rules")


class Report:
    """Writes them into `shipper-metrics-<day>`; `prefix` goes before the index name."""

    def __init__(self, client: Elasticsearch, clock: Clock, prefix: str = "") -> None:
        self._client = client
        self._clock = clock
        self._index = f"{prefix}shipper-metrics-"
        self._minutes: dict[str, int] = {}
        self._failed = False

    def note(self, queue: Queue) -> None:
        """Write a queue's numbers if this minute has none yet; a failure is logged once, until it goes well again."""
        now = self._clock.time()
        minute = int(now // EVERY * EVERY)
        receiver = queue.box.receiver
        if self._minutes.get(receiver) == minute:
            return
        self._minutes[receiver] = minute
        name = hashlib.sha256(receiver.encode()).hexdigest()[:24]
        index = self._index + datetime.fromtimestamp(minute, UTC).strftime("%Y.%m.%d")
        try:
            document = notify_document(queue, minute, now, f"notify-{name}-{minute}")
            self._client.options(ignore_status=409).create(index=index, id=document["event"]["id"], document=document)
            self._failed = False
        except (elasticsearch.ApiError, elasticsearch.TransportError) as error:
            if not self._failed:
                _log.warning("metrics about notifications are not written: %s", failure(error))
            self._failed = True


def notify_document(queue: Queue, minute: int, now: float, name: str) -> Document:
    """The ECS document; counts are totals since the receiver's first notification."""
    counts = {count: queue.box.counts[count] for count in COUNTS}
    return {
        "@timestamp": iso_utc(minute),
        "ecs": {"version": VERSION},
        "event": {"dataset": DATASET, "id": name, "ingested": iso_utc(now), "kind": "metric", "module": "shipper"},
        "shipper": {
            "notify": {
                "receiver": queue.box.receiver,
                **counts,
                "live": len(queue.live),
                "waiting": waiting(queue.waiting),
            }
        },
    }
