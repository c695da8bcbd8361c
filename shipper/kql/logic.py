"""What a query can never match, as far as it can be seen from the query alone."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from shipper.kql.nodes import And, Compare, Equals, Literal, Node, Not, Operator

if TYPE_CHECKING:
    from collections.abc import Container

ORDERS = {Operator.LT: operator.lt, Operator.LE: operator.le, Operator.GT: operator.gt, Operator.GE: operator.ge}


def conjuncts(node: Node) -> tuple[Node, ...]:
    """The parts that must all match."""
    if isinstance(node, And):
        return tuple(part for child in node.children for part in conjuncts(child))
    return (node,)


def contradiction(node: Node, single: Container[str] = ()) -> str | None:
    """Why no document with one value a field can match; None where nothing is seen.

    Two exact values contradict each other in the fields of `single`: those that hold one value and no text.
    """
    parts = conjuncts(node)
    for part in parts:
        if Not(part) in parts:
            return "it wants a thing and its opposite"
    for name in sorted({part.field for part in parts if isinstance(part, Compare)}):
        lows = [_number(part) for part in parts if _bounds(part, name, Operator.GT, Operator.GE)]
        highs = [_number(part) for part in parts if _bounds(part, name, Operator.LT, Operator.LE)]
        low = max((number for number in lows if number is not None), default=None)
        high = min((number for number in highs if number is not None), default=None)
        if low is not None and high is not None and low > high:
            return f"{name} cannot be above {low:g} and below {high:g}"
    return _two_values(parts, single) or _value_out_of_bounds(parts)


def _two_values(parts: tuple[Node, ...], single: Container[str]) -> str | None:
    """Two different exact values of one field."""
    seen: dict[str, str] = {}
    for part in parts:
        if not isinstance(part, Equals) or not isinstance(part.value, Literal) or part.field not in single:
            continue
        other = seen.setdefault(part.field, part.value.text)
        if other != part.value.text:
            return f"{part.field} cannot be `{other}` and `{part.value.text}`"
    return None


def _value_out_of_bounds(parts: tuple[Node, ...]) -> str | None:
    """An exact number beyond a bound on the same field."""
    for part in parts:
        if not isinstance(part, Equals) or not isinstance(part.value, Literal):
            continue
        try:
            number = float(part.value.text)
        except ValueError:
            continue
        for bound in parts:
            if not isinstance(bound, Compare) or bound.field != part.field:
                continue
            limit = _number(bound)
            if limit is not None and not ORDERS[bound.operator](number, limit):
                return f"{part.field} cannot be {number:g} and {bound.operator.value} {limit:g}"
    return None


def _bounds(part: Node, name: str, *operators: Operator) -> bool:
    return isinstance(part, Compare) and part.field == name and part.operator in operators


def _number(part: Node) -> float | None:
    """The bound as a number; None for dates, addresses and words."""
    assert isinstance(part, Compare)
    try:
        return float(part.value.text)
    except ValueError:
        return None
