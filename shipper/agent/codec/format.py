"""What a format is: one line of text in, fields out."""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar

SLIPS = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError)
"""What a line that nobody thought of may raise in the code for its format: it costs a record its fields, no more."""

Fields = dict[str, Any]
"""What a format found: dotted ECS names, and names of the log's own (custom keys), to values.

`@timestamp` holds a `Stamp`, an epoch number or ISO text; `log.level` the word or number as written. Types, names
and clashes are the normaliser's affair.
"""


class EcsFields(Fields):
    """Fields of a record that is ECS already: its custom names at the root stay where they are."""


class SeveralFields(Fields):
    """One line that holds several records."""

    def __init__(self, records: list[Fields]) -> None:
        super().__init__()
        self.records = records


class LineFields(Fields):
    """A record that is one line, though others of its format have more: a request among a framework's log lines."""


class Preamble(Fields):
    """What a line says about the lines to come (W3C's `#Fields:`): no record; the format has put it into its memory."""


Memory = dict[str, Any]
"""What a format remembers of its source from line to line (W3C column names, …): JSON values; it survives restarts."""


class Continuation(Enum):
    """Which lines without a head of their own belong to the record before them."""

    NONE = "none"
    """A record is a line. (A stack trace after it is a record of its own.)"""
    TRACE = "trace"
    """The lines of a stack trace."""
    INDENTED = "indented"
    """Indented lines and stack traces."""
    ANY = "any"
    """Every line up to the next head."""


class TextFormat:
    """One layout. Subclass it, say what a head looks like, put one instance into the registry.

    Attributes:
        name: what `codec:` calls it.
        continuation: which lines follow a head.
        first: the characters with which a head can begin; empty means any.
        weak: its heads are easily mistaken: it is tried last and never interrupts a record of another format.
    """

    name: ClassVar[str]
    continuation: ClassVar[Continuation] = Continuation.NONE
    first: ClassVar[str] = ""
    weak: ClassVar[bool] = False

    def parse(self, line: str, memory: Memory) -> Fields | None:
        """The fields of a record that begins with `line`; None where no record of this format begins so.

        `message` is the text that is left for people. Never raises for any text; takes time linear in its length.
        """
        raise NotImplementedError

    def interrupts(self, line: str, memory: Memory) -> Fields | None:
        """As `parse`, where `line` stands among the lines of another format's record: only if it is surely a head."""
        return None if self.weak else self.parse(line, memory)

    def absorbs(self, lines: list[str], line: str) -> bool:  # noqa: ARG002 - for subclasses
        """Does `line` belong to the open record `lines`, though it looks like a head or like nothing?

        Asked first, and not at all where `continuation` is NONE.
        """
        return False

    def complete(self, fields: Fields, more: list[str]) -> None:
        """Take the lines that followed the head; unless told otherwise they are part of the message."""
        head = fields.get("message", "")
        fields["message"] = "\n".join([head, *more] if head else more)
