"""What a run would do: each file, where reading would begin, and the next document; nothing is sent or written."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shipper.agent.book import Book, Verdict
from shipper.agent.bytesource import open_source
from shipper.agent.identity import look
from shipper.agent.preview import preview
from shipper.agent.registry import Journal, Registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shipper.agent.book import Finding
    from shipper.agent.identity import Look
    from shipper.agent.input.file import FileInput

_SAID = {
    Verdict.KNOWN: "goes on",
    Verdict.RESTARTED: "was truncated or rewritten: from its beginning",
    Verdict.COPY: "goes on in this copy",
    Verdict.SHADOW: "a copy of a file that is read: left alone",
    Verdict.NEW: "new",
}


@dataclass(frozen=True, slots=True)
class Planned:
    """One file.

    Attributes:
        what: who the file is, or why it is not read.
        offset: plain offset at which reading would begin; None where it is not read.
        size: bytes on disk.
        document: the next document as JSON text, if there is a whole record; None else.
    """

    path: str
    what: str
    offset: int | None
    size: int
    document: str | None = None


def plan(inputs: Sequence[FileInput], registry: Path, documents: int) -> Iterator[Planned]:
    """Every file that the inputs find; the first `documents` of them with what would be sent next.

    The registry (a directory) is read, not changed; another agent may be using it.

    Raises:
        UsageError: a newer Shipper wrote the registry.
        OSError: it cannot be read.
    """
    known = Journal(registry).peek() if registry.is_dir() else {}
    found = [(source, path, stat) for source in inputs for path, stat in source.find()]
    for source in inputs:
        yield from (Planned(path, f"left out: {why}", None, 0) for path, (_, why) in source.left_out.items())
    inodes = {(stat.st_dev, stat.st_ino) for _, _, stat in found}
    lives = {key for key, entry in known.items() if not entry.gone and (entry.device, entry.inode) in inodes}
    with tempfile.TemporaryDirectory(prefix="shipper-dry-run-") as folder:
        scratch = Registry(Path(folder))
        for entry in known.values():
            scratch.put(entry)
        book = Book(scratch)
        shown = itertools.count()
        for source, path, stat in found:
            try:
                file = open_source(path)
                try:
                    seen = look(path, file)
                    finding = book.identify(seen, file, lives.__contains__, lambda key: key not in lives)
                finally:
                    file.close()
                planned = _planned(source, seen, finding)
                if planned.offset is not None and next(shown) < documents:
                    begin = finding.entry if finding.verdict in (Verdict.KNOWN, Verdict.COPY) else None
                    text = next(preview(source, Path(path), 1, begin), None)
                    planned = Planned(planned.path, planned.what, planned.offset, planned.size, text)
                yield planned
            except OSError as error:
                yield Planned(path, f"cannot be read: {error.strerror or error}", None, stat.st_size)
        scratch.close()


def _planned(source: FileInput, seen: Look, finding: Finding) -> Planned:
    if finding.verdict is Verdict.NEW and source.leaves_out(seen.head):
        return Planned(seen.path, "looks binary: left out", None, seen.size)
    said = _SAID[finding.verdict]
    if finding.verdict is Verdict.SHADOW:
        return Planned(seen.path, said, None, seen.size)
    goes_on = finding.entry is not None and finding.verdict in (Verdict.KNOWN, Verdict.COPY)
    return Planned(seen.path, said, finding.entry.offset if goes_on and finding.entry is not None else 0, seen.size)
