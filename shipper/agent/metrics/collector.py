"""Makes the metrics of each interval, with ids of their own, and hands them on when there is room."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
from msgspec import Meta, field

from shipper.agent.batch import Batch
from shipper.agent.metrics.heartbeat import mark
from shipper.agent.metrics.host import DATASETS
from shipper.clock import iso_utc
from shipper.config import Duration, Settings
from shipper.ecs.table import VERSION
from shipper.event import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from shipper.agent.delivery import Delivery
    from shipper.agent.harvester import Harvester
    from shipper.agent.registry import Key, Registry
    from shipper.clock import Clock

Dataset = Literal["cpu", "memory", "filesystem", "network", "load"]


class MetricsSettings(Settings, frozen=True):
    """The agent's own records.

    Attributes:
        host: send host metrics; `datasets` says which.
        heartbeats: send low watermarks; rules rely on them to know that a window is complete.
        interval: time between two samples.
    """

    host: bool = True
    heartbeats: bool = True
    interval: Duration = Duration(10)
    datasets: Annotated[list[Dataset], Meta(min_length=1)] = field(default_factory=lambda: list(DATASETS))  # type: ignore[arg-type]  # the keys are the literals

    def __post_init__(self) -> None:
        if self.interval < 1:
            raise ValueError("`interval` must be at least 1s")


class Collector(threading.Thread):
    """One thread. A sample that finds no room is left out and counted: metrics cannot wait for a dead peer."""

    def __init__(
        self,
        settings: MetricsSettings,
        common: Mapping[str, Any],
        harvesters: Callable[[], Iterable[Harvester]],
        registry: Registry,
        delivery: Delivery,
        clock: Clock,
    ) -> None:
        """`common` holds `host` and `agent` (with its `id`)."""
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

    def run(self) -> None:
        interval = self._settings.interval
        list(DATASETS["cpu"]())  # the first call only sets the mark that the next one measures from
        while True:
            now = self._clock.time()
            if self._clock.wait(self._ended, interval - now % interval):
                return
            self.sample()

    def stop(self) -> None:
        self._ended.set()

    def sample(self) -> None:
        """Make and hand on the records of the interval that ends now."""
        now = self._clock.time()
        tick = int(now // self._settings.interval * self._settings.interval)
        documents: list[tuple[str, dict[str, Any]]] = []
        if self._settings.host:
            documents += self._host()
        if self._settings.heartbeats:
            documents += self._heartbeats(now)
        stamp = iso_utc(tick)
        batch = Batch(
            [f"{self._agent}-{name}-{tick}" for name, _ in documents],
            [orjson.dumps({"@timestamp": stamp, **document, **self._common}) for _, document in documents],
            [stamp] * len(documents),
            Stream.METRICS,
        )
        if not documents:
            return
        if self._delivery.has_room():
            self._delivery.offer(batch)
        else:
            self._delivery.counts["metrics_skipped"] += len(batch)

    def _host(self) -> Iterable[tuple[str, dict[str, Any]]]:
        for dataset in self._settings.datasets:
            for which, fields in DATASETS[dataset]():
                name = f"{dataset}:{which}" if which else dataset
                yield name, {**_event(f"system.{dataset}", "system"), "system": fields}

    def _heartbeats(self, now: float) -> Iterable[tuple[str, dict[str, Any]]]:
        marks = [mark(harvester, self._registry, self._delivery, now) for harvester in self._harvesters()]
        lowest = min((each.watermark for each in marks), default=iso_utc(now))
        event = _event("shipper.heartbeat", "shipper")
        lag = sum(each.lag for each in marks)
        yield "heartbeat", {**event, "shipper": {"watermark": lowest, "lag": {"bytes": lag}}}
        for each in marks:
            if each.lag == 0 and self._said.get(each.key) == each.offset:
                continue  # idle, and said so
            self._said[each.key] = each.offset
            source = {"id": each.key.source, "generation": each.key.generation}
            fields = {"watermark": each.watermark, "lag": {"bytes": each.lag}, "source": source}
            log = {"log": {"file": {"path": each.path}}}
            yield f"heartbeat:{each.key.prefix[:-1]}", {**event, **log, "shipper": fields}


def _event(dataset: str, module: str) -> dict[str, Any]:
    return {"ecs": {"version": VERSION}, "event": {"dataset": dataset, "module": module, "kind": "metric"}}
