"""A point in time as Logstash keeps it: nanoseconds since the epoch, written in UTC."""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime, timedelta, timezone

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?([Zz]|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII
)
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
        """From ISO 8601: `2026-01-02T03:04:05.678Z`, with up to nine digits; UTC where no offset is given.

        Raises:
            ValueError: it is none.
        """
        if len(text) == 24 and text[23] == "Z" and text[10] == "T" and text[19] == "." and text.isascii():
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
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    at = datetime(
        int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=offset(zone or "Z")
    )
    whole = (at - _EPOCH) // timedelta(seconds=1)
    return whole * SECOND + int((fraction or "0").ljust(9, "0"))


def offset(text: str) -> timezone:
    """`Z`, `+02`, `+0200` or `+02:00` as a time zone.

    Raises:
        ValueError: more than a day.
    """
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
