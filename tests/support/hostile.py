"""Lines made to cost time: pieces of real records, repeated until they fill a line or a record.

`python -m tests.support.hostile 1 200` prints what seeds 1 to 199 find.
"""

from __future__ import annotations

import random
import re
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.agent.codec.registry import NAMES
from shipper.config import Size
from tests.unit.codec.samples import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE = 24_000
"""Bytes of a usual hostile line; quadratic time shows well at it."""
LIMIT = 256 << 10
"""Bytes of the longest lines: the `max_record_bytes` of these tests."""
CODECS = ("auto", *sorted(NAMES))
_ALLOWED = 250.0
"""A line may cost as much as this many plain lines of its size: thousands of hits of the redaction cost half of it …"""
_FREE = 0.020
"""… and in any case this many seconds of CPU."""
_MANY = 20
_PIECE = 40
_OTHER = re.compile(rb"[^\n]")
_RECORDS = [record for records in SAMPLES.values() for record in records]
_JOINTS = (
    "",
    "",
    "",
    " ",
    "\n",
    ",",
    '"',
    "\t",
    "=",
    "[",
    "(",
    "/",
    ".",
    ":",
    "\\",
    "'",
    "\r\n",
    "\n\n",
    "\n    ",
    "\nat ",
)


class Slow(NamedTuple):
    """A codec that took too long: how many times a plain line's seconds, and the bytes that did it."""

    codec: str
    ratio: float
    seconds: float
    data: bytes


def hostile(seed: int, count: int, size: int = SIZE) -> Iterator[bytes]:
    """`count` lines (some: records of many lines) of about `size` bytes; the same for the same seed."""
    pick = random.Random(seed)
    for _ in range(count):
        first, second = pick.choice(_RECORDS), pick.choice(_RECORDS)
        piece = _piece(pick, first) + pick.choice(_JOINTS)
        if pick.random() < 0.3:
            piece += _piece(pick, second)
        head = first[: pick.randrange(len(first) + 1)] if pick.random() < 0.7 else ""
        tail = second[pick.randrange(len(second) + 1) :] if pick.random() < 0.5 else ""
        text = head + piece * (1 + (size - len(head) - len(tail)) // len(piece)) + tail
        yield text.encode()[:size] + b"\n"


def _piece(pick: random.Random, record: str) -> str:
    begin = pick.randrange(len(record))
    return record[begin : begin + pick.choice((1, 1, 2, 3, 5, 8, 13, _PIECE))]


def cost(codec: str, data: bytes, limit: int = LIMIT) -> tuple[float, int]:
    """(seconds of CPU, records) of decoding `data`."""
    decoder = make_decoder(CodecSettings(codec=codec, timezone="UTC", max_record_bytes=Size(limit)), fallback_time=1e9)
    begin = time.process_time()
    parts = (decoder.feed(data), decoder.flush())
    return time.process_time() - begin, sum(len(part.each()) for part in parts)


def slow(codec: str, data: bytes) -> Slow | None:
    """What `codec` costs where that is too much, thrice in a row."""
    seconds, _ = cost(codec, data)
    for _ in range(2):
        if seconds <= _FREE:
            return None
        plain = min(cost("plain", _OTHER.sub(b"x", data))[0] for _ in range(3))
        if seconds <= _ALLOWED * plain:
            return None
        seconds = min(seconds, cost(codec, data)[0])
    return Slow(codec, seconds / plain, seconds, data)


def codecs(data: bytes) -> tuple[str, ...]:
    """Those to try on `data`: `auto` alone where it has many lines, each of which costs what a line costs."""
    return CODECS if data.count(b"\n") < _MANY else CODECS[:1]


def _main(first: int, last: int, size: int) -> None:
    for seed in range(first, last):
        for data in hostile(seed, 4, size):
            for codec in codecs(data):
                found = slow(codec, data)
                if found is not None:
                    print(f"{seed} {codec} {found.ratio:.0f}x {found.seconds:.3f}s {data[:150]!r} … {data[-60:]!r}")  # noqa: T201 - a tool


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else SIZE)
