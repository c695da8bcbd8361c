"""Text of a pipeline file -> `tree.Pipeline`.

The language is Logstash's, quirks included: `["x"]` in a condition is a field reference, a bareword has at least two
characters, plugins may be named like keywords. Errors stand where Logstash's own parser puts them.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import TYPE_CHECKING, Any, cast

import lark
from lark import Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from shipper.errors import ConfigError
from shipper.logstash_runner import tree
from shipper.logstash_runner.syntax import farthest
from shipper.logstash_runner.tree import Place

if TYPE_CHECKING:
    from lark.tree import Meta

_OPERATOR_RANK = {"or": 1, "and": 2}


class ConfigSyntaxError(ConfigError):
    """The text is no pipeline configuration."""


def parse(text: str, origin: str = "<config>") -> tree.Pipeline:
    """Parse a configuration; `origin` names it in every `Place`.

    Raises:
        ConfigSyntaxError: with line, column and byte as Logstash counts them.
    """
    at = farthest(text)
    try:
        parsed = _parser().parse(text)
    except UnexpectedInput as error:
        raise _problem(text, origin, _stop(text, error) if at is None else at, _expected(error)) from None
    if at is not None:  # tokens hide that words are too short or stand too close
        raise _problem(text, origin, at, "expected white space, or a word of two letters or more")
    try:
        return _Builder(text, origin).transform(parsed)
    except VisitError as error:
        if isinstance(error.orig_exc, ConfigSyntaxError):
            raise error.orig_exc from None
        raise


@functools.cache
def _parser() -> lark.Lark:
    text = resources.files("shipper.logstash_runner").joinpath("grammar.lark").read_text("utf-8")
    return lark.Lark(text, parser="lalr", propagate_positions=True)


def _stop(text: str, error: UnexpectedInput) -> int:
    at: int | None = getattr(error, "pos_in_stream", None)  # lark declares it as None and sets a number
    ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    return len(text) if at is None or ended else min(at, len(text))


def _terminals(error: UnexpectedInput) -> set[str]:
    if isinstance(error, UnexpectedCharacters):
        return set(error.allowed or ())
    return set(error.accepts or error.expected) if isinstance(error, UnexpectedToken) else set()


_SHOWN = {
    "$END": "the end", "SECTION": "input, filter or output", "NAME": "a name", "LBRACE": "{", "RBRACE": "}",
    "LSQB": "[", "RSQB": "]", "LPAR": "(", "RPAR": ")", "COMMA": ",", "STRING": "a string", "NUMBER": "a number",
    "COMPARED_NUMBER": "a number",
    "SELECTOR": "a [field]", "REGEX": "a /regex/", "LOGIC": "and, or, xor, nand", "COMPARE": "a comparison",
    "MATCH": "=~ or !~", "IN": "in", "NOT_IN": "not in", "NOT": "!", "IF": "if", "ELSE": "else", "METHOD": "",
}  # fmt: skip


def _expected(error: UnexpectedInput) -> str:
    names = {_SHOWN.get(name, "=>" if "ARROW" in name or "__ANON" in name else name) for name in _terminals(error)}
    return "expected " + " or ".join(sorted(names - {""}))


def _problem(text: str, origin: str, at: int, expected: str) -> ConfigSyntaxError:
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    seen = "the end of the file" if at >= len(text) else repr(text[at])
    return ConfigSyntaxError(
        f"{expected}, not {seen} at line {line}, column {column} (byte {at + 1})", where=f"{origin}:{line}:{column}"
    )


@v_args(meta=True)
class _Builder(Transformer[Token, tree.Pipeline]):
    """Parse tree -> syntax tree."""

    def __init__(self, text: str, origin: str) -> None:
        super().__init__()
        self._text = text
        self._origin = origin

    def _place(self, at: Meta | Token) -> Place:
        if getattr(at, "empty", False):
            return Place(self._origin)
        return Place(self._origin, cast("int", at.line), cast("int", at.column))

    def start(self, _: Meta, items: list[tree.Section]) -> tree.Pipeline:
        return tree.Pipeline(tuple(items))

    def section(self, meta: Meta, items: list[Any]) -> tree.Section:
        return tree.Section(str(items[0]), items[1], self._place(meta))

    def body(self, _: Meta, items: list[tree.Plugin | tree.If]) -> tree.Body:
        return tuple(items)

    def plugin(self, meta: Meta, items: list[Any]) -> tree.Plugin:
        return tree.Plugin(items[0], tuple(items[1:]), self._place(meta))

    def name(self, _: Meta, items: list[Token]) -> str:
        return _unquoted(items[0])

    def attribute(self, meta: Meta, items: list[Any]) -> tree.Attribute:
        return tree.Attribute(items[0], items[1], self._place(meta))

    def bareword(self, _: Meta, items: list[Token]) -> tree.Text:
        return tree.Text(str(items[0]), self._place(items[0]))

    def string(self, _: Meta, items: list[Token]) -> tree.Text:
        return tree.Text(_unquoted(items[0]), self._place(items[0]))

    def number(self, _: Meta, items: list[Token]) -> tree.Number:
        text, place = str(items[0]), self._place(items[0])
        if "." in text:
            return tree.Number(float(text), place)
        digits = text.lstrip("-")
        if len(digits) == 1 or not digits.startswith("0"):
            return tree.Number(int(text), place)
        if set(digits) & set("89"):
            raise ConfigSyntaxError(f'invalid value for Integer(): "{text}" (a leading 0 is octal)', where=str(place))
        return tree.Number(int(text, 8), place)

    def array(self, meta: Meta, items: list[Any]) -> tree.Array:
        return tree.Array(tuple(item for item in items if item is not None), self._place(meta))

    def hash(self, meta: Meta, items: list[tree.Entry]) -> tree.Hash:
        keys = [entry.key for entry in items]
        twice = sorted({key for key in keys if keys.count(key) > 1}, key=keys.index)
        if twice:
            at = meta.start_pos
            line = self._text.count("\n", 0, at) + 1
            column = at - (self._text.rfind("\n", 0, at) + 1) + 1
            listed = ", ".join(f'"{key}"' for key in twice)
            raise ConfigSyntaxError(
                f"Duplicate keys found in your configuration: [{listed}]\n"
                f"At line: {line}, column {column} (byte {at + 1})",
                where=f"{self._origin}:{line}:{column}",
                hint="keep one of them",
            )
        return tree.Hash(tuple(items), self._place(meta))

    def entry(self, meta: Meta, items: list[Any]) -> tree.Entry:
        return tree.Entry(items[0], items[1], self._place(meta))

    def key(self, _: Meta, items: list[Token]) -> str:
        return _unquoted(items[0])

    def branch(self, meta: Meta, items: list[Any]) -> tree.If:
        *branches, otherwise = items
        return tree.If(tuple(branches), otherwise, self._place(meta))

    def first(self, meta: Meta, items: list[Any]) -> tree.Branch:
        return tree.Branch(items[1], items[2], self._place(meta))

    def other(self, meta: Meta, items: list[Any]) -> tree.Branch:
        return tree.Branch(items[2], items[3], self._place(meta))

    def last(self, _: Meta, items: list[Any]) -> tree.Body:
        return cast("tree.Body", items[1])

    def condition(self, meta: Meta, items: list[Any]) -> tree.Condition:
        place = self._place(meta)
        operators = [str(item) for item in items[1::2]]
        odd = next((name for name in operators if name not in _OPERATOR_RANK), None)
        if len(operators) > 1 and odd is not None:
            raise ConfigSyntaxError(
                f"Unexpected operator `{odd}` beside another operator", where=str(place), hint="add parentheses"
            )
        return _joined(items[0::2], operators, place)

    def group(self, _: Meta, items: list[Any]) -> tree.Condition:
        return cast("tree.Condition", items[0])

    def not_group(self, meta: Meta, items: list[Any]) -> tree.Not:
        return tree.Not(items[1], self._place(meta))

    def not_field(self, meta: Meta, items: list[Token]) -> tree.Not:
        place = self._place(meta)
        return tree.Not(tree.Truth(tree.Field(str(items[1]), self._place(items[1])), place), place)

    def inside(self, meta: Meta, items: list[Any]) -> tree.Membership:
        return tree.Membership(items[0], items[2], self._place(meta))

    def outside(self, meta: Meta, items: list[Any]) -> tree.Not:
        place = self._place(meta)
        return tree.Not(tree.Membership(items[0], items[2], place), place)

    def compare(self, meta: Meta, items: list[Any]) -> tree.Comparison:
        return tree.Comparison(str(items[1]), items[0], items[2], self._place(meta))

    def match(self, meta: Meta, items: list[Any]) -> tree.Match | tree.Not:
        place = self._place(meta)
        found = tree.Match(items[0], items[2], place)
        return found if str(items[1]) == "=~" else tree.Not(found, place)

    def truth(self, meta: Meta, items: list[Any]) -> tree.Truth:
        return tree.Truth(items[0], self._place(meta))

    def selector(self, _: Meta, items: list[Token]) -> tree.Field:
        return tree.Field(str(items[0]), self._place(items[0]))

    def regex(self, _: Meta, items: list[Token]) -> tree.Regex:
        return tree.Regex(str(items[0])[1:-1].replace("\\/", "/"), self._place(items[0]))

    def method(self, meta: Meta, items: list[Any]) -> tree.Operand:
        raise ConfigSyntaxError(f"there is no method `{items[0]}`", where=str(self._place(meta)))


def _joined(conditions: list[tree.Condition], operators: list[str], place: Place) -> tree.Condition:
    """Logstash's own order: a tighter operator is closed before a looser one, but only the last one.

    `a or b and c` is `a or (b and c)`, but `a and b and c or d` is `a and ((b and c) or d)`.
    """
    operands = [conditions[0]]
    waiting: list[str] = []

    def close(operator: str) -> None:
        right, left = operands.pop(), operands.pop()
        operands.append(tree.Logic(operator, left, right, place))

    for operator, condition in zip(operators, conditions[1:], strict=True):
        if waiting and _OPERATOR_RANK[waiting[-1]] > _OPERATOR_RANK[operator]:
            close(waiting.pop())
        waiting.append(operator)
        operands.append(condition)
    while waiting:
        close(waiting.pop())
    return operands[0]


def _unquoted(token: Token) -> str:
    return str(token)[1:-1] if token.type == "STRING" else str(token)
