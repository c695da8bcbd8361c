"""`key=value` pairs as logfmt, structlog and logrus write them."""

from __future__ import annotations

import re
from typing import Any

_PAIR = re.compile(r"""\s*([^\s="']+)=("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"']\S*|)(?=\s|$)""", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,15})\.\d{1,17}")


def read_pairs(text: str) -> list[tuple[str, Any]] | None:
    """All of `text` as pairs in order; None where something else stands between them."""
    pairs: list[tuple[str, Any]] = []
    at = 0
    length = len(text.rstrip())
    while at < length:
        match = _PAIR.match(text, at)
        if match is None:
            return None
        pairs.append((match[1], value_of(match[2])))
        at = match.end()
    return pairs


def value_of(text: str) -> Any:
    """Quoted text unescaped; bare numbers and booleans as what they are."""
    if text[:1] in ('"', "'") and len(text) > 1:
        return unescape(text[1:-1])
    if text in ("true", "True", "false", "False"):
        return text in ("true", "True")
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return text


def unescape(text: str) -> str:
    r"""`\n`, `\"`, `\u00e9` and their kin; other escapes stay."""
    if "\\" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        if code:
            number = int(code, 16)
            return chr(number) if not 0xD800 <= number < 0xE000 else "\ufffd"
        return _ESCAPES.get(match[3], match[0])

    return _ESCAPE.sub(character, text)
