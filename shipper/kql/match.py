"""Nodes -> a test on plain documents, with the answers Elasticsearch gives."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from shipper.kql.dsl import boolean_literal, check, date_bound
from shipper.kql.lens import DOCUMENT, Lens
from shipper.kql.nodes import All, And, Compare, Equals, Exists, Literal, Node, Not, Operator, Or, Pattern, fields
from shipper.kql.text import has_phrase, tokens
from shipper.kql.values import (
    Family,
    converter,
    date_interval,
    decimal_value,
    family,
    ip_interval,
    ip_value,
    keyword_value,
    number_literal,
    single_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shipper.event import Document
    from shipper.kql.lens import Values
    from shipper.kql.values import FieldTypes

    Test = Callable[[Any], bool]
    Matcher = Callable[[Document], bool]
    Sieve = Callable[[Values], bool]

MEMO = 4096
"""Texts whose answer one leaf remembers: most fields have few different values."""
_NONE: tuple[Any, ...] = ()
_ORDERS: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
}


def matches(node: Node, document: Document, types: FieldTypes | None = None) -> bool:
    """Does the document match? For many documents make a `matcher` once.

    Raises:
        KqlError: a value or an operator does not suit its field's type.
    """
    return matcher(node, types or {})(document)


def matcher(node: Node, types: FieldTypes) -> Matcher:
    """A function document -> bool.

    Raises:
        KqlError: a value or an operator does not suit its field's type.
    """
    test, read = sieve(node, types), Lens(fields(node)).read
    return lambda document: test(read(document))


def sieve(node: Node, types: FieldTypes) -> Sieve:
    """A function of what a `Lens` for (at least) the query's fields read -> bool; compiled once, for many documents.

    Raises:
        KqlError: a value or an operator does not suit its field's type.
    """
    match node:
        case All():
            return lambda _: True
        case Not():
            inner = sieve(node.child, types)
            return lambda found: not inner(found)
        case And():
            return _every([sieve(child, types) for child in node.children])
        case Or():
            return _some([sieve(child, types) for child in node.children])
        case Exists():
            return _exists(node.field, types)
        case Equals() | Compare():
            kind = types.get(node.field)
            check(node, kind)
            return _any_value(node.field, kind, _test(node, kind))


def _every(tests: list[Sieve]) -> Sieve:
    if len(tests) == 2:  # the usual case, without a loop
        left, right = tests
        return lambda found: left(found) and right(found)
    return lambda found: all(test(found) for test in tests)


def _some(tests: list[Sieve]) -> Sieve:
    if len(tests) == 2:
        left, right = tests
        return lambda found: left(found) or right(found)
    return lambda found: any(test(found) for test in tests)


def values(document: Document, name: str) -> list[Any]:
    """Each value at a dotted name, however it is spelled, arrays unfolded, nulls left out; an object is one value."""
    return list(Lens((name,)).read(document).get(name, _NONE))


def _exists(name: str, types: FieldTypes) -> Sieve:
    kind = types.get(name)
    if family(kind) in (Family.UNKNOWN, Family.OTHER):
        return lambda found: any(
            _sound(value, types.get(path)) for path, value in _leaves(found[DOCUMENT][0], "", name)
        )
    sound = _remembered(lambda value: _sound(value, kind))
    return lambda found: any(sound(value) for value in found.get(name, _NONE))


def _remembered(test: Test) -> Test:
    """The test, asked once for each text."""
    memo: dict[str, bool] = {}

    def run(value: Any) -> bool:
        if value.__class__ is not str:
            return test(value)
        known = memo.get(value)
        if known is None:
            if len(memo) >= MEMO:
                memo.clear()
            known = memo[value] = test(value)
        return known

    return run


def _leaves(node: Any, path: str, wanted: str) -> Iterator[tuple[str, Any]]:
    """(dotted path, value) of each leaf at `wanted` or below it."""
    if isinstance(node, list):
        for item in node:
            yield from _leaves(item, path, wanted)
    elif isinstance(node, dict):
        for key, child in node.items():
            here = f"{path}.{key}" if path else key
            if f"{here}.".startswith(f"{wanted}.") or wanted.startswith(f"{here}."):
                yield from _leaves(child, here, wanted)
    elif node is not None and f"{path}.".startswith(f"{wanted}."):
        yield path, node


def _sound(value: Any, kind: str | None) -> bool:
    """Is it a value that Elasticsearch would index, not a malformed one?"""
    try:
        converter(kind)(value)
    except (ValueError, OverflowError):
        return False
    return not isinstance(value, dict)


def _any_value(name: str, kind: str | None, test: Test) -> Sieve:
    convert: Callable[[Any], Any] = _as_it_is if family(kind) is Family.UNKNOWN else converter(kind)

    def hit(value: Any) -> bool:
        if isinstance(value, dict):
            return False
        try:
            return test(convert(value))
        except (ValueError, OverflowError):  # malformed: Elasticsearch leaves it out of the index
            return False

    asked = _remembered(hit)

    def run(found: Values) -> bool:
        for value in found.get(name, _NONE):  # noqa: SIM110 - a generator doubles the time of the most frequent call
            if asked(value):
                return True
        return False

    return run


def _as_it_is(value: Any) -> Any:
    return value


def _test(leaf: Equals | Compare, kind: str | None) -> Test:
    if isinstance(leaf, Compare):
        return _order(leaf, kind)
    if isinstance(leaf.value, Pattern):
        return _pattern(leaf.value, family(kind))
    return _equality(leaf.value, kind)


def _equality(value: Literal, kind: str | None) -> Test:
    match family(kind):
        case Family.TEXT:
            return _phrase(value)
        case Family.DATE:
            return _between(*date_interval(value.text))
        case Family.IP:
            return _between(*ip_interval(value.text))
        case Family.INTEGER | Family.DECIMAL:
            return _equal_to(_number(value.text, kind))
        case Family.BOOLEAN:
            return _equal_to(boolean_literal(value.text))
        case Family.UNKNOWN:
            return lambda found: _guess(found, value.text, operator.eq)
        case _:
            return _equal_to(value.text)


def _order(leaf: Compare, kind: str | None) -> Test:
    text, order = leaf.value.text, _ORDERS[leaf.operator]
    match family(kind):
        case Family.DATE:
            bound, at = date_bound(leaf.operator, text)
            return _compared(operator.ge if bound == "gte" else operator.lt, at)
        case Family.IP:
            return _compared(order, ip_value(text))
        case Family.INTEGER | Family.DECIMAL:
            return _compared(order, _number(text, kind))
        case Family.UNKNOWN:
            return lambda found: _guess(found, text, order)
        case _:
            return _compared(order, text)


def _number(text: str, kind: str | None) -> int | float:
    number = number_literal(text)
    return single_value(number) if kind == "float" else number


def _guess(found: Any, text: str, order: Callable[[Any, Any], bool]) -> bool:
    """A value of unknown type: numbers compare as numbers, all else as text."""
    if isinstance(found, int | float) and not isinstance(found, bool):
        try:
            return order(decimal_value(found), decimal_value(text))
        except ValueError:
            return False
    return order(keyword_value(found), text)


def _phrase(value: Literal) -> Test:
    wanted = tokens(value.text)
    if value.quoted:
        return lambda found: has_phrase(tokens(found), wanted)
    any_of = frozenset(wanted)
    return lambda found: not any_of.isdisjoint(tokens(found))


def _pattern(pattern: Pattern, kind: Family) -> Test:
    if kind is Family.TEXT:
        word = _glob(tuple(part.lower() for part in pattern.parts))
        return lambda found: any(word(token) for token in tokens(found))
    whole = _glob(pattern.parts)
    return lambda found: whole(keyword_value(found))


def _glob(parts: tuple[str, ...]) -> Callable[[str], bool]:
    """A test for the pieces between the stars, in time linear in the text: no regular expression, which may explode."""
    first, *middle, last = parts
    least = len(first) + len(last)

    def test(text: str) -> bool:
        if len(text) < least or not text.startswith(first) or not text.endswith(last):
            return False
        at, end = len(first), len(text) - len(last)
        for piece in middle:
            at = text.find(piece, at, end)
            if at < 0:
                return False
            at += len(piece)
        return True

    return test


def _between(start: int, end: int) -> Test:
    return lambda found: bool(start <= found < end)


def _equal_to(wanted: Any) -> Test:
    return lambda found: bool(found == wanted)


def _compared(order: Callable[[Any, Any], bool], wanted: Any) -> Test:
    return lambda found: order(found, wanted)
