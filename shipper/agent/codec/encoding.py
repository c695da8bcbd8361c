"""Text that is not UTF-8: transcoded line by line, with offsets in the bytes of the file.

Source: the byte order marks of the Unicode Standard, chapter 23.8; encodings as Python's `codecs` names them.
"""

from __future__ import annotations

import codecs
from bisect import bisect_right
from typing import TYPE_CHECKING

import msgspec

from shipper.agent.codec.base import Decoded, SelfContained, joined

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.agent.codec.base import Decoder

    MakeInner = Callable[[bytes, int], Decoder]
    """(resume, end) -> a decoder of UTF-8."""

UTF8 = "utf-8"
AUTO = "auto"
_BOMS = {
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16, whose mark is its beginning
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_LONGEST_BOM = 4
_BY_MARK = {AUTO: UTF8, "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
"""Encodings whose files say the rest by a mark -> what holds without one."""
_NOT_OF_FILES = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "hz", "utf-7"})
_SAVED = b'{"encoding":'


class _State(msgspec.Struct, frozen=True):
    """What a restart must know: the encoding, the UTF-8 offset that belongs to `end`, the inner decoder's state."""

    encoding: str
    end: int
    inner: bytes


def canonical(name: str) -> str:
    """The encoding as it is compared here.

    Raises:
        ValueError: Python knows no such encoding of text, or lines cannot be found in it.
    """
    if name == AUTO:
        return AUTO
    try:
        info = codecs.lookup(name)
        sound = "\n".encode(info.name).decode(info.name) == "\n"
    except (LookupError, UnicodeError):
        raise ValueError(
            f"unknown encoding {name!r}; name one of Python's, such as utf-16, latin-1 or cp1252"
        ) from None
    found = info.name.replace("_", "-")
    if not sound or found in _NOT_OF_FILES:
        raise ValueError(f"files cannot be read line by line as {name!r}")
    return UTF8 if found in ("utf-8-sig", "ascii") else found


def may_hold_nul(encoding: str) -> bool:
    """Are NUL bytes ordinary in it, and no sign of a binary file?"""
    return "\n".encode(encoding if encoding != AUTO else UTF8) != b"\n"


class EncodedDecoder:
    """Implements `Decoder` for any encoding, by way of a decoder of UTF-8.

    The count `undecodable` says how many characters were replaced by U+FFFD.

    Args:
        encoding: `auto` and those that a byte order mark completes are settled by the first bytes of the file.
        make: makes the inner decoder from (resume, end).
        resume, end: as of `make_decoder`.
    """

    __slots__ = ("_encoding", "_inner", "_make", "_pending")

    def __init__(self, encoding: str, make: MakeInner, *, resume: bytes = b"", end: int = 0) -> None:
        self._make = make
        self._pending = b""
        self._inner: Decoder | None = None
        if resume.startswith(_SAVED):
            state = msgspec.json.decode(resume, type=_State)
            self._inner = _Transcoder(state.encoding, make(state.inner, state.end), state.end, end)
        elif end or resume or encoding not in _BY_MARK:
            self._settle(encoding, resume, end)
        else:
            self._encoding = encoding

    def feed(self, data: bytes) -> Decoded:
        if self._inner is not None:
            return self._inner.feed(data)
        self._pending += data
        if _is_open(self._pending):
            return Decoded()
        return self._begin()

    def flush(self) -> Decoded:
        if self._inner is not None:
            return self._inner.flush()
        if not self._pending:
            return Decoded()
        first = self._begin()
        rest = self._inner.flush() if self._inner is not None else Decoded()
        return joined(first, rest)

    @property
    def held(self) -> int:
        return len(self._pending) if self._inner is None else self._inner.held

    def continuation(self, data: bytes) -> tuple[int, bool]:
        return (0, True) if self._inner is None else self._inner.continuation(data)

    def conclude(self, data: bytes) -> Decoded:
        return self.flush() if self._inner is None else self._inner.conclude(data)

    def _begin(self) -> Decoded:
        """The mark is read, or there is none."""
        data, self._pending = self._pending, b""
        found = next((name for mark, name in _BOMS.items() if data.startswith(mark)), self._encoding)
        return self._settle(found, b"", 0).feed(data)

    def _settle(self, encoding: str, resume: bytes, end: int) -> Decoder:
        encoding = _BY_MARK.get(encoding, encoding)
        inner = self._make(resume, end)
        self._inner = inner if encoding == UTF8 else _Transcoder(encoding, inner, end, end)
        return self._inner


