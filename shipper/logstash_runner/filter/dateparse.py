"""Reading times as Joda-Time does, by patterns such as `dd/MMM/yyyy:HH:mm:ss Z`.

A parser is a function of (text, zone) to milliseconds since the epoch; it raises `ValueError` for what it cannot read.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from shipper.logstash_runner.filter.calendar_names import NAMES, Names
from shipper.logstash_runner.timeformat import PatternError, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Parse = Callable[[str, tzinfo], int]
    Reader = Callable[[str, int, "Found"], int]
    """(text, position, what was found) -> position behind."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - arithmetic on local times
_DIGITS = re.compile(r"[0-9]+")
_OFFSET = re.compile(r"([+-])(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,]?(\d{1,3}))?)?)?")
_FIXED = re.compile(r"([+-])(\d\d)(?::?(\d\d))?")
_NAMED_ZONES: Mapping[str, str] = {
    "EST": "America/New_York", "EDT": "America/New_York", "CST": "America/Chicago", "CDT": "America/Chicago",
    "MST": "America/Denver", "MDT": "America/Denver", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
    "UTC": "UTC", "GMT": "UTC", "UT": "UTC",
}  # fmt: skip


class UnknownZoneError(ValueError):
    """The message is Joda's."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The datetime zone id '{name}' is not recognised")


@dataclass(slots=True)
class Found:
    """What the readers of a pattern found so far."""

    values: dict[str, int] = field(default_factory=dict)
    zone: tzinfo | None = None


@cache
def find_zone(name: str) -> tzinfo:
    """A zone by id or offset.

    Raises:
        UnknownZoneError: there is none.
    """
    if name in ("UTC", "Z"):
        return UTC
    fixed = _FIXED.fullmatch(name)
    if fixed:
        minutes = int(fixed.group(2)) * 60 + int(fixed.group(3) or 0)
        return timezone(timedelta(minutes=-minutes if fixed.group(1) == "-" else minutes))
    if name not in _zone_names():
        raise UnknownZoneError(name)
    return ZoneInfo(name)


def names_of(locale: str) -> Names | None:
    """The names of a locale's language, if we have them."""
    return NAMES.get(re.split("[-_]", locale)[0].lower())


def joda_parser(pattern: str, names: Names, now: Callable[[], datetime]) -> Parse:
    """Compile a Joda-Time pattern; `now` (UTC) fills in a year that the pattern has not.

    Without a year the name of a zone in the text (`z`) counts for nothing, as in Logstash.

    Raises:
        PatternError: an unknown letter.
    """
    readers = _readers(pattern, names)
    has_year, has_offset = "y" in pattern or "Y" in pattern, "Z" in pattern

    @lru_cache(maxsize=1024 if has_year else 0)  # many lines share a second; a guessed year is not remembered
    def parse(text: str, zone: tzinfo) -> int:
        found = Found()
        at = 0
        for reader in readers:
            at = reader(text, at, found)
        if at != len(text):
            raise ValueError(f"Invalid format: {text!r} is malformed at {text[at:]!r}")
        local = local_time(found.values)
        if has_year:
            return to_millis(local, found.zone or zone)
        if has_offset:  # Logstash guesses the year of the time in the filter's zone
            moment = _EPOCH + timedelta(milliseconds=to_millis(local, found.zone or zone))
            local = moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        return to_millis(_with_guessed_year(local, now()), zone)

    return parse


def _with_guessed_year(local: datetime, now: datetime) -> datetime:
    year = now.year
    if local.month == 12 and now.month == 1:
        year -= 1
    elif local.month == 1 and now.month == 12:
        year += 1
    try:
        return local.replace(year=year)
    except ValueError:  # 29 February
        return local.replace(year=year, day=28)


