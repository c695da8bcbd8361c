"""KQL text -> nodes, by recursive descent; every refusal names its column and the way out.

The subset: `field: value`, `field: "phrase"`, `field: pre*fix`, `field: *`, `field: (a or b)`, `field >= value`,
`and` / `or` / `not`, parentheses. Not in it, and refused: free text without a field, wildcards in field names, nested
`field: { ... }`, relative dates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.kql.nodes import (
    All,
    And,
    Compare,
    Equals,
    Exists,
    KqlError,
    Literal,
    Node,
    Not,
    Operator,
    Or,
    Pattern,
    Place,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH = 60
"""Parentheses and `not` inside each other; deeper texts are refused rather than overflow the stack."""

_SPACE = re.compile(r"\s*")
_OPERATOR = re.compile(r"<=|>=|<|>|:")
_KEYWORD = re.compile(r"(and|or|not)(?=$|[\s()\":<>{}])", re.IGNORECASE)
_SPECIAL = '\\():<>"*{}'
_ESCAPES = {"t": "\t", "r": "\r", "n": "\n"}


def parse(text: str) -> Node:
    """The tree of a KQL text.

    Raises:
        KqlError: the text is not in the subset.
    """
    parser = _Parser(text)
    if parser.at_end():
        return All()
    node = parser.disjunction(0)
    if not parser.at_end():
        raise parser.error("expected `and`, `or` or the end", "quote values that contain special characters")
    return node


@dataclass(frozen=True, slots=True)
class _Word:
    """A scanned value: pieces between unescaped stars, and where it began."""

    parts: tuple[str, ...]
    quoted: bool
    position: int

    def value(self) -> Literal | Pattern:
        return Literal(self.parts[0], self.quoted) if len(self.parts) == 1 else Pattern(self.parts)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def error(self, message: str, hint: str | None = None, position: int | None = None) -> KqlError:
        return KqlError(message, self._text, self._at if position is None else position, hint)

    def at_end(self) -> bool:
        self._skip()
        return self._at >= len(self._text)

    def disjunction(self, depth: int) -> Node:
        return self._joined("or", lambda: self._joined("and", lambda: self._negation(depth), And), Or)

    def _joined(self, keyword: str, child: Callable[[], Node], kind: type[And | Or]) -> Node:
        children = [child()]
        while self._keyword(keyword):
            children.append(child())
        return children[0] if len(children) == 1 else kind(tuple(children))

    def _negation(self, depth: int) -> Node:
        self._bound(depth)
        if self._keyword("not"):
            return Not(self._negation(depth + 1))
        if self._take("("):
            node = self.disjunction(depth + 1)
            self._close()
            return node
        return self._expression(depth)

    def _expression(self, depth: int) -> Node:
        name = self._word("a field name")
        if name.parts == ("", "") and not self._operator_ahead():
            return All()
        if not self._operator_ahead():
            raise self.error(
                f"`{'*'.join(name.parts)}` has no field",
                'write `message: "…"`; free text without a field is not supported',
                name.position,
            )
        operator = self._operator()
        if name.parts == ("", "") and operator == ":" and self._take("*"):
            return All()
        if len(name.parts) != 1 or not name.parts[0]:
            raise self.error(
                "a field name must be written out, without `*`", "name each field, joined by `or`", name.position
            )
        if " " in name.parts[0]:
            raise self.error("a field name has no spaces", "join conditions by `and` or `or`", name.position)
        place = Place(self._text, name.position)
        if operator == ":":
            return self._values(name.parts[0], place, depth)
        word = self._word("a value")
        if len(word.parts) != 1:
            raise self.error("an order cannot compare with a wildcard", "write one value", word.position)
        return Compare(name.parts[0], Operator(operator), Literal(word.parts[0], word.quoted), place)

    def _values(self, field: str, place: Place, depth: int) -> Node:
        self._skip()
        if self._text[self._at : self._at + 1] == "{":
            raise self.error("nested queries `field: { … }` are not supported", "name the full path of each field")
        if not self._take("("):
            return self._value(field, place)
        node = self._value_disjunction(field, place, depth + 1)
        self._close()
        return node

    def _value_disjunction(self, field: str, place: Place, depth: int) -> Node:
        def negation() -> Node:
            return self._value_negation(field, place, depth)

        return self._joined("or", lambda: self._joined("and", negation, And), Or)

    def _value_negation(self, field: str, place: Place, depth: int) -> Node:
        self._bound(depth)
        if self._keyword("not"):
            return Not(self._value_negation(field, place, depth + 1))
        if self._take("("):
            node = self._value_disjunction(field, place, depth + 1)
            self._close()
            return node
        return self._value(field, place)

    def _value(self, field: str, place: Place) -> Node:
        word = self._word("a value")
        if len(word.parts) > 1 and not any(word.parts):
            return Exists(field, place)
        return Equals(field, word.value(), Place(place.text, word.position))

    def _word(self, wanted: str) -> _Word:
        self._skip()
        start = self._at
        if self._at >= len(self._text):
            raise self.error(f"expected {wanted}, found the end")
        if self._take('"'):
            return _Word((self._quoted(start),), quoted=True, position=start)
        if _KEYWORD.match(self._text, self._at):
            raise self.error(f"expected {wanted}, found a keyword", 'quote it: "and", "or", "not"')
        parts = self._unquoted()
        if parts == ("",):
            raise self.error(
                f"expected {wanted}, found `{self._text[self._at]}`", "quote text that contains special characters"
            )
        return _Word(parts, quoted=False, position=start)

    def _quoted(self, start: int) -> str:
        out: list[str] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            self._at += 1
            if character == '"':
                return "".join(out)
            out.append(self._escape('\\"') if character == "\\" else character)
        raise self.error("a quote is never closed", 'end it with `"`', start)

    def _unquoted(self) -> tuple[str, ...]:
        parts, piece, trailing = [], "", ""  # spaces inside a value count, at its end they do not
        while self._at < len(self._text):
            character = self._text[self._at]
            if character.isspace():
                trailing += character
                self._at += 1
                if _KEYWORD.match(self._text, self._at):
                    break
                continue
            if character in _SPECIAL and character not in "\\*":
                break
            piece, trailing = piece + trailing, ""
            self._at += 1
            if character == "*":
                parts.append(piece)
                piece = ""
            else:
                piece += self._escape(_SPECIAL) if character == "\\" else character
        return (*parts, piece)

    def _escape(self, allowed: str) -> str:
        """The character behind a backslash; the position stands just after it."""
        rest = self._text[self._at :]
        if rest[:1] and rest[0] in allowed:
            self._at += 1
            return rest[0]
        if rest[:1] in _ESCAPES and not _KEYWORD.match(rest):
            self._at += 1
            return _ESCAPES[rest[0]]
        keyword = _KEYWORD.match(rest)
        if keyword:
            self._at += keyword.end()
            return keyword.group()
        code = re.match(r"u([0-9a-fA-F]{4})", rest)
        if code:
            self._at += 5
            return chr(int(code.group(1), 16))
        raise self.error("a backslash with nothing to escape", r"write `\\` for one backslash", self._at - 1)

    def _operator_ahead(self) -> bool:
        self._skip()
        return _OPERATOR.match(self._text, self._at) is not None

    def _operator(self) -> str:
        match = _OPERATOR.match(self._text, self._at)
        assert match is not None
        self._at = match.end()
        return match.group()

    def _keyword(self, word: str) -> bool:
        self._skip()
        match = _KEYWORD.match(self._text, self._at)
        if match is None or match.group().lower() != word:
            return False
        self._at = match.end()
        return True

    def _take(self, character: str) -> bool:
        self._skip()
        if not self._text.startswith(character, self._at):
            return False
        self._at += 1
        return True

    def _close(self) -> None:
        if not self._take(")"):
            raise self.error("a parenthesis is not closed here", "write `)`, or `and` / `or` before the next condition")

    def _bound(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise self.error(f"nested deeper than {MAX_DEPTH}", "split the query")

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._at)
        assert match is not None
        self._at = match.end()