class _Transcoder(SelfContained):
    """Feeds UTF-8 to `inner` and translates its offsets back.

    Marks pair offsets of the two: where each line begins that may still be spoken of. Where a feed ended is none: it
    depends on the chunks.
    """

    def __init__(self, encoding: str, inner: Decoder, inner_end: int, end: int) -> None:
        self._encoding = encoding
        self._inner = inner
        self._newline = "\n".encode(encoding)
        self._unit = len("\0".encode(encoding))
        self._codec = codecs.getincrementaldecoder(encoding)("replace")
        self._carry = b""
        self._raw = end
        self._text = inner_end
        self._text_marks = [inner_end]
        self._raw_marks = [end]

    def feed(self, data: bytes) -> Decoded:
        data = self._carry + data
        usable = len(data) - len(data) % self._unit
        self._carry = data[usable:]
        parts: list[bytes] = []
        begin, lost = 0, 0
        while begin < usable:
            newline = self._find(data, begin, usable)
            stop = usable if newline < 0 else newline
            text = self._codec.decode(data[begin:stop], newline >= 0)
            lost += text.count("\ufffd")
            begin = stop
            if newline >= 0:
                text += "\n"
                begin += len(self._newline)
            part = text.encode("utf-8", "replace")
            parts.append(part)
            self._text += len(part)
            if newline >= 0:
                self._mark(self._raw + begin)
        self._raw += usable
        decoded = self._translated(self._inner.feed(b"".join(parts)))
        if lost:
            decoded.counts["undecodable"] = decoded.counts.get("undecodable", 0) + lost
        return decoded

    def flush(self) -> Decoded:
        """Half a character stays: it is no text, and the next bytes may complete it."""
        self._mark(self._now)
        return self._translated(self._inner.flush())

    @property
    def held(self) -> int:
        return self._inner.held

    @property
    def _now(self) -> int:
        """Offset of the first byte that is not yet text."""
        return self._raw - len(self._codec.getstate()[0])

    def _find(self, data: bytes, begin: int, end: int) -> int:
        """The next newline that is a character of its own, or -1; `begin` is where a character begins."""
        at = data.find(self._newline, begin, end)
        while at >= 0 and (at - begin) % self._unit:
            at = data.find(self._newline, at + 1, end)
        return at

    def _mark(self, raw: int) -> None:
        if self._text != self._text_marks[-1]:
            self._text_marks.append(self._text)
            self._raw_marks.append(raw)

    def _raw_of(self, text: int) -> int:
        """Exact at marks; between them (NUL bytes before a record, records of one line) each step is one unit."""
        at = max(0, bisect_right(self._text_marks, text) - 1)
        return self._raw_marks[at] + (text - self._text_marks[at]) * self._unit

    def _translated(self, decoded: Decoded) -> Decoded:
        state = _State(self._encoding, decoded.end, decoded.resume)
        decoded.offsets = [self._raw_of(offset) for offset in decoded.offsets]
        keep = max(0, bisect_right(self._text_marks, decoded.end) - 1)
        decoded.end = self._now if decoded.end == self._text else self._raw_of(decoded.end)
        decoded.resume = msgspec.json.encode(state)
        del self._text_marks[:keep], self._raw_marks[:keep]
        return decoded


def _is_open(data: bytes) -> bool:
    """May more bytes still make a mark of it?"""
    return len(data) < _LONGEST_BOM and any(mark.startswith(data) for mark in _BOMS)
