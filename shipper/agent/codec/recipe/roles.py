"""What the ordinary way asks of which value of a line, and so what lines of one recipe must have in common.

Follows `structured/common.py` step by step: a value that it takes for something gets the cell that checks this of every
line; one that it might have taken had it been another makes the line unfit. What is left decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.agent.codec.recipe.cells import Cell, Constant, Level, Nothing, Place, Text, Time, Words, plain
from shipper.agent.codec.structured import common
from shipper.agent.codec.structured.bunyan import Bunyan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import tzinfo

    from shipper.agent.codec.structured.base import Entry

_BUNYAN = Bunyan()
_UNFIT = frozenset(
    ["ecs", "ecs.version", "shipper", "shipper.flags", "log", "error.stack_trace", "url", "method", "req", "res",
     "httpRequest", "logging.googleapis.com/trace", "resourceLogs"]
)  # fmt: skip
"""Keys whose values decide too much to be followed here."""
_OBJECTS = frozenset({*common.STACKS, *common.ERRORS})
PLACE_LINE = 777000777
"""The mark of a line number within a text, of which nine digits are read."""
_REPEATED = ("service", "user", "username")
"""Strings that are kept twice."""


class Unfit(Exception):  # noqa: N818 - no error: there is just no recipe
    """A line that is no pattern for others."""


class Roles:
    """The cells of what decides something, by key of the root.

    Args:
        entry: a decoded line.
        zone: of times that name none.
        mark: gives the next mark of a kind.

    Raises:
        Unfit: values decide too much.
    """

    def __init__(self, entry: Entry, zone: tzinfo, mark: Callable[[type], Any]) -> None:
        self.cells: dict[str, Cell] = {}
        self._left = dict(entry)
        self._mark = mark
        if any(key in entry and entry[key] is not None for key in _UNFIT):
            raise Unfit
        python = not common.PYTHON_MARKS.isdisjoint(entry)
        named = self._bunyan(entry)
        time = self._choose(common.TIME, (str, int, float), common.is_time)
        level = self._choose(common.LEVEL, (str, int), common.is_level)
        message = self._choose(common.MESSAGE, (str,), common.is_text)
        if time is None or message is None:
            raise Unfit
        self.cells[time] = Time(entry[time], zone)
        self._level(level, entry)
        self.cells[message] = Words(mark(str), one_line=True)
        found = self._context()
        if python and not named and "log.logger" not in found:
            self._name(("name",))
        self._place(entry, found)
        self._rest()
        if level is not None:
            self.cells |= {key: Nothing(entry[key]) for key in common.NO_FIELD & self._left.keys()}

    def _bunyan(self, entry: Entry) -> bool:
        """Follow what is asked of pino's and bunyan's lines before all else. Is the logger named?"""
        if type(entry.get("level")) is not int or "time" not in entry:
            return False
        if not _BUNYAN.recognises(entry) or type(entry.get("src")) is dict:
            raise Unfit
        if any(type(entry.get(key)) in (str, int, float) for key in ("@timestamp", "timestamp", "log.level")):
            raise Unfit  # the time and the level that are recognised must be those that are taken
        if "v" in entry:
            version = self._left.pop("v")
            if type(version) is not int or version not in (0, 1):
                raise Unfit
            self.cells["v"] = Constant(version)
        named = type(entry.get("name")) is str
        if named:
            del self._left["name"]
        return named

    def _choose(self, keys: Iterable[str], kinds: tuple[type, ...], fits: Callable[[Any], bool]) -> str | None:
        """Take the first of the keys whose value fits; there may be none before it that another value might fit."""
        for key in keys:
            if type(self._left.get(key)) in kinds:
                if not fits(self._left[key]):
                    raise Unfit
                del self._left[key]
                return key
        return None

    def _level(self, key: str | None, entry: Entry) -> None:
        if key is not None:
            self.cells[key] = Level(entry[key], lowest=10 if key == "level" and "time" in entry else 0)
        elif any(type(self._left.get(each)) is str for each in common.PERHAPS_LEVEL):
            raise Unfit

    def _name(self, keys: Iterable[str]) -> str | None:
        key = self._choose(keys, (str,), common.is_text)
        if key is not None:
            self.cells[key] = Words(self._mark(str))
        return key

    def _number(self, keys: Iterable[str]) -> None:
        key = self._choose(keys, (int, str), lambda value: type(value) is int)
        if key is not None:
            self.cells[key] = plain(self._mark(int))

    def _context(self) -> set[str]:
        """Which fields were filled."""
        found = {name for name, keys in common.STRINGS.items() if self._name(keys) is not None}
        for keys in common.NUMBERS.values():
            self._number(keys)
        for keys in common.IDS.values():
            key = self._choose(keys, (str,), common.is_id)
            if key is not None:
                self.cells[key] = Text(self._mark(bytes), common.is_id)
        if not common.PLACED.isdisjoint(found) or "file" in self._left:
            self._number(("line",))
            self._name(("function",))
        return found

    def _place(self, entry: Entry, found: set[str]) -> None:
        """`caller` and its kin: the first that is a place, if none is known."""
        if type(entry.get("source")) is dict:
            raise Unfit
        if "log.origin.file.name" in found:
            return
        for key in common.PLACES:
            value = self._left.get(key)
            if type(value) is not str:
                continue
            if common.place_in(value) is not None:
                self.cells[key] = Place(self._mark(str), PLACE_LINE)
                return
            self.cells[key] = Text(self._mark(str), _is_no_place)

    def _rest(self) -> None:
        """Errors, and names that are kept twice."""
        for key in _OBJECTS & self._left.keys():
            kind = type(self._left[key])
            if kind is str and key in common.ERRORS and key not in common.STACKS and self._left[key]:
                self.cells[key] = Words(self._mark(str), one_line=True)
            elif kind in (str, list, dict):
                raise Unfit
        for key in _REPEATED:
            if type(self._left.get(key)) is str:
                if not self._left[key]:
                    raise Unfit
                self.cells[key] = Words(self._mark(str))


def _is_no_place(value: str) -> bool:
    return common.place_in(value) is None
