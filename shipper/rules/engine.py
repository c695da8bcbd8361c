"""One evaluation of one rule: cells in, changes out. Pure; live, replay and tests run exactly this.

At each tick it judges, in this order: closed windows again whose cells changed (late documents), windows that closed
since the last tick, and the newest windows that are still open. Open windows may fire; only closed ones resolve.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shipper.rules.change import Change, Kind
from shipper.rules.episode import Episode, Seen
from shipper.rules.schedule import Schedule
from shipper.rules.state import ACTIVE, GroupState, RuleState, Status
from shipper.rules.store import CellStore
from shipper.rules.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.rules.cell import Cell, Group
    from shipper.rules.rule import Rule
    from shipper.rules.store import Totals
    from shipper.rules.verdict import Judge

CATCH_UP = 6 * 3600
"""Seconds (or a few intervals, where that is longer); after a longer downtime the evaluation goes on from here."""
INCOMPLETE_AFTER = 600
"""Seconds (or five intervals, where that is longer) without a closed window until the rule itself is reported."""
MOST_REMEMBERED = 100_000
"""Groups of which a rule with a memory knows when they were seen; then the longest silent are given up, and counted."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Documents that were seen and are no longer there.

    Attributes:
        start: since when (epoch seconds) they are missing.
        end: until when.
        why: what became of them, for people.
        identity: what tells their index from another of its name.
    """

    start: int
    end: int
    why: str
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """How much of the documents could be seen at a tick."""

    watermark: int | None = None
    """Everything older (epoch seconds) is indexed, say the agents; None where no agent is alive."""
    problems: tuple[str, ...] = ()
    """Why the cells may be short: failed shards, a timeout, a missing index."""
    losses: tuple[Loss, ...] = ()
    """What is missing for ever: the windows it was in are judged as they are, and never complete."""


@dataclass(frozen=True, slots=True)
class _View:
    store: CellStore
    group: Group
    boundary: int
    incidents: Sequence[tuple[int, int]] = ()
    state: GroupState | None = None

    def last_heard(self, ago: int) -> int | None:
        if self.state is None:
            return None
        known = [at for at in (self.state.heard, self.state.last_data) if 0 < at <= self.boundary - ago]
        return self.boundary - max(known) if known else None

    def window(self, seconds: int, ago: int = 0) -> Cell:
        end = self.boundary - ago
        return self.store.window(self.group, end - seconds, end)

    def everyone(self, seconds: int) -> Totals:
        return self.store.everyone(self.boundary - seconds, self.boundary)

    def had_incident(self, seconds: int, ago: int) -> bool:
        end = self.boundary - ago
        return any(since <= end and end - seconds < until for since, until in self.incidents)


class Engine:
    """A rule, its judge and its cells."""

    def __init__(self, rule: Rule) -> None:
        """Raises ShipperError where a query of the rule is wrong."""
        self.rule = rule
        self.judge: Judge = rule.judge()
        self.store = CellStore(rule.step)
        self._schedule = Schedule(rule.interval, math.ceil(rule.grace), self.judge.fires_early)
        closing = -(-rule.grace // rule.interval) * rule.interval
        self._catch_up = max(CATCH_UP, int(closing) + 2 * rule.interval)  # else a rule of every 6h would skip them all
        self._expected = frozenset(self.judge.expected())
        self.oldest = max([self.judge.span, *(start for start, _ in self.judge.past)])
        """Seconds before a boundary that it looks at, at most."""
        self._incidents: dict[Group, list[tuple[int, int]]] = {}
        self._groups: dict[Group, GroupState] = {}

    def schedule(self, state: RuleState) -> Schedule:
        """When it is to be evaluated after what `state` says of the last time."""
        schedule = replace(self._schedule, last=state.last)
        burns = any(group.status is not Status.OK for group in state.groups)
        return schedule if burns else schedule.at_rest()

    def reach(self, state: RuleState, now: int) -> int:
        """From when on (epoch seconds) the cells are needed to evaluate at `now`."""
        newest = now // self.rule.interval * self.rule.interval
        last = newest - self.rule.interval if state.last is None else max(state.last, newest - self._catch_up)
        start = last - int(self.rule.late) - self.judge.span - self.rule.step
        return start if state.learned else min(start, newest - self.judge.history)

    def past(self, state: RuleState, now: int) -> list[tuple[int, int]]:
        """Older [start, end) in epoch seconds that are needed besides, each read once: those of `judge.past`."""
        newest = now // self.rule.interval * self.rule.interval
        first = self.reach(state, now) + self.judge.span
        return [(first - start, newest - end) for start, end in self.judge.past]

    def know(self, state: RuleState) -> None:
        """Take in what is known of each group: past episodes, and when it was heard of."""
        self._groups = state.by_group()
        self._incidents = {group.group: group.incidents for group in state.groups if group.incidents}

    def tick(self, state: RuleState, now: int, sight: Sight) -> list[Change]:
        """Evaluate at `now` (epoch seconds); `state` moves on, the changes are in order of time.

        Running it twice with the same state and cells gives the same.
        """
        rule = self.rule
        newest = now // rule.interval * rule.interval
        state.looked = now
        self.know(state)
        groups = self._groups
        if state.last is None:
            state.begun = state.last = newest - rule.interval
        if not state.learned and not sight.problems:
            self._remember_history(groups, newest)
            state.learned = True
        last = max(state.last, newest - self._catch_up)
        oldest = max(state.begun, last - int(rule.late))
        changes = self._late(groups, (oldest, last), now, sight)
        due = range(last + rule.interval, newest + 1, rule.interval)
        closed = [at for at in due if self._closed(at, now, sight)]
        opened = [at for at in due if at not in closed][-(rule.run + 1) :]
        for at in closed:
            whole = self._whole(at, sight)
            changes += self._boundary(groups, at, now, complete=whole) if whole or self.judge.fires_early else []
        for at in opened if self.judge.fires_early else ():
            changes += self._boundary(groups, at, now, complete=False)
        state.last = closed[-1] if closed else last
        changes += self._whole_rule(state, newest, now, sight)
        changes += self._reminders(groups, newest, now, complete=not opened)
        kept = {key: group for key, group in groups.items() if self._keeps(group, newest, state.last)}
        state.forgotten += self._forget(kept)
        state.groups = [kept[key] for key in sorted(kept)]
        self.store.forget_before(state.last - int(rule.late) - self.oldest - rule.step)
        return _announce(changes, groups)

    def short(self, boundary: int, sight: Sight) -> list[str]:
        """Why the window that ends there has less than all; nothing where it is whole."""
        start = boundary - self.judge.span
        lost = [loss.why for loss in sight.losses if loss.start < boundary and start < loss.end]
        return [*sight.problems, *lost]

    def _whole(self, boundary: int, sight: Sight) -> bool:
        return not self.short(boundary, sight)

    def _closed(self, boundary: int, now: int, sight: Sight) -> bool:
        if sight.problems:
            return False
        if sight.watermark is not None and self.rule.watermark:
            return sight.watermark >= boundary
        return now >= boundary + self.rule.grace

    def _boundary(self, groups: dict[Group, GroupState], at: int, now: int, *, complete: bool) -> list[Change]:
        seen = self.store.groups(at - self.judge.recent, at)
        if self.judge.history or self.judge.memory:
            for group in seen - groups.keys():
                groups[group] = GroupState(group=group)
        changes: list[Change] = []
        for group in sorted(seen | groups.keys() | self._expected):
            changes += self._one(groups, group, Seen(at, now, self.verdict(group, at), complete))
        return changes

    def _late(self, groups: dict[Group, GroupState], judged: tuple[int, int], now: int, sight: Sight) -> list[Change]:
        """Judge again the boundaries in (from, to] whose windows changed."""
        changes: list[Change] = []
        step = self.rule.interval
        for group, starts in sorted(self.store.take_changes().items()):
            boundaries: set[int] = set()
            for start in starts:
                lowest = max(start, judged[0]) // step * step + step
                boundaries.update(range(lowest, min(judged[1], start + self.judge.span) + 1, step))
            for at in sorted(boundaries):
                verdict, complete = self.verdict(group, at), self._whole(at, sight)
                if not complete and not self.judge.fires_early:
                    continue
                if group in groups or verdict.outcome is Outcome.BREACH:
                    changes += self._one(groups, group, Seen(at, now, verdict, complete, correction=True))
        return changes

    def verdict(self, group: Group, at: int) -> Verdict:
        """What the judge says of a group at a boundary, from the cells there are."""
        return self.judge.judge(_View(self.store, group, at, self._incidents.get(group, ()), self._groups.get(group)))

    def _one(self, groups: dict[Group, GroupState], group: Group, seen: Seen) -> list[Change]:
        state = groups.get(group)
        if state is None:
            if seen.verdict.outcome is Outcome.CLEAR or (seen.verdict.outcome is Outcome.NO_DATA and not self._pages):
                return []
            state = groups[group] = GroupState(group=group)
        heard = self.store.latest(group, seen.boundary)
        latest = max(state.last_data, heard or state.last_data or seen.boundary)
        if self.judge.memory and state.last_data and latest - state.last_data > self.judge.recent:
            state.heard = state.last_data
        state.last_data = latest
        episode = Episode(self.rule, state)
        if self._gone(state, seen):
            episode.retire(seen)
        elif not self._forgotten(state, seen):
            episode.observe(seen)
        if self.judge.past:
            state.incidents += [
                (done.since, done.boundary) for done in episode.changes if done.after is Status.RESOLVED
            ]
        return episode.changes

    @property
    def _pages(self) -> bool:
        return self.rule.no_data == "alert"

    def _gone(self, state: GroupState, seen: Seen) -> bool:
        silent = seen.boundary - state.last_data > self.rule.retire
        return silent and seen.complete and state.status in ACTIVE and state.group not in self._expected

    def _forgotten(self, state: GroupState, seen: Seen) -> bool:
        """A group that history no longer expects is not judged by its absence."""
        if not self.judge.history or state.group in self._expected or state.status in ACTIVE:
            return False
        return seen.boundary - state.last_data > min(self.judge.history, self.rule.retire)

    def _remember_history(self, groups: dict[Group, GroupState], newest: int) -> None:
        if self.judge.history:
            for group in self.store.groups(newest - self.judge.history, newest):
                groups.setdefault(group, GroupState(group=group))
        if self.judge.memory:
            for group in self.store.groups(newest - self.judge.span, newest):
                state = groups.setdefault(group, GroupState(group=group))
                state.last_data = max(state.last_data, self.store.latest(group, newest - self.judge.recent) or 0)

    def _reminders(self, groups: dict[Group, GroupState], at: int, now: int, *, complete: bool) -> list[Change]:
        changes: list[Change] = []
        for group in sorted(groups):
            if groups[group].status is Status.FIRING and now >= groups[group].next_reminder:
                episode = Episode(self.rule, groups[group])
                episode.remind(Seen(at, now, self.verdict(group, at), complete))
                changes += episode.changes
        return changes

    def _whole_rule(self, state: RuleState, newest: int, now: int, sight: Sight) -> list[Change]:
        """Say once that nothing can be judged any more, or that what fires lost its documents; and once the end."""
        assert state.last is not None
        limit = max(INCOMPLETE_AFTER, 5 * self.rule.interval) + int(self.rule.grace)
        stuck = newest - state.last > limit
        why = f"no window could be judged for {newest - state.last} s"
        lost = self.short(newest, sight)
        if not stuck and lost and not sight.problems:
            stuck = state.incomplete or any(group.status in ACTIVE for group in state.groups)
            why = f"{'; '.join(lost)}: windows that had them are incomplete, and resolve nothing"
        if stuck == state.incomplete:
            return []
        state.incomplete = stuck
        text = why if stuck else "windows are judged again"
        after = Status.INCOMPLETE if stuck else Status.OK
        return [Change.of_rule(self.rule.name, (now, newest), after, text, state.last)]

    def _forget(self, kept: dict[Group, GroupState]) -> int:
        """Give up those that were silent longest where there are too many at rest to remember; how many."""
        if not self.judge.memory or len(kept) <= MOST_REMEMBERED:
            return 0
        resting = [group for group in kept.values() if group.status is Status.OK]
        resting.sort(key=lambda group: (group.last_data, group.group))
        gone = resting[: len(kept) - MOST_REMEMBERED]
        for group in gone:
            del kept[group.group]
        return len(gone)

    def _keeps(self, state: GroupState, newest: int, last: int) -> bool:
        """Trim what is too old to matter; is anything left to remember?"""
        rule = self.rule
        oldest = last - int(rule.late) - (rule.run - 1) * rule.interval
        state.breached = self._trimmed(state, oldest)
        state.firings = [at for at in state.firings if at > last - self.rule.flapping.within]
        state.incidents = [span for span in state.incidents if span[1] > last - int(rule.late) - self.oldest]
        if state.incidents:
            return True
        if state.status is not Status.OK or state.breached or state.firings or state.ended > oldest:
            return True
        if self.judge.memory and newest - state.last_data <= self.judge.memory + self.judge.span + rule.late:
            return True
        return self.judge.history > 0 and last - state.last_data <= self.judge.history

    def _trimmed(self, state: GroupState, oldest: int) -> list[int]:
        """What is younger than `oldest`, and the run it belongs to as far as it may touch the last episode."""
        known, at = set(state.breached), oldest // self.rule.interval * self.rule.interval
        while state.status not in ACTIVE and at in known and at > state.ended:
            at -= self.rule.interval
        return [boundary for boundary in state.breached if boundary > min(oldest, at - 1)]


def _announce(changes: list[Change], groups: dict[Group, GroupState]) -> list[Change]:
    """Decide what is sent: of an episode that a downtime hid from beginning to end, only that it is over."""
    closing = {change.episode for change in changes if change.send is Kind.RESOLVED}
    told: list[Change] = []
    for change in changes:
        state = groups.get(change.group)
        if change.send is Kind.FIRING and change.episode in closing and not change.correction:
            told.append(replace(change, send=None))
            continue
        if state is not None and change.send in (Kind.FIRING, Kind.RESOLVED):
            state.announced = change.send is Kind.FIRING
        told.append(change)
    return told
