"""The shape of a source's ECS lines as one regular expression: names, order and types; learned from one checked line.

Lines that have a shape need no other look: they are JSON, their names are those of the learned line, their values have
their ECS types. RE2 finds the end of a run of them in one pass without a call a line; what follows (times, offsets,
metadata) is done on whole runs by `split`, `join` and `%`. That is sound because nothing between the quotes of a JSON
string can look like a name with its quotes: a name stands in each line as often as in the learned one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson
import re2

from shipper.agent.codec import level
from shipper.agent.codec.base import Layout, Sheet
from shipper.ecs.instant import day_seconds
from shipper.ecs.table import ALLOWED, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shipper.agent.codec.base import Taken
    from shipper.event import Document

_TEXT = (
    rb'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u(?:[0-9abcefABCEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}'
    rb'|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})))*"'
)
_WHOLE = rb"-?(?:0|[1-9][0-9]{0,17})"
_NUMBER = rb"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?"
_BYTE = rb"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_STAMP = (
    rb"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    rb"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?Z"
)
_KINDS = {
    "keyword": _TEXT,
    "wildcard": _TEXT,
    "match_only_text": _TEXT,
    "constant_keyword": _TEXT,
    "long": _WHOLE,
    "float": _NUMBER,
    "boolean": rb"(?:true|false)",
    "ip": rb'"(?:%b\.){3}%b"' % (_BYTE, _BYTE),
    "date": rb'"%b"' % _STAMP,
}
_LOG = re.compile(rb'"log"[ \t]*:[ \t]*\{')
_TOKEN = re.compile(rb'([ \t]*)("(?:[^"\\]|\\.)*+"|[^\s{}\[\],:"]++|[{}\[\],:])')
_MAX_LENGTH = 16 << 10
"""Bytes of a line that may be learned; a longer one is no pattern for others."""


def _any_of(words: Iterable[bytes]) -> bytes:
    """A pattern of whole words, the longest first."""
    return b"|".join(re2.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def _words(known: str) -> list[str]:
    """The spellings of a level, the canonical one first."""
    others = [word for word in sorted(level.WORDS) if level.normalise(word) == (known, None)]
    return [known, *(form for word in dict.fromkeys((known, *others)) for form in (word, word.upper(), word.title()))]


_LEVELS = {word.encode(): known.encode() for known in level.CANONICAL for word in _words(known)}
_CANONICAL = b'"(?:%b)"' % _any_of(word.encode() for word in level.CANONICAL)
_ANY_LEVEL = b'"(?:%b)"' % _any_of(_LEVELS)
_ROOT_LEVEL = re.compile(b'"log[.]level":[ \t]*"(%b)"' % _any_of(_LEVELS))
"""No string holds this: its quotes would be escaped."""
_TIME = re.compile(rb'"@timestamp":[ \t]*"([^"]+)"')


class Shape:
    """Lines alike in all but their values; implements `LineKind`.

    Attributes:
        layout: with the document it was learned from; names and nesting are those of every line.
    """

    def __init__(self, pattern: bytes, sample: Document, layout: Layout, closing: bytes, stamp: slice) -> None:
        """Of what was learned from one line.

        Args:
            pattern: of a line without its `closing`, which is the last brace and what follows it.
            sample: the line decoded.
            layout: see there.
            closing: of each line.
            stamp: where the line has its time if that is its first member, else an empty slice.
        """
        self.layout = layout
        self._closing = closing
        self._stamp = stamp
        word = sample.get("log.level")
        self._foreign = isinstance(word, str) and word not in level.CANONICAL
        self._run = _compiled(b"(?:%b%b)*" % (pattern, re2.escape(closing)))

    def run(self, block: bytes, begin: int) -> int:
        """Where the lines of this shape end that begin at `begin`, in valid UTF-8."""
        return int(self._run.match(block, begin).end())

    def take(self, block: bytes, limit: int) -> Taken | None:
        lines = block.split(b"\n")
        lines.pop()
        lengths = [len(line) + 1 for line in lines]
        if max(lengths) - 1 > limit:
            return None
        times = self._times(block, lines)
        if not _all_days(times):
            return None
        if self._closing != b"}\n":
            lines = [line.rstrip() for line in lines]
        if self._foreign:
            lines = _respelled(b"\n".join(lines)).split(b"\n")
        if not self.layout.mark:
            lines = [line[1:] for line in lines]
        return lengths, times, Sheet(lines, self.layout)

    def _times(self, block: bytes, lines: list[bytes]) -> list[str]:
        """`@timestamp` of each line: cut out where that of the learned line was, if all are as long."""
        place = self._stamp
        times = b"\n".join([line[place] for line in lines])
        if b'"' in times or times.count(b"Z") != len(lines):  # one is shorter; one is longer, or they are elsewhere
            times = b"\n".join(_TIME.findall(block))
        return times.decode("ascii").split("\n")


def respell(text: bytes) -> bytes | None:
    """JSON of a checked line with its root `log.level` in our spelling; None where there is none that we know."""
    return _respelled(text) if len(_ROOT_LEVEL.findall(text)) == 1 else None


def _respelled(text: bytes) -> bytes:
    for member, word in {match[0]: match[1] for match in _ROOT_LEVEL.finditer(text)}.items():
        if _LEVELS[word] != word:
            text = text.replace(member, b'%b%b"' % (member[: -len(word) - 1], _LEVELS[word]))
    return text


@lru_cache(maxsize=256)
def _compiled(pattern: bytes) -> Any:
    """Sources alike share their patterns."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    return re2.compile(pattern, options)


