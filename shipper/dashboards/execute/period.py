"""Time ranges: Kibana's date math to instants, and the interval that `auto` means for a range."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shipper.errors import UsageError

TARGET_BUCKETS = 60
"""`auto` takes the smallest interval below that gives at most so many buckets."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_MATH = re.compile(r"now(?:(?P<sign>[+-])(?P<count>\d{1,6})(?P<unit>[smhdw]))?(?:/(?P<round>[smhdw]))?")
_FIXED = re.compile(r"(\d{1,6})(ms|s|m|h|d)")
_NICE = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 3 * 3600, 12 * 3600, 86400, 7 * 86400, 30 * 86400, 365 * 86400)


@dataclass(frozen=True, slots=True)
class Period:
    """[start, end) in epoch milliseconds, UTC."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise UsageError("the time range ends before it begins", hint="give a start that is before the end")

    @classmethod
    def parse(cls, start: str, end: str, now: float) -> Period:
        """From date math (`now-1h`, `now/d`) or ISO 8601; `now` is in epoch seconds.

        Raises:
            UsageError: a bound is neither, or the range is empty.
        """
        return cls(instant(start, now), instant(end, now))


def instant(text: str, now: float) -> int:
    """Epoch milliseconds of a bound.

    Raises:
        UsageError: neither date math nor ISO 8601.
    """
    match = _MATH.fullmatch(text)
    if match is None:
        return _iso(text)
    at = now
    if match["sign"]:
        at += (1 if match["sign"] == "+" else -1) * int(match["count"]) * _UNITS[match["unit"]]
    if match["round"]:
        unit = _UNITS[match["round"]]
        shift = 4 * 86400 if match["round"] == "w" else 0  # weeks begin on Monday, the epoch on a Thursday
        at = (at - shift) // unit * unit + shift
    return round(at * 1000)


def _iso(text: str) -> int:
    try:
        stamp = datetime.fromisoformat(text)
        stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
        return (stamp - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        raise UsageError(f"not a time: `{text}`", hint="write `now-15m`, `now/d` or 2026-01-31T12:00:00Z") from None


def interval_milliseconds(interval: str, period: Period) -> int:
    """The width of a date histogram's buckets.

    Raises:
        UsageError: an interval we do not know.
    """
    if interval == "auto":
        span = (period.end - period.start) / 1000
        return 1000 * next((nice for nice in _NICE if span / nice <= TARGET_BUCKETS), _NICE[-1])
    match = _FIXED.fullmatch(interval)
    if match is None or int(match[1]) == 0:
        raise UsageError(f"unknown interval `{interval}`", hint="write auto, 30s, 5m, 1h or 1d")
    return int(match[1]) * (1 if match[2] == "ms" else 1000 * _UNITS[match[2]])
