"""The unit of work: a run of records of one source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shipper.event import Stream

if TYPE_CHECKING:
    from shipper.agent.registry import Key

_RECORD_OVERHEAD = 200
"""Bytes of Python objects a record costs beside its document: id, timestamp, list slots."""


@dataclass(slots=True)
class Run:
    """The contiguous stretch of a source that a batch covers.

    Attributes:
        start, end: plain offsets; `end` is just after the last record.
        resume: the decoder's state at `end`.
        tail_length, tail: proof of the bytes before `end` (see `registry.Entry`).
        size, mtime_ns: of the file if `end` is all of it, else 0; `inode` is that file's.
    """

    key: Key
    path: str
    start: int
    end: int
    resume: bytes = b""
    tail_length: int = 0
    tail: str = ""
    size: int = 0
    mtime_ns: int = 0
    inode: int = 0


@dataclass(slots=True, eq=False)
class Batch:
    """Whole documents with their ids; the lists are parallel.

    Attributes:
        documents: each one JSON object as bytes, metadata included, without a newline.
        timestamps: `@timestamp` of each, ISO 8601 UTC.
        run: where it was read; None for metrics, which cannot be read again.
        number: counts batches in the order in which they were offered, from 1.
        settled: every record was acknowledged or durably dead-lettered.
    """

    ids: list[str]
    documents: list[bytes]
    timestamps: list[str]
    stream: Stream = Stream.LOGS
    run: Run | None = None
    settled: bool = False
    size: int = field(init=False)
    number: int = field(init=False, default=0)
    _oldest: str | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.size = sum(map(len, self.documents)) + _RECORD_OVERHEAD * len(self.documents)

    def __len__(self) -> int:
        return len(self.documents)

    @property
    def payload(self) -> int:
        """Bytes of the documents."""
        return self.size - _RECORD_OVERHEAD * len(self.documents)

    @property
    def oldest(self) -> str:
        """The lowest `@timestamp`, empty without records; worked out when somebody asks."""
        if self._oldest is None:
            self._oldest = min(self.timestamps, default="")
        return self._oldest


@dataclass(frozen=True, slots=True)
class Reject:
    """One record that the peer will never take.

    Attributes:
        position: its place in the batch.
        reason: the peer's words.
    """

    batch: Batch
    position: int
    reason: str
    status: int = 0
