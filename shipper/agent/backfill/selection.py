"""Which records of a file a backfill sends: those of a time range, up to where the live agent was acknowledged."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING

from shipper.agent.input.file import FileInput
from shipper.ecs.instant import EARLIEST, LATEST, parse_iso

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping

    from shipper.agent.codec.base import Decoded, Decoder
    from shipper.agent.input.file import FileInputSettings
    from shipper.agent.registry import Entry


@dataclass(frozen=True, slots=True)
class Window:
    """From `begin` (included) to `end` (not included), nanoseconds since the epoch, UTC."""

    begin: int = EARLIEST
    end: int = LATEST + 1

    def holds(self, stamp: str) -> bool:
        """Is a record's `@timestamp` inside?"""
        found = parse_iso(stamp)
        return found is not None and self.begin <= found[0] < self.end


class Selected:
    """A decoder that keeps what is asked for; offsets and state are those of all records."""

    def __init__(self, inner: Decoder, window: Window, limit: int | None, read: Callable[[int], None]) -> None:
        """`limit`: offset at which another takes over; `read` is told the bytes that were fed."""
        self._inner = inner
        self._window = window
        self._limit = limit
        self._read = read

    def feed(self, data: bytes) -> Decoded:
        self._read(len(data))
        return self._select(self._inner.feed(data))

    def flush(self) -> Decoded:
        return self._select(self._inner.flush())

    @property
    def held(self) -> int:
        return self._inner.held

    def continuation(self, data: bytes) -> tuple[int, bool]:
        return self._inner.continuation(data)

    def conclude(self, data: bytes) -> Decoded:
        return self._select(self._inner.conclude(data))

    def _select(self, decoded: Decoded) -> Decoded:
        limit, holds = self._limit, self._window.holds
        wanted = [
            (limit is None or offset < limit) and holds(stamp)
            for offset, stamp in zip(decoded.offsets, decoded.timestamps, strict=True)
        ]
        passed_over = wanted.count(False)
        if passed_over:
            decoded.offsets = list(compress(decoded.offsets, wanted))
            decoded.documents = list(compress(decoded.each(), wanted))
            decoded.timestamps = list(compress(decoded.timestamps, wanted))
            decoded.counts["passed_over"] = passed_over
        return decoded


class BackfillInput(FileInput):
    """An input that sees the files of the plan only."""

    def __init__(
        self,
        settings: FileInputSettings,
        common: Mapping[str, object],
        files: frozenset[tuple[int, int]],
        select: Callable[[Entry, Decoder], Decoder],
    ) -> None:
        super().__init__(settings, common)
        self._files = files
        self._select = select

    def find(self) -> Iterator[tuple[str, os.stat_result]]:
        for path, stat in super().find():
            if (stat.st_dev, stat.st_ino) in self._files:
                yield path, stat

    def leaves_out(self, head: bytes) -> bool:  # noqa: ARG002 - of FileInput; the plan has judged already
        return False

    def decoder(self, entry: Entry) -> Decoder:
        return self._select(entry, super().decoder(entry))
