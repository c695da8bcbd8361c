"""Trying things without the agent: what would be sent of a file, and sending dead letters again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.bytesource import open_source
from shipper.agent.identity import look
from shipper.agent.registry import Entry
from shipper.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from shipper.agent.dead_letters import DeadLetter, DeadLetters
    from shipper.agent.input.file import FileInput
    from shipper.agent.output.base import Output, Settled


def preview(source: FileInput, path: Path, limit: int) -> Iterator[str]:
    """The first `limit` documents of a file as JSON text, metadata included."""
    file = open_source(str(path.absolute()))
    try:
        seen = look(str(path.absolute()), file)
        entry = Entry(
            source="preview",
            generation=0,
            path=seen.path,
            device=seen.device,
            inode=seen.inode,
            fallback_time=seen.mtime_ns / 1e9,
        )
        decoder, metadata = source.decoder(entry), source.metadata(seen.path)
        position = 0
        while limit > 0:
            data = file.read_at(position, source.settings.chunk)
            position += len(data)
            decoded = decoder.feed(data) if data else decoder.flush()
            for document in metadata.apply(decoded.documents[:limit], decoded.offsets[:limit]):
                yield document.decode()
            limit -= len(decoded.documents)
            if not data:
                return
    finally:
        file.close()


def replay(output: Output, store: DeadLetters, letters: Iterable[DeadLetter]) -> tuple[int, int]:
    """Send dead letters again one by one; (went through, rejected again).

    Raises:
        UnavailableError: the output cannot be reached or breaks off.
    """
    sent = rejected = 0
    try:
        session = output.open(0)
        try:
            for letter in letters:
                session.send([letter.batch()])
                settled: list[Settled] = []
                while not settled:
                    settled = session.receive(1.0)
                if settled[0].rejects:
                    rejected += 1
                else:
                    store.mark_replayed([letter.id])
                    sent += 1
        finally:
            session.close()
    except OSError as error:
        raise UnavailableError(
            f"cannot be reached: {error}", where=output.name, hint="what went through is marked; try again"
        ) from error
    return sent, rejected
