"""Codec `rubydebug`: a document for human eyes, as Logstash's stdout output prints it by default."""

from __future__ import annotations

import json
from typing import Any

_INDENT = 4


def render(document: dict[str, Any]) -> str:
    """The document as aligned `key => value` lines; `@timestamp` stands without quotes."""
    return _hash(document, 0)


def _hash(value: dict[str, Any], depth: int) -> str:
    if not value:
        return "{}"
    keys = [json.dumps(key, ensure_ascii=False) for key in value]
    width = max(map(len, keys)) + (depth + 1) * _INDENT
    lines = [
        f"{shown:>{width}} => {_shown(item, depth + 1, bare=key == '@timestamp' and depth == 0)}"
        for shown, (key, item) in zip(keys, value.items(), strict=True)
    ]
    return "{\n" + ",\n".join(lines) + "\n" + " " * depth * _INDENT + "}"


def _list(value: list[Any], depth: int) -> str:
    if not value:
        return "[]"
    width = len(str(len(value) - 1))
    pad = " " * (depth + 1) * _INDENT
    lines = [f"{pad}[{number:>{width}}] {_shown(item, depth + 1)}" for number, item in enumerate(value)]
    return "[\n" + ",\n".join(lines) + "\n" + " " * depth * _INDENT + "]"


def _shown(value: Any, depth: int, *, bare: bool = False) -> str:
    if isinstance(value, dict):
        return _hash(value, depth)
    if isinstance(value, list):
        return _list(value, depth)
    if value is None:
        return "nil"
    if bare:
        return str(value)
    return json.dumps(value, ensure_ascii=False)
