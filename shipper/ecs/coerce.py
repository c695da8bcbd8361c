"""A value as its ECS type wants it, where that loses nothing; `MISFIT` where it does not fit."""

from __future__ import annotations

import ipaddress
import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from shipper.ecs.instant import format_ns, parse_epoch, parse_iso
from shipper.ecs.table import ALLOWED, ARRAYS, TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

MISFIT: Any = object()
"""What `coerce` answers for a value that the field cannot hold."""

LONG_MIN, LONG_MAX = -(2**63), 2**63 - 1
_INTEGER_MAX = 2**31 - 1
_NUMBER = re.compile(r"[+-]?\d{1,19}(?:\.0*)?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?", re.ASCII)
_UTC_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z", re.ASCII)


def coerce_field(name: str, value: Any) -> Any:
    """`value` for the ECS field `name`: its type, a list where ECS wants one, only allowed values; else MISFIT.

    Raises:
        KeyError: ECS has no such leaf field.
    """
    convert = _CONVERTERS[TYPES[name]]
    allowed = ALLOWED.get(name)
    if allowed is not None:
        values = value if isinstance(value, list) else [value]
        if any(item is not None and item not in allowed for item in values if not isinstance(item, dict | list)):
            return MISFIT
    if name in ARRAYS:
        items = value if isinstance(value, list) else [value]
        converted = [convert(item) for item in items if item is not None]
        return MISFIT if any(item is MISFIT for item in converted) else converted
    if isinstance(value, list):
        if TYPES[name] in _LIST_TYPES:
            return value if all(convert(item) is not MISFIT for item in value) else MISFIT
        return convert(value[0]) if len(value) == 1 else MISFIT
    return convert(value)


def _text(value: Any) -> Any:
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return MISFIT


def _whole(value: Any, low: int = LONG_MIN, high: int = LONG_MAX) -> Any:
    if isinstance(value, bool):
        return MISFIT
    if isinstance(value, str):
        stripped = value.strip()
        if not _NUMBER.fullmatch(stripped):
            return MISFIT
        value = int(stripped.partition(".")[0])
    elif isinstance(value, float):
        if not value.is_integer():
            return MISFIT
        value = int(value)
    if not isinstance(value, int):
        return MISFIT
    return value if low <= value <= high else MISFIT


def _integer(value: Any) -> Any:
    return _whole(value, -_INTEGER_MAX - 1, _INTEGER_MAX)


def _real(value: Any) -> Any:
    if isinstance(value, bool):
        return MISFIT
    if isinstance(value, str):
        stripped = value.strip()
        if not _DECIMAL.fullmatch(stripped):
            return MISFIT
        value = float(stripped)
    if isinstance(value, int | float):
        return value if -1e308 < value < 1e308 and math.isfinite(value) else MISFIT
    return MISFIT


def _boolean(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower(), MISFIT)
    return MISFIT


@lru_cache(maxsize=4096)
def is_address(text: str) -> bool:
    """Is `text` an IPv4 or IPv6 address that Elasticsearch takes (no zone, no port)?"""
    if "%" in text or len(text) > 45:
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _address(value: Any) -> Any:
    if not isinstance(value, str):
        return MISFIT
    stripped = value.strip()
    return stripped if is_address(stripped) else MISFIT


def _date(value: Any) -> Any:
    if isinstance(value, str):
        if _UTC_STAMP.fullmatch(value) and parse_iso(value) is not None:
            return value
        parsed = parse_iso(value.strip())
        if parsed is not None:
            return format_ns(parsed[0])
        epoch = parse_epoch(value.strip())
        return MISFIT if epoch is None or len(value.strip()) < 9 else format_ns(epoch)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return MISFIT
    epoch = parse_epoch(value)
    return MISFIT if epoch is None else format_ns(epoch)


def _object(value: Any) -> Any:
    return value if isinstance(value, dict) else MISFIT


_POINT = re.compile(r"\s*-?\d{1,2}(?:\.\d+)?\s*,\s*-?\d{1,3}(?:\.\d+)?\s*", re.ASCII)


def _point(value: Any) -> Any:
    if isinstance(value, dict):
        place = {key: _real(value.get(key)) for key in ("lat", "lon")}
        good = value.keys() == place.keys() and MISFIT not in place.values()
        return place if good and abs(place["lat"]) <= 90 and abs(place["lon"]) <= 180 else MISFIT
    return value if isinstance(value, str) and _POINT.fullmatch(value) else MISFIT


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "keyword": _text,
    "constant_keyword": _text,
    "wildcard": _text,
    "match_only_text": _text,
    "long": _whole,
    "integer": _integer,
    "float": _real,
    "double": _real,
    "scaled_float": _real,
    "boolean": _boolean,
    "ip": _address,
    "date": _date,
    "object": _object,
    "flattened": _object,
    "nested": _object,
    "geo_point": _point,
}
_LIST_TYPES = frozenset({"nested", "object"})
