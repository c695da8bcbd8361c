"""A point in time as Logstash keeps it: nanoseconds since the epoch, written in UTC."""

from __future__ import annotations

import contextlib
import functools
import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, available_timezones

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{0,9}))?)?)?([Zz]|[+-]\d.*|[A-Za-z].*)?", re.ASCII
)
_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d\d)(?::?(\d\d)(?::?(\d\d))?)?", re.ASCII | re.IGNORECASE)
_FARTHEST = timedelta(hours=18)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000_000


class Timestamp:
    """Nanoseconds since 1970-01-01T00:00:00Z; its text is made when it is asked for."""

    __slots__ = ("_ns", "_text")

    def __init__(self, ns: int | None, text: str | None = None) -> None:
        """One of the two must be there; `text` only in the form that `iso` writes."""
        self._ns = ns
        self._text = text

    @classmethod
    def parse(cls, text: str) -> Timestamp:
        """From ISO 8601: `2026-01-02T03:04:05.678Z`, with up to nine digits; UTC where no zone is given.

        Raises:
            ValueError: it is none.
        """
        if (
            len(text) == 24
            and text[23] == "Z"
            and text[10] == "T"
            and text[19] == "."
            and text[11:13] != "24"
            and text.isascii()
        ):
            with contextlib.suppress(ValueError):
                datetime.fromisoformat(text)  # refuses what does not exist; the text is canonical, so it is kept
                return cls(None, text)
        return cls(_parse(text))

    @property
    def ns(self) -> int:
        """Nanoseconds since the epoch."""
        if self._ns is None:
            assert self._text is not None
            self._ns = _parse(self._text)
        return self._ns

    def __str__(self) -> str:
        if self._text is None:
            assert self._ns is not None
            self._text = iso(self._ns)
        return self._text

    def __repr__(self) -> str:
        return f"Timestamp({self})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timestamp) and other.ns == self.ns

    def __hash__(self) -> int:
        return hash(self.ns)

    def datetime(self) -> datetime:
        """In UTC, cut to microseconds.

        Raises:
            OverflowError: outside of the years 1 to 9999.
        """
        return _EPOCH + timedelta(microseconds=self.ns // 1000)


def iso(ns: int) -> str:
    """`2026-01-02T03:04:05.678Z`: three, six or nine digits, as few as hold the time."""
    seconds, nanos = divmod(ns, SECOND)
    try:
        head = _to_the_second(seconds)
    except OverflowError:
        return f"{seconds}.{nanos:09d}"
    digits = f"{nanos:09d}"
    digits = digits[:3] if digits.endswith("000000") else digits[:6] if digits.endswith("000") else digits
    return f"{head}.{digits}Z"


@functools.lru_cache(maxsize=256)
def _to_the_second(seconds: int) -> str:
    """`2026-01-02T03:04:05`; events come in runs of the same second."""
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S").zfill(19)


def _parse(text: str) -> int:
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError(f"not ISO 8601: {text!r}")
    *numbers, fraction, zone = match.groups()
    year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
    nanos = int((fraction or "0").ljust(9, "0"))
    midnight = (hour, minute, second, nanos) == (24, 0, 0, 0)
    if 28 < day <= 31:  # java.time takes 30 February for its last day
        day = min(day, monthrange(year, month)[1])
    at = datetime(year, month, day, 0 if midnight else hour, minute, second, tzinfo=_zone(zone or "Z"))
    whole = (at - _EPOCH) // timedelta(seconds=1)
    return (whole + 86_400 * midnight) * SECOND + nanos


def _zone(text: str) -> tzinfo:
    """`Z`, `+02`, `+0200`, `+02:00`, `UTC+02:00` or the id of a zone.

    Raises:
        ValueError: there is none, or it is more than 18 hours away.
    """
    if text in "Zz":
        return UTC
    match = _OFFSET.fullmatch(text)
    if match is None:
        known = _zone_names().get(text.lower())
        if known is None:
            raise ValueError(f"no time zone: {text!r}")
        return ZoneInfo(known)
    sign, hours, minutes, seconds = match.groups()
    size = timedelta(hours=int(hours), minutes=int(minutes or 0), seconds=int(seconds or 0))
    if size > _FARTHEST or int(minutes or 0) > 59 or int(seconds or 0) > 59:
        raise ValueError(f"no such offset: {text!r}")
    return timezone(-size if sign == "-" else size)


@functools.cache
def _zone_names() -> dict[str, str]:
    known = {name.lower(): name for name in available_timezones() - {"EST", "MST", "HST"}}  # Java has not these
    return {**known, "ut": "UTC"}
