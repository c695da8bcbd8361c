"""Ruby's `String#gsub` with a replacement text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.logstash_runner.fault import EventFault

if TYPE_CHECKING:
    import regex

_REFERENCE = re.compile(r"\\(?:(\d)|k<([^>]*)>|([&0`'\\]))")
_SECONDS = 10.0
"""A match that takes longer is given up."""


class Replacement:
    """`\\0`, `\\1`, `\\k<name>`, `\\&`, ``\\` ``, `\\'` and `\\\\`; any other backslash is one."""

    __slots__ = ("_parts", "text")

    def __init__(self, text: str) -> None:
        self.text: str | None = text if "\\" not in text else None
        self._parts: list[str | tuple[str, str]] = []
        at = 0
        for match in _REFERENCE.finditer(text):
            if match.start() > at:
                self._parts.append(text[at : match.start()])
            number, name, mark = match.groups()
            self._parts.append(("group", number) if number else ("name", name) if name is not None else ("mark", mark))
            at = match.end()
        self._parts.append(text[at:])

    def fill(self, match: regex.Match[str]) -> str:
        """The text for one match.

        Raises:
            EventFault: a named group that does not exist.
        """
        return "".join(part if isinstance(part, str) else _part(part, match) for part in self._parts)


def _part(part: tuple[str, str], match: regex.Match[str]) -> str:
    kind, value = part
    if kind == "group":
        if match.re.groupindex and value != "0":  # JRuby numbers no groups beside named ones
            return ""
        return (match.group(int(value)) or "") if int(value) <= match.re.groups else ""
    if kind == "name":
        if value not in match.re.groupindex:
            raise EventFault(f"undefined group name reference: {value}")
        return match.group(value) or ""
    if value == "\\":
        return "\\"
    if value == "`":
        return match.string[: match.start()]
    return match.string[match.end() :] if value == "'" else match.group()


def substitute(pattern: regex.Pattern[str], replacement: Replacement, text: str) -> str:
    """Replace every match.

    Raises:
        EventFault: the match took too long.
    """
    parts: list[str] = []
    at = copied = 0
    try:
        while at <= len(text) and (match := pattern.search(text, at, timeout=_SECONDS)) is not None:
            parts += (text[copied : match.start()], replacement.text or replacement.fill(match))
            copied = match.end()
            # behind an empty match Ruby goes on with the next character; `sub` would try the same place again
            at = copied + (copied == match.start())
    except TimeoutError as error:
        raise EventFault(f"/{pattern.pattern}/ took longer than {_SECONDS:g} s") from error
    return "".join([*parts, text[copied:]]) if parts else text
