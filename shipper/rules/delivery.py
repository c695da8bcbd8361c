"""Empties a rule's outbox: alert documents into `shipper-alerts`, notifications to their receivers.

The outbox is stored with the state that made it, before anything is sent, and stored again after each send. A process
that dies in between sends that one notification again, with the same key.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import elasticsearch

from shipper.rules.notifier.base import Failed, Retry, Sent

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

LONGEST_REST = 60
"""Seconds that a receiver which does not answer is left alone at most."""

_log = logging.getLogger("shipper.rules")


@dataclass(slots=True)
class _Rest:
    """A receiver that failed: how often in a row, and until when (monotonic seconds) it is left alone."""

    failures: int = 0
    until: float = 0.0


class Delivery:
    """Sends what a rule has to say. `receivers` are notifiers by name."""

    def __init__(
        self, client: Elasticsearch, receivers: Mapping[str, Notifier], clock: Clock, prefix: str = ""
    ) -> None:
        self._client = client
        self._receivers = receivers
        self._clock = clock
        self._index = prefix + ALERTS
        self._rests = {name: _Rest() for name in receivers}

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
            ready = [name for name in entry.receivers if not self._rests_now(name)]
            if entry.due <= self._clock.time() and ready:
                self._attempt(held, entry, ready, save)

    def _rests_now(self, name: str) -> bool:
        """A receiver that hangs costs one timeout, not one for each notification: the rules must go on."""
        return name in self._rests and self._clock.monotonic() < self._rests[name].until

    def _heard(self, name: str, *, answered: bool) -> None:
        rest = self._rests.get(name)
        if rest is not None:
            rest.failures = 0 if answered else rest.failures + 1
            pause = min(2.0 ** min(rest.failures - 1, 10), LONGEST_REST)
            rest.until = 0.0 if answered else self._clock.monotonic() + pause

    def _index_alert(self, document: dict[str, object]) -> None:
        event = document["event"]
        assert isinstance(event, dict)
        try:
            self._client.create(index=self._index, id=event["id"], document=document)
        except elasticsearch.ConflictError:
            return  # written before a crash: the id is the key

    def _attempt(self, held: Held, entry: Entry, ready: list[str], save: Callable[[], None]) -> None:
        waits: list[float] = []
        for name in ready:
            outcome = self._receivers[name].notify(entry.notification) if name in self._receivers else Failed("unknown")
            self._heard(name, answered=not isinstance(outcome, Retry))
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
        if entry.receivers:
            pause = min(2.0 ** min(entry.attempts, 10), LONGEST_WAIT) if waits else 0.0
            entry.due = self._clock.time() + max(pause, *waits, 0.0)
            entry.attempts += bool(waits)
        else:
            held.outbox.remove(entry)
        save()
