"""Rates of counters that only grow, between two samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.clock import Clock


class Growth:
    """Remembers the last values of each thing (a device, an interface, a process)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: dict[str, tuple[float, Mapping[str, float]]] = {}
        self._seen: set[str] = set()

    def per_second(self, name: str, values: Mapping[str, float]) -> dict[str, float] | None:
        """Growth a second since the last call for `name`.

        None for the first one, and where a counter went back (a device that was taken out and put in again).
        """
        now = self._clock.monotonic()
        self._seen.add(name)
        before = self._last.get(name)
        self._last[name] = (now, dict(values))
        if before is None or now <= before[0] or any(values[key] < before[1].get(key, 0) for key in values):
            return None
        return {key: (value - before[1].get(key, 0)) / (now - before[0]) for key, value in values.items()}

    def forget_others(self) -> None:
        """At the end of a sample: what it did not name is gone."""
        self._last = {name: last for name, last in self._last.items() if name in self._seen}
        self._seen.clear()
