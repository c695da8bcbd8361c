"""Conditions compiled to functions of the event, with Logstash's ideas of equality, order, membership and truth."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from shipper.grok.oniguruma import RegexError, compile_regex
from shipper.logstash_runner import tree, values
from shipper.logstash_runner.event import reader
from shipper.logstash_runner.fault import ConditionFault, EventFault
from shipper.logstash_runner.plugin import InvalidPluginError, RegisterError
from shipper.logstash_runner.reference import METADATA, parse_reference
from shipper.logstash_runner.timestamp import Timestamp
from shipper.logstash_runner.words import java_float, ruby_float

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.tree import Condition, Operand, Place

    Test = Callable[[Event], bool]
    Read = Callable[[Event], Any]

_ORDERS: Mapping[str, Callable[[int, int], bool]] = {
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
_FALSY_TEXTS = ("", "false")
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


class _Missing:
    """Stands for a field that is not there, where null is something else."""


_MISSING = _Missing()


def compile_condition(condition: Condition, environment: Mapping[str, str]) -> Test:
    """A function that decides the condition; it raises `ConditionFault` where Logstash drops the event.

    Raises:
        ConfigError: operands that do not go together, or a bad regular expression.
    """
    if isinstance(condition, tree.Logic):
        return _logic(condition, environment)
    if isinstance(condition, tree.Not):
        inner = compile_condition(condition.inner, environment)
        return lambda event: not inner(event)
    if isinstance(condition, tree.Truth):
        return _truth(condition, environment)
    if isinstance(condition, tree.Match):
        return _match(condition, environment)
    if isinstance(condition, tree.Membership):
        return _membership(condition, environment)
    return _comparison(condition, environment)


def _logic(condition: tree.Logic, environment: Mapping[str, str]) -> Test:
    left = compile_condition(condition.left, environment)
    right = compile_condition(condition.right, environment)
    if condition.operator == "and":
        return lambda event: left(event) and right(event)
    if condition.operator == "or":
        return lambda event: left(event) or right(event)
    if condition.operator == "nand":
        return lambda event: not (left(event) and right(event))
    return lambda event: left(event) != right(event)


def _constant(value: bool) -> Test:
    return lambda _: value


def _is_field(operand: Operand) -> bool:
    return isinstance(operand, tree.Field)


def _reader(operand: Operand) -> tuple[Read, tuple[str, ...]]:
    assert isinstance(operand, tree.Field)
    try:
        path = parse_reference(operand.reference)
    except EventFault as fault:
        raise InvalidPluginError(str(fault), where=str(operand.place)) from None
    return reader(path), path


def _literal(operand: Operand, environment: Mapping[str, str]) -> Any:
    if isinstance(operand, tree.Regex):
        raise InvalidPluginError(
            "a regular expression stands only after =~ or !~", where=str(operand.place), hint="quote it to compare text"
        )
    return values.plain(operand, environment)


def _truth(condition: tree.Truth, environment: Mapping[str, str]) -> Test:
    if not _is_field(condition.operand):
        return _constant(truthy(_literal(condition.operand, environment)))
    read, path = _reader(condition.operand)
    if len(path) == 1 and path[0] != METADATA:
        name = path[0]

        def present(event: Event) -> bool:
            value = event.data.get(name)
            return value is not None and value is not False and value not in _FALSY_TEXTS

        return present
    return lambda event: truthy(read(event))


def truthy(value: Any) -> bool:
    """False, null, "" and "false" are not; 0, [] and {} are."""
    return value is not None and value is not False and value not in _FALSY_TEXTS


def _match(condition: tree.Match, environment: Mapping[str, str]) -> Test:
    pattern = condition.pattern
    text = pattern.pattern if isinstance(pattern, tree.Regex) else values.plain(pattern, environment)
    try:
        regex = compile_regex(text)
    except RegexError as error:
        raise RegisterError(str(error), where=str(pattern.place), hint="mend the regular expression") from error
    if isinstance(condition.left, tree.Text):
        value = _literal(condition.left, environment)
        return _constant(isinstance(value, str) and regex.search(value) is not None)
    if not _is_field(condition.left):
        raise InvalidPluginError("Expected a regexp: only a field or a text can be matched", where=str(condition.place))
    read, _ = _reader(condition.left)

    def test(event: Event) -> bool:
        value = read(event)
        return type(value) is str and regex.search(value) is not None

    return test


def _comparison(condition: tree.Comparison, environment: Mapping[str, str]) -> Test:
    left, right, name = condition.left, _first(condition.right), condition.operator
    if isinstance(left, tree.Array):
        raise InvalidPluginError(
            "undefined method 'call' for an instance of Java::OrgLogstashConfigIrExpression::ValueExpression"
            " (a list cannot stand on the left of a comparison)",
            where=str(left.place),
        )
    if name in ("==", "!="):
        test = _equality(left, right, environment)
        return test if name == "==" else lambda event: not test(event)
    if not _is_field(left) and not _is_field(right):
        return _constant(
            _constant_order(condition.place, name, _literal(left, environment), _literal(right, environment))
        )
    if not _is_field(left):
        left, right, name = right, left, _FLIPPED[name]
    return _order(left, right, _ORDERS[name], environment)


def _first(operand: Operand) -> Operand:
    """Logstash compares with the first element of a list literal."""
    if not isinstance(operand, tree.Array):
        return operand
    for item in operand.items:
        if isinstance(item, tree.Text | tree.Number | tree.Array):
            return _first(item)
    raise InvalidPluginError("an empty list cannot be compared", where=str(operand.place))


def _equality(left: Operand, right: Operand, environment: Mapping[str, str]) -> Test:
    if _is_field(left) and _is_field(right):
        (read_left, left_path), (read_right, right_path) = _reader(left), _reader(right)

        def test(event: Event) -> bool:
            one, two = read_left(event), read_right(event)
            if one is None and two is None:
                return event.includes(left_path) == event.includes(right_path)
            return same(one, two)

        return test
    if not _is_field(left) and not _is_field(right):
        return _constant(same(_literal(left, environment), _literal(right, environment)))
    read, _ = _reader(left if _is_field(left) else right)
    wanted = _literal(right if _is_field(left) else left, environment)
    if type(wanted) is str:
        return lambda event: bool(read(event) == wanted)
    return lambda event: same(read(event), wanted)


def same(one: Any, two: Any) -> bool:
    """Equal, and of the same type: 5 is not 5.0, "5" is not 5."""
    if type(one) is not type(two):
        return False
    if type(one) is list:
        return len(one) == len(two) and all(map(same, one, two))
    if type(one) is dict:
        return one.keys() == two.keys() and all(same(value, two[key]) for key, value in one.items())
    return bool(one == two)


def _order(left: Operand, right: Operand, decide: Callable[[int, int], bool], environment: Mapping[str, str]) -> Test:
    read, path = _reader(left)
    if not _is_field(right):
        wanted = _literal(right, environment)
        if type(wanted) in (int, float):
            return _number_order(read, path, decide, wanted)
        return lambda event: decide(compare(_present(event, read, path), wanted), 0)
    read_right, right_path = _reader(right)
    return lambda event: decide(compare(_present(event, read, path), _present(event, read_right, right_path)), 0)


def _number_order(read: Read, path: tuple[str, ...], decide: Callable[[Any, Any], bool], wanted: float) -> Test:
    def test(event: Event) -> bool:
        value = read(event)
        if type(value) is int or type(value) is float:
            return decide(value, wanted)
        return decide(compare(_present(event, read, path), wanted), 0)

    return test


def _present(event: Event, read: Read, path: tuple[str, ...]) -> Any:
    value = read(event)
    return _MISSING if value is None and not event.includes(path) else value


def _constant_order(place: Place, name: str, left: Any, right: Any) -> bool:
    try:
        return _ORDERS[name](compare(left, right), 0)
    except ConditionFault as fault:
        raise RegisterError(str(fault), where=str(place)) from None


def compare(left: Any, right: Any) -> int:
    """Below, at or above 0; what has no order (null, booleans, times against others) counts as equal.

    Raises:
        ConditionFault: text against a number, a list, an object or a missing field.
    """
    if (type(left) is str and type(right) is str) or (type(left) in (int, float) and type(right) in (int, float)):
        return int(left > right) - int(left < right)
    if type(left) is Timestamp and type(right) is Timestamp:
        return int(left.ns > right.ns) - int(left.ns < right.ns)
    if (left is None or type(left) in (bool, Timestamp)) and right is not _MISSING:
        return 0
    raise ConditionFault(f"no order between {_kind(left)} and {_kind(right)}")


def _kind(value: Any) -> str:
    return "a missing field" if value is _MISSING else type(value).__name__


def _membership(condition: tree.Membership, environment: Mapping[str, str]) -> Test:
    item, container = condition.item, condition.container
    if _is_field(item) and _is_field(container):
        return _field_in_field(item, container)
    if _is_field(item):
        return _field_in_literal(item, _literal(container, environment))
    wanted = _literal(item, environment)
    if isinstance(item, tree.Array) and _is_field(container):
        raise RegisterError("Unexpected input types: a list cannot stand on the left of `in`", where=str(item.place))
    if not _is_field(container):
        # Logstash compares the two literals; it does not look inside
        return _constant(same(wanted, _literal(container, environment)))
    return _literal_in_field(wanted, container)


def _field_in_field(item: Operand, container: Operand) -> Test:
    read_item, path = _reader(item)
    read_container, _ = _reader(container)

    def test(event: Event) -> bool:
        value, found = read_item(event), read_container(event)
        if type(value) in (list, dict):
            return False
        if type(found) is list:
            return any(same(value, element) for element in found) and (value is not None or event.includes(path))
        if type(value) is str:
            return type(found) is str and value in found
        return value is not None and same(value, found)

    return test


def _field_in_literal(item: Operand, wanted: Any) -> Test:
    read, path = _reader(item)
    if not isinstance(wanted, list):
        text = _java_scalar(wanted)

        def inside(event: Event) -> bool:
            value = read(event)
            return type(value) is str and value in text

        return inside
    texts = frozenset(map(_java_scalar, wanted))

    def listed(event: Event) -> bool:
        value = read(event)
        if type(value) is str:
            return value in texts
        if value is None:
            return "" in texts and event.includes(path)
        return _ruby_scalar(value) in texts

    return listed


def _literal_in_field(wanted: Any, container: Operand) -> Test:
    read, _ = _reader(container)
    if type(wanted) is str:

        def contains(event: Event) -> bool:
            found = read(event)
            return (type(found) is list or type(found) is str) and wanted in found

        return contains

    def holds(event: Event) -> bool:
        found = read(event)
        return type(found) is list and any(same(wanted, element) for element in found)

    return holds


def _java_scalar(value: Any) -> str:
    return java_float(value) if isinstance(value, float) else str(value)


def _ruby_scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):  # lists and objects as Java writes them, what they hold as Ruby does
        return "[" + ", ".join(map(_ruby_scalar, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_ruby_scalar(item)}" for key, item in value.items()) + "}"
    return "" if value is None else ruby_float(value) if isinstance(value, float) else str(value)
