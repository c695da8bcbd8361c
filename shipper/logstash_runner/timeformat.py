"""Writing times with Joda-Time patterns (`%{+YYYY.MM.dd}`) and java.time patterns (`%{{yyyy-MM-dd}}`), in UTC, English.

A pattern is compiled once to a function of a Timestamp; patterns without a time of day are remembered per day.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from shipper.logstash_runner.timestamp import SECOND, Timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    Writer = Callable[[Timestamp], str]
    Part = Callable[[datetime, int], str]
    """(the moment, its nanoseconds within the second) -> text."""

_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^'A-Za-z]+|'")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class PatternError(ValueError):
    """A pattern that cannot be used; the message is Joda's or java.time's where that is known."""


@functools.lru_cache(maxsize=1000)
def joda_writer(pattern: str) -> Writer:
    """Compile a Joda-Time pattern.

    Raises:
        PatternError: an unknown letter, or an empty pattern.
    """
    if not pattern:
        raise PatternError("Invalid pattern specification")
    return _writer(tokens(pattern), _JODA, "GCYxyMwdDEe")


@functools.lru_cache(maxsize=1000)
def java_writer(pattern: str) -> Writer:
    """Compile a java.time pattern.

    Raises:
        PatternError: an unknown letter, an open quote or a reserved character.
    """
    parts = tokens(pattern, strict=True)
    if any(not letter and not quoted and set(text) & set("{}#") for letter, text, quoted in parts):
        raise PatternError(f"Pattern includes reserved character: {pattern}")
    parts = [
        (letter, text.replace("[", "").replace("]", "") if not letter and not quoted else text, quoted)
        for letter, text, quoted in parts
    ]
    for letter, text, _ in parts:
        if letter in _JAVA and len(text) not in _JAVA_WIDTHS.get(letter, _ANY_WIDTH):
            raise PatternError(f"Too many pattern letters: {letter}")
    return _writer(parts, _JAVA, "GuyYQqMLwWdDEecFg")


def tokens(pattern: str, *, strict: bool = False) -> list[tuple[str, str, bool]]:
    """(letter or "", text, quoted) of each run of a letter and of each literal between them.

    Raises:
        PatternError: an open quote, where `strict`.
    """
    found: list[tuple[str, str, bool]] = []
    for match in _TOKEN.finditer(pattern):
        text, quoted, letter = match.group(), match.group(1), match.group(2)
        if text == "'":
            if strict:
                raise PatternError(f"Pattern ends with an incomplete string literal: {pattern}")
            found.append(("", pattern[match.end() :], True))
            break
        if quoted is not None:
            found.append(("", quoted.replace("''", "'") or "'", True))
        else:
            found.append((letter or "", text, False))
    return found


def _writer(parts: list[tuple[str, str, bool]], known: Mapping[str, Callable[[int], Part]], daily: str) -> Writer:
    writers: list[str | Part] = []
    for letter, text, _ in parts:
        if not letter:
            writers.append(text)
            continue
        make = known.get(letter)
        if make is None:
            raise PatternError(f"Illegal pattern component: {text}")
        writers.append(make(len(text)))

    def write(timestamp: Timestamp) -> str:
        moment, nanos = timestamp.datetime(), timestamp.ns % SECOND
        return "".join([part if isinstance(part, str) else part(moment, nanos) for part in writers])

    if all(not letter or letter in daily for letter, _, _ in parts):
        return _remembered(write)
    return write


def _remembered(write: Writer) -> Writer:
    last: tuple[str, str] = ("", "")

    def write_day(timestamp: Timestamp) -> str:
        nonlocal last
        day = str(timestamp)[:10]
        known_day, text = last
        if day != known_day:
            text = write(timestamp)
            last = (day, text)
        return text

    return write_day


def _number(value: Callable[[datetime], int]) -> Callable[[int], Part]:
    return lambda width: lambda at, _: str(value(at)).zfill(width)


def _year(value: Callable[[datetime], int]) -> Callable[[int], Part]:
    def make(width: int) -> Part:
        if width == 2:
            return lambda at, _: f"{value(at) % 100:02d}"
        return lambda at, _: str(value(at)).zfill(width)

    return make


def _month(width: int) -> Part:
    if width <= 2:
        return lambda at, _: str(at.month).zfill(width)
    if width == 5:
        return lambda at, _: MONTHS[at.month - 1][0]
    return lambda at, _: MONTHS[at.month - 1] if width == 4 else MONTHS[at.month - 1][:3]


def _weekday(width: int) -> Part:
    if width == 5:
        return lambda at, _: DAYS[at.weekday()][0]
    return lambda at, _: DAYS[at.weekday()] if width == 4 else DAYS[at.weekday()][:3]


def _joda_month(width: int) -> Part:
    return _month(min(4, width))


def _joda_weekday(width: int) -> Part:
    return _weekday(4 if width >= 4 else 3)


def _fraction(width: int) -> Part:
    return lambda _, nanos: f"{nanos:09d}".ljust(width, "0")[:width]


def _joda_fraction(width: int) -> Part:
    # Joda knows milliseconds only; further digits are zeros
    return lambda _, nanos: f"{nanos // 1_000_000:03d}".ljust(width, "0")[:width]


def _text(text: str) -> Callable[[int], Part]:
    return lambda _width: lambda _at, _nanos: text


def _by_width(texts: Mapping[int, str], other: str) -> Callable[[int], Part]:
    return lambda width: _text(texts.get(width, other))(width)


def _halfday(_: int) -> Part:
    return lambda at, _nanos: "AM" if at.hour < 12 else "PM"


def _local_week(at: datetime) -> tuple[int, int]:
    """(week-based year, week) of the locale en-US: weeks begin on Sunday, the first holds 1 January."""
    first = at.replace(month=1, day=1)
    begins = (first.weekday() + 1) % 7  # days since Sunday
    week = (at.timetuple().tm_yday - 1 + begins) // 7 + 1
    days = 366 if at.year % 4 == 0 and (at.year % 100 != 0 or at.year % 400 == 0) else 365
    next_begins = (begins + days) % 7
    if at.timetuple().tm_yday > days - next_begins and next_begins:
        return at.year + 1, 1
    return at.year, week


def _local_month_week(at: datetime) -> int:
    begins = (at.replace(day=1).weekday() + 1) % 7
    return (at.day - 1 + begins) // 7 + 1


def _local_weekday(width: int) -> Part:
    if width <= 2:
        return lambda at, _: str((at.weekday() + 1) % 7 + 1).zfill(width)
    return _weekday(width)


def _quarter(width: int) -> Part:
    if width <= 2:
        return lambda at, _: str((at.month - 1) // 3 + 1).zfill(width)
    if width == 3:
        return lambda at, _: f"Q{(at.month - 1) // 3 + 1}"
    if width == 5:
        return lambda at, _: str((at.month - 1) // 3 + 1)
    return lambda at, _: ("1st", "2nd", "3rd", "4th")[(at.month - 1) // 3] + " quarter"


_JODA: Mapping[str, Callable[[int], Part]] = {
    "G": _text("AD"),
    "C": _number(lambda at: at.year // 100),
    "Y": _year(lambda at: at.year),
    "y": _year(lambda at: at.year),
    "x": _year(lambda at: at.isocalendar().year),
    "w": _number(lambda at: at.isocalendar().week),
    "e": _number(lambda at: at.isoweekday()),
    "E": _joda_weekday,
    "D": _number(lambda at: at.timetuple().tm_yday),
    "M": _joda_month,
    "d": _number(lambda at: at.day),
    "a": _halfday,
    "K": _number(lambda at: at.hour % 12),
    "h": _number(lambda at: at.hour % 12 or 12),
    "H": _number(lambda at: at.hour),
    "k": _number(lambda at: at.hour or 24),
    "m": _number(lambda at: at.minute),
    "s": _number(lambda at: at.second),
    "S": _joda_fraction,
    "z": lambda width: _text("Coordinated Universal Time" if width >= 4 else "UTC")(width),
    "Z": _by_width({1: "+0000", 2: "+00:00"}, "UTC"),
}

_ANY_WIDTH = range(1, 20)
_JAVA_WIDTHS: Mapping[str, Collection[int]] = {
    **dict.fromkeys("aFW", range(1, 2)), **dict.fromkeys("wdhHkKms", range(1, 3)), "D": range(1, 4),
    **dict.fromkeys("GQqMLEeXxZ", range(1, 6)), "c": (1, 3, 4, 5), "z": range(1, 5), "S": range(1, 10),
    "V": range(2, 3), "O": (1, 4), "v": (1, 4),
}  # fmt: skip
"""How often a letter may stand; java.time refuses the pattern otherwise."""

_JAVA: Mapping[str, Callable[[int], Part]] = {
    "G": _by_width({4: "Anno Domini", 5: "A"}, "AD"),
    "u": _year(lambda at: at.year),
    "y": _year(lambda at: at.year),
    "Y": _year(lambda at: _local_week(at)[0]),
    "Q": _quarter,
    "q": _quarter,
    "M": _month,
    "L": _month,
    "w": _number(lambda at: _local_week(at)[1]),
    "W": _number(_local_month_week),
    "d": _number(lambda at: at.day),
    "D": _number(lambda at: at.timetuple().tm_yday),
    "F": _number(lambda at: (at.day - 1) // 7 + 1),
    "E": _weekday,
    "e": _local_weekday,
    "c": _local_weekday,
    "a": _halfday,
    "K": _number(lambda at: at.hour % 12),
    "h": _number(lambda at: at.hour % 12 or 12),
    "H": _number(lambda at: at.hour),
    "k": _number(lambda at: at.hour or 24),
    "m": _number(lambda at: at.minute),
    "s": _number(lambda at: at.second),
    "S": _fraction,
    "A": lambda width: (
        lambda at, nanos: str((at.hour * 3600 + at.minute * 60 + at.second) * 1000 + nanos // 1_000_000).zfill(width)
    ),
    "n": lambda width: lambda _, nanos: str(nanos).zfill(width),
    "N": lambda width: (
        lambda at, nanos: str((at.hour * 3600 + at.minute * 60 + at.second) * SECOND + nanos).zfill(width)
    ),
    "g": _number(lambda at: at.toordinal() - 678_576),  # the modified Julian day
    "V": _text("Z"),
    "v": _text("Z"),
    "z": _text("Z"),
    "O": _text("GMT"),
    "X": _text("Z"),
    "x": _by_width({1: "+00", 2: "+0000", 3: "+00:00", 4: "+0000"}, "+00:00"),
    "Z": _by_width({4: "GMT", 5: "Z"}, "+0000"),
}
