"""Trying things without the agent: what would be sent of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.bytesource import open_source
from shipper.agent.identity import look
from shipper.agent.registry import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shipper.agent.input.file import FileInput


def preview(source: FileInput, path: Path, limit: int, begin: Entry | None = None) -> Iterator[str]:
    """The first `limit` documents of a file (from where `begin` stands) as JSON text, metadata included."""
    file = open_source(str(path.absolute()))
    try:
        seen = look(str(path.absolute()), file)
        entry = begin or Entry(
            source="preview",
            generation=0,
            path=seen.path,
            device=seen.device,
            inode=seen.inode,
            fallback_time=seen.mtime_ns / 1e9,
        )
        decoder, metadata = source.decoder(entry), source.metadata(seen.path)
        position = entry.offset
        while limit > 0:
            data = file.read_at(position, source.settings.chunk)
            position += len(data)
            decoded = decoder.feed(data) if data else decoder.flush()
            for document in metadata.apply(decoded.each()[:limit], decoded.offsets[:limit]):
                yield document.decode()
            limit -= len(decoded.offsets)
            if not data:
                return
    finally:
        file.close()


def left_out(source: FileInput, path: Path) -> str:
    """Why the agent would not read the file; empty if it would."""
    file = open_source(str(path.absolute()))
    try:
        return "it looks binary" if source.leaves_out(look(str(path.absolute()), file).head) else ""
    finally:
        file.close()
