"""Empties a rule's outbox: alert documents into `shipper-alerts`, notifications to their receivers.

The outbox is stored with the state that made it, before anything is sent, and stored again after each send. A process
that dies in between sends that one notification again, with the same key.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import elasticsearch
import msgspec

from shipper.rules import outbox
from shipper.rules.change import Kind
from shipper.rules.notifier.base import Failed, KeepsAlive, Retry, Sent
from shipper.rules.routing.policy import Allowance, NotifierSettings
from shipper.rules.statestore import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from elasticsearch import Elasticsearch

    from shipper.clock import Clock
    from shipper.rules.notifier.base import Notifier, Outcome
    from shipper.rules.routing.mute import Mutes
    from shipper.rules.statestore import Held

ALERTS = "shipper-alerts"
ALERTS_A_REQUEST = 1000
LONGEST_WAIT = 300
"""Seconds between attempts at most."""
GIVE_UP = 86400
"""Seconds after which a notification nobody takes is dropped, loudly."""

LONGEST_REST = 60
"""Seconds that a receiver which does not answer is left alone at most."""

_log = logging.getLogger("shipper.rules")


@dataclass(slots=True)
class _Peer:
    """A receiver: how often it failed in a row, until when (monotonic seconds) it is left alone, what it may get."""

    policy: NotifierSettings
    allowance: Allowance | None
    failures: int = 0
    until: float = 0.0
    refreshed: dict[str, float] = field(default_factory=dict)
    """Rule -> when (monotonic seconds) its firing alerts were last told again."""


class Delivery:
    """Sends what a rule has to say.

    Args:
        receivers: notifiers by name.
        policies: limit and fallback by the same names; a name that is missing has neither.
        mutes: what holds notifications back.
    """

    def __init__(
        self,
        client: Elasticsearch,
        receivers: Mapping[str, Notifier],
        clock: Clock,
        prefix: str = "",
        policies: Mapping[str, NotifierSettings] | None = None,
        mutes: Mutes | None = None,
    ) -> None:
        self._client = client
        self._receivers = receivers
        self._clock = clock
        self._index = prefix + ALERTS
        self._mutes = mutes
        self._peers = {name: self._peer((policies or {}).get(name, NotifierSettings())) for name in receivers}

    def _peer(self, policy: NotifierSettings) -> _Peer:
        return _Peer(policy, None if policy.limit is None else Allowance(policy.limit, self._clock))

    def empty(self, held: Held, save: Callable[[], None]) -> None:
        """Try everything that is due; `save` stores `held` and keeps the lease, or raises LostLeaseError.

        Raises:
            elasticsearch.ApiError, elasticsearch.TransportError: the alert documents cannot be written now, or the
                silences cannot be read.
        """
        if held.alerts:
            self._index_alerts(held.alerts)
            held.alerts = []
            save()
        if held.outbox and self._decide(held):
            save()
        behind: set[tuple[str, str]] = set()
        for entry in list(held.outbox):
            threads = outbox.threads(entry)
            if behind & threads or not self._sendable(entry) or not self._attempt(held, entry, save):
                behind |= threads  # what comes later about the same must not overtake it
        self._keep_alive(held)

    def _decide(self, held: Held) -> bool:
        """Hold back, leave out, bundle; did anything change?"""
        outbox.split(held.outbox)
        changed = False
        if self._mutes is not None:
            self._mutes.refresh()
            for entry in held.outbox:
                if entry.notification.kind is Kind.RESOLVED:
                    self._mutes.resolved(entry.notification.episode)
            changed = outbox.hold_back(held.outbox, self._mutes)
        changed = outbox.seal(held.outbox, held.told, self._clock.time()) or changed
        return self._squeeze(held) or changed

    def _squeeze(self, held: Held) -> bool:
        """Make one message of what a receiver's limit would hold back; did anything change?"""
        changed = False
        for name, peer in self._peers.items():
            fresh = [entry for entry in held.outbox if entry.receivers == [name] and self._is_fresh(entry)]
            if peer.allowance is not None and 1 <= peer.allowance.room() < len(fresh):
                _log.warning("%s has reached its limit: %d messages are told as one", name, len(fresh))
                outbox.merge(held.outbox, fresh)
                changed = True
        return changed

    def _is_fresh(self, entry: Entry) -> bool:
        return self._is_due(entry) and not entry.started and not entry.attempts

    def _is_due(self, entry: Entry) -> bool:
        decided = entry.muted is None and (entry.batch is None or entry.sealed)
        return decided and entry.due <= self._clock.time()

    def _sendable(self, entry: Entry) -> bool:
        """A receiver that hangs costs one timeout, not one for each notification: the rules must go on."""
        peer = self._peers.get(entry.receivers[0])
        if peer is None or not self._is_due(entry):
            return self._is_due(entry)
        return self._clock.monotonic() >= peer.until and (peer.allowance is None or peer.allowance.room() > 0)

    def _heard(self, peer: _Peer, *, answered: bool) -> None:
        peer.failures = 0 if answered else peer.failures + 1
        pause = min(2.0 ** min(peer.failures - 1, 10), LONGEST_REST)
        peer.until = 0.0 if answered else self._clock.monotonic() + pause

    def _index_alerts(self, documents: list[dict[str, Any]]) -> None:
        """Create them, many a request: an incident of many groups must not outlast the lease."""
        for at in range(0, len(documents), ALERTS_A_REQUEST):
            operations: list[dict[str, Any]] = []
            for document in documents[at : at + ALERTS_A_REQUEST]:
                operations += [{"create": {"_id": document["event"]["id"]}}, document]
            answer = self._client.bulk(index=self._index, operations=operations)
            for item in answer["items"] if answer["errors"] else ():
                self._check(item["create"])

    def _check(self, item: dict[str, Any]) -> None:
        """A conflict is an alert that was written before a crash: its id is its key."""
        if item["status"] == HTTPStatus.CONFLICT or "error" not in item:
            return
        if item["status"] == HTTPStatus.TOO_MANY_REQUESTS or item["status"] >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise elasticsearch.TransportError(f"the alert {item['_id']} cannot be written now: {item['error']}")
        _log.error("the alert document %s is refused and dropped: %s", item["_id"], item["error"])

    def _attempt(self, held: Held, entry: Entry, save: Callable[[], None]) -> bool:
        """Try once and store what came of it; False where it must be tried again."""
        name, now = entry.receivers[0], self._clock.time()
        peer = self._peers.get(name)
        if peer is not None and peer.allowance is not None and not entry.started:
            entry.started = True
            save()
        outcome = Failed("unknown") if peer is None else self._send(peer, name, entry)
        if isinstance(outcome, Sent):
            held.outbox.remove(entry)
            self._remember(held, entry, now)
        elif isinstance(outcome, Failed) or now - entry.created > GIVE_UP:
            held.outbox.remove(entry)
            _log.error("notification %s not delivered to %s: %s", entry.notification.key, name, outcome.reason)
            self._fall_back(held, entry, outcome.reason)
        else:
            _log.warning("notification %s to %s waits: %s", entry.notification.key, name, outcome.reason)
            entry.due = now + max(min(2.0 ** min(entry.attempts, 10), LONGEST_WAIT), outcome.after)
            entry.attempts += 1
            if peer is not None and now - entry.created >= peer.policy.fallback_after:
                self._fall_back(held, entry, outcome.reason)
        save()
        return not isinstance(outcome, Retry) or now - entry.created > GIVE_UP

    def _send(self, peer: _Peer, name: str, entry: Entry) -> Outcome:
        if peer.allowance is not None:
            peer.allowance.take()
        outcome = self._receivers[name].notify(entry.notification)
        self._heard(peer, answered=not isinstance(outcome, Retry))
        return outcome

    def _remember(self, held: Held, entry: Entry, now: float) -> None:
        if entry.batch is not None:
            held.told[outbox.spot(entry)] = now
        name = entry.receivers[0]
        if _keeper(self._receivers.get(name)) is None:
            return
        live = held.live.setdefault(name, {})
        for member in entry.notification.alerts:
            if member.kind in (Kind.RESOLVED, Kind.COMPLETE):
                live.pop(outbox.subject(member), None)
            else:
                live[outbox.subject(member)] = member

    def _fall_back(self, held: Held, entry: Entry, why: str) -> None:
        """Tell the fallback too, once; the first receiver is still tried as before."""
        name = entry.receivers[0]
        peer = self._peers.get(name)
        if peer is None or peer.policy.fallback is None or entry.fell_back:
            return
        entry.fell_back = True
        told = msgspec.structs.replace(entry.notification, reason=f"{name} was not reached: {why}")
        now = self._clock.time()
        held.outbox.append(Entry(notification=told, receivers=[peer.policy.fallback], created=now))

    def _keep_alive(self, held: Held) -> None:
        """Tell again what still fires, to receivers that forget what they do not hear of."""
        for name, live in held.live.items():
            notifier, peer = _keeper(self._receivers.get(name)), self._peers.get(name)
            if peer is None or notifier is None or not live:
                continue
            now = self._clock.monotonic()
            last = peer.refreshed.get(held.rule)
            if now >= peer.until and (last is None or now >= last + notifier.keep_alive_every):
                outcome = notifier.keep_alive(list(live.values()))
                self._heard(peer, answered=not isinstance(outcome, Retry))
                if not isinstance(outcome, Retry):
                    peer.refreshed[held.rule] = now


def _keeper(notifier: object) -> KeepsAlive | None:
    return notifier if isinstance(notifier, KeepsAlive) else None
