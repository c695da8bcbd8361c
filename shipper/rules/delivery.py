"""Empties a rule's outbox: alert documents into `shipper-alerts`, notifications to their receivers.

The outbox is stored with the state that made it, before anything is sent, and stored again after each send. A process
that dies in between sends that one notification again, with the same key.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import elasticsearch

from shipper.rules.notifier.base import Failed, Sent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from elasticsearch import Elasticsearch

    from shipper.clock import Clock
    from shipper.rules.notifier.base import Notifier
    from shipper.rules.statestore import Entry, Held

ALERTS = "shipper-alerts"
LONGEST_WAIT = 300
"""Seconds between attempts at most."""
GIVE_UP = 86400
"""Seconds after which a notification nobody takes is dropped, loudly."""

_log = logging.getLogger("shipper.rules")


class Delivery:
    """Sends what a rule has to say. `receivers` are notifiers by name."""

    def __init__(
        self, client: Elasticsearch, receivers: Mapping[str, Notifier], clock: Clock, prefix: str = ""
    ) -> None:
        self._client = client
        self._receivers = receivers
        self._clock = clock
        self._index = prefix + ALERTS

    def empty(self, held: Held, save: Callable[[], None]) -> None:
        """Try everything that is due; `save` stores `held` and keeps the lease, or raises LostLeaseError.

        Raises:
            elasticsearch.ApiError, elasticsearch.TransportError: the alert documents cannot be written now.
        """
        if held.alerts:
            for document in held.alerts:
                self._index_alert(document)
            held.alerts = []
            save()
        for entry in list(held.outbox):
            if entry.due <= self._clock.time():
                self._attempt(held, entry, save)

    def _index_alert(self, document: dict[str, object]) -> None:
        event = document["event"]
        assert isinstance(event, dict)
        try:
            self._client.create(index=self._index, id=event["id"], document=document)
        except elasticsearch.ConflictError:
            return  # written before a crash: the id is the key

    def _attempt(self, held: Held, entry: Entry, save: Callable[[], None]) -> None:
        waits: list[float] = []
        for name in list(entry.receivers):
            outcome = self._receivers[name].notify(entry.notification) if name in self._receivers else Failed("unknown")
            if isinstance(outcome, Sent):
                entry.receivers.remove(name)
            elif isinstance(outcome, Failed) or self._clock.time() - entry.created > GIVE_UP:
                entry.receivers.remove(name)
                _log.error("notification %s not delivered to %s: %s", entry.notification.key, name, outcome.reason)
            else:
                waits.append(outcome.after)
                _log.warning("notification %s to %s waits: %s", entry.notification.key, name, outcome.reason)
            if name not in entry.receivers and entry.receivers:
                save()
        if waits:
            entry.due = self._clock.time() + max(min(2.0**entry.attempts, LONGEST_WAIT), *waits)
            entry.attempts += 1
        else:
            held.outbox.remove(entry)
        save()
