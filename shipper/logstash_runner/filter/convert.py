"""`mutate`'s `convert`: Ruby's idea of numbers in text."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from shipper.logstash_runner.fault import EventFault
from shipper.logstash_runner.timestamp import SECOND, Timestamp
from shipper.logstash_runner.words import ruby_inspect, ruby_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TRUE = re.compile(r"^(true|t|yes|y|1|1.0)$", re.IGNORECASE | re.MULTILINE)
_FALSE = re.compile(r"^(false|f|no|n|0|0.0)$", re.IGNORECASE | re.MULTILINE)
_FLOAT = re.compile(
    r"[+-]?(?:\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?", re.IGNORECASE | re.ASCII
)
_HEX = re.compile(r"([+-]?)0x([0-9a-f]+(?:_[0-9a-f]+)*)(?:p([+-]?\d+))?", re.IGNORECASE | re.ASCII)
_LEADING_INTEGER = re.compile(r"\s*([+-]?\d+(?:_\d+)*)", re.ASCII)
_TO_US = str.maketrans(",.", ".,")


def to_boolean(value: Any) -> Any:
    """True, false, or the value itself where it is neither."""
    text = ruby_text(value)
    if _TRUE.search(text):
        return True
    return False if text == "" or _FALSE.search(text) else value


def to_string(value: Any) -> str:
    """`to_s`."""
    return ruby_text(value)


def to_integer(value: Any) -> int:
    """Whole part of a number or of its text; commas group, a leading 0 is octal, 0x is hex, as in a Ruby program.

    Raises:
        EventFault: it is no number, or has an exponent but no dot.
    """
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, Timestamp):
        return value.ns // SECOND
    if isinstance(value, str):
        text = _ungrouped(value)
        number = to_float(text)
        if "." not in text:
            return _literal(text)
    else:
        number = to_float(value)
    if not math.isfinite(number):
        raise EventFault(f"{number} has no whole part")
    return math.trunc(number)


def to_float(value: Any) -> float:
    """A number or its text; commas group.

    Raises:
        EventFault: it is no number.
    """
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str):
        text = _ungrouped(value)
        number = _hex(text)
        if number is not None:
            return number
        if _FLOAT.fullmatch(text) is None:
            raise EventFault(f"invalid value for Float(): {ruby_inspect(text)}")
        return float(text)
    if isinstance(value, Timestamp):
        return value.ns / SECOND
    raise EventFault(f"can't convert {type(value).__name__} into a number")


def leading_integer(text: str) -> int:
    """Ruby's `String#to_i`: the digits at the beginning, else 0."""
    found = _LEADING_INTEGER.match(text)
    return int(found.group(1)) if found else 0


_LEADING_FLOAT = re.compile(
    r"\s*([+-]?(?:\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?)", re.IGNORECASE | re.ASCII
)


def leading_float(text: str) -> float:
    """Ruby's `String#to_f`."""
    found = _LEADING_FLOAT.match(text)
    return float(found.group(1)) if found else 0.0


def _european(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: convert(value.translate(_TO_US) if isinstance(value, str) else value)


CONVERTERS: Mapping[str, Callable[[Any], Any]] = {
    "string": to_string,
    "integer": to_integer,
    "float": to_float,
    "boolean": to_boolean,
    "integer_eu": _european(to_integer),
    "float_eu": _european(to_float),
}


def _ungrouped(text: str) -> str:
    return text.strip(" \t\n\v\f\r\0").replace(",", "")


def _hex(text: str) -> float | None:
    found = _HEX.fullmatch(text)
    if found is None:
        return None
    sign, digits, power = found.groups()
    number = float(int(digits.replace("_", ""), 16)) * 2.0 ** int(power or 0)
    return -number if sign == "-" else number


def _literal(text: str) -> int:
    """Ruby's `Integer(text)`, of a text that is a number."""
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-").replace("_", "").lower()
    try:
        if digits.startswith("0x"):
            return sign * int(digits, 16)
        return sign * (int(digits, 8) if digits.startswith("0") else int(digits))
    except ValueError as error:
        raise EventFault(f"invalid value for Integer(): {ruby_inspect(text)}") from error
