"""Where Logstash's own parser gives up on a text: the farthest place that any of its rules could not read.

Its parser has no tokens: each rule tries characters in order, and an error is told where the one that came farthest
stopped. This is the language of `grammar.lark` once more in that manner; it makes no tree.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Rule = Callable[["_Reading", int], int]
    """(what is read, position) -> position behind, or -1."""

_NO = -1


def farthest(text: str) -> int | None:
    """The offset where the parser gives up; None for a text that it takes, or one nested too deeply to tell."""
    reading = _Reading(text)
    try:
        end = _rule("config")(reading, 0)
    except RecursionError:
        return None
    return None if end == len(text) else reading.farthest


class _Reading:
    """One text, how far any rule came, and the answers of the rules so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.farthest = 0
        self.known: dict[tuple[str, int], int] = {}

    def fails(self, at: int) -> int:
        self.farthest = max(self.farthest, at)
        return _NO


def _literal(expected: str) -> Rule:
    return lambda reading, at: at + len(expected) if reading.text.startswith(expected, at) else reading.fails(at)


def _character(pattern: str) -> Rule:
    match = re.compile(pattern).match
    return lambda reading, at: at + 1 if match(reading.text, at) else reading.fails(at)


def _sequence(*rules: Rule) -> Rule:
    def read(reading: _Reading, at: int) -> int:
        for rule in rules:
            at = rule(reading, at)
            if at == _NO:
                return _NO
        return at

    return read


def _first(*rules: Rule) -> Rule:
    def read(reading: _Reading, at: int) -> int:
        return next((end for rule in rules if (end := rule(reading, at)) != _NO), _NO)

    return read


def _repeated(rule: Rule, least: int = 0) -> Rule:
    def read(reading: _Reading, at: int) -> int:
        count = 0
        while (end := rule(reading, at)) not in (_NO, at):
            at = end
            count += 1
        return at if count >= least else _NO

    return read


def _optional(*rules: Rule) -> Rule:
    return _first(_sequence(*rules), lambda _, at: at)


def _rule(name: str) -> Rule:
    def read(reading: _Reading, at: int) -> int:
        key = name, at
        if key not in reading.known:
            reading.known[key] = _RULES[name](reading, at)
        return reading.known[key]

    return read


def _quoted(quote: str) -> Rule:
    mark, escaped = _literal(quote), _literal("\\" + quote)

    def character(reading: _Reading, at: int) -> int:
        end = escaped(reading, at)
        if end != _NO:
            return end
        if mark(reading, at) != _NO:
            return _NO
        return at + 1 if at < len(reading.text) else reading.fails(at)

    return _sequence(mark, _repeated(character), mark)


def _spaced(*rules: Rule) -> Rule:
    """The rules with blanks and comments between them."""
    return _sequence(rules[0], *(part for rule in rules[1:] for part in (_BLANKS, rule)))


def _listed(rule: Rule, opening: str, closing: str) -> Rule:
    items = _optional(rule, _repeated(_sequence(_BLANKS, _literal(","), _BLANKS, rule)))
    return _spaced(_literal(opening), items, _literal(closing))


def _any_of(*texts: str) -> Rule:
    return _first(*map(_literal, texts))


def _end_of_line(reading: _Reading, at: int) -> int:
    return at if at == len(reading.text) else _literal("\n")(reading, at)


_BLANKS = _rule("blanks")
_SPACE = _repeated(_character(r"[ \t\r\n]"), 1)
_COMMENT = _sequence(
    _optional(_SPACE), _literal("#"), _repeated(_character(r"[^\r\n]")), _optional(_literal("\r")), _end_of_line
)
_DIGIT = _character("[0-9]")
_VALUE, _OPERAND, _CONDITION, _STRING, _BAREWORD, _NUMBER, _REGEX, _SELECTOR = map(
    _rule, ("value", "operand", "condition", "string", "bareword", "number", "regex", "selector")
)
_BODY = _repeated(_sequence(_first(_rule("branch"), _rule("plugin")), _BLANKS))
_BLOCK = _sequence(_literal("{"), _BLANKS, _BODY, _literal("}"))
_GROUP = _spaced(_literal("("), _CONDITION, _literal(")"))
_ATTRIBUTE = _rule("attribute")

_RULES: dict[str, Rule] = {
    "config": _sequence(_repeated(_sequence(_BLANKS, _rule("section"))), _BLANKS),
    "blanks": _repeated(_first(_repeated(_COMMENT, 1), _SPACE)),
    "section": _spaced(_any_of("input", "filter", "output"), _BLOCK),
    "plugin": _spaced(
        _rule("name"),
        _literal("{"),
        _optional(_ATTRIBUTE, _repeated(_sequence(_SPACE, _BLANKS, _ATTRIBUTE))),
        _literal("}"),
    ),
    "name": _first(_repeated(_character("[A-Za-z0-9_-]"), 1), _STRING),
    "attribute": _spaced(_rule("name"), _literal("=>"), _VALUE),
    "value": _first(_rule("plugin"), _BAREWORD, _STRING, _NUMBER, _rule("array"), _rule("hash")),
    "bareword": _sequence(_character("[A-Za-z_]"), _repeated(_character("[A-Za-z0-9_]"), 1)),
    "string": _first(_quoted('"'), _quoted("'")),
    "regex": _quoted("/"),
    "number": _sequence(_optional(_literal("-")), _repeated(_DIGIT, 1), _optional(_literal("."), _repeated(_DIGIT))),
    "array": _listed(_VALUE, "[", "]"),
    "hash": _spaced(
        _literal("{"), _optional(_rule("entry"), _repeated(_sequence(_BLANKS, _rule("entry")))), _literal("}")
    ),
    "entry": _spaced(_first(_NUMBER, _BAREWORD, _STRING), _literal("=>"), _VALUE),
    "branch": _sequence(
        _spaced(_literal("if"), _CONDITION, _BLOCK),
        _repeated(_sequence(_BLANKS, _spaced(_literal("else"), _literal("if"), _CONDITION, _BLOCK))),
        _optional(_BLANKS, _spaced(_literal("else"), _BLOCK)),
    ),
    "condition": _sequence(
        _rule("expression"),
        _repeated(_sequence(_BLANKS, _any_of("and", "or", "xor", "nand"), _BLANKS, _rule("expression"))),
    ),
    "expression": _first(
        _GROUP,
        _spaced(_literal("!"), _GROUP),
        _spaced(_literal("!"), _SELECTOR),
        _spaced(_OPERAND, _literal("in"), _OPERAND),
        _spaced(_OPERAND, _literal("not "), _literal("in"), _OPERAND),
        _spaced(_OPERAND, _any_of("==", "!=", "<=", ">=", "<", ">"), _OPERAND),
        _spaced(_OPERAND, _any_of("=~", "!~"), _first(_STRING, _REGEX)),
        _OPERAND,
    ),
    "operand": _first(_STRING, _NUMBER, _SELECTOR, _rule("array"), _rule("method"), _REGEX),
    "method": _spaced(_BAREWORD, _listed(_OPERAND, "(", ")")),
    "selector": _repeated(_sequence(_literal("["), _repeated(_character(r"[^\]\[,]"), 1), _literal("]")), 1),
}
