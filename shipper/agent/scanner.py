"""Looks at every file the inputs name: new, grown, renamed, restarted, gone."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.agent.book import Book, Finding, Verdict
from shipper.agent.bytesource import open_source
from shipper.agent.hunt import Hunt
from shipper.agent.identity import HEAD, look
from shipper.agent.rotation import Rotation, is_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.bytesource import ByteSource
    from shipper.agent.fleet import Fleet, Inode
    from shipper.agent.harvester import Harvester
    from shipper.agent.identity import Look
    from shipper.agent.input.file import FileInput
    from shipper.agent.registry import Entry, Key, Registry
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.scanner")


@dataclass(slots=True)
class _Found:
    """One file of a scan."""

    path: str
    stat: os.stat_result
    input: FileInput

    @property
    def inode(self) -> Inode:
        return self.stat.st_dev, self.stat.st_ino


@dataclass(frozen=True, slots=True)
class _Shunned:
    """A file that is left alone until its `ctime_ns` changes."""

    path: str
    reason: str
    ctime_ns: int


class Scanner:
    """Keeps the fleet in step with the file system; used by the reader thread only.

    Attributes:
        empty: paths of files without a byte, which nobody reads yet.
        waiting: compressed files of the last scan that nobody reads yet, because enough of them are open.
    """

    def __init__(self, inputs: Sequence[FileInput], fleet: Fleet, book: Book, registry: Registry, clock: Clock) -> None:
        self._inputs = inputs
        self._fleet = fleet
        self._book = book
        self._registry = registry
        self._clock = clock
        self._rotation = Rotation(fleet, book, clock)
        self._hunts = Hunt(fleet, book, registry, clock)
        self._shunned: dict[Inode, _Shunned] = {}
        self._unseen: dict[str, str] = {}
        self._unnamed: set[Inode] = set()
        self._found: dict[Inode, _Found] = {}
        self._strangers: list[_Found] = []
        self.waiting = 0
        self.empty: set[str] = set()

    def scan(self) -> None:
        """One round; new entries are in the registry, not yet durable.

        Raises:
            DescriptorsExhaustedError: it ended early; the next one goes on.
        """
        found = self._found = self._find()
        self.empty.clear()
        self.waiting = 0
        harvesters = list(self._fleet)
        now = self._clock.time()
        for harvester in harvesters:
            self._revisit(harvester, found.get(harvester.identity), now)
        self._strangers = [item for inode, item in found.items() if self._fleet.at(inode) is None]
        for harvester in harvesters:
            if self._strangers and not harvester.restarted:
                harvester.restarted = self._is_rewritten(harvester)
            if harvester.restarted:
                self._restart(harvester)
        for item in sorted(
            self._strangers, key=lambda item: (not self._book.knows(item.inode), len(item.path))
        ):  # copies last
            if self._fleet.at(item.inode) is None:
                self._meet(item)
        if self._hunts.is_due:
            self._hunt()
        self._shunned = {i: s for i, s in self._shunned.items() if i in found or i in self._unnamed}
        self._fleet.left_out = {**self._unseen, **{each.path: each.reason for each in self._shunned.values()}}
        self._found = {}  # megabytes, where files are many; they are looked for again each time
        self._strangers = []

    def reconsider(self) -> None:
        """The inputs are others: what was left out may be wanted now."""
        self._shunned.clear()

    def _find(self) -> dict[Inode, _Found]:
        found: dict[Inode, _Found] = {}
        self._unnamed.clear()
        unseen: dict[str, str] = {}
        for source in self._inputs:
            for path, stat in source.find():
                if is_text(path):
                    found.setdefault((stat.st_dev, stat.st_ino), _Found(path, stat, source))
                else:
                    self._unnamed.add((stat.st_dev, stat.st_ino))
                    shown = os.fsencode(path).decode("utf-8", "backslashreplace")
                    self._shun(_Found(shown, stat, source), "files_unreadable", "its name is not UTF-8; rename it")
            for path, (count, reason) in source.left_out.items():
                self._miss(unseen, path, count, reason)
        self._unseen = unseen
        return found

    def _miss(self, unseen: dict[str, str], path: str, count: str, reason: str) -> None:
        """Say once what an input passed over."""
        shown = path if is_text(path) else os.fsencode(path).decode("utf-8", "backslashreplace")
        if shown not in self._unseen and shown not in unseen:
            self._fleet.counts[count] += 1
            _LOG.warning("%s is not read: %s", shown, reason)
        unseen[shown] = reason

    # ---- files we read -------------------------------------------------------------------------------------------

    def _revisit(self, harvester: Harvester, item: _Found | None, now: float) -> None:
        harvester.missing = item is None
        if item is None:
            return
        if item.path != harvester.path:
            self._book.renamed(harvester.key, item.path)
            self._fleet.rename(harvester, item.path, item.input)
        if not harvester.plain:
            if not harvester.at_end:
                self._fleet.queue(harvester)
            return
        size, mtime_ns = item.stat.st_size, item.stat.st_mtime_ns
        if harvester.at_end and size == harvester.position <= HEAD and harvester.end_mtime_ns not in (0, mtime_ns):
            harvester.restarted = True  # the same length at a newer time: `>` wrote a small file again
        elif size < harvester.position or (size < harvester.seen_size and self._is_rewritten(harvester)):
            harvester.restarted = True
        elif size != harvester.position or (harvester.at_end and harvester.end_mtime_ns not in (0, mtime_ns)):
            self._fleet.queue(harvester)  # of the same length and written to: the read proves what it is
        elif harvester.at_end and not harvester.held:
            harvester.caught_up = now
        if size > harvester.seen_size:
            harvester.sight()

    def _is_rewritten(self, harvester: Harvester) -> bool:
        """Before strangers are judged: are the bytes before the position of a changed file still there?"""
        item = self._found.get(harvester.identity)
        if item is None or not harvester.plain or item.stat.st_size == harvester.seen_size == harvester.position:
            return False
        try:
            if harvester.file is not None:
                return not harvester.is_same(harvester.file)
            file = open_source(item.path)
        except OSError:
            return False
        try:
            return not harvester.is_same(file)
        finally:
            file.close()

    def _restart(self, harvester: Harvester) -> None:
        """The file was truncated or rewritten under its reader."""
        inode = harvester.identity
        old = self._registry.get(harvester.key)
        owner = self._fleet.owner(harvester.key)
        assert old is not None, "a harvester's entry outlives it"
        assert owner is not None, "a harvester has an owner"
        self._rotation.leave_behind(old, owner, harvester, [item.path for item in self._strangers])
        item = self._found.get(inode)
        if item is None:
            return
        try:
            file = open_source(item.path)
            seen = look(item.path, file)
        except OSError as error:
            self._shun_unreadable(item, error)
            return
        self._launch(self._book.restarted(old, seen, self._clock.time()), item, file, seen)

    # ---- files we do not read ------------------------------------------------------------------------------------

    def _meet(self, item: _Found) -> None:
        """A file without a harvester: who is it?"""
        if item.stat.st_size == 0 and not self._book.knows(item.inode):
            self.empty.add(item.path)  # a copy may be in the making: who it is shows with its first bytes
            return
        shunned = self._shunned.get(item.inode)
        if shunned is not None and shunned.ctime_ns == item.stat.st_ctime_ns:
            return
        try:
            file = open_source(item.path)
        except OSError as error:
            self._shun_unreadable(item, error)
            return
        taken = False
        try:
            taken = self._judge(item, file)
        except OSError as error:
            self._shun_unreadable(item, error)
        finally:
            if not taken:
                file.close()

    def _judge(self, item: _Found, file: ByteSource) -> bool:
        """Act on the verdict; True if a harvester took the open file."""
        seen = look(item.path, file)
        finding = self._book.identify(seen, file, self._lives, self._is_absent)
        if finding.verdict is not Verdict.SHADOW and self._must_wait(file):
            return False
        if finding.loser is not None:
            self._leave_behind(finding.loser, item)
        if finding.verdict is Verdict.SHADOW:
            return False
        if finding.verdict is Verdict.NEW and item.input.leaves_out(seen.head):
            self._shun(item, "files_binary", "it looks binary")
            return False
        entry = self._entry(finding, item, seen)
        if entry is None:
            return False
        self._launch(entry, item, file, seen)
        return True

    def _entry(self, finding: Finding, item: _Found, seen: Look) -> Entry | None:
        now = self._clock.time()
        old = finding.entry
        if finding.verdict is Verdict.NEW or old is None:
            return self._book.new(seen, now)
        if finding.verdict is Verdict.RESTARTED:
            self._leave_behind(old, item)
            return self._book.restarted(old, seen, now)
        if self._fleet.of(old.key) is not None:
            return None  # its own reader is not done yet; a later scan binds this copy
        if old.path != seen.path:
            self._fleet.followed[old.path] = old.key
        short = seen.ends_before(old.offset)
        entry = self._book.rebind(old.key, seen, now, ends=seen.size if short else 0)
        return None if short else entry

    def _leave_behind(self, old: Entry, item: _Found) -> None:
        self._rotation.leave_behind(old, item.input, None, [other.path for other in self._strangers])

    def _launch(self, entry: Entry, item: _Found, file: ByteSource, seen: Look) -> None:
        harvester = self._fleet.launch(entry, item.input, file, seen, self._clock.monotonic())
        self._shunned.pop(item.inode, None)
        if file.plain and self._fleet.open_files.over:
            harvester.detach("too many open files")

    def _must_wait(self, file: ByteSource) -> bool:
        if file.plain or self._fleet.open_files.has_room_for_compressed:
            return False
        self.waiting += 1
        return True

    def _lives(self, key: Key) -> bool:
        """Can the source's own file still be read?"""
        if self._fleet.of(key) is not None:
            return True
        entry = self._registry.get(key)
        return entry is not None and not entry.gone and (entry.device, entry.inode) in self._found

    def _is_absent(self, key: Key) -> bool:
        """Is the source's own file at none of the paths of this scan?"""
        entry = self._registry.get(key)
        return entry is not None and (entry.device, entry.inode) not in self._found

    def _hunt(self) -> None:
        for entry, sibling in self._hunts.run(self._found):
            owner = self._reads_below(entry.path)
            if owner is not None:
                self._meet(_Found(sibling.path, sibling.stat(), owner))

    def _reads_below(self, path: str) -> FileInput | None:
        """The first input whose folders hold the path."""
        for source in self._inputs:
            if any(path.startswith(folder) for folder, _ in source.folders):
                return source
        return None

    def _shun_unreadable(self, item: _Found, error: OSError) -> None:
        self._shun(item, "files_unreadable", error.strerror or str(error))

    def _shun(self, item: _Found, count: str, reason: str) -> None:
        """Leave a file alone until it changes."""
        if item.inode not in self._shunned:
            self._fleet.counts[count] += 1
            _LOG.warning("%s is not read: %s", item.path, reason)
        self._shunned[item.inode] = _Shunned(item.path, reason, item.stat.st_ctime_ns)
