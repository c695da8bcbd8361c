"""Times as text logs write them: many layouts, one result.

A `Stamp` says what the text said and no more; `chronology.py` adds what is missing (zone, year, date) from the source.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from shipper.ecs.instant import SECOND, day_seconds, fraction_ns, offset_seconds, parse_iso

if TYPE_CHECKING:
    from collections.abc import Callable


class Stamp(NamedTuple):
    """A time as far as a line tells it.

    Attributes:
        ns: nanoseconds since the epoch; of the wall clock where `zoned` is false.
        zoned: the line named its zone, so `ns` is UTC.
        missing: what the line did not tell: "" (nothing), "year" (`ns` is in 1972, a leap year) or "date" (1970-01-01).
    """

    ns: int
    zoned: bool = False
    missing: str = ""


_DIGIT, _LETTER = re.compile(r"\d"), re.compile(r"[A-Za-z]")
_STAMP_LENGTH = 64
"""Characters of a line that may be its time."""
LEAP_YEAR = 1972
"""Year-less stamps are kept in this year, so that 29 February is a day."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan januar january", "feb february", "mar march mär", "apr april", "may mai", "jun june juni",
         "jul july juli", "aug august", "sep sept september", "oct october okt", "nov november", "dec december dez"), 1)
    for name in names.split()
}  # fmt: skip

_ABBREVIATIONS = {
    "UTC": 0, "GMT": 0, "UT": 0, "WET": 0, "WEST": 3600, "BST": 3600, "CET": 3600, "CEST": 7200, "MEZ": 3600,
    "MESZ": 7200, "EET": 7200, "EEST": 10800, "MSK": 10800, "EST": -18000, "EDT": -14400, "CST": -21600,
    "CDT": -18000, "MST": -25200, "MDT": -21600, "PST": -28800, "PDT": -25200, "PSTDST": -25200, "AKST": -32400,
    "AKDT": -28800, "HST": -36000, "JST": 32400, "KST": 32400, "IST": 19800, "SGT": 28800, "HKT": 28800,
    "AEST": 36000, "AEDT": 39600, "NZST": 43200, "NZDT": 46800,
}  # fmt: skip
"""Zone names that lines carry; IST is read as India's, CST as North America's."""

_CLOCK = r"(?P<h>[01]?\d|2[0-4]):(?P<i>[0-5]\d)(?::(?P<s>[0-5]\d|60)(?:[.,](?P<f>\d{1,12}))?)?"
_SECONDS = r"(?P<h>[01]?\d|2[0-4]):(?P<i>[0-5]\d):(?P<s>[0-5]\d|60)(?:[.,:](?P<f>\d{1,12})(?!\d))?"
_ZONE = (
    r"(?:\ ?(?P<z>Z(?![A-Za-z])|[+-]\d\d:?\d\d(?!\d)|[+-]\d\d(?![\d:]))"
    r"|\ (?P<n>" + "|".join(sorted(_ABBREVIATIONS, key=len, reverse=True)) + r")\b)?"
)
_MONTH = r"(?P<b>[A-Za-zä]{3,9})\.?"
_DAY_NAME = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\ +)?"

_LAYOUTS = tuple(
    re.compile(pattern, re.ASCII | re.VERBOSE)
    for pattern in (
        # 2026-01-31T12:00:00.123Z, 2026-01-31 12:00:00,123 +0100, 2026/01/31 12:00:00, 2026.01.31-12:00:00
        r"(?P<y>\d{4})(?P<q>[-/.])(?P<m>\d\d)(?P=q)(?P<d>\d\d),?[T\ \-_:]\ ?" + _SECONDS + _ZONE,
        # 31/Jan/2026:12:00:00 +0000, 31-Jan-2026 12:00:00.123, 31 Jan 2026 12:00:00.123
        r"(?P<d>\d{1,2})[/\- ]" + _MONTH + r"[/\- ](?P<y>\d{4})[:, T]\ ?" + _SECONDS + _ZONE,
        # Fri Jan 31 12:00:00.123456 2026, Jan 31 12:00:00, Jan 31 2026 12:00:00, Jan 31, 2026 11:10:05 AM
        _DAY_NAME + _MONTH + r"\ +(?P<d>\d{1,2})(?:,?\ (?P<y>\d{4}),?)?\ " + _SECONDS
        + r"(?:\ (?P<p>[AaPp][Mm])\b)?" + _ZONE + r"(?:\ (?P<y2>\d{4})\b)?",
        # Fri, 31 Jan 2026 12:00:00 GMT
        _DAY_NAME + r"(?P<d>\d{1,2})\ " + _MONTH + r"\ (?P<y>\d{4})\ " + _SECONDS + _ZONE,
        # 20260131 12:00:00.123, 20260131T120000Z, 260131 12:00:00
        r"(?P<y>\d{4}|\d\d)(?P<m>0\d|1[0-2])(?P<d>[0-3]\d)[T\ \-_]\ ?" + _SECONDS + _ZONE,
        r"(?P<y>\d{4})(?P<m>0\d|1[0-2])(?P<d>[0-3]\d)[T\-_]?(?P<h>[01]\d|2[0-4])(?P<i>[0-5]\d)(?P<s>[0-5]\d|60)"
        r"(?:[.,](?P<f>\d{1,12}))?(?!\d)" + _ZONE,
        # 01/31/2026 11:10:05 PM, 31.01.2026 12:00:00.123
        r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4}),?\ +" + _SECONDS + _ZONE,
        r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4}|\d\d)(?:,?\ +|-)" + _SECONDS
        + r"(?:\ (?P<p>[AaPp][Mm])\b)?" + _ZONE,
        # 01-31 12:00:00.123 (Android), 2026-01-31 12:00
        r"(?P<m>0\d|1[0-2])-(?P<d>[0-3]\d)\ " + _SECONDS + _ZONE,
        r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)[T\ ]" + _CLOCK + _ZONE,
        # 12:00:00.123
        _SECONDS + r"(?:\ (?P<p>[AaPp][Mm])\b)?" + _ZONE,
    )
)  # fmt: skip
_BY_FIRST = {
    **dict.fromkeys("0123456789", _LAYOUTS),
    **dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _LAYOUTS[2:4]),
    **dict.fromkeys("abcdefghijklmnopqrstuvwxyz", _LAYOUTS[2:3]),
}
_FAST = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d):([0-5]\d)(?:[.,](\d{1,9}+))?+"
    r"(?=$|[\]|,;](?!\d)| (?![+-]\d|UTC\b|UT\b|MSK\b|MES?Z\b|PSTDST\b|[A-Z]{2,4}T\b))",
    re.ASCII,
)
"""The commonest layout without a zone, where what follows can be no zone."""


