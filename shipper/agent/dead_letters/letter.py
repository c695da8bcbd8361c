"""One rejected record, as it is kept on disk."""

from __future__ import annotations

import re
from itertools import islice

import msgspec

from shipper.agent.batch import Batch, Reject
from shipper.agent.sealed import OPENING, seal, unseal
from shipper.event import Stream


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


_TRIES = 1000
"""Places of a damaged line where the next letter may begin."""
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(DeadLetter)


def letter_of(reject: Reject, now: str) -> DeadLetter:
    """What is kept of a reject; `now` is ISO 8601 UTC."""
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


def as_line(letter: DeadLetter) -> bytes:
    """One line with its end."""
    return seal(_ENCODER.encode(letter)) + b"\n"


def read_line(line: bytes) -> DeadLetter | None:
    """None where the line is damaged."""
    body = unseal(line.removesuffix(b"\n"))
    return None if body is None else read_old_line(body)


def read_old_line(line: bytes) -> DeadLetter | None:
    """As earlier versions wrote it, without a sum."""
    try:
        return _DECODER.decode(line)
    except msgspec.DecodeError:
        return None


def salvage(line: bytes) -> list[tuple[int, DeadLetter]]:
    """(place in it, letter) of what is whole in a damaged line: a spoiled line end joins two, or ends the last."""
    ends = islice(re.finditer(re.escape(OPENING), line), 1, _TRIES)
    cuts = [match.start() for match in ends] or [len(line)]
    for cut in cuts:
        pieces = ((0, line[: cut - 1]), (cut, line[cut:]))
        found = [(at, letter) for at, piece in pieces if (letter := read_line(piece)) is not None]
        if found:
            return found
    return []
