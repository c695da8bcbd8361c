"""Runs of JSON lines of known outlines; recipes are learned of outlines that come again, in bounded room and time."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import orjson

from shipper.agent.codec.base import Sheet
from shipper.agent.codec.recipe.compile import Conditions, compile_recipe
from shipper.agent.codec.recipe.outline import outline

if TYPE_CHECKING:
    from shipper.agent.codec.recipe.compile import Recipe
    from shipper.agent.codec.recipe.outline import Outline
    from shipper.agent.codec.structured.base import Entry

_MAX_RECIPES = 128
_MAX_SEEN = 1024
"""Hashes of outlines that were seen once."""
_MAX_LESSON = 8 << 10
"""Bytes of a line that may be learned from."""
_CREDIT = 16
_LESSON = 128
"""Lines for each further recipe after the first ones: learning costs as much as some of them."""
_NEAR, _FAR = 4 << 10, 64 << 10
"""Bytes that are looked at at once: little where lines differ, more where they do not."""
_MOST_MISSES = 32
"""Lines in a row without a recipe after which as many are passed over."""


class Piece(NamedTuple):
    """Consecutive lines.

    Attributes:
        lengths: bytes of each with its newline.
        times: `@timestamp` of each.
        sheet: their documents; None for one line that must take the ordinary way.
    """

    lengths: list[int]
    times: list[str]
    sheet: Sheet | None
    counts: dict[str, int]


class Book:
    """The recipes of all sources for which the conditions agree."""

    def __init__(self, conditions: Conditions) -> None:
        self._conditions = conditions
        self._recipes: dict[Outline, Recipe | None] = {}
        self._seen: set[int] = set()
        self._credit = float(_CREDIT)

    @property
    def size(self) -> int:
        """How many outlines it knows a recipe of, or that there is none."""
        return len(self._recipes)

    def served(self, lines: int) -> None:
        """Lines that went by: they pay for lessons."""
        self._credit = min(_CREDIT, self._credit + lines / _LESSON)

    def recipe(self, form: Outline, entry: Entry, size: int) -> Recipe | None:
        """The recipe for the outline of a line of `size` bytes; made when the outline comes for the second time."""
        if form in self._recipes:
            return self._recipes[form]
        known = hash(form)
        if known not in self._seen:
            if len(self._seen) >= _MAX_SEEN:
                self._seen.clear()
            self._seen.add(known)
            return None
        if self._credit < 1 or size > _MAX_LESSON:
            return None
        self._credit -= 1
        recipe = compile_recipe(form, entry, self._conditions)
        if len(self._recipes) >= _MAX_RECIPES:
            del self._recipes[next(iter(self._recipes))]
        self._recipes[form] = recipe
        return recipe


@lru_cache(maxsize=16)
def book_of(conditions: Conditions) -> Book:
    """One for all sources of equal conditions."""
    return Book(conditions)


class RecipePath:
    """One per decoder.

    Attributes:
        conditions: of all documents.
    """

    __slots__ = ("_book", "_misses", "_passes", "_reach", "conditions")

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self._book = book_of(conditions)
        self._reach = _NEAR
        self._misses = 0
        self._passes = 0

    def run(self, block: bytes, begin: int, limit: int) -> list[Piece]:
        """The lines that begin at `begin`, in valid UTF-8, up to the first without a recipe.

        None where that is it, and for some lines after many such: there a look costs more than it saves.
        """
        if self._passes:
            self._passes -= 1
            self._book.served(1)
            return []
        lines = block[begin : begin + self._reach].split(b"\n")
        lines.pop()
        entries: list[Entry] = []
        recipes: list[Recipe] = []
        last: Outline | None = None
        recipe: Recipe | None = None
        for line in lines:
            entry = _entry(line) if len(line) <= limit else None
            form = None if entry is None else outline(entry)
            if entry is None or form is None:
                break
            if form != last:
                recipe = self._book.recipe(form, entry, len(line))
                last = form
            if recipe is None:
                break
            entries.append(entry)
            recipes.append(recipe)
        whole = len(entries) == len(lines)
        self._reach = min(_FAR, 4 * self._reach) if whole else _NEAR
        self._misses = 0 if entries or whole else min(self._misses + 1, _MOST_MISSES)
        if not whole:  # the line that ended the run is known to have none
            self._passes = 1 if entries else self._misses - 1
        self._book.served(len(entries))
        return _pieces(lines, entries, recipes) if entries else []


def _entry(line: bytes) -> Entry | None:
    if line[:1] != b"{":
        return None
    try:
        entry = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return entry or None


def _pieces(lines: list[bytes], entries: list[Entry], recipes: list[Recipe]) -> list[Piece]:
    made: list[tuple[str, bytes] | None] = [None] * len(entries)
    for recipe in dict.fromkeys(recipes):
        mine = [place for place, other in enumerate(recipes) if other is recipe]
        for place, document in zip(mine, recipe.documents([entries[place] for place in mine]), strict=True):
            made[place] = document
    pieces: list[Piece] = []
    begin = 0
    while begin < len(made):
        recipe = recipes[begin]
        if made[begin] is None:
            pieces.append(Piece([len(lines[begin]) + 1], [], None, {}))
            begin += 1
            continue
        end = begin + 1
        while end < len(made) and made[end] is not None and recipes[end] is recipe:
            end += 1
        documents = [document for document in made[begin:end] if document is not None]
        times = [time for time, _ in documents]
        sheet = Sheet([text for _, text in documents], recipe.layout)
        counts = {name: count * len(times) for name, count in recipe.counts.items()}
        pieces.append(Piece([len(line) + 1 for line in lines[begin:end]], times, sheet, counts))
        begin = end
    return pieces
