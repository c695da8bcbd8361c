"""The monitor: each round it asks every source and adds what they say to `shipper-metrics-*`.

Statistics are samples: a round that cannot be taken or written is counted and logged, never kept for later. Ids are
those of the round, so a monitor that was killed and started again, or a second one, makes no document twice.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from elasticsearch import ApiError, TransportError, helpers

from shipper.elastic.client import answer_reason, explained
from shipper.errors import ShipperError
from shipper.event import Stream, daily_index
from shipper.stack.monitor.sample import document, identity, round_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence

    from elasticsearch import Elasticsearch

    from shipper.clock import Clock
    from shipper.stack.monitor.sample import Sample

_LOG = logging.getLogger("shipper.stack.monitor")

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Source:
    """Something to ask: its name in messages, and how."""

    name: str
    ask: Callable[[], list[Sample]]


@dataclass(slots=True)
class Tally:
    """What a monitor has done so far."""

    rounds: int = 0
    written: int = 0
    known: int = 0
    """There already: another monitor, or this one before it was killed."""
    refused: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    """Source (or `target`) -> rounds in which it could not be asked or written to."""


class Monitor:
    """Asks `sources` and writes to `target` under `prefix`, every `every` seconds."""

    def __init__(self, target: Elasticsearch, sources: Sequence[Source], every: float, prefix: str = "") -> None:
        self._target = target
        self._sources = sources
        self._every = every
        self._prefix = prefix
        self.tally = Tally()

    def run(self, clock: Clock, stop: threading.Event) -> None:
        """Round after round until `stop`; a slow round makes the next one late, never two at once."""
        while not stop.is_set():
            self.once(clock)
            clock.wait(stop, self._every - clock.time() % self._every)

    def once(self, clock: Clock) -> None:
        """One round. What cannot be asked or written is in the tally; nothing is raised for it."""
        at = round_of(clock.time(), self._every)
        self.tally.rounds += 1
        for source in self._sources:
            try:
                with explained(source.name):
                    found = source.ask()
            except (ShipperError, ApiError, TransportError) as error:
                self._failed(source.name, error)
                continue
            self._write(found, at, clock.time())

    def _write(self, found: list[Sample], at: float, now: float) -> None:
        try:
            answers = helpers.streaming_bulk(
                self._target, self._actions(found, at, now), chunk_size=_BATCH, raise_on_error=False
            )
            for ok, item in answers:
                self._count(ok=ok, answer=item["create"])
        except (ApiError, TransportError) as error:
            self._failed("target", error)

    def _actions(self, found: list[Sample], at: float, now: float) -> Iterator[dict[str, Any]]:
        for sample in found:
            built = document(sample, at, now)
            index = daily_index(Stream.METRICS, built["@timestamp"], prefix=self._prefix)
            yield {"_op_type": "create", "_index": index, "_id": identity(sample, at), "_source": built}

    def _count(self, *, ok: bool, answer: dict[str, Any]) -> None:
        if ok:
            self.tally.written += 1
        elif answer["status"] == 409:
            self.tally.known += 1
        else:
            self.tally.refused += 1
            _LOG.warning("the target refused a statistic (%s): %s", answer["status"], answer.get("error"))

    def _failed(self, name: str, error: Exception) -> None:
        self.tally.failures[name] = self.tally.failures.get(name, 0) + 1
        _LOG.warning("%s: no statistics in this round: %s", name, _reason(error))


def _reason(error: Exception) -> str:
    return f"{error.status_code}, {answer_reason(error)}" if isinstance(error, ApiError) else str(error)
