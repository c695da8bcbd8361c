"""Tells each receiver what waits for it in the outbox. One process at a time serves a receiver, by lease.

What is decided (held back, told together) is stored before anything is sent, and each send is stored after it. A
process that dies in between sends that one notification again, with the same key.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import elasticsearch
import msgspec

from shipper.elastic.client import failure
from shipper.rules import outbox
from shipper.rules.change import Kind
from shipper.rules.entry import Parcel, Stage, parcel_id, threads
from shipper.rules.keeper import Keeper
from shipper.rules.notifier.base import Failed, KeepsAlive, Retry, Sent
from shipper.rules.queue import Queue, alerts
from shipper.rules.routing.mute import KNOWN_FOR
from shipper.rules.routing.policy import Allowance, NotifierSettings
from shipper.rules.statestore import LostLeaseError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.clock import Clock
    from shipper.rules.notifier.base import Notifier, Outcome
    from shipper.rules.outboxstore import Outbox
    from shipper.rules.routing.mute import Mutes

LONGEST_WAIT = 300
"""Seconds between attempts at most."""
GIVE_UP = 86400
"""Seconds after which a notification nobody takes is dropped, loudly."""

LONGEST_REST = 60
"""Seconds that a receiver which does not answer is left alone at most."""

_log = logging.getLogger("shipper.rules")


class Claim(NamedTuple):
    """The owner's name in leases, and the seconds without a sign of life after which another takes over."""

    owner: str
    lease: float = 20.0


@dataclass(slots=True)
class _Peer:
    """A receiver: how often it failed in a row, until when (monotonic seconds) it is left alone, what it may get."""

    policy: NotifierSettings
    allowance: Allowance | None
    notifier: Notifier
    failures: int = 0
    until: float = 0.0
    refreshed: float | None = field(default=None)
    """When (monotonic seconds) its firing alerts were last told again."""

    @property
    def keeper(self) -> KeepsAlive | None:
        return self.notifier if isinstance(self.notifier, KeepsAlive) else None


