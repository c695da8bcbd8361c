"""One generation of one source, as it is kept on disk."""

from __future__ import annotations

import base64
import os
from typing import NamedTuple

import msgspec

MARK_DISTANCE = 64 << 10
"""Bytes between two marks, about."""


class Key(NamedTuple):
    """Names one generation of one source; `prefix` begins the ids of its records."""

    source: str
    generation: int

    @property
    def prefix(self) -> str:
        return f"{self.source}-{self.generation}-"


class Sequel(NamedTuple):
    """Lines of the file that followed: they belong to the record that ends at the cut `at`."""

    at: int
    lines: bytes


class Mark(NamedTuple):
    """What stood just before an offset: `length` bytes and their hash."""

    offset: int
    length: int
    digest: str


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one generation of one source.

    Attributes:
        source: 16 lower-case base32 characters, random, for life.
        generation: raised by each truncation or rewrite.
        head_length, head: how many first bytes were hashed (it grows to 1,024), and their hash.
        fallback_time: seconds since the epoch for records before any stamp; minted with the generation.
        offset: plain bytes acknowledged or durably dead-lettered, without a gap.
        resume: the decoder's state at `offset`.
        tail_length, tail: the bytes just before `offset`, hashed: proof that the file still is what was read.
        marks: the same proof for earlier offsets, the newest first: a copy may end before `offset`.
        ends: size of the copy that the entry lives in, if that is less than what was read of the original.
        cuts: plain offsets beyond `offset` where held bytes were given up; a re-read cuts at the same places.
        sequel: the rest of the record that a rotation divided; kept for whoever reads the file again.
        begun: it was decided what the file's first lines are: its own, but for `handed` bytes.
        handed: bytes at its beginning that belong to the last record of the file before it.
        last_time: `@timestamp` of the last acknowledged record, ISO 8601.
        size, mtime_ns: of the file when it was read to its end and all of it was acknowledged, else 0.
        seen: seconds since the epoch when the file was last found.
        gone: the file was removed or replaced; its inode may belong to another by now.
    """

    source: str
    generation: int
    path: str
    device: int
    inode: int
    fallback_time: float
    head_length: int = 0
    head: str = ""
    offset: int = 0
    resume: bytes = b""
    tail_length: int = 0
    tail: str = ""
    marks: tuple[Mark, ...] = ()
    ends: int = 0
    cuts: tuple[int, ...] = ()
    sequel: Sequel | None = None
    begun: bool = False
    handed: int = 0
    last_time: str = ""
    size: int = 0
    mtime_ns: int = 0
    seen: float = 0.0
    gone: bool = False

    @property
    def key(self) -> Key:
        return Key(self.source, self.generation)

    def proof(self, size: int | None = None) -> Mark | None:
        """What the entry's file must hold; `size`: of a copy that may end early. None: nothing is known so far back."""
        limit = min(self.offset if size is None else size, self.ends or self.offset)
        known = (Mark(self.offset, self.tail_length, self.tail), *self.marks)
        return next((mark for mark in known if mark.offset <= limit), None)

    def marks_at(self, offset: int) -> tuple[Mark, ...]:
        """The marks to keep once `offset` is acknowledged: two, the elder at least `MARK_DISTANCE` behind."""
        now = Mark(self.offset, self.tail_length, self.tail)
        far = not self.marks or offset - self.marks[0].offset >= MARK_DISTANCE
        return (now, *self.marks[:1]) if far and now.length else self.marks


def mint() -> str:
    """A new random source id: 80 bits as 16 lower-case base32 characters."""
    return base64.b32encode(os.urandom(10)).decode("ascii").lower()
