"""Makes the metrics of each interval and hands them on: through the spool, so that a dead peer loses none of them."""

from __future__ import annotations

import logging
import threading
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
from msgspec import Meta, field

from shipper.agent.batch import Batch
from shipper.agent.metrics.heartbeat import marks
from shipper.agent.metrics.host import DATASETS, DEFAULT, Host
from shipper.agent.metrics.processes import ProcessSettings
from shipper.clock import iso_utc
from shipper.config import Duration, Settings, Size
from shipper.ecs.table import VERSION
from shipper.event import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from shipper.agent.deadline import Deadline
    from shipper.agent.delivery import Delivery
    from shipper.agent.harvester import Harvester
    from shipper.agent.metrics.heartbeat import Mark
    from shipper.agent.metrics.spooling import MetricsInput
    from shipper.agent.registry import Key, Registry
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.metrics")
Dataset = Literal["cpu", "core", "memory", "filesystem", "diskio", "network", "load", "process"]


class MetricsSettings(Settings, frozen=True):
    """The agent's own records.

    Attributes:
        host: send host metrics; `datasets` says which.
        heartbeats: send low watermarks; rules rely on them to know that a window is complete.
        agent: send how the agent itself does: health, lag, rates, dead letters, memory.
        interval: time between two samples.
        datasets: of the host; `core` (one a core) and `process` are off unless they are named here.
        processes: which of them `process` tells of.
        spool: bytes kept on disk at most while nobody takes them; then new samples are left out and counted.
    """

    host: bool = True
    heartbeats: bool = True
    agent: bool = True
    interval: Duration = Duration(10)
    datasets: Annotated[list[Dataset], Meta(min_length=1)] = field(default_factory=lambda: list(DEFAULT))  # type: ignore[arg-type]  # the names are the literals
    processes: ProcessSettings = field(default_factory=ProcessSettings)
    spool: Size = Size(32 * 1024 * 1024)

    def __post_init__(self) -> None:
        if self.interval < 1:
            raise ValueError("`interval` must be at least 1s")
        if self.spool < 1 << 20:
            raise ValueError("`spool` must be at least 1MiB")

    @property
    def any(self) -> bool:
        """Is anything sent?"""
        return self.host or self.heartbeats or self.agent