def learn(line: bytes) -> Shape | None:
    """The shape of a line with its newline, which was checked to be ECS; None where it is no pattern for others."""
    if len(line) > _MAX_LENGTH or not line.endswith(b"\n"):
        return None
    text = line.rstrip()
    sample = orjson.loads(text)
    try:
        walk = _Walk(text)
        pattern = b"".join(walk.pattern())
        shape = Shape(pattern, sample, _layout(text, sample), line[len(text) - 1 :], walk.stamp)
    except (_Unfit, re2.error):  # too large for RE2
        return None
    return shape if shape.run(line, 0) == len(line) else None


def _layout(text: bytes, sample: Document) -> Layout:
    if "log" not in sample:
        return Layout(sample, b"", b"{")
    marks = [match[0] for match in _LOG.finditer(text)]
    if not sample["log"] or len(marks) != 1:
        raise _Unfit  # also where another object has one that is called so
    return Layout(sample, marks[0], marks[0], "log")


def _all_days(times: list[str]) -> bool:
    """Is each time, ISO 8601, on a day of the calendar?"""
    first, last = min(times)[:10], max(times)[:10]
    days = {first} if first == last else {time[:10] for time in times}  # what sorts between two has what they share
    return all(day_seconds(day) is not None for day in days)


class _Unfit(Exception):  # noqa: N818 - no error: the line just teaches nothing
    """A line that is no pattern for others."""


class _Walk:
    """Once through the tokens of a line, each becoming its piece of the pattern.

    Attributes:
        stamp: the place of the time in the line if that is its first member, else an empty slice.
    """

    def __init__(self, text: bytes) -> None:
        self._tokens = [(match[1], match[2]) for match in _TOKEN.finditer(text)]
        if b"".join(space + token for space, token in self._tokens) != text:
            raise _Unfit
        self._place = 0
        self.stamp = slice(0, 0)
        if text.count(b'"@timestamp"') != 1 or text.count(b'"log.level"') > 1:  # so that both are found by their names
            raise _Unfit

    def pattern(self) -> Iterator[bytes]:
        """The whole pattern up to the last brace."""
        if self._take() != (b"", b"{"):
            raise _Unfit
        yield re2.escape(b"{")
        pieces = list(self._members("", first=b"{"))
        if b'"%b"' % _STAMP not in pieces:
            raise _Unfit
        yield from pieces

    def _take(self) -> tuple[bytes, bytes]:
        if self._place >= len(self._tokens):
            raise _Unfit
        self._place += 1
        return self._tokens[self._place - 1]

    def _literal(self, expected: bytes | None = None) -> tuple[bytes, bytes]:
        space, token = self._take()
        if expected is not None and token != expected:
            raise _Unfit
        return token, re2.escape(space + token)

    def _members(self, parent: str, *, first: bytes) -> Iterator[bytes]:
        """The members of an object whose brace was taken, its closing brace included unless it is the root's."""
        names: set[str] = set()
        token = first
        while token != b"}":
            key, piece = self._literal()
            if key == b"}" and token == b"{":  # an empty object
                if parent:
                    yield piece
                return
            if not key.startswith(b'"') or b"\\" in key:
                raise _Unfit
            name = key[1:-1].decode()
            if name in names:
                raise _Unfit
            names.add(name)
            yield piece
            yield self._literal(b":")[1]
            yield from self._value(f"{parent}.{name}" if parent else name, nested=bool(parent))
            token, piece = self._literal()
            if token not in (b",", b"}"):
                raise _Unfit
            if token == b"," or parent:
                yield piece

    def _value(self, name: str, *, nested: bool) -> Iterator[bytes]:
        space, token = self._take()
        yield re2.escape(space)
        if token == b"{":
            yield re2.escape(token)
            yield from self._members(name, first=token)
        elif token == b"[":
            yield self._list(name)
        elif name == "@timestamp":
            if self._place == 4:  # brace, name, colon, time
                begin = sum(len(space) + len(token) for space, token in self._tokens[:3]) + len(space) + 1
                self.stamp = slice(begin, begin + len(token) - 2)
            yield b'"%b"' % _STAMP
        elif name == "log.level":
            canonical = nested or _LEVELS.get(token[1:-1]) == token[1:-1]
            yield _CANONICAL if canonical else _ANY_LEVEL
        else:
            yield _kind(name, token)

    def _list(self, name: str) -> bytes:
        """A list of scalars of one type, of any length but none."""
        kinds: set[bytes] = set()
        separators: set[bytes] = set()
        comma = b""
        while True:
            space, item = self._take()
            if item in b"{}[],:" or (space and not comma):
                raise _Unfit
            kinds.add(_kind(name, item))
            if comma:
                separators.add(comma + re2.escape(space))
            token, comma = self._literal()
            if token == b"]" == comma[-1:] and len(kinds) == 1 and len(separators) <= 1:
                kind = kinds.pop()
                separator = separators.pop() if separators else b","
                return rb"\[%b(?:%b%b)*%b" % (kind, separator, kind, comma)
            if token != b",":
                raise _Unfit


def _kind(name: str, token: bytes) -> bytes:
    """The pattern of a field's values: by ECS, else as the token is."""
    if name in ALLOWED:
        return b'"(?:%b)"' % _any_of(word.encode() for word in ALLOWED[name])
    known = _KINDS.get(TYPES.get(name, ""))
    if known is not None:
        return known
    if token.startswith(b'"'):
        return _TEXT
    if token in (b"true", b"false"):
        return b"(?:true|false)"
    value: Any = None if token in b"{}[],:" or token == b"null" else orjson.loads(token)
    if isinstance(value, int):
        return _WHOLE
    if isinstance(value, float):
        return _NUMBER
    raise _Unfit