def to_millis(local: datetime, zone: tzinfo) -> int:
    """Milliseconds of a local time; the earlier of two where a clock was set back.

    Raises:
        ValueError: the clock jumped over it.
    """
    aware = local.replace(tzinfo=zone)
    offset = aware.utcoffset() or timedelta()
    moment = local - offset
    back = moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    if back != local:
        raise ValueError(f"Illegal instant due to time zone offset transition: {local.isoformat()}")
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def local_time(values: Mapping[str, int]) -> datetime:
    """The local time that the fields say; Joda's defaults fill the gaps.

    Raises:
        ValueError: a field is out of range.
    """
    day = _date(values)
    hour = values.get("H", 0)
    if "k" in values:
        hour = values["k"] % 24
    if "h" in values or "K" in values:
        hour = values.get("K", values.get("h", 0)) % 12 + 12 * values.get("a", 0)
    elif "a" in values:
        hour = hour % 12 + 12 * values["a"]
    made = datetime(day.year, day.month, day.day, hour, values.get("m", 0), values.get("s", 0))  # noqa: DTZ001 - local
    return made + timedelta(milliseconds=values.get("S", 0))


def _date(values: Mapping[str, int]) -> date:
    if "x" in values or "w" in values:
        year = values.get("x", values.get("y", 2000))
        return date.fromisocalendar(year, values.get("w", 1), values.get("e", 1))
    smaller = not {"y", "M", "d", "D", "e"} & values.keys()
    year = values.get("y", 1970 if smaller else 2000)
    if "D" in values:
        first = date(year, 1, 1)
        found = first + timedelta(days=values["D"] - 1)
        if not values["D"] >= 1 or found.year != year:
            raise ValueError(f"no day {values['D']} in {year}")
    else:
        found = date(year, values.get("M", 1), values.get("d", 1))
    if "e" in values:  # the weekday counts more than the day of the month
        found += timedelta(days=values["e"] - found.isoweekday())
        if not {"d", "D"} & values.keys():  # Joda sets everything twice, and the weekday may have left the year
            month = values.get("M", found.month)
            found = date(year, month, min(found.day, monthrange(year, month)[1]))
            found += timedelta(days=values["e"] - found.isoweekday())
    return found


_NUMERIC: Mapping[str, tuple[str, int, int, int]] = {
    # letter: (field, most digits, least, most)
    "M": ("M", 2, 1, 12), "d": ("d", 2, 1, 31), "D": ("D", 3, 1, 366), "H": ("H", 2, 0, 23), "k": ("k", 2, 1, 24),
    "h": ("h", 2, 1, 12), "K": ("K", 2, 0, 11), "m": ("m", 2, 0, 59), "s": ("s", 2, 0, 59), "w": ("w", 2, 1, 53),
    "e": ("e", 1, 1, 7),
}  # fmt: skip


def _readers(pattern: str, names: Names) -> list[Reader]:
    if not pattern:
        raise PatternError("Invalid pattern specification")
    parts = tokens(pattern)
    readers: list[Reader] = []
    for number, (letter, text, _) in enumerate(parts):
        if not letter:
            readers.append(_literal(text))
            continue
        following = parts[number + 1] if number + 1 < len(parts) else ("", "", False)
        readers.append(_field(letter, len(text), names, followed=_is_numeric(following[0], len(following[1]))))
    return readers


def _is_numeric(letter: str, width: int) -> bool:
    if letter == "M":
        return width <= 2
    return letter != "" and letter in "cCxyYdhHmsSeDFwWkK"


def _field(letter: str, width: int, names: Names, *, followed: bool) -> Reader:
    if letter in "yYx":
        return _year("x" if letter == "x" else "y", width, followed=followed)
    if letter == "M" and width >= 3:
        return _word(
            "M", [(name, number) for both in (names.months, names.short_months) for number, name in _from1(both)]
        )
    if letter == "E":
        return _word("e", [(name, number) for both in (names.days, names.short_days) for number, name in _from1(both)])
    if letter == "a":
        return _word("a", [(names.halfdays[0], 0), (names.halfdays[1], 1)])
    if letter == "G":
        return _word("G", [("AD", 1), ("BC", 0), ("CE", 1), ("BCE", 0)])
    if letter == "S":
        return _fraction(width)
    if letter == "Z":
        return _zone_id if width >= 3 else read_offset
    if letter == "z":
        return _zone_name
    known = _NUMERIC.get(letter)
    if known is None:
        raise PatternError(f"Illegal pattern component: {letter * width}")
    name, digits, least, most = known
    return _number(name, max(digits, width), least, most)


def _from1(names: tuple[str, ...]) -> list[tuple[int, str]]:
    return list(enumerate(names, 1))


