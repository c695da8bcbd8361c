"""Points in time as integers: nanoseconds since the epoch, UTC. ISO 8601 in and out, epoch numbers by magnitude."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d):(\d\d)(?::([0-5]\d|60)(?:[.,](\d{1,12})\d*)?)?"
    r"(?: ?(Z|z|[+-]\d\d(?::?\d\d)?))?)?",
    re.ASCII,
)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?", re.ASCII)

SECOND = 1_000_000_000
EARLIEST = -62_135_596_800 * SECOND
"""0001-01-01T00:00:00Z."""
LATEST = 253_402_300_800 * SECOND - 1
"""The last nanosecond of the year 9999."""


@lru_cache(maxsize=512)
def day_seconds(text: str) -> int | None:
    """`2026-01-31` -> seconds since the epoch at its midnight; None where the calendar has no such day."""
    try:
        return (date(int(text[:4]), int(text[5:7]), int(text[8:10])).toordinal() - _EPOCH_DAY) * 86400
    except ValueError:
        return None


@lru_cache(maxsize=256)
def offset_seconds(text: str) -> int | None:
    """`Z`, `+02`, `+0200` or `-05:30` -> seconds east of UTC; None for anything else."""
    if text in ("Z", "z"):
        return 0
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    seconds = int(match[2]) * 3600 + int(match[3] or 0) * 60
    return -seconds if match[1] == "-" else seconds


def parse_iso(text: str) -> tuple[int, int | None] | None:
    """ISO 8601 date or date and time -> (nanoseconds, offset in seconds).

    Without an offset in the text the offset is None and the nanoseconds are those of the wall clock. A leap second
    counts as the next second. None where the text is no such time.
    """
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    day = day_seconds(match[1])
    if day is None:
        return None
    if match[2] is None:
        return day * SECOND, None
    hour, minute = int(match[2]), int(match[3])
    if hour > 23 or minute > 59:
        return None
    ns = (day + hour * 3600 + minute * 60 + int(match[4] or 0)) * SECOND
    if match[5]:
        ns += fraction_ns(match[5])
    if match[6] is None:
        return ns, None
    offset = offset_seconds(match[6])
    if offset is None:
        return None
    return ns - offset * SECOND, offset


def fraction_ns(digits: str) -> int:
    """The digits after the decimal sign -> nanoseconds (cut after the ninth)."""
    return int(digits[:9].ljust(9, "0"))


def parse_epoch(value: float | str) -> int | None:
    """A number since the epoch -> nanoseconds; seconds, ms, us or ns by magnitude. Integers stay exact.

    Floats are rounded to the microsecond, which is what they carry at today's dates.
    """
    if isinstance(value, str):
        whole, _, fraction = value.partition(".")
        if not whole.isascii() or not whole.isdigit() or len(whole) > 19 or (fraction and not fraction.isdigit()):
            return None
        number = int(whole)
        scale = _scale(number)
        return _in_range(number * scale + fraction_ns(fraction or "0") * scale // SECOND)
    if isinstance(value, int):
        return _in_range(value * _scale(abs(value)))
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN is the one value unlike itself
        return None
    scale = _scale(abs(value))
    return _in_range(round(value) * scale if scale <= 1000 else round(value * (scale // 1000)) * 1000)


def _scale(magnitude: float) -> int:
    if magnitude < 1e11:
        return SECOND
    if magnitude < 1e14:
        return 1_000_000
    return 1000 if magnitude < 1e17 else 1


def _in_range(ns: int) -> int | None:
    return ns if EARLIEST <= ns <= LATEST else None


@lru_cache(maxsize=64)
def _day_text(day: int) -> str:
    return date.fromordinal(day + _EPOCH_DAY).isoformat()


def format_ns(ns: int) -> str:
    """Nanoseconds -> `2026-01-31T12:00:00.000Z` with 3, 6 or 9 decimals, as many as are needed."""
    seconds, fraction = divmod(ns, SECOND)
    day, second = divmod(seconds, 86400)
    if fraction % 1_000_000 == 0:
        decimals = f"{fraction // 1_000_000:03d}"
    elif fraction % 1000 == 0:
        decimals = f"{fraction // 1000:06d}"
    else:
        decimals = f"{fraction:09d}"
    hour, rest = divmod(second, 3600)
    return f"{_day_text(day)}T{hour:02d}:{rest // 60:02d}:{rest % 60:02d}.{decimals}Z"
