"""From what a line says about time to a point in time: zone, year, date and the order of the source fill the gaps.

The state is the last time of the source and nothing else, so a restart that is given it decides alike.
"""

from __future__ import annotations

import difflib
import os
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from shipper.ecs.instant import EARLIEST, LATEST, SECOND, offset_seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from shipper.agent.codec.stamp import Stamp

_LONGEST_ZONE = 64
"""Characters; zoneinfo looks the parts of a name up as packages, one in the other, without a bound."""
_DAY = 86400 * SECOND
_LATE = 30 * _DAY
"""How far behind its predecessor a year-less line may be before it means the next year."""
_AHEAD = _DAY
"""How far after the file's modification time the first year-less line may be."""

ASSUMED_TIME = "assumed_time"
ASSUMED_YEAR = "assumed_year"
ASSUMED_DATE = "assumed_date"
AMBIGUOUS_HOUR = "ambiguous_hour"
MISSING_HOUR = "missing_hour"


def zone_of(name: str) -> tzinfo:
    """`UTC`, an IANA name, `+02:00` or `local`.

    Raises:
        ValueError: no such zone.
    """
    if name in ("UTC", "Z", "utc"):
        return UTC
    if name == "local":
        return _local_zone()
    offset = offset_seconds(name)
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    try:
        return ZoneInfo(name if len(name) <= _LONGEST_ZONE else "")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = difflib.get_close_matches(name[:_LONGEST_ZONE], available_timezones(), n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"no time zone is called {name!r}{meant}") from error


def _local_zone() -> tzinfo:
    """The machine's zone with its clock changes; UTC where it has none."""
    name = os.environ.get("TZ", "").lstrip(":")
    try:
        if name:
            return ZoneInfo(name)
        return _zone_in("/etc/localtime", os.stat("/etc/localtime").st_mtime_ns)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


@lru_cache(maxsize=2)
def _zone_in(path: str, _written: int) -> tzinfo:
    """What the file says since it was written: read once for all sources."""
    with open(path, "rb") as file:
        return ZoneInfo.from_file(file)


class Chronology:
    """The clock of one source.

    Args:
        zone: for stamps that name none.
        fallback: nanoseconds; the file's modification time when it was first seen.
        last: nanoseconds of the last record's time, from a resume; None at the beginning.
    """

    __slots__ = ("_fallback", "_offsets", "last")

    def __init__(self, zone: tzinfo, fallback: int, last: int | None = None) -> None:
        self.last = last
        self._fallback = fallback
        self._offsets = _offsets(zone)

    def untimed(self) -> tuple[int, list[str]]:
        """The time of a record that has none: its predecessor's, else the fallback."""
        return (self._fallback if self.last is None else self.last), [ASSUMED_TIME]

    def exact(self, ns: int) -> int:
        """A time that needs no help; the source is there now."""
        self.last = ns
        return ns

    def place(self, stamp: Stamp) -> tuple[int, list[str]]:
        """(nanoseconds UTC, flags of what was assumed)."""
        flags: list[str] = []
        ns = stamp.ns
        if stamp.missing == "year":
            ns = self._with_year(ns)
            flags.append(ASSUMED_YEAR)
        elif stamp.missing == "date":
            ns = self._with_date(ns, zoned=stamp.zoned)
            flags.append(ASSUMED_DATE)
        if not stamp.zoned:
            ns = self._to_utc(ns, flags)
        if not EARLIEST <= ns <= LATEST:
            return self.untimed()
        self.last = ns
        return ns, flags

    def _to_utc(self, wall: int, flags: list[str]) -> int:
        first, second = self._offsets(wall // (900 * SECOND))
        if first == second:
            return wall - first * SECOND
        early, late = wall - first * SECOND, wall - second * SECOND
        if first < second:  # the clock jumped over this hour: count on from before the jump
            flags.append(MISSING_HOUR)
            return early
        flags.append(AMBIGUOUS_HOUR)  # the hour comes twice: time goes forward
        return late if self.last is not None and early < self.last - 60 * SECOND else early

    def _with_year(self, wall: int) -> int:
        """The first year in which the stamp is not long before its predecessor; else the last not after the file."""
        day = date(1970, 1, 1) + timedelta(days=wall // _DAY)
        if self.last is not None:
            edge = self.last - _LATE
            year = _year(edge)
            years = range(year, year + 9)
            return next((ns for ns in (_in_year(y, day, wall) for y in years) if ns is not None and ns >= edge), wall)
        edge = self._fallback + _AHEAD
        year = _year(edge)
        years = range(year, year - 9, -1)
        return next((ns for ns in (_in_year(y, day, wall) for y in years) if ns is not None and ns <= edge), wall)

    def _with_date(self, time_of_day: int, *, zoned: bool) -> int:
        """The day that brings the stamp nearest to its predecessor, else at most an hour after the file's time."""
        shift = 0 if zoned else self._offset_near(self._fallback if self.last is None else self.last) * SECOND
        if self.last is not None:
            near = self.last + shift
            return time_of_day + (near - time_of_day + _DAY // 2) // _DAY * _DAY
        edge = self._fallback + shift + 3600 * SECOND
        return time_of_day + (edge - time_of_day) // _DAY * _DAY

    def _offset_near(self, ns: int) -> int:
        guess = self._offsets(ns // (900 * SECOND))[0]
        return self._offsets((ns + guess * SECOND) // (900 * SECOND))[0]


def _year(ns: int) -> int:
    return (date(1970, 1, 1) + timedelta(days=ns // _DAY)).year


def _in_year(year: int, day: date, wall: int) -> int | None:
    try:
        moved = day.replace(year=year)
    except ValueError:  # 29 February
        return None
    return (moved - date(1970, 1, 1)).days * _DAY + wall % _DAY


@lru_cache(maxsize=16)
def _offsets(zone: tzinfo) -> Callable[[int], tuple[int, int]]:
    """Quarter hours of wall clock -> (offset before, offset after a change), in seconds; sources of a zone share it."""
    if zone is UTC:
        return lambda _quarter: (0, 0)

    @lru_cache(maxsize=64)
    def offsets(quarter: int) -> tuple[int, int]:
        try:
            wall = datetime(1970, 1, 1) + timedelta(seconds=quarter * 900)  # noqa: DTZ001 - a wall clock has no zone yet
            first = wall.replace(tzinfo=zone).utcoffset()
            second = wall.replace(tzinfo=zone, fold=1).utcoffset()
        except OverflowError:
            return 0, 0
        assert first is not None
        assert second is not None
        return int(first.total_seconds()), int(second.total_seconds())

    return offsets