def _literal(expected: str) -> Reader:
    folded = expected.lower()

    def read(text: str, at: int, _: Found) -> int:
        if text[at : at + len(expected)].lower() != folded:
            raise ValueError(f"expected {expected!r} at {text[at:]!r}")
        return at + len(expected)

    return read


def _number(name: str, digits: int, least: int, most: int) -> Reader:
    def read(text: str, at: int, found: Found) -> int:
        match = _DIGITS.match(text, at, min(len(text), at + digits))
        if match is None:
            raise ValueError(f"expected a number at {text[at:]!r}")
        value = int(match.group())
        if not least <= value <= most:
            raise ValueError(f"Value {value} for {name} must be in the range [{least},{most}]")
        found.values[name] = value
        return match.end()

    return read


def _year(name: str, width: int, *, followed: bool) -> Reader:
    most = width if followed else 9

    def read(text: str, at: int, found: Found) -> int:
        sign = text[at : at + 1] if text[at : at + 1] in ("+", "-") else ""
        limit = 2 if width == 2 and followed else most
        match = _DIGITS.match(text, at + len(sign), min(len(text), at + len(sign) + limit))
        if match is None:
            raise ValueError(f"expected a year at {text[at:]!r}")
        value = int(match.group())
        if width == 2 and len(match.group()) == 2 and not sign:
            value = _pivoted(value)
        elif width == 2 and followed:
            raise ValueError(f"expected a year of two digits at {text[at:]!r}")
        found.values[name] = -value if sign == "-" else value
        return match.end()

    return read


def _pivoted(value: int) -> int:
    """Two digits as a year within fifty of thirty years ago, as Joda reads them."""
    low = datetime.now(UTC).year - 30 - 50
    return low + (value - low) % 100


def _word(name: str, words: list[tuple[str, int]]) -> Reader:
    # as written, in small letters or in capitals, not mixed
    spelled = {(form, value) for word, value in words for form in (word, word.lower(), word.upper())}
    longest_first = sorted(spelled, key=lambda item: -len(item[0]))

    def read(text: str, at: int, found: Found) -> int:
        for word, value in longest_first:
            if text.startswith(word, at):
                found.values[name] = value
                return at + len(word)
        raise ValueError(f"expected a name at {text[at:]!r}")

    return read


def _fraction(width: int) -> Reader:
    def read(text: str, at: int, found: Found) -> int:
        match = _DIGITS.match(text, at, min(len(text), at + width))
        if match is None:
            raise ValueError(f"expected a fraction at {text[at:]!r}")
        found.values["S"] = int(match.group()[:3].ljust(3, "0"))
        return match.end()

    return read


def read_offset(text: str, at: int, found: Found) -> int:
    """A `Reader` of `Z` or `+hh[[:]mm[[:]ss]]`."""
    if text[at : at + 1] in ("Z", "z"):
        found.zone = UTC
        return at + 1
    match = _OFFSET.match(text, at)
    if match is None:
        raise ValueError(f"expected an offset at {text[at:]!r}")
    sign, hours, minutes, seconds, millis = match.groups()
    if int(hours) > 23 or int(minutes or 0) > 59 or int(seconds or 0) > 59:
        raise ValueError(f"no such offset: {match.group()}")
    size = timedelta(
        hours=int(hours),
        minutes=int(minutes or 0),
        seconds=int(seconds or 0),
        milliseconds=int((millis or "0").ljust(3, "0")),
    )
    found.zone = timezone(-size if sign == "-" else size)
    return match.end()


def _zone_id(text: str, at: int, found: Found) -> int:
    longest = re.match(r"[A-Za-z0-9_+/-]+", text[at:])
    for end in range(longest.end() if longest else 0, 0, -1):
        name = text[at : at + end]
        if name in _zone_names():
            found.zone = find_zone(name)
            return at + end
    raise ValueError(f"expected the id of a zone at {text[at:]!r}")


def _zone_name(text: str, at: int, found: Found) -> int:
    for name in sorted(_NAMED_ZONES, key=len, reverse=True):
        if text.startswith(name, at):
            found.zone = find_zone(_NAMED_ZONES[name])
            return at + len(name)
    raise ValueError(f"expected a zone at {text[at:]!r}")


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())
