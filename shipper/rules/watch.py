"""The evaluator about itself: rules that lag two intervals, miss runs or fail are told, also without Elasticsearch.

What it tells goes straight to its receivers, past routes, silences and limits, and is kept in memory: a process that
dies is missed by its heartbeat instead.
"""

from __future__ import annotations

import hashlib
import logging
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shipper.clock import iso_utc
from shipper.rules.change import Kind
from shipper.rules.links import runbook
from shipper.rules.notification import Notification
from shipper.rules.notifier.base import Retry, Sent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shipper.clock import Clock
    from shipper.rules.notifier.base import Notifier

NAME = "shipper-evaluator"
RUNBOOK = "docs/concepts/rules.md"
MOST_WAITING = 10
LONGEST_REST = 60
"""Seconds between attempts at most."""
_SHOWN = 5
_log = logging.getLogger("shipper.rules")


@dataclass(slots=True)
class _Rule:
    interval: int
    seen: float
    """When (monotonic seconds) it was last known to be evaluated, here or by another evaluator."""
    boundary: int | None = None
    gap: int = 0
    """Seconds between the last two boundaries that were evaluated."""
    error: str = ""


@dataclass(slots=True)
class _Waiting:
    told: Notification
    receivers: list[str]
    attempts: int = 0
    due: float = field(default=0.0)


class Watch:
    """Knows how late each rule is.

    Args:
        intervals: rule -> seconds between its evaluations.
        receivers: notifiers by name.
        to: which of them are told.
        owner: the evaluator's name.
        runbooks: the address that runbooks begin with.
    """

    def __init__(
        self,
        intervals: Mapping[str, int],
        receivers: Mapping[str, Notifier],
        to: Sequence[str],
        clock: Clock,
        owner: str,
        runbooks: str | None = None,
    ) -> None:
        self._rules = {name: _Rule(interval, clock.monotonic()) for name, interval in intervals.items()}
        self._receivers = receivers
        self._to = to
        self._clock = clock
        self._owner = owner
        self._runbook = runbook(RUNBOOK, runbooks)
        self._told: dict[str, str] = {}
        self._began = 0.0
        self._waiting: deque[_Waiting] = deque()

    def seen(self, name: str, boundary: int, *, elsewhere: bool = False) -> None:
        """The rule is evaluated up to `boundary` (epoch seconds), here or by another evaluator.

        Boundaries that this one skipped were missed only where no other had the rule.
        """
        rule = self._rules[name]
        if elsewhere:
            rule.gap = 0
        elif rule.boundary is not None and boundary != rule.boundary:
            rule.gap = boundary - rule.boundary
        rule.boundary, rule.seen, rule.error = boundary, self._clock.monotonic(), ""

    def failed(self, name: str, error: str) -> None:
        """It could not be evaluated, and why."""
        self._rules[name].error = error

    def trouble(self) -> dict[str, str]:
        """Rule -> what is wrong with it, for those that are more than two intervals late."""
        now = self._clock.monotonic()
        found: dict[str, str] = {}
        for name, rule in self._rules.items():
            late = max(now - rule.seen, rule.gap)
            if late > 2 * rule.interval:
                found[name] = f"not evaluated for {late:.0f} s{': ' if rule.error else ''}{rule.error}"
        return found

    def look(self) -> bool:
        """Tell what is new, try again what was not taken; is all well?"""
        trouble = self.trouble()
        if trouble.keys() - self._told.keys():
            self._begin(trouble)
        elif self._told and not trouble:
            self._tell(Kind.COMPLETE, "all rules are evaluated in time again")
            self._told = {}
        self._send()
        return not trouble

    def _begin(self, trouble: dict[str, str]) -> None:
        if not self._told:
            self._began = self._clock.time()
        self._told = {**self._told, **trouble}
        shown = "; ".join(f"{name}: {why}" for name, why in list(trouble.items())[:_SHOWN])
        more = f"; and {len(trouble) - _SHOWN} more" if len(trouble) > _SHOWN else ""
        _log.error("%d of %d rules lag: %s%s", len(trouble), len(self._rules), shown, more)
        self._tell(Kind.INCOMPLETE, f"{len(trouble)} of {len(self._rules)} rules lag: {shown}{more}")

    def _tell(self, kind: Kind, text: str) -> None:
        now = self._clock.time()
        episode = hashlib.sha256(f"{self._owner} {self._began}".encode()).hexdigest()[:32]
        told = Notification(
            key=hashlib.sha256(f"{episode} {kind} {now}".encode()).hexdigest()[:32], episode=episode, kind=kind,
            rule=NAME, summary="Alerts may come late or not at all", severity="critical", owner="shipper",
            runbook=self._runbook, labels={}, group={}, at=iso_utc(now), since=iso_utc(self._began), value=None,
            text=text, facts={}, complete=kind is Kind.COMPLETE, correction=False, stale=False, reason=None, index="",
            query="", window_seconds=0,
        )  # fmt: skip
        self._waiting.append(_Waiting(told, list(self._to)))
        if len(self._waiting) > MOST_WAITING:
            _log.error("nobody took what the evaluator says of itself: %s", self._waiting.popleft().told.text)

    def _send(self) -> None:
        """In order; the next waits for the one before."""
        while self._waiting and self._waiting[0].due <= self._clock.monotonic():
            first = self._waiting[0]
            for name in list(first.receivers):
                outcome = self._receivers[name].notify(first.told)
                if isinstance(outcome, Retry):
                    _log.warning("the evaluator's own message to %s waits: %s", name, outcome.reason)
                    continue
                if not isinstance(outcome, Sent):
                    _log.error("the evaluator's own message is not delivered to %s: %s", name, outcome.reason)
                first.receivers.remove(name)
            if first.receivers:
                first.due = self._clock.monotonic() + min(2.0**first.attempts, LONGEST_REST)
                first.attempts += 1
                return
            self._waiting.popleft()
