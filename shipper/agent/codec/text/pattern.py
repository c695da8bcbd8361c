"""A layout that a user writes down: a regular expression with named groups, or grok's `%{NAME:field}`.

It runs on RE2, in time linear in the line, so no pattern can hang the agent. RE2 has no look-around and no
back-references; a pattern that needs them is refused when the configuration is read.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import re2

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import read_stamp, reader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.agent.codec.format import Fields, Memory

_REFERENCE = re.compile(r"%\{(\w+)(?::([@\w.\-]+|(?:\[[@\w.\-]+\])+))?(?::(int|float|string))?\}")
_GROUP = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")
_ALIASES = {"time": "@timestamp", "timestamp": "@timestamp", "level": "log.level", "logger": "log.logger",
            "thread": "process.thread.name", "pid": "process.pid"}  # fmt: skip
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_IPV6 = r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*"
_IPV4 = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"

GROK: Mapping[str, str] = {
    "WORD": r"\b\w+\b", "NOTSPACE": r"\S+", "SPACE": r"\s*", "DATA": r".*?", "GREEDYDATA": r".*",
    "INT": r"[+-]?[0-9]+", "POSINT": r"\b[1-9][0-9]*\b", "NONNEGINT": r"\b[0-9]+\b", "NUMBER": _NUMBER,
    "BASE10NUM": _NUMBER, "BASE16NUM": r"[+-]?(?:0x)?[0-9A-Fa-f]+", "QS": r'"(?:[^"\\]|\\.)*"',
    "QUOTEDSTRING": r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'',
    "UUID": r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
    "IPV4": _IPV4, "IPV6": _IPV6, "IP": f"{_IPV6}|{_IPV4}", "HOSTNAME": r"\b[0-9A-Za-z][0-9A-Za-z.\-]*",
    "IPORHOST": rf"{_IPV6}|{_IPV4}|[0-9A-Za-z][0-9A-Za-z.\-]*", "USERNAME": r"[a-zA-Z0-9._\-]+",
    "USER": r"[a-zA-Z0-9._\-]+", "EMAILADDRESS": r"[^\s@]+@[^\s@]+", "PATH": r"(?:/|[A-Za-z]:\\)[^\s]*",
    "UNIXPATH": r"/[^\s]*", "URIPATH": r"/[^\s?#]*", "URIPATHPARAM": r"/[^\s]*", "URI": r"[A-Za-z][A-Za-z0-9+.\-]*://\S+",
    "LOGLEVEL": r"(?i:trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe"
                r"|emerg(?:ency)?|alert)",
    "TIMESTAMP_ISO8601": r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
                         r"(?: ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?",
    "HTTPDATE": r"[0-9]{1,2}/[A-Za-z]{3}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}",
    "SYSLOGTIMESTAMP": r"[A-Za-z]{3} +[0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-9]{2}",
    "TIME": r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?", "JAVACLASS": r"[A-Za-z$_][A-Za-z0-9$_.]*",
    "PROG": r"[!-Z\\^-~]+",
}  # fmt: skip
"""Grok's names with expressions that RE2 takes."""


class UserPattern(TextFormat):
    """A head is a line that the whole pattern matches.

    Args:
        pattern: named groups (`(?P<time>…)`, `__` stands for a dot) and `%{NAME:field:type}`; `time`, `level`,
            `logger`, `thread` and `pid` mean their ECS fields.
        definitions: further names for `%{NAME}`.
        time_format: `strptime` layout of the time, where it is none of the usual ones.
        continuation: which lines follow a head.

    Raises:
        ValueError: not an expression that RE2 takes, an unknown `%{NAME}`, or no group.
    """

    name = "pattern"

    def __init__(
        self, pattern: str, definitions: Mapping[str, str], time_format: str = "", continuation: str = "any"
    ) -> None:
        self.continuation = Continuation(continuation)  # type: ignore[misc]  # the one format that is told
        self._fields: dict[str, tuple[str, str]] = {}
        self._read_time = reader(time_format) if time_format else read_stamp
        source = self._expand(pattern, definitions, ())
        source = _GROUP.sub(lambda match: f"(?P<{self._group(match[1].replace('__', '.'), '')}>", source)
        options = re2.Options()
        options.log_errors = False
        options.dot_nl = True
        try:
            self._regex = re2.compile(source, options)
        except re2.error as error:
            raise ValueError(f"the pattern is none that RE2 takes: {_text(error)}") from error
        if not self._fields:
            raise ValueError("the pattern names no field: write (?P<message>…) or %{GREEDYDATA:message}")

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = self._regex.fullmatch(line)
        if match is None:
            return None
        fields: Fields = {}
        for group, (name, kind) in self._fields.items():
            value = match.group(group)
            if value not in (None, ""):
                fields.setdefault(name, _typed(value, kind))
        time = fields.get("@timestamp")
        if isinstance(time, str):
            fields["@timestamp"] = self._read_time(time) or time
        return fields

    def _expand(self, pattern: str, definitions: Mapping[str, str], inside: tuple[str, ...]) -> str:
        def replace(match: re.Match[str]) -> str:
            name, field, kind = match.groups()
            known = definitions.get(name, GROK.get(name))
            if known is None or name in inside:
                raise ValueError(f"%{{{name}}} is {'defined by itself' if name in inside else 'not defined'}")
            inner = self._expand(known, definitions, (*inside, name))
            if field is None:
                return f"(?:{inner})"
            return f"(?P<{self._group(field.strip('[]').replace('][', '.'), kind or '')}>{inner})"

        return _REFERENCE.sub(replace, pattern)

    def _group(self, field: str, kind: str) -> str:
        """A group name of our own for `field`; ours are left as they are."""
        if field in self._fields:
            return field
        group = f"g{len(self._fields)}g"
        self._fields[group] = (_ALIASES.get(field, field), kind)
        return group


def _typed(value: str, kind: str) -> Any:
    try:
        return {"int": int, "float": float}.get(kind, str)(value)
    except ValueError:
        return value


def _text(error: Exception) -> str:
    cause = error.args[0] if error.args else error
    return cause.decode("utf-8", "replace") if isinstance(cause, bytes) else str(cause)


@lru_cache(maxsize=64)
def user_pattern(
    pattern: str, definitions: tuple[tuple[str, str], ...], time_format: str, continuation: str
) -> UserPattern:
    """The compiled pattern; sources with the same settings share it."""
    return UserPattern(pattern, dict(definitions), time_format, continuation)
