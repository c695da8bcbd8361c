"""Values as text: as Java writes them (sprintf), as Ruby does (`to_s`, `inspect`), and as JSON."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson
import regex

from shipper.logstash_runner.timestamp import Timestamp

_ESCAPES = {
    '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\v": "\\v", "\b": "\\b",
    "\a": "\\a", "\x1b": "\\e",
}  # fmt: skip
_LOWER_ESCAPE = re.compile(r"\\u00[0-9a-f]{2}")
_SPECIAL = regex.compile(r'["\\\x00-\x1f\x7f-\x84\x86-\x9f\p{Cn}\p{Zl}\p{Zp}]|#(?=[{$@])')


def java_text(value: Any) -> str:
    """What sprintf puts in place of a field: lists joined by commas, objects as JSON."""
    if type(value) is str:
        return value
    if isinstance(value, list):
        return ",".join(
            "" if item is None else java_text(item) if isinstance(item, list) else _java(item) for item in value
        )
    if isinstance(value, dict):
        return _java_json(value)
    return _java(value)


def _java(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, float):
        return java_float(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_java(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_java, value)) + "]"
    return str(value)


def _java_json(value: Any) -> str:
    """JSON as Jackson writes it: numbers as Java does."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(str(key))}:{_java_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_java_json, value)) + "]"
    if isinstance(value, str | Timestamp):
        return _quoted(str(value))
    text = _java(value)
    return f'"{text}"' if text in ("NaN", "Infinity", "-Infinity") else text


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return (
        _LOWER_ESCAPE.sub(lambda found: found.group().upper().replace("U", "u"), quoted) if "\\u" in quoted else quoted
    )


def java_float(value: float) -> str:
    """`Double.toString`: 1.0, 0.001, 1.0E20."""
    digits, exponent, sign = _shortest(value)
    if digits is None:
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(str(value), "NaN")
    if -3 <= exponent < 7:
        return sign + _plain(digits, exponent)
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def ruby_float(value: float) -> str:
    """`Float#to_s` of JRuby: 1.0, 0.0001, 1.0e+20."""
    digits, exponent, sign = _shortest(value)
    if digits is None:
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(str(value), "NaN")
    if 16 <= exponent < 20:  # JRuby's own: 17 digits and zeros, from 10^19 on no more than 15 digits
        digits = f"{abs(value):.{16 if exponent < 19 else 14}e}".partition("e")[0].replace(".", "").rstrip("0")
    if -4 <= exponent < 19:
        return sign + _plain(digits, exponent)
    return f"{sign}{digits[0]}.{digits[1:] or '0'}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _shortest(value: float) -> tuple[str | None, int, str]:
    """(significant digits, decimal exponent of the first, sign); digits None for NaN and infinities."""
    text = repr(value)
    sign = "-" if text.startswith("-") else ""
    mantissa, _, power = text.lstrip("-").partition("e")
    if not mantissa[0].isdigit():
        return None, 0, sign
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading = len(whole + fraction) - len(digits)
    exponent = len(whole) - leading - 1 + int(power or 0)
    digits = digits.rstrip("0")
    return (digits, exponent, sign) if digits else ("0", 0, sign)


def _plain(digits: str, exponent: int) -> str:
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    padded = digits.ljust(exponent + 1, "0")
    return f"{padded[: exponent + 1]}.{padded[exponent + 1 :] or '0'}"


def ruby_text(value: Any) -> str:
    """`to_s`."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    return ruby_inspect(value)


def ruby_inspect(value: Any) -> str:
    """`inspect`, as of Ruby 3.4: `{"a" => [1, nil]}`."""
    if isinstance(value, str):
        return '"' + _SPECIAL.sub(lambda found: _escape(found.group()), value) + '"'
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return ruby_float(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(ruby_inspect, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{ruby_inspect(key)} => {ruby_inspect(item)}" for key, item in value.items()) + "}"
    return str(value)


def _escape(character: str) -> str:
    if character == "#":
        return "\\#"
    known = _ESCAPES.get(character)
    if known is not None:
        return known
    return f"\\u{ord(character):04X}" if character <= "\uffff" else f"\\u{{{ord(character):X}}}"


def json_bytes(value: Any) -> bytes:
    """JSON without blanks; timestamps as text, integers of any size."""
    try:
        return orjson.dumps(value, default=_plain_value)
    except TypeError:  # an integer beyond 64 bits, half a surrogate pair, or nesting beyond orjson's limit
        text = json.dumps(value, default=_plain_value, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


_LONGS = float(1 << 63)


def rounded(value: Any) -> bool:
    """Whether orjson may have made a float of an integer beyond 64 bits; then the text must be read again."""
    kind = type(value)
    if kind is float:
        return bool(abs(value) >= _LONGS)
    if kind is dict:
        return any(map(rounded, value.values()))
    return kind is list and any(map(rounded, value))


def _plain_value(value: Any) -> str:
    if isinstance(value, Timestamp):
        return str(value)
    raise TypeError(f"not JSON: {type(value).__name__}")
