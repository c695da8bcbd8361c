"""How fast counts grow: a few samples of the last minute, none per event."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WINDOW = 60.0
"""Seconds that a rate covers."""


class Rates:
    """One writer adds samples, others read."""

    def __init__(self, window: float = WINDOW) -> None:
        self._window = window
        self._samples: deque[tuple[float, Mapping[str, float]]] = deque()

    def add(self, now: float, values: Mapping[str, float]) -> None:
        """The counts at `now` (monotonic seconds)."""
        samples = self._samples
        samples.append((now, dict(values)))
        while len(samples) > 2 and samples[1][0] <= now - self._window:
            samples.popleft()

    def per_second(self, now: float, values: Mapping[str, float]) -> tuple[float, dict[str, float]]:
        """(seconds covered, growth a second of each of `values`) up to `now`; 0 where nothing is known yet."""
        samples = list(self._samples)
        begin = next((each for each in samples if each[0] >= now - self._window), samples[-1] if samples else None)
        seconds = 0.0 if begin is None else now - begin[0]
        if begin is None or seconds <= 0:
            return 0.0, dict.fromkeys(values, 0.0)
        return seconds, {name: max(0.0, value - begin[1].get(name, 0)) / seconds for name, value in values.items()}
