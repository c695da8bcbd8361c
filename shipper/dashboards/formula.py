"""Lens formulas, our documented subset: text -> tree with positions.

expression := term (("+" | "-") term)*       term := factor (("*" | "/") factor)*
factor     := number | "-" factor | "(" expression ")" | name "(" arguments ")"
arguments  := fields or expressions, then name=value (a number or a quoted text)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

METRICS = frozenset(
    {"count", "unique_count", "average", "sum", "min", "max", "median", "percentile", "last_value",
     "standard_deviation"}
)  # fmt: skip
"""Functions that Elasticsearch answers; their first argument is a field."""

TABLE_FUNCTIONS = frozenset({"moving_average", "cumulative_sum", "differences", "overall_sum"})
"""Functions that Kibana computes on the rows; their first argument is an expression."""

MATH: Mapping[str, tuple[int, int]] = {
    "add": (2, 2), "subtract": (2, 2), "multiply": (2, 2), "divide": (2, 2), "abs": (1, 1), "round": (1, 2),
    "sqrt": (1, 1), "pick_max": (2, 9), "pick_min": (2, 9), "defaults": (2, 2), "clamp": (3, 3),
}  # fmt: skip
"""Functions of numbers -> least and most arguments."""

OPERATORS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_@][\w.@-]*)|(?P<text>'(?:[^'\\]|\\.)*')|(?P<mark>[-+*/(),=]))"
)


class FormulaError(UsageError):
    """A formula is wrong; `position` is the 0-based offset of the mistake in it."""

    def __init__(self, message: str, text: str, position: int, hint: str | None = None) -> None:
        super().__init__(message, where=f"column {position + 1} of `{text}`", hint=hint)
        self.position = position


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Metric:
    """`percentile(event.duration, percentile=95, kql='…')`; `field` is empty for `count()`."""

    name: str
    field: str
    options: Mapping[str, float | str]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function of expressions, an operator included (`add`, …)."""

    name: str
    arguments: tuple[Expression, ...]
    options: Mapping[str, float | str]
    start: int
    end: int


Expression = Number | Metric | Call


def parse(text: str) -> Expression:
    """Read a formula.

    Raises:
        FormulaError: not in the subset above, with the place.
    """
    return _Parser(text).whole()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split()
        self._at = 0

    def whole(self) -> Expression:
        found = self._sum()
        if self._now.kind != "end":
            raise self._error("expected an operator or the end")
        return found

    def _split(self) -> list[_Token]:
        tokens, at, end = [], 0, len(self._text.rstrip())
        while at < end:
            match = _TOKEN.match(self._text, at)
            if match is None:
                at += len(self._text[at:]) - len(self._text[at:].lstrip())
                raise FormulaError("this character has no place here", self._text, at, "quote KQL as kql='…'")
            kind = str(match.lastgroup)
            tokens.append(_Token(kind, match.group(kind), match.start(kind), match.end()))
            at = match.end()
        return [*tokens, _Token("end", "", end, end)]

    @property
    def _now(self) -> _Token:
        return self._tokens[self._at]

    def _error(self, message: str, token: _Token | None = None, hint: str | None = None) -> FormulaError:
        return FormulaError(message, self._text, (token or self._now).start, hint)

    def _take(self) -> _Token:
        token = self._now
        self._at += 1
        return token

    def _expect(self, mark: str) -> _Token:
        if self._now.text != mark or self._now.kind != "mark":
            raise self._error(f"expected `{mark}`")
        return self._take()

    def _is(self, *marks: str) -> bool:
        return self._now.kind == "mark" and self._now.text in marks

    def _sum(self) -> Expression:
        left = self._product()
        while self._is("+", "-"):
            left = self._binary(left, self._take(), self._product())
        return left

    def _product(self) -> Expression:
        left = self._factor()
        while self._is("*", "/"):
            left = self._binary(left, self._take(), self._factor())
        return left

    def _binary(self, left: Expression, operator: _Token, right: Expression) -> Expression:
        return Call(OPERATORS[operator.text], (left, right), {}, left.start, right.end)

    def _factor(self) -> Expression:
        token = self._take()
        if token.kind == "number":
            return Number(float(token.text), token.start, token.end)
        if token.kind == "mark" and token.text == "-":
            inner = self._factor()
            return Call("multiply", (Number(-1.0, token.start, token.end), inner), {}, token.start, inner.end)
        if token.kind == "mark" and token.text == "(":
            inner = self._sum()
            self._expect(")")
            return inner
        if token.kind == "name":
            return self._call(token)
        self._at -= 1
        raise self._error("expected a number, a function or `(`")

    def _call(self, name: _Token) -> Expression:
        if name.text in METRICS:
            return self._metric(name)
        if name.text not in TABLE_FUNCTIONS and name.text not in MATH:
            known = ", ".join(sorted(METRICS | TABLE_FUNCTIONS | set(MATH)))
            raise self._error(f"unknown function `{name.text}`", name, f"one of: {known}")
        self._expect("(")
        arguments = [self._sum()]
        options: dict[str, float | str] = {}
        while self._is(","):
            self._take()
            if self._is_option():
                self._option(options)
            else:
                arguments.append(self._sum())
        end = self._expect(")").end
        self._check_count(name, len(arguments), options)
        return Call(name.text, tuple(arguments), options, name.start, end)

    def _check_count(self, name: _Token, count: int, options: Mapping[str, float | str]) -> None:
        least, most = MATH.get(name.text, (1, 1))
        if not least <= count <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise self._error(f"`{name.text}` takes {wanted} arguments, not {count}", name)
        allowed = {"window"} if name.text == "moving_average" else set()
        for option in options:
            if option not in allowed:
                raise self._error(f"`{name.text}` has no option `{option}` here", name)

    def _metric(self, name: _Token) -> Metric:
        self._expect("(")
        field, options = "", dict[str, float | str]()
        if self._now.kind == "name" and not self._is_option():
            field = self._take().text
            if self._is(","):
                self._take()
                self._option(options)
        elif self._is_option():
            self._option(options)
        while self._is(","):
            self._take()
            self._option(options)
        end = self._expect(")").end
        if not field and name.text != "count":
            raise self._error(f"`{name.text}` needs a field", name)
        allowed = {"kql", *({"percentile"} if name.text == "percentile" else ())}
        for option in options:
            if option not in allowed:
                raise self._error(f"`{name.text}` has no option `{option}` here", name)
        return Metric(name.text, field, options, name.start, end)

    def _is_option(self) -> bool:
        following = self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        return self._now.kind == "name" and following.text == "=" and following.kind == "mark"

    def _option(self, options: dict[str, float | str]) -> None:
        if not self._is_option():
            raise self._error("expected name=value")
        name = self._take()
        self._take()
        value = self._take()
        if value.kind == "number":
            options[name.text] = float(value.text)
        elif value.kind == "text":
            options[name.text] = re.sub(r"\\(.)", r"\1", value.text[1:-1])
        else:
            self._at -= 1
            raise self._error("expected a number or a text in single quotes")
