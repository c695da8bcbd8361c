"""What is asked of the values of one leaf, and how they are written; a column at a time.

A cell answers with columns of JSON, None for a value with which the ordinary way may decide otherwise.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from shipper.agent.codec import level
from shipper.agent.codec.chronology import Chronology
from shipper.agent.codec.documents import as_stamp
from shipper.agent.codec.structured import common
from shipper.ecs.coerce import LONG_MAX, LONG_MIN
from shipper.ecs.instant import day_seconds, format_ns, parse_epoch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import tzinfo

Column = list[bytes | None]

_BREAK = b",\n  "
"""Between the items of an indented list; no string holds a line break."""
_CANONICAL = re.compile(
    r"(?:\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}(?:(?!000)\d{3}|\d{3}(?!000)\d{3})?Z\n)+", re.ASCII
)
"""Times as we write them."""


class Cell:
    """Values that are written as they are, whatever they are.

    Args:
        mark: stands for the value in a probe; no other cell's, and of a kind with the values.
    """

    def __init__(self, mark: Any) -> None:
        self.mark = mark

    @property
    def tokens(self) -> list[bytes]:
        """How the mark is written in a probe's document, one for each column of the answer."""
        return [orjson.dumps(self.mark)]

    def answer(self, values: Sequence[Any]) -> list[Column]:
        """The JSON of each value."""
        return [_written(values)]


class Nothing(Cell):
    """Nulls, and what the ordinary way leaves out whatever it is."""

    @property
    def tokens(self) -> list[bytes]:
        return []

    def answer(self, values: Sequence[Any]) -> list[Column]:  # noqa: ARG002 - of Cell
        return []


class Constant(Nothing):
    """A value that decides much, the same in each line."""

    def answer(self, values: Sequence[Any]) -> list[Column]:
        return [[b"" if type(value) is type(self.mark) and value == self.mark else None for value in values]]


class Flag(Cell):
    """True or false; its mark is False, and found by another probe."""

    @property
    def tokens(self) -> list[bytes]:
        return []


class Number(Cell):
    """An integer within a long, or a float that Elasticsearch takes."""

    def answer(self, values: Sequence[Any]) -> list[Column]:
        low, high = (LONG_MIN, LONG_MAX) if type(self.mark) is int else (-9e307, 9e307)
        column = _written(values)
        if min(values) < low or max(values) > high:
            return [_but(column, [low <= value <= high for value in values])]
        return [column]


class Text(Cell):
    """A string that passes a check."""

    def __init__(self, mark: Any, fits: Callable[[str], Any]) -> None:
        super().__init__(mark)
        self._fits = fits

    def answer(self, values: Sequence[Any]) -> list[Column]:
        fits = list(map(self._fits, values))
        column = _written(values)
        return [column if all(fits) else _but(column, fits)]


class Words(Cell):
    """A string that is not empty, and one line where that is asked."""

    def __init__(self, mark: Any, *, one_line: bool = False) -> None:
        super().__init__(mark)
        self._one_line = one_line

    def answer(self, values: Sequence[Any]) -> list[Column]:
        column = _written(values)
        if "" in values or (self._one_line and "\n" in "".join(values)):
            return [_but(column, [value != "" and not (self._one_line and "\n" in value) for value in values])]
        return [column]


class Strings(Cell):
    """A list of strings, at least one."""

    def answer(self, values: Sequence[Any]) -> list[Column]:
        return [[orjson.dumps(value) if set(map(type, value)) == {str} else None for value in values]]


class Place(Cell):
    """`file.go:12`: becomes a name and a number."""

    def __init__(self, file: str, line: int) -> None:
        super().__init__(f"{file}:{line}")
        self._parts = file, line

    @property
    def tokens(self) -> list[bytes]:
        return list(map(orjson.dumps, self._parts))

    def answer(self, values: Sequence[Any]) -> list[Column]:
        found = [_place(value) or ("", 0) for value in values]
        return [
            [orjson.dumps(file) if line else None for file, line in found],  # the ordinary way leaves line 0 out
            [b"%d" % line for _, line in found],
        ]


class Level(Cell):
    """A word that is a level, or a number; its mark stands in the document only.

    Args:
        sample: of the line from which is learned.
        lowest: of numbers.
    """

    written = "zqlevelqz"

    def __init__(self, sample: str | int, *, lowest: int = 0) -> None:
        super().__init__(sample)
        self._lowest = lowest

    @property
    def tokens(self) -> list[bytes]:
        return [orjson.dumps(self.written)]

    def answer(self, values: Sequence[Any]) -> list[Column]:
        column: Column = list(map(_level, values))
        if type(self.mark) is int and min(values) < self._lowest:
            return [_but(column, [value >= self._lowest for value in values])]
        return [column]


class Time(Cell):
    """A time that needs neither its predecessor nor a guess; its mark stands in the document only.

    Args:
        sample: of the line from which is learned.
        zone: of times that name none.
    """

    written = "zqtimeqz"

    def __init__(self, sample: Any, zone: tzinfo) -> None:
        super().__init__(sample)
        self._zone = zone

    @property
    def tokens(self) -> list[bytes]:
        return [orjson.dumps(self.written)]

    def answer(self, values: Sequence[Any]) -> list[Column]:
        return [[None if time is None else b'"%b"' % time.encode() for time in self.times(values)]]

    def times(self, values: Sequence[Any]) -> list[str | None]:
        """`@timestamp` of each."""
        if type(self.mark) is str:
            text = "\n".join(values) + "\n"
            if text.count("\n") == len(values) and _CANONICAL.fullmatch(text) is not None:
                return [value if day_seconds(value[:10]) is not None else None for value in values]
        else:
            return list(map(_epoch, values))
        clock = Chronology(self._zone, 0)
        return [self._time(value, clock) for value in values]

    @staticmethod
    def _time(value: Any, clock: Chronology) -> str | None:
        stamp = as_stamp(value) if common.is_time(value) else None
        if stamp is None or stamp.missing:
            return None
        ns, flags = clock.place(stamp)
        return None if flags else format_ns(ns)


def plain(mark: Any) -> Cell:
    """The cell of a value that decides nothing."""
    kinds: dict[type, type[Cell]] = {int: Number, float: Number, bool: Flag, list: Strings, type(None): Nothing}
    return kinds.get(type(mark), Cell)(mark)


def _epoch(value: float) -> str | None:
    ns = parse_epoch(value) if common.is_time(value) else None
    return None if ns is None else format_ns(ns)


_place = lru_cache(maxsize=1024)(common.place_in)
"""Few lines of a program write logs."""


@lru_cache(maxsize=512, typed=True)
def _level(value: str | int) -> bytes | None:
    """The level as it is written where nothing must be kept beside it."""
    if not common.is_level(value):
        return None
    if isinstance(value, int):
        return orjson.dumps(level.from_number(value))
    word, original = level.normalise(value[:64])
    return orjson.dumps(word) if value.strip() and original is None else None


def _written(values: Sequence[Any]) -> Column:
    """The JSON of each scalar."""
    return [*orjson.dumps(values, option=orjson.OPT_INDENT_2)[4:-2].split(_BREAK)]


def _but(column: Column, fits: Sequence[Any]) -> Column:
    return [text if good else None for text, good in zip(column, fits, strict=True)]
