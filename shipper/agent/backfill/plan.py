"""Which files a backfill reads, and who they are: made once, kept until the backfill is complete."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from shipper.agent.book import Book, Finding, Verdict
from shipper.agent.bytesource import open_source
from shipper.agent.identity import look
from shipper.agent.registry import Journal, Registry
from shipper.agent.rotation import is_text
from shipper.agent.sealed import seal, unseal
from shipper.home import write_private

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from shipper.agent.backfill.selection import Window
    from shipper.agent.identity import Look
    from shipper.agent.input.file import FileInput
    from shipper.agent.registry import Entry, Key

_LOG = logging.getLogger("shipper.agent.backfill")
_NAME = "plan.json"
_AFRESH = {"resume": b"", "tail_length": 0, "tail": "", "marks": (), "last_time": "", "size": 0, "mtime_ns": 0}
Inode = tuple[int, int]


class Plan(msgspec.Struct, frozen=True):
    """What is read.

    Attributes:
        files: (device, inode) of each file.
        limits: id prefix of each source -> offset where the live agent goes on by itself, None where it does not.
        size: bytes of all files as they stand on disk.
        left_to_agent: paths that the live agent will read by itself.
        unreadable: paths that could not be read.
    """

    files: list[tuple[int, int]]
    limits: dict[str, int | None]
    size: int
    left_to_agent: list[str]
    unreadable: list[str]

    def limit(self, key: Key) -> int | None:
        """What is not planned (a generation that began since) is not ours."""
        return self.limits.get(key.prefix, 0)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked for, and who knows files already.

    Attributes:
        window: files last written before it are left out.
        live: the live agent's registry, read and never written.
        others: registries of earlier backfills, so that their files keep their ids.
        named: (device, inode) of the files asked for; None for all that the inputs find.
        tailed: (device, inode) of files that the live agent's configuration names.
    """

    window: Window
    live: Path
    others: Collection[Path] = ()
    named: Collection[Inode] | None = None
    tailed: Collection[Inode] = ()


def make_plan(directory: Path, registry: Registry, inputs: Sequence[FileInput], scope: Scope) -> Plan:
    """The plan that is kept in `directory`, else a new one, with an entry in `registry` for each of its files.

    Raises:
        OSError: the directory or a registry cannot be read or written.
    """
    kept = _load(directory / _NAME)
    if kept is not None:
        return kept
    lived = Journal(scope.live).peek()
    homes = {(entry.device, entry.inode) for entry in lived.values()}
    known = [entry for other in scope.others for entry in Journal(other).peek().values()]
    for entry in (*known, *registry.entries()):  # where the live agent knows the file, its word counts
        if (entry.device, entry.inode) in homes:
            registry.drop(entry.key)
        else:
            registry.put(entry)
    for entry in lived.values():
        registry.put(entry)
    borrowed = {*lived, *(entry.key for entry in known)}
    plan = _Planner(registry, lived, scope).over(inputs)
    for entry in registry.entries():
        if entry.key.prefix not in plan.limits and entry.key in borrowed:
            registry.drop(entry.key)
    if not registry.commit():
        raise OSError(None, f"{directory} cannot be written")
    write_private(directory / _NAME, seal(msgspec.json.encode(plan)))
    return plan


def finish(directory: Path) -> None:
    """The backfill is complete: the same command begins anew, under the same ids."""
    (directory / _NAME).unlink()


class _Planner:
    def __init__(self, registry: Registry, lived: dict[Key, Entry], scope: Scope) -> None:
        self._registry = registry
        self._lived = lived
        self._scope = scope
        self._book = Book(registry)
        self._files: dict[Inode, int] = {}
        self._limits: dict[str, int | None] = {}
        self._left: list[str] = []
        self._unreadable: list[str] = []

    def over(self, inputs: Iterable[FileInput]) -> Plan:
        met: set[Inode] = set()
        for source in inputs:
            for path, stat in source.find():
                inode = (stat.st_dev, stat.st_ino)
                if inode not in met and self._is_wanted(inode, stat):
                    met.add(inode)
                    self._consider(source, path, stat.st_mtime)
        return Plan(list(self._files), self._limits, sum(self._files.values()), self._left, self._unreadable)

    def _is_wanted(self, inode: Inode, stat: os.stat_result) -> bool:
        named = self._scope.named
        return stat.st_mtime_ns >= self._scope.window.begin and (named is None or inode in named)

    def _consider(self, source: FileInput, path: str, modified: float) -> None:
        if not is_text(path):
            self._leave_out(path.encode(errors="replace").decode(), "its name is not UTF-8")
            return
        try:
            seen, finding = self._identify(path)
        except OSError as error:
            self._leave_out(path, error.strerror or str(error))
            return
        if source.leaves_out(seen.head):
            self._leave_out(path, "it looks binary")
            return
        entry = self._entry(finding, seen, modified)
        lived = None if entry is None else self._lived.get(entry.key)
        if entry is None or (lived is not None and lived.offset == 0):
            self._left.append(path)
        elif entry.key.prefix not in self._limits:  # else a copy: its original is read
            self._book.rebind(entry.key, seen, entry.seen)
            self._registry.update(entry.key, offset=entry.handed, **_AFRESH)
            self._files[seen.device, seen.inode] = seen.size
            self._limits[entry.key.prefix] = None if lived is None else lived.offset

    def _identify(self, path: str) -> tuple[Look, Finding]:
        file = open_source(path)
        try:
            seen = look(path, file)
            return seen, self._book.identify(seen, file, lambda _key: False, lambda _key: False)
        finally:
            file.close()

    def _leave_out(self, path: str, reason: str) -> None:
        _LOG.warning("%s is not read: %s", path, reason)
        self._unreadable.append(path)

    def _entry(self, finding: Finding, seen: Look, modified: float) -> Entry | None:
        """None: the live agent will mint it."""
        found = finding.entry
        if found is not None and finding.verdict in (Verdict.KNOWN, Verdict.COPY):
            return found
        if found is not None and finding.verdict is Verdict.RESTARTED:
            return None if found.key in self._lived else self._book.restarted(found, seen, modified)
        return None if (seen.device, seen.inode) in self._scope.tailed else self._book.new(seen, modified)


def _load(file: Path) -> Plan | None:
    try:
        body = unseal(file.read_bytes())
    except FileNotFoundError:
        return None
    if body is not None:
        with contextlib.suppress(msgspec.MsgspecError):
            return msgspec.json.decode(body, type=Plan)
    _LOG.warning("%s is damaged: this backfill begins anew, under the same ids", file)
    return None