class Collector(threading.Thread):
    """One thread. A sample that finds no room is left out and counted."""

    def __init__(
        self,
        settings: MetricsSettings,
        common: Mapping[str, Any],
        harvesters: Callable[[], Iterable[Harvester]],
        registry: Registry,
        delivery: Delivery,
        clock: Clock,
    ) -> None:
        """`common` holds `host` and `agent` (with its `id`).

        `spool` and `vitals` (what is said of the agent itself) are set by who has them.
        """
        super().__init__(name="metrics", daemon=True)
        self._settings = settings
        self._common = dict(common)
        self._agent = str(common["agent"]["id"])
        self._harvesters = harvesters
        self._registry = registry
        self._delivery = delivery
        self._clock = clock
        self._ended = threading.Event()
        self._said: dict[Key, int] = {}
        self._host = Host(clock, settings.processes)
        self._complained: set[str] = set()
        self._last = -1
        self.spool: MetricsInput | None = None
        self.vitals: Callable[[Iterable[Mark]], dict[str, Any]] | None = None

    def run(self) -> None:
        interval = self._settings.interval
        if self._settings.host:
            list(self._measured())  # the first call only sets the marks that the next one measures from
        while True:
            now = self._clock.time()
            if self._clock.wait(self._ended, interval - now % interval):
                return
            try:
                self.sample()
            except Exception:  # noqa: BLE001 - told in the log; the next sample comes
                self._complain("sample", "a sample could not be made")

    def stop(self, deadline: Deadline) -> None:
        self._ended.set()
        if self.ident is not None:
            self.join(deadline.left(most=2.0))

    def sample(self) -> None:
        """Make and hand on the records of the interval that ends now; one that was sampled is not sampled again."""
        now = self._clock.time()
        tick = int(now // self._settings.interval * self._settings.interval)
        if tick == self._last:
            return
        self._last = tick
        documents: list[Iterable[tuple[str, dict[str, Any]]]] = []
        if self._settings.host:
            documents.append(self._measured())
        heartbeats, vitals = self._settings.heartbeats, self.vitals if self._settings.agent else None
        if heartbeats or vitals is not None:  # each file is looked at once for both
            harvesters = list(self._harvesters())
            found = marks(harvesters, self._registry, self._delivery, now)
            if heartbeats:
                documents.append(self._heartbeats(harvesters, found, now))
            if vitals is not None:
                told = {"agent": vitals(found)}
                documents.append([("agent", {**_event("shipper.agent", "shipper"), "shipper": told})])
        if documents:
            self._hand_on(chain.from_iterable(documents), iso_utc(tick), tick)

    def _hand_on(self, documents: Iterable[tuple[str, dict[str, Any]]], stamp: str, tick: int) -> None:
        names, encoded = [], []
        for name, document in documents:  # one at a time: of a thousand files they are megabytes
            names.append(f"{self._agent}-{name}-{tick}")
            encoded.append(_encoded({"@timestamp": stamp, **document, **self._common}))
        if self.spool is not None:
            try:
                kept = self.spool.append(encoded)
            except OSError as error:  # no room on the disk is what a metric should tell: try without it
                self.spool.counts["spool_failures"] += 1
                self._complain("spool", "metrics cannot be spooled: %s", error.strerror)
            else:
                self._delivery.counts["metrics_skipped"] += 0 if kept else len(encoded)
                return
        if self._delivery.has_room():
            self._delivery.offer(Batch(names, encoded, [stamp] * len(encoded), Stream.METRICS))
        else:
            self._delivery.counts["metrics_skipped"] += len(encoded)

    def _measured(self) -> Iterable[tuple[str, dict[str, Any]]]:
        for dataset in DATASETS:
            if dataset not in self._settings.datasets:
                continue
            event = _event(f"system.{dataset}", "system")
            try:
                for which, fields in self._host.sample(dataset):
                    yield f"{dataset}:{which}" if which else dataset, {**event, **fields}
            except Exception:  # noqa: BLE001 - a kernel that hides one thing must not hide the others
                self._delivery.counts["metrics_failed"] += 1
                self._complain(dataset, "the system does not tell of %s", dataset)

    def _heartbeats(
        self, harvesters: list[Harvester], found: list[Mark], now: float
    ) -> Iterable[tuple[str, dict[str, Any]]]:
        lowest = min((each.watermark for each in found), default=iso_utc(now))
        event = _event("shipper.heartbeat", "shipper")
        lag = sum(each.lag for each in found)
        yield "heartbeat", {**event, "shipper": {"watermark": lowest, "lag": {"bytes": lag}}}
        before, self._said = self._said, {}  # of those that are read now, and no others
        for harvester, each in zip(harvesters, found, strict=True):
            idle = each.lag == 0 and before.get(each.key) == each.offset
            self._said[each.key] = each.offset
            if idle or harvester.stream is Stream.METRICS:
                continue  # a heartbeat of the heartbeats would never end; or idle, and said so
            source = {"id": each.key.source, "generation": each.key.generation}
            fields = {"watermark": each.watermark, "lag": {"bytes": each.lag}, "source": source}
            log = {"log": {"file": {"path": each.path}}}
            yield f"heartbeat:{each.key.prefix[:-1]}", {**event, **log, "shipper": fields}

    def _complain(self, about: str, text: str, *arguments: object) -> None:
        """Once for each."""
        if about not in self._complained:
            self._complained.add(about)
            _LOG.warning(text, *arguments, exc_info=True)


def _event(dataset: str, module: str) -> dict[str, Any]:
    return {"ecs": {"version": VERSION}, "event": {"dataset": dataset, "module": module, "kind": "metric"}}


def _encoded(document: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(document)
    except TypeError:  # a name (of a process, a mount point) that is not UTF-8
        return orjson.dumps(_readable(document))


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {name: _readable(each) for name, each in value.items()}
    return value
