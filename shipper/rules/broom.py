"""Sweeps, now and then, what nobody needs: done parcels, pages of dead writers, old silences, what waits for nobody."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import elasticsearch

from shipper.elastic.client import failure
from shipper.rules.delivery import GIVE_UP
from shipper.rules.entry import Stage
from shipper.rules.removal import why_removed
from shipper.rules.statestore import LostLeaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from shipper.clock import Clock
    from shipper.rules.outboxstore import OutboxStore
    from shipper.rules.routing.mute import Mutes
    from shipper.rules.stand import Stand
    from shipper.rules.statestore import StateStore

EVERY = 600
"""Seconds."""
KEPT = 43200
"""Seconds for which a parcel that is done stays, so that nobody makes it anew: not even a process that was stopped in
the middle of the very request, and goes on within that time."""
_log = logging.getLogger("shipper.rules")


class Broom:
    """One evaluator's; several may sweep at once."""

    def __init__(
        self,
        state: StateStore,
        outbox: OutboxStore,
        mutes: Mutes,
        known: tuple[Collection[str], Collection[str]],
        clock: Clock,
        end: Callable[[Stand, str], None],
    ) -> None:
        """`known`: names of this evaluator's receivers, and of its rules; `end` ends the alerts of a removed one."""
        self._end = end
        self._state = state
        self._mutes = mutes
        self._outbox = outbox
        self._receivers, self._rules = known
        self._clock = clock
        self._next = clock.monotonic() + EVERY

    def sweep(self) -> None:
        """If it is time; failures are logged, and the next time comes."""
        if self._clock.monotonic() < self._next:
            return
        self._next = self._clock.monotonic() + EVERY
        now = self._clock.time()
        try:
            self._state.sweep(now)
            self._orphans(now)
            self._outbox.forget(now - KEPT)
            self._mutes.refresh()
            self._give_up(now)
        except (elasticsearch.ApiError, elasticsearch.TransportError) as error:
            _log.warning("not swept: %s", failure(error))
        except LostLeaseError:
            _log.info("another evaluator sweeps too")

    def look_for_removed(self) -> None:
        """End the alerts of rules that were removed; a failure is logged, and the next sweep tries again."""
        try:
            self._orphans(self._clock.time())
        except (elasticsearch.ApiError, elasticsearch.TransportError) as error:
            _log.warning("rules that were removed are not looked for: %s", failure(error))

    def _orphans(self, now: float) -> None:
        """Rules that fire and that no evaluator has: removed or renamed, or their evaluator is down."""
        for one in self._state.all():
            if not one.firing or one.rule in self._rules or one.until > now:
                continue
            why = why_removed(one, now)
            if why is not None:
                self._end(one, why)
            elif one.seen < now - EVERY:
                _log.warning(
                    "rule %s is evaluated by nobody since %s (removed or renamed?); its alerts that nobody ends: %d",
                    one.rule, one.stored, one.firing,
                )  # fmt: skip

    def _give_up(self, now: float) -> None:
        """Receivers that this config does not have may be another evaluator's: they get a day."""
        lost = self._outbox.strangers(self._receivers, now - GIVE_UP)
        for parcel in lost:
            told = parcel.entry.notification
            _log.error("notification %s is dropped: no evaluator knows %s", told.key, parcel.receiver)
            parcel.stage = Stage.DONE
        self._outbox.write(lost, now)