class Delivery:
    """Sends what all rules have to say.

    Args:
        store: the outbox.
        receivers: notifiers by name.
        policies: limit and fallback by the same names; a name that is missing has neither.
        mutes: what holds notifications back.
        claim: how this process takes leases.
    """

    def __init__(
        self,
        store: Outbox,
        receivers: Mapping[str, Notifier],
        clock: Clock,
        *,
        policies: Mapping[str, NotifierSettings] | None = None,
        mutes: Mutes | None = None,
        claim: Claim | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._mutes = mutes
        self._owner, self._lease = claim or Claim("delivery")
        self._queues: dict[str, Queue] = {}
        self._peers: dict[str, _Peer] = {}
        for name, notifier in receivers.items():
            policy = (policies or {}).get(name, NotifierSettings())
            allowance = None if policy.limit is None else Allowance(policy.limit, clock)
            self._peers[name] = _Peer(policy, allowance, notifier)

    def run(self) -> None:
        """Try everything that is due, for each receiver half a lease long at most; failures are logged."""
        if not self._peers:
            return
        try:
            self._store.refresh()
        except (elasticsearch.ApiError, elasticsearch.TransportError) as error:
            _log.warning("nothing is sent: %s", failure(error))
            return
        for name, peer in self._peers.items():
            try:
                self._serve(name, peer)
            except LostLeaseError:
                self._queues.pop(name, None)
                _log.info("receiver %s was taken over by another evaluator", name)
            except (elasticsearch.ApiError, elasticsearch.TransportError) as error:
                self._queues.pop(name, None)
                _log.warning("what waits for %s is not sent now: %s", name, failure(error))

    @property
    def queues(self) -> list[Queue]:
        """Those of the receivers that this process serves."""
        return list(self._queues.values())

    def release(self) -> bool:
        """Give the leases back, so that another process need not wait for their end; is Elasticsearch there?"""
        queues, self._queues = self._queues, {}
        for name, queue in queues.items():
            try:
                if queue.box.until > self._clock.time():
                    queue.box.until = 0.0
                    self._store.save_box(queue.box, self._clock.time())
            except (LostLeaseError, elasticsearch.ApiError):
                _log.info("the lease of receiver %s runs out by itself", name)
            except elasticsearch.TransportError:
                _log.info("Elasticsearch cannot be reached: the leases of the receivers run out by themselves")
                return False
        return True

    def _serve(self, name: str, peer: _Peer) -> None:
        queue = self._open(name, peer)
        if queue is None:
            return
        until = self._clock.monotonic() + self._lease / 2
        before = queue.box.counts.copy()
        self._decide(name, queue, peer)
        behind: set[str] = set()
        for parcel in list(queue.waiting):
            if self._clock.monotonic() >= until:
                break
            about = threads(parcel)
            if behind & about or not self._sendable(peer, parcel) or not self._attempt(queue, peer, parcel):
                behind |= about  # what comes later about the same must not overtake it
        self._keep_alive(queue, peer)
        queue.settle()
        if queue.box.counts != before:
            self._renew(queue)

    def _open(self, name: str, peer: _Peer) -> Queue | None:
        """Its queue, with our lease on it; None where there is nothing to do, or another process does it."""
        box, now = self._store.box(name), self._clock.time()
        if box.owner != self._owner and box.until > now:
            self._queues.pop(name, None)
            return None
        queue = self._queues.get(name)
        if queue is None or queue.box.version != box.version or box.owner != self._owner:
            self._queues.pop(name, None)
            if not self._store.occupied(name):
                return None
            queue = Queue(box, self._store, self._clock, keeps=peer.keeper is not None)
            box.owner = self._owner
            self._renew(queue)
            self._store.refresh()  # what the one before us wrote last
            queue.load()
            self._queues[name] = queue
            return queue
        fresh = self._store.fresh(name)
        if not fresh and not queue.waiting and not queue.live:
            return None
        self._hold(queue)
        queue.take_in(fresh)
        return queue

    def _hold(self, queue: Queue) -> None:
        """Nothing is sent without a lease that lasts."""
        if queue.box.until - self._clock.time() < self._lease / 2:
            self._renew(queue)

    def _kept(self, queue: Queue) -> Keeper:
        """Within it the lease lasts, however slowly the receiver answers."""
        return Keeper(lambda: self._store.renew_box(queue.box, self._clock.time() + self._lease), self._lease / 3)

    def _renew(self, queue: Queue) -> None:
        now = self._clock.time()
        queue.box.until = now + self._lease
        self._store.save_box(queue.box, now)

    def _decide(self, name: str, queue: Queue, peer: _Peer) -> None:
        """Hold back, leave out, bundle; store what changed."""
        queue.finish([parcel for parcel in queue.waiting if parcel.entry.known], told=True)
        if self._mutes is not None and queue.waiting:
            now = self._clock.time()
            may_send = any(one.entry.muted is None and one.entry.due <= now for one in queue.waiting)
            self._mutes.refresh(known_for=0 if may_send else KNOWN_FOR)
            for parcel in queue.waiting:
                if parcel.entry.notification.kind is Kind.RESOLVED:
                    self._mutes.resolved(parcel.entry.notification.episode)
            queue.finish(outbox.hold_back(queue.waiting, self._mutes, queue.box.counts), told=False)
        sealed = outbox.seal(queue.waiting, queue.box.told, self._clock.time())
        queue.box.counts["grouped"] += sum(len(one.entry.notification.members) for one in sealed)
        self._squeeze(name, queue, peer)
        queue.keep()

    def _squeeze(self, name: str, queue: Queue, peer: _Peer) -> None:
        """Make few messages of what a receiver's limit would hold back."""
        if peer.allowance is None:
            return
        fresh = [parcel for parcel in queue.waiting if self._is_fresh(parcel)]
        if 1 <= peer.allowance.room() < len(fresh):
            _log.warning("%s has reached its limit: %d messages are told as one", name, len(fresh))
            joined = outbox.merge(queue.waiting, fresh)
            queue.box.counts["limited"] += sum(len(one.entry.notification.members) for one in joined)

    def _is_fresh(self, parcel: Parcel) -> bool:
        return self._is_due(parcel) and not parcel.entry.started and not parcel.entry.attempts

    def _is_due(self, parcel: Parcel) -> bool:
        entry = parcel.entry
        decided = entry.muted is None and (entry.batch is None or entry.sealed)
        return decided and entry.due <= self._clock.time()

    def _sendable(self, peer: _Peer, parcel: Parcel) -> bool:
        """A receiver that hangs costs one timeout, not one for each notification: the rules must go on."""
        if not self._is_due(parcel) or self._clock.monotonic() < peer.until:
            return False
        return peer.allowance is None or peer.allowance.room() > 0

    def _heard(self, peer: _Peer, *, answered: bool) -> None:
        peer.failures = 0 if answered else peer.failures + 1
        pause = min(2.0 ** min(peer.failures - 1, 10), LONGEST_REST)
        peer.until = 0.0 if answered else self._clock.monotonic() + pause

    def _attempt(self, queue: Queue, peer: _Peer, parcel: Parcel) -> bool:
        """Try once and store what came of it; False where it must be tried again."""
        entry, name, now = parcel.entry, parcel.receiver, self._clock.time()
        self._hold(queue)
        if peer.allowance is not None and not entry.started:
            entry.started = True
            queue.write([parcel])
        with self._kept(queue):
            outcome = self._send(peer, parcel)
        over = now - entry.created > GIVE_UP
        counts, size = queue.box.counts, len(entry.notification.alerts)
        if isinstance(outcome, Sent):
            counts.update(messages=1, alerts=size)
            queue.finish([parcel], told=True)
            if entry.batch is not None:
                queue.box.told[entry.batch] = now
                self._renew(queue)
        elif isinstance(outcome, Failed) or over:
            _log.error("notification %s not delivered to %s: %s", entry.notification.key, name, outcome.reason)
            counts["failed"] += size
            counts["fallbacks"] += self._fall_back(peer, parcel, outcome.reason)
            queue.finish([parcel], told=False)
        else:
            _log.warning("notification %s to %s waits: %s", entry.notification.key, name, outcome.reason)
            entry.due = now + max(min(2.0 ** min(entry.attempts, 10), LONGEST_WAIT), outcome.after)
            entry.attempts += 1
            counts["retries"] += 1
            if now - entry.created >= peer.policy.fallback_after:
                counts["fallbacks"] += self._fall_back(peer, parcel, outcome.reason)
            parcel.stage = Stage.WAITING
            queue.write([parcel])
        return not isinstance(outcome, Retry) or over

    def _send(self, peer: _Peer, parcel: Parcel) -> Outcome:
        if peer.allowance is not None:
            peer.allowance.take()
        outcome = peer.notifier.notify(parcel.entry.notification)
        self._heard(peer, answered=not isinstance(outcome, Retry))
        return outcome

    def _fall_back(self, peer: _Peer, parcel: Parcel, why: str) -> bool:
        """Tell the fallback too, once; the first receiver is still tried as before. Is it told now?"""
        name, to, entry = parcel.receiver, peer.policy.fallback, parcel.entry
        if to is None or entry.fell_back:
            return False
        entry.fell_back = True
        now, batch = self._clock.time(), f"message {entry.notification.key}" if parcel.parts else None
        made: list[Parcel] = []
        for leaf in parcel.leaves():
            told = msgspec.structs.replace(leaf.entry.notification, reason=f"{name} was not reached: {why}")
            copy = type(entry)(notification=told, receivers=[to], created=now, order=len(made), batch=batch)
            made.append(Parcel(parcel_id(to, told.key, f"instead of {name}"), copy))
        self._store.add(made, now)
        self._store.refresh()
        return True

    def _keep_alive(self, queue: Queue, peer: _Peer) -> None:
        """Tell again what still fires, to receivers that forget what they do not hear of."""
        keeper, now = peer.keeper, self._clock.monotonic()
        if keeper is None or not queue.live or now < peer.until:
            return
        if peer.refreshed is not None and now < peer.refreshed + keeper.keep_alive_every:
            return
        firing = alerts(queue)
        for at in range(0, len(firing), outbox.MOST_TOGETHER):
            self._hold(queue)
            with self._kept(queue):
                outcome = keeper.keep_alive(firing[at : at + outbox.MOST_TOGETHER])
            self._heard(peer, answered=not isinstance(outcome, Retry))
            if isinstance(outcome, Retry):
                return
        peer.refreshed = now
