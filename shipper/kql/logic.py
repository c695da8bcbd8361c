"""What a query can never match, as far as it can be seen from the query alone."""

from __future__ import annotations

from shipper.kql.nodes import And, Compare, Node, Not, Operator


def conjuncts(node: Node) -> tuple[Node, ...]:
    """The parts that must all match."""
    if isinstance(node, And):
        return tuple(part for child in node.children for part in conjuncts(child))
    return (node,)


def contradiction(node: Node) -> str | None:
    """Why no document with one value a field can match; None where nothing is seen."""
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
