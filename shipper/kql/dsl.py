"""Nodes -> Elasticsearch query DSL. Only filter context: no scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.kql.nodes import All, And, Compare, Equals, Exists, KqlError, Literal, Node, Not, Operator, Or, Pattern
from shipper.kql.values import Family, date_interval, family, ip_interval, number_literal

if TYPE_CHECKING:
    from shipper.kql.values import FieldTypes

RANGE = {Operator.LT: "lt", Operator.LE: "lte", Operator.GT: "gt", Operator.GE: "gte"}
BOOLEANS = {"true": True, "false": False}


def to_dsl(node: Node, types: FieldTypes) -> dict[str, Any]:
    """The query for the fields' types.

    Raises:
        KqlError: a value or an operator does not suit its field's type.
    """
    match node:
        case All():
            return {"match_all": {}}
        case Exists():
            return {"exists": {"field": node.field}}
        case Not():
            return {"bool": {"must_not": [to_dsl(node.child, types)]}}
        case And():
            return {"bool": {"filter": [to_dsl(child, types) for child in node.children]}}
        case Or():
            return {"bool": {"should": [to_dsl(child, types) for child in node.children], "minimum_should_match": 1}}
        case Equals() | Compare():
            return _leaf(node, types.get(node.field))


def check(leaf: Equals | Compare, kind: str | None) -> None:
    """Refuse what the type of the field cannot answer.

    Raises:
        KqlError: a value or an operator does not suit the type.
    """
    _leaf(leaf, kind)


def _leaf(leaf: Equals | Compare, kind: str | None) -> dict[str, Any]:
    try:
        if isinstance(leaf, Compare):
            return {"range": {leaf.field: _range(leaf, family(kind))}}
        if isinstance(leaf.value, Pattern):
            return {"wildcard": {leaf.field: {"value": _wildcard(leaf.value, family(kind))}}}
        return _equals(leaf.field, leaf.value, family(kind))
    except ValueError as error:
        raise KqlError(
            f"{leaf.field} is of type {kind}: {error}",
            leaf.place.text,
            leaf.place.position,
            "compare with a value that suits the field",
        ) from error


def _equals(field: str, value: Literal, kind: Family) -> dict[str, Any]:
    if kind in (Family.TEXT, Family.UNKNOWN):
        return {"match_phrase" if value.quoted else "match": {field: value.text}}
    if kind is Family.DATE:
        start, end = date_interval(value.text)
        return {"range": {field: {"gte": start, "lt": end, "format": "epoch_millis"}}}
    if kind is Family.IP:
        ip_interval(value.text)
        return {"term": {field: value.text}}
    if kind in (Family.INTEGER, Family.DECIMAL):
        return {"term": {field: number_literal(value.text)}}
    if kind is Family.BOOLEAN:
        return {"term": {field: boolean_literal(value.text)}}
    if kind is Family.KEYWORD:
        return {"term": {field: value.text}}
    raise ValueError("it can only be asked whether it exists (`field: *`)")


def _range(leaf: Compare, kind: Family) -> dict[str, Any]:
    text = leaf.value.text
    if kind is Family.DATE:
        bound, at = date_bound(leaf.operator, text)
        return {bound: at, "format": "epoch_millis"}
    if kind in (Family.INTEGER, Family.DECIMAL):
        return {RANGE[leaf.operator]: number_literal(text)}
    if kind in (Family.KEYWORD, Family.UNKNOWN):
        return {RANGE[leaf.operator]: text}
    if kind is Family.IP:
        start, end = ip_interval(text)
        if end - start != 1:
            raise ValueError("an order needs one address, not a block")
        return {RANGE[leaf.operator]: text}
    raise ValueError("it has no order")


def date_bound(operator: Operator, text: str) -> tuple[str, int]:
    """("gte" or "lt", epoch milliseconds): `> 2026-01-31` begins after that whole day."""
    start, end = date_interval(text)
    return {
        Operator.LT: ("lt", start),
        Operator.LE: ("lt", end),
        Operator.GT: ("gte", end),
        Operator.GE: ("gte", start),
    }[operator]


def boolean_literal(text: str) -> bool:
    """True or false as written in a query; ValueError otherwise."""
    if text not in BOOLEANS:
        raise ValueError(f"{text!r} is not true or false")
    return BOOLEANS[text]


def _wildcard(pattern: Pattern, kind: Family) -> str:
    if kind not in (Family.KEYWORD, Family.TEXT, Family.UNKNOWN):
        raise ValueError("it takes no wildcards")
    escaped = [part.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?") for part in pattern.parts]
    text = "*".join(escaped)
    return text.lower() if kind is Family.TEXT else text
