"""The evaluator: runs due rules against Elasticsearch, keeps their state there, sends what they have to say."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import elasticsearch
import msgspec

from shipper.elastic.client import failure
from shipper.rules.alerts import AlertStore
from shipper.rules.broom import Broom
from shipper.rules.change import Change
from shipper.rules.delivery import Claim, Delivery
from shipper.rules.engine import Engine, Sight
from shipper.rules.entry import parcels
from shipper.rules.examples import ExampleFinder
from shipper.rules.former import ended
from shipper.rules.keeper import Keeper
from shipper.rules.notification import alert_document, notification
from shipper.rules.outboxstore import OutboxStore
from shipper.rules.past import Past
from shipper.rules.query import CellReader
from shipper.rules.recent import Recent
from shipper.rules.removal import memo, remembered
from shipper.rules.report import Report
from shipper.rules.routing.mute import Mutes, MuteStore
from shipper.rules.routing.route import Router
from shipper.rules.state import RuleState, Status, encode
from shipper.rules.statestore import A_PAGE, Held, LostLeaseError, NewerStateError, StateStore
from shipper.rules.watch import Watch

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping
    from pathlib import Path

    from elasticsearch import Elasticsearch

    from shipper.clock import Clock
    from shipper.kql import FieldTypes
    from shipper.rules.clusterclock import ClusterClock
    from shipper.rules.heartbeat import Heartbeat
    from shipper.rules.notifier.base import Notifier
    from shipper.rules.routing.maintenance import MaintenanceSettings
    from shipper.rules.routing.policy import NotifierSettings
    from shipper.rules.routing.route import RouteSettings
    from shipper.rules.rule import Rule
    from shipper.rules.schedule import Schedule
    from shipper.rules.stand import Stand

_log = logging.getLogger("shipper.rules")
SILENT = frozenset({Status.PENDING, Status.OK})
"""Steps that make no alert document."""

MOST_SEARCHED = 20
"""Changes of one evaluation that are sent with examples and differences, within a quarter of the lease: where more
groups fire at once, the searches must not hold up the alarm."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an evaluator works with."""

    client: Elasticsearch
    clock: Clock
    types: FieldTypes
    receivers: Mapping[str, Notifier]
    """Notifiers by name."""
    routes: Mapping[str, tuple[str, ...]]
    """Route -> names of notifiers."""
    prefix: str = ""
    kibana: str | None = None
    """The address that links in notifications begin with."""
    runbooks: str | None = None
    """The address that runbooks which are no addresses themselves begin with."""
    lease: float = 20.0
    cluster_clock: ClusterClock | None = None
    """What the clock is compared with; None = it is trusted."""
    routing: tuple[RouteSettings, ...] = ()
    maintenance: tuple[MaintenanceSettings, ...] = ()
    policies: Mapping[str, NotifierSettings] = field(default_factory=dict)
    """Limit and fallback by the names of `receivers`."""
    watchers: tuple[str, ...] = ()
    """Who is told of the evaluator's own troubles."""
    heartbeat: Heartbeat | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
    """Rule -> where it stands."""


