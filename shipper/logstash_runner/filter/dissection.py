"""Dissect patterns: literal delimiters and `%{field}`s between them, without regular expressions.

`%{a}` keeps, `%{}` and `%{?a}` skip, `%{+a}` and `%{+a/2}` append (in order), `%{&a}` uses the value of `a` as the
name; a name that ends in `->` lets the delimiter behind it repeat.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.logstash_runner.reference import parse_reference
from shipper.logstash_runner.words import java_text

if TYPE_CHECKING:
    from shipper.logstash_runner.event import Event

_FIELD = re.compile(r"(.*?)%\{([^}]*?)\}", re.DOTALL)
_NAME = re.compile(r"(.*?)(/(\d{1,2})(?:->)?|->(?:/(\d{1,2}))?)?", re.DOTALL | re.ASCII)
"""A name and its suffix: an order, `->`, or both; whatever else follows a slash belongs to the name."""
_RANK = {"": 1, "+": 100, "&": 1000}


class DissectionError(ValueError):
    """A pattern that makes no sense; the message is Logstash's where that is known."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One field; `before` is the delimiter in front of it."""

    kind: str
    name: str
    before: str
    repeats: bool
    order: int = 0


class Dissection:
    """A compiled pattern."""

    def __init__(self, pattern: str) -> None:
        self._parts: list[_Part] = []
        at = 0
        for match in _FIELD.finditer(pattern):
            self._parts.append(_part(match.group(2), match.group(1)))
            at = match.end()
        if not self._parts:
            raise DissectionError("Index -1 out of bounds for length 1 (the mapping has no field)")
        if pattern[at:]:  # a literal at the end is looked for; what follows it does not matter
            self._parts.append(_Part("?", "", pattern[at:], repeats=False))
        self._saved = sorted(
            ((number, part) for number, part in enumerate(self._parts) if part.kind != "?"),
            key=lambda item: _RANK[item[1].kind] + item[1].order,
        )

    def apply(self, text: str, event: Event) -> bool:
        """Set the fields; False, and nothing set, where a delimiter is missing.

        Raises:
            EventFault: a field cannot be set.
        """
        values = self._values(text)
        if values is None:
            return False
        names = {part.name: value for part, value in zip(self._parts, values, strict=True) if part.kind in ("?", "")}
        for number, part in self._saved:
            self._save(part, values[number], names, event)
        return True

    def _values(self, text: str) -> list[str] | None:
        if not text or not text.startswith(self._parts[0].before):
            return None
        values: list[str] = []
        left = len(self._parts[0].before)
        for part, following in zip(self._parts, self._parts[1:], strict=False):
            delimiter = following.before
            found = text.find(delimiter, left) if delimiter else -1
            if found < 0:
                return None
            values.append(text[left:found])
            left = found + len(delimiter)
            while part.repeats and text.startswith(delimiter, left):
                left += len(delimiter)
        return [*values, text[left:]]

    @staticmethod
    def _save(part: _Part, value: str, names: dict[str, str], event: Event) -> None:
        if part.kind == "&":
            name = names.get(part.name)
            if name is None:
                known = event.get(parse_reference(part.name))
                name = None if known is None else java_text(known)
            if name:
                event.set(parse_reference(name), value)
            return
        path = parse_reference(part.name)
        if part.kind == "+" and event.includes(path):
            old = event.get(path)
            value = f"{'null' if old is None else java_text(old)}{part.before or ' '}{value}"
        event.set(path, value)


def _part(text: str, before: str) -> _Part:
    for mixed in ("+&", "&+"):
        if text.startswith(mixed):
            raise DissectionError(f"Field cannot prefix with both Append and Indirect Prefix ({mixed}): {text}")
    kind = text[:1] if text[:1] in ("?", "+", "&") else ""
    found = _NAME.fullmatch(text, len(kind))
    assert found is not None
    name, suffix, number = found.group(1), found.group(2) or "", found.group(3) or found.group(4)
    if not name and kind in ("+", "&"):
        raise DissectionError("Field cannot be a prefix on its own without further text")
    order = int(number) if kind == "+" and number else 0
    return _Part(kind if name else "?", name, before, "->" in suffix, order)
