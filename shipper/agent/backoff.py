"""Waiting longer after each failure, with full jitter, for ever."""

from __future__ import annotations

import random


class Backoff:
    """Seconds to wait: anything from nearly nothing to 0.5, 1, 2, 4 … `ceiling`, so that many agents spread out."""

    def __init__(self, first: float = 0.5, ceiling: float = 30.0) -> None:
        self._first = first
        self._ceiling = ceiling
        self._failures = 0

    def next(self) -> float:
        """The wait after one more failure."""
        whole = min(self._ceiling, self._first * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return max(0.05, whole * random.random())

    def reset(self) -> None:
        """It worked."""
        self._failures = 0
