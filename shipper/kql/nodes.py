"""What a KQL text is parsed into: a small tree of frozen nodes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from shipper.errors import UsageError

_SHOWN = 80
"""Characters of a text that a message shows."""


class KqlError(UsageError):
    """A KQL text is wrong; `position` is the 0-based offset of the mistake in it."""

    def __init__(self, message: str, text: str, position: int, hint: str | None = None) -> None:
        shown = " ".join(text.split())
        shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
        super().__init__(message, where=f"column {position + 1} of `{shown}`", hint=hint)
        self.text = text
        self.position = position

    @property
    def pointed(self) -> str:
        """The line of the text with the mistake (a part of it, where it is long), and a caret below it."""
        position = min(self.position, len(self.text.rstrip()))  # the end is behind the last word, not on an empty line
        start = self.text.rfind("\n", 0, position) + 1
        line = self.text[start:].partition("\n")[0].replace("\t", " ")
        at = position - start
        cut = max(0, at - _SHOWN // 2)
        part = line[cut : cut + _SHOWN]
        before, after = "…" if cut else "", "…" if cut + _SHOWN < len(line) else ""
        return f"{before}{part}{after}\n{' ' * (at - cut + len(before))}^"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it was written; `quoted` makes it a phrase on text fields."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A value with `*`: the literal pieces between the stars, `a*b` = ("a", "b")."""

    parts: tuple[str, ...]


class Operator(StrEnum):
    """The four orders."""

    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


@dataclass(frozen=True, slots=True)
class Place:
    """Where a leaf stands, for messages."""

    text: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class All:
    """Every document: an empty text or a lone `*`."""


@dataclass(frozen=True, slots=True)
class Exists:
    """`field: *`: the document has at least one value there."""

    field: str
    place: Place = dataclasses.field(default=Place(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Equals:
    """`field: value`: any of the document's values matches."""

    field: str
    value: Literal | Pattern
    place: Place = dataclasses.field(default=Place(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """`field >= value`: any of the document's values stands in that order."""

    field: str
    operator: Operator
    value: Literal
    place: Place = dataclasses.field(default=Place(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The child does not match."""

    child: Node


@dataclass(frozen=True, slots=True)
class And:
    """All children match."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one child matches."""

    children: tuple[Node, ...]


Node: TypeAlias = All | Exists | Equals | Compare | Not | And | Or


def fields(node: Node) -> frozenset[str]:
    """The names of all fields the query asks about."""
    match node:
        case Exists() | Equals() | Compare():
            return frozenset({node.field})
        case Not():
            return fields(node.child)
        case And() | Or():
            return frozenset[str]().union(*(fields(child) for child in node.children))
        case All():
            return frozenset()
