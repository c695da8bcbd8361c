"""Records that the peer will never take: kept one a line with their reason, listed, replayed."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import msgspec

from shipper.agent.batch import Batch, Reject
from shipper.clock import iso_utc
from shipper.event import Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from shipper.clock import Clock


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One rejected record.

    Attributes:
        id: the `_id` it was sent with; a replay keeps it, so it cannot double.
        time: when it was rejected, ISO 8601 UTC.
        reason, status: the peer's words and status.
        path, offset: where it was read; empty and -1 for metrics.
        document: the whole document as it was sent.
    """

    id: str
    time: str
    reason: str
    status: int
    path: str
    offset: int
    stream: Stream
    timestamp: str
    document: msgspec.Raw

    def batch(self) -> Batch:
        """As a batch of one, to send again."""
        return Batch([self.id], [bytes(self.document)], [self.timestamp], self.stream)


class DeadLetters:
    """The store in a state directory: `dead.ndjson`, and `replayed.ndjson` with the ids that went through."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._letters = directory / "dead.ndjson"
        self._replayed = directory / "replayed.ndjson"
        self._clock = clock
        self._lock = threading.Lock()

    def bury(self, rejects: Sequence[Reject]) -> None:
        """Append and fsync.

        Raises:
            OSError: the disk refused; nothing counts as stored.
        """
        now = iso_utc(self._clock.time())
        self._append(self._letters, b"".join([_ENCODER.encode(_letter(reject, now)) + b"\n" for reject in rejects]))

    def list(self) -> Iterator[DeadLetter]:
        """Those not replayed yet, oldest first, each id once; damaged lines are left out."""
        seen = {line.decode() for line in _lines(self._replayed)}
        for line in _lines(self._letters):
            try:
                letter = _DECODER.decode(line)
            except msgspec.DecodeError:
                continue
            if letter.id not in seen:
                seen.add(letter.id)
                yield letter

    def count(self) -> int:
        """How many wait for a replay."""
        return sum(1 for _ in self.list())

    def mark_replayed(self, ids: Iterable[str]) -> None:
        """These went through."""
        self._append(self._replayed, "".join(f"{name}\n" for name in ids).encode())

    def _append(self, path: Path, data: bytes) -> None:
        with self._lock:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                size = os.fstat(descriptor).st_size
                if size and os.pread(descriptor, 1, size - 1) != b"\n":
                    data = b"\n" + data  # a torn line of a crash stays alone
                view = memoryview(data)
                while view:
                    view = view[os.write(descriptor, view) :]
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(DeadLetter)


def _letter(reject: Reject, now: str) -> DeadLetter:
    batch, position = reject.batch, reject.position
    name = batch.ids[position]
    return DeadLetter(
        id=name,
        time=now,
        reason=reject.reason,
        status=reject.status,
        path=batch.run.path if batch.run else "",
        offset=int(name.rpartition("-")[2]) if batch.run else -1,
        stream=batch.stream,
        timestamp=batch.timestamps[position],
        document=msgspec.Raw(batch.documents[position]),
    )


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n") and line.strip():
                    yield line.rstrip(b"\n")
    except FileNotFoundError:
        return
