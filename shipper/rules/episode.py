"""The life of one group: from boundary to boundary, verdict by verdict. Pure; the same live, in replay and in tests.

A group fires after enough breached boundaries in a row, or of the last few. It resolves only on complete, clear
windows, after `recover`; the more often it fired of late, the longer it must stay clear. A breach that late documents
reveal in a window that was already judged opens one episode, marked as a correction, unless an episode covers it.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.rules.change import Change, Kind
from shipper.rules.state import ACTIVE, GroupState, Status
from shipper.rules.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from shipper.rules.rule import Rule

_TOLD = (Kind.FIRING, Kind.RESOLVED)
MAX_DAMPING = 5
"""Flapping multiplies the time to stay clear by at most 2 to this power."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One judgement: at `boundary`, made at `now` (epoch seconds)."""

    boundary: int
    now: int
    verdict: Verdict
    complete: bool
    correction: bool = False
    """The boundary was judged before; documents arrived since."""


class Episode:
    """Applies judgements to one group's state and collects its changes."""

    def __init__(self, rule: Rule, state: GroupState) -> None:
        self._rule = rule
        self._state = state
        self.changes: list[Change] = []

    def observe(self, seen: Seen) -> None:
        """Take in one judgement."""
        outcome = seen.verdict.outcome
        if outcome is Outcome.NO_DATA and self._rule.no_data != "keep":
            outcome = Outcome.BREACH if self._rule.no_data == "alert" and seen.complete else Outcome.CLEAR
        if outcome is Outcome.BREACH:
            self._breach(seen)
        elif seen.complete:
            self._settle(seen, outcome)

    def retire(self, seen: Seen) -> None:
        """Nothing was heard of the group for too long: an alert about it ends."""
        self._end(seen, f"no documents for {int(self._rule.retire)} s: retired")

    def remind(self, seen: Seen) -> None:
        """Say again that it fires, each time after twice the wait."""
        state = self._state
        if state.status is not Status.FIRING or not state.announced or seen.now < state.next_reminder:
            return
        state.reminders += 1
        state.next_reminder = seen.now + int(self._rule.remind) * 2**state.reminders
        self._step(seen, Status.FIRING, send=Kind.REMINDER)

    def _breach(self, seen: Seen) -> None:
        state, at = self._state, seen.boundary
        if at not in state.breached:
            bisect.insort(state.breached, at)
        elif state.status not in (Status.RECOVERING, Status.NO_DATA):
            return
        if seen.correction:
            self._correct(seen)
            return
        state.clear_since = None
        if state.status in (Status.RECOVERING, Status.NO_DATA):
            self._step(seen, Status.FIRING)
        elif state.status is not Status.FIRING:
            self._rise(seen)

    def _rise(self, seen: Seen) -> None:
        met = self._met(seen.boundary)
        if met is not None:
            self._fire(seen, met[0])
        elif self._state.status is Status.OK:
            self._state.since = self._run(seen.boundary)[0]
            self._step(seen, Status.PENDING)

    def _correct(self, seen: Seen) -> None:
        state = self._state
        if state.status in ACTIVE:
            return
        met = self._met(seen.boundary)
        if met is None:
            return
        covered = state.ended and met[0] <= state.ended and met[1] >= state.began - self._rule.interval
        if not covered:
            self._fire(seen, met[0])

    def _fire(self, seen: Seen, since: int) -> None:
        state = self._state
        state.since, state.clear_since = since, None
        state.firings = [at for at in state.firings if at > seen.boundary - self._rule.flapping.within]
        state.firings.append(seen.boundary)
        state.reminders, state.next_reminder = 0, seen.now + int(self._rule.remind)
        self._step(seen, Status.FIRING, send=Kind.FIRING)

    def _settle(self, seen: Seen, outcome: Outcome) -> None:
        state, at = self._state, seen.boundary
        if at in state.breached:
            state.breached.remove(at)
        if seen.correction or (state.breached and at < state.breached[-1]):
            return  # something newer is known to breach
        if self._rule.breaches is not None and state.status is not Status.OK and self._lately(at):
            return  # enough of the last boundaries breached, though this one did not
        if state.status is Status.PENDING:
            self._step(seen, Status.OK)
        elif state.status in ACTIVE and outcome is Outcome.NO_DATA:
            if state.status is not Status.NO_DATA:
                self._step(seen, Status.NO_DATA)
        elif state.status in ACTIVE:
            self._recover(seen)

    def _recover(self, seen: Seen) -> None:
        state = self._state
        if state.clear_since is None:
            state.clear_since = seen.boundary
        if seen.boundary - state.clear_since >= self._patience(seen.boundary):
            self._end(seen, None)
        elif state.status is not Status.RECOVERING:
            self._step(seen, Status.RECOVERING)

    def _patience(self, at: int) -> int:
        """Seconds it must stay clear."""
        flapping = self._rule.flapping
        often = len([fired for fired in self._state.firings if fired > at - flapping.within])
        if often < flapping.times:
            return int(self._rule.recover)
        return int(max(self._rule.recover, self._rule.every)) << min(often - flapping.times + 1, MAX_DAMPING)

    def _end(self, seen: Seen, reason: str | None) -> None:
        state = self._state
        self._step(seen, Status.RESOLVED, send=Kind.RESOLVED, reason=reason)
        state.status, state.clear_since = Status.OK, None
        state.began, state.ended = state.since, seen.boundary

    def _met(self, at: int) -> tuple[int, int] | None:
        """First and last breached boundary of what is enough to fire and has `at` in it; None where it is not."""
        breaches, step = self._rule.breaches, self._rule.interval
        if breaches is None:
            start, end = self._run(at)
            return (start, end) if end - start >= (self._rule.run - 1) * step else None
        for last in range(at, at + breaches.of * step, step):
            few = [one for one in self._state.breached if last - breaches.of * step < one <= last]
            if len(few) >= breaches.at_least:
                return few[0], few[-1]
        return None

    def _lately(self, at: int) -> bool:
        """Does `breaches` hold a group where it is at the clear boundary `at`?

        A pending group is held by any breach among the last boundaries, an active one by enough of them.
        """
        breaches = self._rule.breaches
        assert breaches is not None
        few = [one for one in self._state.breached if at - breaches.of * self._rule.interval < one <= at]
        return len(few) >= (1 if self._state.status is Status.PENDING else breaches.at_least)

    def _run(self, at: int) -> tuple[int, int]:
        """First and last boundary of the unbroken breach around `at`."""
        step, breached = self._rule.interval, set(self._state.breached)
        start = end = at
        while start - step in breached:
            start -= step
        while end + step in breached:
            end += step
        return start, end

    def _step(self, seen: Seen, after: Status, send: Kind | None = None, reason: str | None = None) -> None:
        state, rule = self._state, self._rule
        late_by = seen.now - seen.boundary
        self.changes.append(
            Change(
                rule=rule.name,
                names=rule.group_by,
                group=state.group,
                at=seen.now,
                boundary=seen.boundary,
                before=state.status,
                after=after,
                value=seen.verdict.value,
                text=seen.verdict.text,
                complete=seen.complete,
                since=state.since,
                facts=seen.verdict.facts,
                correction=seen.correction,
                stale=send in _TOLD and not seen.correction and late_by > 2 * rule.interval + rule.grace,
                reason=reason,
                number=state.reminders if send is Kind.REMINDER else len(state.firings),
                send=send,
            )
        )
        state.status = after
