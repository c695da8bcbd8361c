"""The contract between the agent's harvesters and its codecs.

A harvester reads raw bytes of one source generation and hands them, in order and in any chunking, to one `Decoder`.
The decoder frames them into records, converts each to ECS, redacts, and says which bytes each record covers.
The same bytes give the same records for every chunking, and after a restart from any returned `resume` state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from shipper.event import Document


@dataclass(frozen=True, eq=False, slots=True)
class Layout:
    """What lines of one kind have in common; compared by identity.

    Attributes:
        sample: a document with the names and nesting of every such line (or more names).
        mark: where metadata goes into a line of a `Sheet`: what each has once, or empty for its beginning.
        opening: what stands there in the document itself: the brace of the root, or name and brace of an object.
        open: the name of that object at the root, which has members; empty for the root.
        others: names of further objects at the root of each line that have members; each stands in a line once as
            `"name":{`.
    """

    sample: Document
    mark: bytes
    opening: bytes
    open: str = ""
    others: tuple[str, ...] = ()

    def whole(self, line: bytes) -> bytes:
        """The JSON of a line of a `Sheet`."""
        return line if self.mark else self.opening + line


@dataclass(frozen=True, eq=False, slots=True)
class Sheet:
    """Checked documents of one layout, so that metadata for all of them is worked out once.

    Attributes:
        lines: the JSON of each; where the layout's mark is empty, without its opening.
    """

    lines: list[bytes]
    layout: Layout

    def each(self) -> list[bytes]:
        """The JSON of each."""
        return self.lines if self.layout.mark else [self.layout.whole(line) for line in self.lines]


Taken = tuple[list[int], list[str], Sheet]
"""Lines that left without a document being built: bytes of each with its newline, `@timestamp`, documents."""


class LineKind(Protocol):
    """Lines alike."""

    def take(self, block: bytes, limit: int) -> Taken | None:
        """What whole lines of this kind are; None where one is longer than `limit` or not for the short way."""


class BlockPath(Protocol):
    """A short way for lines of some kinds, many at a time."""

    def find(self, block: bytes, begin: int) -> tuple[int, LineKind] | None:
        """Where the lines of one kind end that begin at `begin`, and the kind; None for a line of no known kind.

        `block` is whole lines in valid UTF-8.
        """


@dataclass(slots=True)
class Decoded:
    """Records in file order; the lists are parallel.

    Attributes:
        offsets: plain byte offset of each record's first byte; it is part of the record's `_id`.
        documents: a nested ECS document (dict), or, on the fast path, one JSON object that is already checked ECS
            and needs metadata spliced in only: its bytes (no outer whitespace, no newline); or a sheet, which stands
            for as many records as it has lines.
        timestamps: `@timestamp` of each record, ISO 8601 UTC; its first ten characters choose the daily index.
        end: plain offset just after the last record; a restart feeds from here with `resume`.
        resume: the decoder's state at `end` as opaque bytes (detected format, last time, open container parts ...).
        counts: what happened inside, by name (`redacted`, `coerced`, `unparsed`, `truncated`, `invalid_utf8` ...).
    """

    offsets: list[int] = field(default_factory=list)
    documents: list[Document | bytes | Sheet] = field(default_factory=list)
    timestamps: list[str] = field(default_factory=list)
    end: int = 0
    resume: bytes = b""
    counts: dict[str, int] = field(default_factory=dict)

    def each(self) -> list[Document | bytes]:
        """One document a record, none in a sheet."""
        result: list[Document | bytes] = []
        for document in self.documents:
            if isinstance(document, Sheet):
                result += document.each()
            else:
                result.append(document)
        return result


def joined(first: Decoded, rest: Decoded) -> Decoded:
    """What two calls gave, the second's place and state."""
    for name, count in first.counts.items():
        rest.counts[name] = rest.counts.get(name, 0) + count
    return Decoded(
        first.offsets + rest.offsets,
        first.documents + rest.documents,
        first.timestamps + rest.timestamps,
        rest.end,
        rest.resume,
        rest.counts,
    )


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

    def continuation(self, data: bytes) -> tuple[int, bool]:
        """How much of the file that follows this one still belongs to what is open here; changes nothing.

        `data` is the beginning of that file. -> (bytes of whole lines, whether they were followed by a line that does
        not belong).
        """

    def conclude(self, data: bytes) -> Decoded:
        """As `flush`, after taking in `data`, whole lines of the file that follows; offsets stay those of this file."""


class SelfContained:
    """For a decoder whose records never go on in another file."""

    def continuation(self, data: bytes) -> tuple[int, bool]:  # noqa: ARG002 - of Decoder
        return 0, True

    def conclude(self, data: bytes) -> Decoded:  # noqa: ARG002 - of Decoder
        return self.flush()

    def flush(self) -> Decoded:
        raise NotImplementedError
