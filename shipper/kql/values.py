"""What a field's type does to values: the same conversions Elasticsearch makes when it indexes and queries."""

from __future__ import annotations

import ipaddress
import math
import re
import struct
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FieldTypes: TypeAlias = "Mapping[str, str]"
"""Dotted field name -> Elasticsearch type; a field that is not in it is of unknown type."""


class Family(StrEnum):
    """Field types that behave alike."""

    KEYWORD = "keyword"
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    BOOLEAN = "boolean"
    IP = "ip"
    UNKNOWN = "unknown"
    OTHER = "other"


FAMILIES: Mapping[str, Family] = {
    **dict.fromkeys(("keyword", "constant_keyword", "wildcard", "version", "flattened"), Family.KEYWORD),
    **dict.fromkeys(("text", "match_only_text"), Family.TEXT),
    **dict.fromkeys(("byte", "short", "integer", "long", "unsigned_long"), Family.INTEGER),
    **dict.fromkeys(("double", "float", "half_float", "scaled_float"), Family.DECIMAL),
    **dict.fromkeys(("date", "date_nanos"), Family.DATE),
    "boolean": Family.BOOLEAN,
    "ip": Family.IP,
}
"""Elasticsearch type -> family; what is not here can only be asked whether it exists."""

_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})(?:T(?P<hour>\d{2})(?::(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?)?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?)?)?"
)
_WHOLE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z")
_DIGITS = re.compile(r"-?\d{5,}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SINGLE = struct.Struct("f")


def family(kind: str | None) -> Family:
    """The family of an Elasticsearch type; None is a field nobody described."""
    return Family.UNKNOWN if kind is None else FAMILIES.get(kind, Family.OTHER)


def date_interval(text: str) -> tuple[int, int]:
    """[from, to) in epoch milliseconds of a date literal: `2026-01` is the whole month.

    Raises:
        ValueError: not a date.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a date such as 2026-01-31 or 2026-01-31T10:00:00Z")
    part = match.groupdict()
    fraction = part["fraction"]
    zone = "+00:00" if part["zone"] in (None, "Z") else part["zone"]
    stamp = (
        f"{part['year']}-{part['month'] or '01'}-{part['day'] or '01'}"
        f"T{part['hour'] or '00'}:{part['minute'] or '00'}:{part['second'] or '00'}{zone}"
    )
    start = datetime.fromisoformat(stamp)
    milliseconds = (start - _EPOCH) // _MILLISECOND
    if fraction:
        at = milliseconds + int(fraction[:3].ljust(3, "0"))
        return at, at + 1
    return milliseconds, milliseconds + _width(part, start)


def _width(part: Mapping[str, str | None], start: datetime) -> int:
    if part["month"] is None:
        end = start.replace(year=start.year + 1)
    elif part["day"] is None:
        end = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    elif part["hour"] is None:
        end = start + timedelta(days=1)
    elif part["minute"] is None:
        end = start + timedelta(hours=1)
    else:
        end = start + (timedelta(minutes=1) if part["second"] is None else timedelta(seconds=1))
    return (end - start) // _MILLISECOND


def date_value(value: Any) -> int:
    """A document's date (ISO 8601 text or epoch milliseconds) in epoch milliseconds.

    Raises:
        ValueError: not a date.
    """
    if not isinstance(value, str):
        return math.floor(_number(value))
    if _WHOLE.fullmatch(value):  # the usual form: the fast way
        return (datetime.fromisoformat(value) - _EPOCH) // _MILLISECOND
    if _DIGITS.fullmatch(value):
        return int(value)
    return date_interval(value)[0]


def integer_value(value: Any) -> int:
    """A document's integer; decimals are cut, digits in text are read."""
    number = _number(value)
    return number if isinstance(number, int) else math.trunc(number)


def decimal_value(value: Any) -> float:
    """A document's decimal number."""
    return float(_number(value))


def single_value(value: Any) -> float:
    """A document's number in a `float` field: 24 bits of mantissa."""
    return float(_SINGLE.unpack(_SINGLE.pack(float(_number(value))))[0])


def boolean_value(value: Any) -> bool:
    """A document's boolean."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false", ""):
        return bool(value == "true")
    raise ValueError(f"{value!r} is not true or false")


def keyword_value(value: Any) -> str:
    """A document's keyword; numbers and booleans as JSON writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def ip_value(value: Any) -> int:
    """An address as a number in the IPv6 space (IPv4 is mapped into it)."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not an address")
    return _address_number(ipaddress.ip_address(value))


def ip_interval(text: str) -> tuple[int, int]:
    """[from, to) of an address or a CIDR block.

    Raises:
        ValueError: neither.
    """
    network = ipaddress.ip_network(text, strict=False)
    return _address_number(network.network_address), _address_number(network.broadcast_address) + 1


def number_literal(text: str) -> int | float:
    """A number as written in a query.

    Raises:
        ValueError: not a finite number.
    """
    try:
        return int(text)
    except ValueError:
        number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text!r} is not a finite number")
    return number


def converter(kind: str | None) -> Callable[[Any], Any]:
    """Document value -> comparable value, for a field of this type; ValueError where the value is malformed."""
    if kind == "float":
        return single_value
    return _CONVERTERS[family(kind)]


def _number(value: Any) -> int | float:
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is not a number")
    if isinstance(value, str):
        return number_literal(value)
    if isinstance(value, int | float) and math.isfinite(value):
        return value
    raise ValueError(f"{value!r} is not a number")


def _address_number(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> int:
    if isinstance(address, ipaddress.IPv4Address):
        return int(ipaddress.IPv6Address(f"::ffff:{address}"))
    return int(address)


_CONVERTERS: Mapping[Family, Callable[[Any], Any]] = {
    Family.KEYWORD: keyword_value,
    Family.TEXT: keyword_value,
    Family.INTEGER: integer_value,
    Family.DECIMAL: decimal_value,
    Family.DATE: date_value,
    Family.BOOLEAN: boolean_value,
    Family.IP: ip_value,
    Family.UNKNOWN: keyword_value,
    Family.OTHER: keyword_value,
}
