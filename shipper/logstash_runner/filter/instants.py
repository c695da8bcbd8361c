"""Reading times that need no pattern: ISO 8601 and epochs, with Joda-Time's and Logstash's tolerance."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from shipper.logstash_runner.filter.dateparse import Found, local_time, read_offset, to_millis

if TYPE_CHECKING:
    from datetime import tzinfo

_ISO = re.compile(
    r"(?:([+-]?\d{1,9})(?:-(\d{1,2})(?:-(\d{1,2}))?|-(\d{3})|-W(\d{1,2})(?:-(\d))?)?)?"
    r"(?:T(?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2}))?)?(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d){0,2})?)?",
    re.IGNORECASE,
)


def parse_iso(text: str, zone: tzinfo) -> int:
    """ISO 8601 as Joda's `dateTimeParser` reads it, or `yyyy-MM-dd HH:mm:ss.SSS` (also `,`) with or without offset.

    Raises:
        ValueError: it is neither.
    """
    match = _ISO.fullmatch(text)
    if match is None or match.group(1, 7) == (None, None):  # neither a year nor an hour
        return _almost_iso(text, zone)
    year, month, day, ordinal, week, weekday, hour, minute, second, fraction, offset = match.groups()
    given = {
        "y": year,
        "M": month,
        "d": day,
        "D": ordinal,
        "w": week,
        "e": weekday,
        "H": hour,
        "m": minute,
        "s": second,
    }
    values = {name: int(value) for name, value in given.items() if value is not None}
    if "w" in values and "y" in values:
        values["x"] = values.pop("y")
    if values.get("H", 0) > 23:
        raise ValueError(f"no such hour: {text}")
    local = local_time(values)
    if fraction is not None:
        unit = 1000 if second is not None else 60_000 if minute is not None else 3_600_000
        local += timedelta(milliseconds=int(fraction.ljust(9, "0")) * unit // 10**9)
    found = Found()
    if offset is not None:
        read_offset(offset, 0, found)
    return to_millis(local, found.zone or zone)


_ALMOST = re.compile(
    r"([+-]?\d{1,9})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})[.,](\d{1,3})(Z|[+-]\d\d(?::?\d\d){0,2})?",
    re.IGNORECASE,
)


def _almost_iso(text: str, zone: tzinfo) -> int:
    match = _ALMOST.fullmatch(text)
    if match is None:
        raise ValueError(f"Invalid format: {text!r}")
    *numbers, fraction, offset = match.groups()
    values = dict(zip("yMdHms", map(int, numbers), strict=True))
    values["S"] = int(fraction.ljust(3, "0"))
    found = Found()
    if offset is not None:
        read_offset(offset, 0, found)
    return to_millis(local_time(values), found.zone or zone)


_MAX_SECONDS = 2**31 - 1
_LONG = re.compile(r"[+-]?\d{1,18}")


def _long(text: str) -> int:
    if _LONG.fullmatch(text) is None or not text.isascii():
        raise ValueError(f"For input string: {text!r}")
    return int(text)


def parse_unix(value: object) -> int:
    """Seconds since the epoch, as a number or its text, at most 2038-01-19.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("Cannot parse date")
    millis = 0
    if isinstance(value, str):
        whole, dot, digits = value.partition(".")
        seconds = _long(whole)
        if dot:
            millis = int(str(_long(digits[:3])).zfill(min(3, len(digits))).ljust(3, "0"))
    elif isinstance(value, float):
        seconds = int(value)
        millis = int(value * 1000) - seconds * 1000
    else:
        seconds = value
    if seconds > _MAX_SECONDS:
        raise ValueError("Cannot parse date for value larger than UNIX epoch maximum seconds")
    return seconds * 1000 + millis


def parse_unix_ms(value: object) -> int:
    """Milliseconds since the epoch, as a whole number or its text.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("Cannot parse date")
    return _long(value) if isinstance(value, str) else int(value)


_TAI64N = re.compile(r"@?([0-7][0-9a-f]{15})([0-7][0-9a-f]{7})", re.IGNORECASE)


def parse_tai64n(value: object) -> int:
    """`@4000000050d506482dbdf024`: TAI seconds and nanoseconds in hex, ten seconds ahead of UTC.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str):
        raise ValueError("Cannot parse date")
    match = _TAI64N.match(value)
    if match is None:
        raise ValueError("a TAI64N label has 24 hex digits, and the first of each number is below 8")
    seconds = (int(match.group(1), 16) & ((1 << 62) - 1)) - 10
    return seconds * 1000 + int(match.group(2), 16) // 1_000_000
