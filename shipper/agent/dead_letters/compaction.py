"""A segment of which most is done is written anew without that, so that its room comes back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from shipper.agent.dead_letters.letter import as_line, salvage
from shipper.agent.dead_letters.segment import Segment
from shipper.agent.durable import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator


def compact(segment: Segment, number: int) -> None:
    """Copy what waits to segment `number`, then remove the old one; damaged lines are copied too.

    A crash in between leaves letters twice, under one id.

    Raises:
        OSError: the disk refused; the old segment is still whole.
    """
    fresh = Segment(segment.path.parent, number)
    draft = fresh.path.with_suffix(".tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(_left(segment))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, fresh.path)  # refuses a number that was taken meanwhile
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(segment.path.parent)
    segment.remove()


def _left(segment: Segment) -> Iterator[bytes]:
    done = segment.marks()
    offset = 0
    with segment.path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                yield from (as_line(letter) for at, letter in salvage(line) if offset + at not in done)
            elif offset not in done:
                yield line
            offset += len(line)
