"""The syntax tree of a pipeline file. Every node knows where it stands.

A `condition` is a Comparison, Membership, Match, Not, Logic or Truth; its operands are literals and Fields.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, Union

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node begins; line and column count from 1."""

    origin: str = "<config>"
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.origin}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted string or a bareword; no escapes are processed (`config.support_escapes: false`)."""

    value: str
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Number:
    """An int without a dot, a float with one."""

    value: int | float
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Array:
    """`[value, …]`."""

    items: tuple[Value, ...]
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """`key => value` inside a hash; a key is always text."""

    key: str
    value: Value
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Hash:
    """`{ key => value … }` in the order written; no key stands twice."""

    entries: tuple[Entry, ...]
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Regex:
    """`/pattern/`, the slashes removed, escaped ones unescaped."""

    pattern: str
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Field:
    """A field reference in a condition: `[a][b]`, as written."""

    reference: str
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Attribute:
    """`option => value` of a plugin."""

    name: str
    value: Value
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Plugin:
    """`name { option => value … }`: in a section, or as a value (a codec)."""

    name: str
    attributes: tuple[Attribute, ...]
    place: Place = field(default=Place(), compare=False)

    def attribute(self, name: str) -> Attribute | None:
        """The first attribute of that name."""
        return next((item for item in self.attributes if item.name == name), None)


Value: TypeAlias = Union[Text, Number, Array, Hash, Plugin]  # noqa: UP007 - forward names inside dataclasses
Operand: TypeAlias = Union[Text, Number, Array, Field, Regex]  # noqa: UP007 - as above


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator right`; the operator is one of == != < > <= >=."""

    operator: str
    left: Operand
    right: Operand
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Membership:
    """`item in container`."""

    item: Operand
    container: Operand
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Match:
    """`left =~ pattern`; the pattern is a Regex or a Text."""

    left: Operand
    pattern: Regex | Text
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Truth:
    """An operand alone."""

    operand: Operand
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """`! condition`, also made of `!~` and `not in`."""

    inner: Condition
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Logic:
    """`left operator right`; the operator is and, or, xor or nand."""

    operator: str
    left: Condition
    right: Condition
    place: Place = field(default=Place(), compare=False)


Condition: TypeAlias = Union[Comparison, Membership, Match, Truth, Not, Logic]  # noqa: UP007 - as above


@dataclass(frozen=True, slots=True)
class Branch:
    """`if condition { body }`, or an `else if`."""

    condition: Condition
    body: Body
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class If:
    """A chain of branches; `otherwise` is None where there is no `else`."""

    branches: tuple[Branch, ...]
    otherwise: Body | None = None
    place: Place = field(default=Place(), compare=False)


Body: TypeAlias = tuple[Union[Plugin, If], ...]  # noqa: UP007 - as above


@dataclass(frozen=True, slots=True)
class Section:
    """`input`, `filter` or `output` with its body."""

    kind: str
    body: Body
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A whole configuration."""

    sections: tuple[Section, ...]

    def section(self, kind: str) -> Section:
        """All sections of one kind as one, in order; empty if there is none."""
        bodies = [section for section in self.sections if section.kind == kind]
        place = bodies[0].place if bodies else Place()
        return Section(kind, tuple(item for section in bodies for item in section.body), place)


def plugins(body: Body) -> Iterator[Plugin]:
    """Every plugin of a body, those inside branches too, in order."""
    for item in body:
        if isinstance(item, Plugin):
            yield item
            continue
        for branch in item.branches:
            yield from plugins(branch.body)
        yield from plugins(item.otherwise or ())
