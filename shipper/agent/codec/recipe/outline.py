"""What lines alike have in common: names in their order and types, nested objects included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shipper.agent.codec.structured.base import Entry

_DEEPEST = 4


Outline: TypeAlias = "tuple[tuple[str, ...], tuple[type, ...], tuple[Outline, ...]]"
"""Names and types of the members of one object, and the outlines of its objects, in their order."""


def outline(entry: Entry, depth: int = 1) -> Outline | None:
    """The outline of a decoded line; None where it is too deep to be worth it."""
    kinds = tuple(map(type, entry.values()))
    if dict not in kinds:
        return tuple(entry), kinds, ()
    if depth == _DEEPEST:
        return None
    inner: list[Outline] = []
    for value in entry.values():
        if type(value) is dict:
            below = outline(value, depth + 1)
            if below is None:
                return None
            inner.append(below)
    return tuple(entry), kinds, tuple(inner)


def columns(form: Outline, entries: Sequence[Entry]) -> list[tuple[Any, ...]]:
    """The values of lines of one outline, leaf by leaf in `paths` order; at least one line."""
    _, kinds, objects = form
    result: list[tuple[Any, ...]] = []
    inner = iter(objects)
    for kind, column in zip(kinds, zip(*map(dict.values, entries), strict=True), strict=True):
        if kind is dict:
            result += columns(next(inner), column)
        else:
            result.append(column)
    return result


def paths(form: Outline, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The names down to each leaf."""
    names, kinds, objects = form
    inner = iter(objects)
    for name, kind in zip(names, kinds, strict=True):
        if kind is dict:
            yield from paths(next(inner), (*above, name))
        else:
            yield *above, name


def filled(form: Outline, values: Iterator[Any]) -> Entry:
    """A line of the outline with these leaves."""
    names, kinds, objects = form
    inner = iter(objects)
    return {
        name: filled(next(inner), values) if kind is dict else next(values)
        for name, kind in zip(names, kinds, strict=True)
    }