class Evaluator:
    """One process's share of the rules."""

    def __init__(self, rules: list[Rule], around: Surroundings) -> None:
        """Raises ShipperError where a query of a rule is wrong."""
        self._around = around
        self._rules = {rule.name: rule for rule in rules}
        self._engines = {rule.name: Engine(rule) for rule in rules}
        self._reader = CellReader(around.client, around.types, around.prefix)
        self._pasts = {rule.name: Past(self._reader) for rule in rules}
        self._recents = {rule.name: Recent(self._reader) for rule in rules}
        self._store = StateStore(around.client, around.prefix)
        self._examples = ExampleFinder(around.client, self._reader, around.types, around.kibana)
        self._router = Router(around.routing, around.routes)
        mutes = Mutes(MuteStore(around.client, around.prefix), around.maintenance, around.clock)
        self.owner = secrets.token_hex(8)
        self._alerts = AlertStore(around.client, around.prefix)
        self._outbox = OutboxStore(around.client, around.prefix)
        self._delivery = Delivery(
            self._outbox, around.receivers, around.clock,
            policies=around.policies, mutes=mutes, claim=Claim(self.owner, around.lease),
        )  # fmt: skip
        self._report = Report(around.client, around.clock, around.prefix)
        self._broom = Broom(self._store, self._outbox, mutes, (around.receivers, self._rules), around.clock, self._end)
        self._memos = {rule.name: memo(rule, around.files.get(rule.name)) for rule in rules}
        self._done: dict[str, int] = {}
        self._schedules: dict[str, Schedule] = {}
        """Rule -> when it is evaluated next, after this process did so last."""
        self._mark: tuple[int, int | None] | None = None
        intervals = {rule.name: rule.interval for rule in rules}
        self._watch = Watch(intervals, around.receivers, around.watchers, around.clock, self.owner, around.runbooks)

    def hold(self) -> str | None:
        """Why no rule is evaluated now, though all could be: the clock is wrong."""
        return None if self._around.cluster_clock is None else self._around.cluster_clock.hold()

    def run(self, stop: threading.Event) -> None:
        """Evaluate each rule at each of its looks until `stop`; afterwards give the leases back."""
        self._store.prepare()
        self._broom.look_for_removed()
        while not stop.is_set():
            for name in self._rules:
                if stop.is_set():
                    break
                self._due(name)
                self.look()  # here too: while Elasticsearch hangs, each rule costs a timeout
            self._deliver()
            self._broom.sweep()
            self.look()
            self._around.clock.wait(stop, self._pause())
        self.release()

    def look(self) -> None:
        """Tell of rules that lag; let the heartbeat know whether all is well."""
        well = self._watch.look()
        if self._around.heartbeat is not None:
            self._around.heartbeat.beat(well=well)

    def once(self) -> list[Change]:
        """Evaluate every rule now and give the leases back; the changes of all."""
        self._store.prepare()
        changes = [change for name in self._rules for change in self.evaluate(name)]
        self.release()
        return changes

    def release(self) -> None:
        """Give the leases back, so that another evaluator need not wait for their end."""
        if self._delivery.release():
            for name in self._rules:
                if not self._release(name):
                    break

    def evaluate(self, name: str) -> list[Change]:
        """Evaluate one rule if it is due and nobody else has it, and send what waits for any rule; its changes."""
        changes = self._due(name)
        self._deliver()
        return changes

    def _deliver(self) -> None:
        self._delivery.run()
        for queue in self._delivery.queues:
            self._report.note(queue)

    def _due(self, name: str) -> list[Change]:
        """Evaluate one rule if it is due and nobody else has it, and put what it says into the outbox; its changes.

        A failure of Elasticsearch is logged and leaves all as it was: the next tick catches up.
        """
        rule = self._rules[name]
        hold = self.hold()
        if hold is not None:
            self._watch.failed(name, hold)
            return []
        clock, schedule = self._around.clock.time(), self._schedules.get(name)
        boundary = int(clock // rule.interval) * rule.interval
        if schedule is not None and schedule.latest(clock) <= self._done.get(name, 0) <= clock:
            self._watch.seen(name, boundary)
            return []
        try:
            held = self._take(rule)
            changes = [] if held is None else self._evaluate(rule, held, clock)
            self._watch.seen(name, boundary, elsewhere=held is None)
        except LostLeaseError:
            _log.info("rule %s was taken over by another evaluator", name)
            self._watch.seen(name, boundary, elsewhere=True)
        except (elasticsearch.ApiError, elasticsearch.TransportError, NewerStateError) as error:
            reason = error.message if isinstance(error, NewerStateError) else failure(error)
            _log.warning("rule %s was not evaluated: %s", name, reason)
            self._watch.failed(name, reason)
        else:
            return changes
        self._pasts[name] = Past(self._reader)
        self._recents[name].begin_anew()
        self._engines[name] = Engine(rule)  # what its cells already told may not have been stored
        self._done.pop(name, None)
        self._schedules.pop(name, None)
        return []

    def _evaluate(self, rule: Rule, held: Held, clock: float) -> list[Change]:
        """Evaluate a rule that is held, unless it was looked at meanwhile; its changes."""
        engine, changes = self._engines[rule.name], list[Change]()
        now = engine.schedule(held.state).latest(clock)
        with Keeper(lambda: self._renew(held), self._around.lease / 3):
            self._hand_over(held)
            if not now <= held.state.looked <= clock:
                changes = self._tick(rule, held, now)
                self._hand_over(held)
        self._done[rule.name], self._schedules[rule.name] = held.state.looked, engine.schedule(held.state)
        return changes

    def _end(self, stand: Stand, why: str) -> None:
        """End the alerts of a rule that was removed, if nobody else has it."""
        rule = remembered(stand.memo).read()
        if rule is None or rule.name != stand.rule:
            _log.warning("rule %s is gone (%s), and was stored by another version: its alerts stay", stand.rule, why)
            return
        try:
            held = self._take(rule)
            if held is None:
                return
            engine, now = Engine(rule), int(self._around.clock.time())
            over = ended(rule, held.kept, now, why)
            with Keeper(lambda: self._renew(held), self._around.lease / 3):
                self._hand_over(held)
                held.stamp = max(self._around.clock.time(), held.stamp + 0.001)
                for change in over:
                    self._tell(rule, held, engine, change, search=False)
                held.former, held.state = None, RuleState(shape=list(rule.group_by))
                held.until = 0.0
                self._store.save(held, self._around.clock.time())
                self._hand_over(held)
            _log.warning("rule %s is gone: %s; alerts ended for it: %d", stand.rule, why, len(over))
        except (LostLeaseError, NewerStateError):
            _log.info("another evaluator has the rule %s", stand.rule)

    def _hand_over(self, held: Held) -> None:
        """Index the alerts and put the notifications into the outbox; whoever must repeat it makes nothing twice."""
        if not held.alerts and not held.outbox and not held.journal:
            return
        for first, alerts, entries in self._store.said(held):
            self._hold(held)
            self._alerts.add([msgspec.json.decode(one, type=dict[str, Any]) for one in alerts])
            self._hold(held)
            self._outbox.add(parcels(entries, first=first), self._around.clock.time())
        held.alerts, held.outbox, held.journal = [], [], []
        self._save(held)

    def _hold(self, held: Held) -> None:
        """Go on only with a lease that lasts: a process that was stopped for a while may have lost it."""
        if held.lost or held.until - self._around.clock.time() < self._around.lease / 2:
            self._renew(held)

    def _renew(self, held: Held) -> None:
        self._store.renew(held, self._around.clock.time() + self._around.lease)

    def _take(self, rule: Rule) -> Held | None:
        """The rule's document with our lease on it; None while another evaluator holds it."""
        now = self._around.clock.time()
        if rule.name not in self._schedules:  # probably another's: its lease is read alone, without all the groups
            owner, until = self._store.leased(rule.name)
            if owner != self.owner and until > now:
                return None
        held = self._store.load(rule)
        if held.owner != self.owner and held.until > now:
            self._schedules.pop(rule.name, None)
            return None
        held.owner, held.lost = self.owner, False
        held.memo = self._memos.get(rule.name, held.memo)
        if held.version is None:
            self._save(held)
        self._hold(held)
        return held

    def _tick(self, rule: Rule, held: Held, now: int) -> list[Change]:
        engine = self._engines[rule.name]
        self._reader.look(now)
        watermark = self._watermark(now) if rule.watermark else None  # first: what it promises must then be found
        problems = self._recents[rule.name].fill(engine, held.state, now)
        problems += self._pasts[rule.name].fill(engine, held.state, now)
        damage = self._damage(rule, held, now)
        if held.former is not None:
            over = ended(rule, held.former, now)
            damage += over
            _log.warning("rule %s groups by other fields now; alerts ended for it: %d", rule.name, len(over))
            held.former = None
        forgotten, before = held.state.forgotten, _stored(held)
        sight = Sight(watermark, tuple(dict.fromkeys(problems)), self._recents[rule.name].losses)
        self._note(held, engine.short(now // rule.interval * rule.interval, sight))
        changes = damage + engine.tick(held.state, now, sight)
        if held.state.forgotten > forgotten:
            given_up = held.state.forgotten - forgotten
            _log.warning(
                "rule %s has too many groups to remember: %d are given up before their time", rule.name, given_up
            )
        until = self._around.clock.monotonic() + self._around.lease / 4
        sends = [change for change in changes if change.send is not None]
        searched = set(map(id, sends[:MOST_SEARCHED]))
        held.stamp = max(self._around.clock.time(), held.stamp + 0.001)
        for change in changes:
            search = id(change) in searched and self._around.clock.monotonic() < until
            self._tell(rule, held, engine, change, search=search)
            self._store.spill(held, self._around.clock.time())
        if changes or before is None or _stored(held) != before:
            self._save(held)
        return changes

    def _note(self, held: Held, problems: list[str]) -> None:
        """Keep with the state, and log once, why the newest window is incomplete."""
        before, held.state.problems = held.state.problems, problems
        new = [why for why in problems if why not in before]
        if new:
            _log.warning("rule %s sees less than all, and resolves nothing by it: %s", held.rule, "; ".join(new))

    def _damage(self, rule: Rule, held: Held, now: int) -> list[Change]:
        """Tell once that the state was lost; the tick that follows says that the rule is judged again."""
        if held.damage is None:
            return []
        text, held.damage, held.state.incomplete = held.damage, None, True
        return [Change.of_rule(rule.name, (now, now), Status.INCOMPLETE, text, now)]

    def _watermark(self, now: int) -> int | None:
        """The agents' watermark, asked once for all rules that are due at `now`."""
        if self._mark is None or self._mark[0] != now:
            self._mark = (now, self._reader.watermark(now))
        return self._mark[1]

    def _tell(self, rule: Rule, held: Held, engine: Engine, change: Change, *, search: bool) -> None:
        if change.after not in SILENT or change.send is not None:
            held.alerts.append(msgspec.Raw(msgspec.json.encode(alert_document(change, rule))))
        if change.send is None:
            return
        found = self._examples.find(change, rule, engine.judge, search=search)
        told = notification(change, rule, found, self._around.runbooks)
        held.outbox += self._router.entries(told, rule.notify, held.stamp)

    def _save(self, held: Held) -> None:
        """Store, and hold the lease from now on."""
        now = self._around.clock.time()
        held.until = now + self._around.lease
        self._store.save(held, now)

    def _release(self, name: str) -> bool:
        """Give one rule's lease back; False where Elasticsearch cannot be reached, for any."""
        try:
            if self._store.leased(name)[0] != self.owner:
                return True
            held = self._store.load(self._rules[name])
            if held.owner == self.owner and held.version is not None:
                held.until = 0.0
                self._store.save(held, self._around.clock.time())
        except (LostLeaseError, elasticsearch.ApiError):
            _log.info("the lease of rule %s runs out by itself", name)
        except elasticsearch.TransportError:
            _log.info("Elasticsearch cannot be reached: the leases of the rules run out by themselves")
            return False
        return True

    def _pause(self) -> float:
        """Seconds until the next look of any rule, at most five: notifications may wait for a retry."""
        now = self._around.clock.time()
        looks = (schedule.following(int(now)) - now for schedule in self._schedules.values())
        return min((5.0, *looks)) + 0.01


def _stored(held: Held) -> str | None:
    """The state as it is stored, where it is stored in one document."""
    return encode(held.state) if held.version is not None and len(held.state.groups) <= A_PAGE else None