@lru_cache(maxsize=4)
def match_stamp(text: str, start: int = 0) -> tuple[Stamp, int] | None:
    """The time that begins at `start`, and where it ends; None where none begins there.

    The last answers are kept: all formats ask the same of a line.
    """
    fast = _FAST.match(text, start)
    if fast is not None:
        return _plain(fast)
    for layout in _BY_FIRST.get(text[start : start + 1], ()):
        match = layout.match(text, start)
        if match is not None:
            stamp = _assemble(match.groupdict())
            if stamp is not None:
                return stamp, match.end()
    return None


@lru_cache(maxsize=256)
def _shape(text: str) -> str | None:
    """A dated time at the beginning of a line, digits and letters made one; None where there is none."""
    found = match_stamp(text, 1) if text[0] == "[" else match_stamp(text)
    if found is None or found[0].missing == "date":
        return None
    return _LETTER.sub("a", _DIGIT.sub("0", text[: found[1] + 1]))


def stamped_alike(head: str, line: str) -> bool:
    """Do both lines begin with a date and time, written the same way? Then one logger wrote both: each is a head."""
    if not (line[0] == "[" == head[0] or (line[0].isdigit() and head[0].isdigit())):
        return False
    shape = _shape(line[:_STAMP_LENGTH])
    return shape is not None and shape == _shape(head[:_STAMP_LENGTH])


def read_stamp(text: str) -> Stamp | None:
    """`text` as one whole time; None where it is not."""
    iso = parse_iso(text)
    if iso is not None:
        return Stamp(iso[0], iso[1] is not None)
    found = match_stamp(text)
    return found[0] if found is not None and found[1] == len(text) else None


def _plain(match: re.Match[str]) -> tuple[Stamp, int] | None:
    day = day_seconds(match[1])
    hour, minute = int(match[2]), int(match[3])
    if day is None or hour > 23 or minute > 59:
        return None
    ns = (day + hour * 3600 + minute * 60 + int(match[4])) * SECOND
    return Stamp(ns + fraction_ns(match[5]) if match[5] else ns), match.end()


def _assemble(part: dict[str, str | None]) -> Stamp | None:
    day, missing = _day(part)
    if day is None:
        return None
    hour = int(part["h"] or 0)
    if part.get("p"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if (part["p"] or "").lower() == "pm" else 0)
    ns = (day + hour * 3600 + int(part["i"] or 0) * 60 + int(part.get("s") or 0)) * SECOND
    if part.get("f"):
        ns += fraction_ns(part["f"] or "")
    offset = _offset(part)
    return Stamp(ns, zoned=False, missing=missing) if offset is None else Stamp(ns - offset * SECOND, True, missing)


def _day(part: dict[str, str | None]) -> tuple[int | None, str]:
    """(seconds at midnight, what is missing)."""
    if part.get("d") is None:
        return 0, "date"
    month = _MONTHS.get((part["b"] or "").lower()) if part.get("b") else int(part.get("m") or 0)
    if month is None:
        return None, ""
    year = part.get("y") or part.get("y2")
    number = LEAP_YEAR if year is None else int(year) + (2000 if len(year) == 2 else 0)
    return _midnight(number, month, int(part["d"] or 0)), "" if year else "year"


@lru_cache(maxsize=512)
def _midnight(year: int, month: int, day: int) -> int | None:
    try:
        return (date(year, month, day).toordinal() - date(1970, 1, 1).toordinal()) * 86400
    except ValueError:
        return None


def _offset(part: dict[str, str | None]) -> int | None:
    if part.get("z"):
        return offset_seconds(part["z"] or "")
    name = part.get("n")
    return None if name is None else _ABBREVIATIONS[name]


def reader(pattern: str) -> Callable[[str], Stamp | None]:
    """A reader for times written by `strftime` pattern: for layouts that a user names."""
    from datetime import UTC, datetime  # noqa: PLC0415 - rarely needed

    def read(text: str) -> Stamp | None:
        try:
            moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is the chronology's affair
        except ValueError:
            return None
        zoned = moment.tzinfo is not None
        seconds = (moment if zoned else moment.replace(tzinfo=UTC)).timestamp()
        return Stamp(int(seconds // 1) * SECOND + moment.microsecond * 1000, zoned)

    return read
