"""Grok expressions: `%{PATTERN}`, `%{PATTERN:field}` and `%{PATTERN:field:int}` inside a regular expression."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex

from shipper.grok.oniguruma import RegexError, ruby_words, translate

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFERENCE = re.compile(r"%\{([A-Za-z0-9_]+)(?::([@\[\]\w:.^`\\-]+))?([^}]*)\}")
_MAX_LENGTH = 1_000_000
_GROUP = "g"


class UnknownPatternError(RegexError):
    """A `%{NAME}` that nobody defined."""

    def __init__(self, name: str) -> None:
        super().__init__(f"pattern %{{{name}}} not defined")
        self.name = name


@dataclass(frozen=True, slots=True)
class Capture:
    """A group that becomes a field; `kind` is `int`, `float` or anything else for text."""

    field: str
    kind: str = ""


class Expression:
    """A compiled expression.

    Attributes:
        captures: in the order of their groups.
        used: the names of the patterns it is made of.
    """

    def __init__(self, text: str, library: Mapping[str, str], *, named_only: bool = True) -> None:
        """Compile.

        Raises:
            UnknownPatternError: a pattern is not in the library.
            RegexError: the expression is wrong, or defines itself.
        """
        self.text = text
        self.used: set[str] = set()
        self._names: list[Capture] = []
        expanded = self._expand(text, library, (), named_only=named_only)
        order: list[Capture] = []

        def rename(name: str) -> str:
            order.append(self._names[int(name[1:])] if re.fullmatch(r"\x00\d+", name) else Capture(name))
            return f"{_GROUP}{len(order) - 1}"

        translated = translate(expanded, rename)
        try:
            self._regex = regex.compile(translated, regex.VERSION1 | regex.MULTILINE | regex.DOTALL)
        except regex.error as error:
            shown = re.sub(r"\x00(\d+)", lambda found: self._names[int(found.group(1))].field, expanded)
            raise RegexError(f"{ruby_words(error)}: /{shown}/m") from error
        self.captures = tuple(order)
        self._groups = [self._regex.groupindex[f"{_GROUP}{number}"] for number in range(len(order))]

    def search(self, text: str, seconds: float | None = None) -> list[tuple[Capture, str | None]] | None:
        """The captures of the first match in order, or None.

        Raises:
            TimeoutError: the search took longer than `seconds`.
        """
        found = self._regex.search(text, timeout=seconds)
        if found is None:
            return None
        if not self._groups:
            return []
        values = found.group(*self._groups)
        if len(self._groups) == 1:
            values = (values,)
        return list(zip(self.captures, values, strict=True))

    def _expand(self, text: str, library: Mapping[str, str], inside: tuple[str, ...], *, named_only: bool) -> str:
        def replace(match: re.Match[str]) -> str:
            name, rest = match.group(1), match.group(2)
            if match.group(3).startswith("="):
                raise RegexError(f"definitions inside an expression are outside of the subset: {match.group()}")
            if name not in library:
                raise UnknownPatternError(name)
            if name in inside:
                raise RegexError(f"the pattern %{{{name}}} is defined by itself")
            self.used.add(name)
            inner = self._expand(library[name], library, (*inside, name), named_only=named_only)
            if len(inner) > _MAX_LENGTH:
                raise RegexError(f"the pattern %{{{name}}} grows beyond all bounds")
            if rest is None and named_only:
                return f"(?:{inner})"
            parts = (rest or name).split(":")
            self._names.append(Capture(parts[0], parts[1] if len(parts) > 1 else ""))
            return f"(?<\0{len(self._names) - 1}>{inner})"

        return _REFERENCE.sub(replace, text)
