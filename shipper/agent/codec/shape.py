"""The shape of a source's ECS lines as one regular expression: names, order and types; learned from one checked line.

What a shape finds in a block of lines needs no other look: the line is JSON, its names are those of the learned line,
its values have their ECS types. Strings never hold an unescaped quote, so each pattern reads a line in one pass.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from shipper.agent.codec import level
from shipper.agent.codec.base import Layout
from shipper.ecs.table import ALLOWED, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shipper.agent.codec.base import Parted
    from shipper.event import Document

_TEXT = (
    rb'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u(?:(?![dD][89a-fA-F])[0-9a-fA-F]{4}'
    rb'|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}))[^"\\\x00-\x1f]*+)*"'
)
_WHOLE = rb"-?(?:0|[1-9][0-9]{0,17}+)(?![0-9.eE])"
_NUMBER = rb"-?(?:0|[1-9][0-9]{0,14}+)(?:\.[0-9]{1,15}+)?(?![0-9.eE])"
_BYTE = rb"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_STAMP = (
    rb"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    rb"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9}+)?Z"
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
_TOKEN = re.compile(rb'([ \t]*)("(?:[^"\\]|\\.)*+"|[^\s{}\[\],:"]++|[{}\[\],:])')
_MAX_LENGTH = 16 << 10
"""Bytes of a line that may be learned; a longer one is no pattern for others."""


def _any_of(words: Iterable[bytes]) -> bytes:
    """A pattern of whole words, the longest first."""
    return b"|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def _words(known: str) -> list[str]:
    """The spellings of a level, the canonical one first."""
    others = [word for word in sorted(level.WORDS) if level.normalise(word) == (known, None)]
    return [known, *(form for word in dict.fromkeys((known, *others)) for form in (word, word.upper(), word.title()))]


_LEVELS = {word.encode(): known.encode() for known in level.CANONICAL for word in _words(known)}
_CANONICAL = b'"(?:%b)"' % _any_of(word.encode() for word in level.CANONICAL)
_ANY_LEVEL = b'"(?:%b)"' % _any_of(_LEVELS)
_ROOT_LEVEL = re.compile(b'("log[.]level":[ \t]*")(%b)(?=")' % _any_of(_LEVELS))
"""No string holds this: its quotes would be escaped."""


Part = tuple[bytes, ...]
"""One line of a block: before, its stamp (inside of before), after; or the fourth alone: a line of another shape."""


class Shape:
    """Lines alike in all but their values.

    Attributes:
        layout: with the document it was learned from; names and nesting are those of every line.
        closing: what follows `after` in a line, its newline included.
    """

    def __init__(self, pattern: bytes, sample: Document, closing: bytes, *, foreign: bool) -> None:
        self.layout = Layout(sample, "log" if "log" in sample else "")
        self.closing = closing
        self._foreign = foreign
        self._line = _compiled(pattern + re.escape(closing))
        self._block = _compiled(pattern + re.escape(closing) + rb"|([^\n]*+\n)")

    def find(self, block: bytes) -> list[Part]:
        """Each line of a block of whole, valid UTF-8 lines; those of another shape are `other`."""
        return self._block.findall(block)

    def match(self, line: bytes) -> tuple[bytes, bytes, bytes] | None:
        """(before, stamp, after) of one line with its newline, or None."""
        found = self._line.fullmatch(line)
        return None if found is None else (found[1], found[2], found[3])

    def lengths(self, parts: list[Part]) -> list[int]:
        """Bytes of each line, none of which is `other`."""
        more = len(self.closing)
        return [len(before) + len(after) + more for before, _, after, _ in parts]

    def documents(self, parts: list[Part]) -> list[Parted]:
        """What the decoder gives out for lines none of which is `other`."""
        if self._foreign:
            return [(*self.respelled(before, after), self.layout) for before, _, after, _ in parts]
        return [(before, after, self.layout) for before, _, after, _ in parts]

    def respelled(self, before: bytes, after: bytes) -> tuple[bytes, bytes]:
        """The two parts with the level in our spelling."""
        if not self._foreign:
            return before, after
        changed = respell(before)
        return (before, respell(after) or after) if changed is None else (changed, after)


def respell(text: bytes) -> bytes | None:
    """JSON of a checked line with its root `log.level` in our spelling; None where there is none that we know."""
    changed, count = _ROOT_LEVEL.subn(_canonical, text)
    return changed if count == 1 else None


def _canonical(match: re.Match[bytes]) -> bytes:
    return b"%b%b" % (match[1], _LEVELS[match[2]])


@lru_cache(maxsize=256)
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    """Sources alike share their patterns."""
    return re.compile(pattern)


def learn(line: bytes) -> Shape | None:
    """The shape of a line with its newline, which was checked to be ECS; None where it is no pattern for others."""
    if len(line) > _MAX_LENGTH or not line.endswith(b"\n"):
        return None
    text = line.rstrip()
    closing = line[len(text) - 1 :]
    sample = orjson.loads(text)
    if sample.get("log") == {}:
        return None
    try:
        pattern = b"".join(_Walk(text).pattern())
    except _Unfit:
        return None
    word = sample.get("log.level")
    shape = Shape(pattern, sample, closing, foreign=isinstance(word, str) and word not in level.CANONICAL)
    return None if shape.match(line) is None else shape


class _Unfit(Exception):  # noqa: N818 - no error: the line just teaches nothing
    """A line that is no pattern for others."""


class _Walk:
    """Once through the tokens of a line, each becoming its piece of the pattern."""

    def __init__(self, text: bytes) -> None:
        self._tokens = [(match[1], match[2]) for match in _TOKEN.finditer(text)]
        if b"".join(space + token for space, token in self._tokens) != text:
            raise _Unfit
        self._place = 0

    def pattern(self) -> Iterator[bytes]:
        """The whole pattern up to the last brace; three groups: before, the stamp in it or in after, after."""
        yield b"("
        if self._take() != (b"", b"{"):
            raise _Unfit
        yield re.escape(b"{")
        pieces = list(self._members("", first=b"{"))
        parted = pieces.count(_PART)
        stamp = pieces.count(_GROUP + _STAMP + b')"')
        if stamp != 1 or parted > 1 or (parted and pieces.index(_PART) < pieces.index(_GROUP + _STAMP + b')"')):
            raise _Unfit  # the groups must come in one order
        yield from pieces
        yield b")" if parted else b")()"

    def _take(self) -> tuple[bytes, bytes]:
        if self._place >= len(self._tokens):
            raise _Unfit
        self._place += 1
        return self._tokens[self._place - 1]

    def _literal(self, expected: bytes | None = None) -> tuple[bytes, bytes]:
        space, token = self._take()
        if expected is not None and token != expected:
            raise _Unfit
        return token, re.escape(space + token)

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
        yield re.escape(space)
        if token == b"{":
            yield re.escape(token)
            if name == "log":
                yield _PART
            yield from self._members(name, first=token)
        elif token == b"[":
            yield self._list(name)
        elif name == "@timestamp":
            yield _GROUP + _STAMP + b')"'
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
                separators.add(comma + re.escape(space))
            token, comma = self._literal()
            if token == b"]" == comma[-1:] and len(kinds) == 1 and len(separators) <= 1:
                kind = kinds.pop()
                separator = separators.pop() if separators else b","
                return rb"\[%b(?:%b%b)*+%b" % (kind, separator, kind, comma)
            if token != b",":
                raise _Unfit


_PART = rb")("
_GROUP = rb'"('


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
