"""The contract between the agent's harvesters and its codecs.

A harvester reads raw bytes of one source generation and hands them, in order and in any chunking, to one `Decoder`.
The decoder frames them into records, converts each to ECS, redacts, and says which bytes each record covers.
The same bytes give the same records for every chunking, and after a restart from any returned `resume` state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from shipper.agent.codec.shape import Shape
    from shipper.event import Document

Parted = tuple[bytes, bytes, "Shape"]
"""A checked line as two parts and its shape: `before + after + b"}"` is one JSON object; see `shape.Shape`."""


def whole(document: bytes | Parted) -> bytes:
    """The JSON of a document of the fast path."""
    return b"%b%b}" % document[:2] if isinstance(document, tuple) else document


@dataclass(slots=True)
class Decoded:
    """Records in file order; the lists are parallel.

    Attributes:
        offsets: plain byte offset of each record's first byte; it is part of the record's `_id`.
        documents: per record either a nested ECS document (dict), or, on the fast path, one JSON object that is
            already checked ECS and needs metadata spliced in only: its bytes (no outer whitespace, no newline), or
            its parts.
        timestamps: `@timestamp` of each record, ISO 8601 UTC; its first ten characters choose the daily index.
        end: plain offset just after the last record; a restart feeds from here with `resume`.
        resume: the decoder's state at `end` as opaque bytes (detected format, last time, open container parts ...).
        counts: what happened inside, by name (`redacted`, `coerced`, `unparsed`, `truncated`, `invalid_utf8` ...).
    """

    offsets: list[int] = field(default_factory=list)
    documents: list[Document | bytes | Parted] = field(default_factory=list)
    timestamps: list[str] = field(default_factory=list)
    end: int = 0
    resume: bytes = b""
    counts: dict[str, int] = field(default_factory=dict)


class Decoder(Protocol):
    """One per source generation; not shared between threads."""

    def feed(self, data: bytes) -> Decoded:
        """Take the next bytes; return the records that are complete (maybe none).

        A record that may still grow (an unterminated line, a stack trace that may go on) is held back.
        """

    def flush(self) -> Decoded:
        """Give up what is held back: the source is idle, rotated away or at its end.

        After a flush, `feed` may go on: the held bytes were emitted and are not repeated.
        """

    @property
    def held(self) -> int:
        """How many bytes are held back; bounded by the settings."""
