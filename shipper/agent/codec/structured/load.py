"""JSON as loggers really write it: NaN, lone surrogates, control characters, endless numbers and depths survive."""

from __future__ import annotations

import json
import math
from typing import Any

import orjson


def load(text: str) -> dict[str, Any] | None:
    """The object in `text`; None where it holds none. Time and depth are bounded."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = _load_tolerantly(text)
    return value if isinstance(value, dict) and value else None


def _load_tolerantly(text: str) -> Any:
    if text[-1:] not in "} \t" or len(text) > 1 << 20:
        return None
    try:
        value = json.loads(text, strict=False, parse_int=_integer, parse_float=_float, parse_constant=str)
        scrubbed = _scrub(value)
    except (ValueError, RecursionError):
        return None
    if isinstance(scrubbed, dict) and scrubbed != value:
        scrubbed.setdefault("shipper.flags", ["invalid_utf8"])
    return scrubbed


def _integer(digits: str) -> int | str:
    """A number as long as a line is kept as text: converting it would take quadratic time."""
    return int(digits) if len(digits) <= 40 else digits


def _float(text: str) -> float | str:
    """What no number can hold is kept as it was written."""
    value = float(text)
    return value if math.isfinite(value) else text


def _scrub(value: Any) -> Any:
    """Replace lone surrogates, which no JSON encoder takes."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_scrub(key): _scrub(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_scrub(item) for item in value]
    return value
