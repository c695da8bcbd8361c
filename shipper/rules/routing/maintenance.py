"""Maintenance windows: hours of the wall clock, in a named time zone, in which matching alerts are held back.

The wall clock decides. The hour that spring skips is in no window; the hour that autumn repeats is in it twice.
A window that is open as the clock goes back stays open until its end.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from shipper.config import Settings
from shipper.rules.routing.matcher import Matcher, parse_matcher

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOUR = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class MaintenanceSettings(Settings, frozen=True, kw_only=True):
    """One entry of `maintenance:`."""

    name: str
    zone: str
    """An IANA name such as Europe/Berlin; there is no default, so that nobody guesses."""
    start: str
    """`HH:MM`."""
    end: str
    """`HH:MM`; not after `start` = on the next day."""
    days: tuple[Day, ...] = DAYS
    """On which days it begins."""
    dates: tuple[str, ...] = ()
    """On which dates (`2026-03-29`) it begins; given, they replace `days`."""
    match: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.matchers()
        for label, text in (("start", self.start), ("end", self.end)):
            if _HOUR.fullmatch(text) is None:
                raise ValueError(f'`{label}: {text}` is no time of day: write it as "02:30", in quotes')
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(
                f"`zone: {self.zone}` is no time zone: write a name such as Europe/Berlin or UTC"
            ) from error
        for text in self.dates:
            _date(text)

    def matchers(self) -> tuple[Matcher, ...]:
        """`match`, parsed."""
        return tuple(map(parse_matcher, self.match))

    def open_at(self, seconds: float) -> bool:
        """Is `seconds` (since the epoch) inside the window?"""
        local = self._local(seconds)
        if self._holds(local):
            return True
        if not local.fold:
            return False
        while local.fold:  # a minute at a time: clocks go back by whole minutes, an hour at most or two
            seconds -= 60
            local = self._local(seconds)
        return self._holds(self._local(seconds // 60 * 60 + 59))

    def _local(self, seconds: float) -> datetime:
        return datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(self.zone))

    def _holds(self, local: datetime) -> bool:
        """By the wall clock alone."""
        start, end, now = time.fromisoformat(self.start), time.fromisoformat(self.end), local.time()
        if start < end:
            return start <= now < end and self._begins_on(local.date())
        if now >= start:
            return self._begins_on(local.date())
        return now < end and self._begins_on(local.date() - timedelta(days=1))

    def _begins_on(self, day: date) -> bool:
        if self.dates:
            return day in map(_date, self.dates)
        return DAYS[day.weekday()] in self.days


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"`{text}` is no date: write it as 2026-03-29") from error
