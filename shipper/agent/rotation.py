"""When a file was truncated: its unread rest is read from the copy beside it, or counted as lost."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from shipper.agent.bytesource import open_source
from shipper.agent.descriptors import opening
from shipper.agent.identity import HEAD, TAIL, holds, is_evidence, is_short_copy, look, looks_like_short_copy
from shipper.agent.index import related

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.book import Book
    from shipper.agent.bytesource import ByteSource
    from shipper.agent.fleet import Fleet
    from shipper.agent.harvester import Harvester
    from shipper.agent.identity import Look
    from shipper.agent.input.file import FileInput
    from shipper.agent.registry import Entry
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.rotation")


class Rotation:
    """Ends a generation."""

    def __init__(self, fleet: Fleet, book: Book, clock: Clock) -> None:
        self._fleet = fleet
        self._book = book
        self._clock = clock

    def leave_behind(self, old: Entry, owner: FileInput, harvester: Harvester | None, strangers: Sequence[str]) -> None:
        """The file of `old` holds other bytes now; `strangers` are paths that nobody reads yet.

        `harvester` is its reader, or None when it happened while the agent was down.

        Raises:
            DescriptorsExhaustedError: the copy cannot be looked for now; nothing was changed.
        """
        copy = self._find_copy(old, harvester, strangers)
        self._fleet.counts["truncations"] += 1
        if copy is None:
            self._count_lost(old, harvester)
            return
        seen, file = copy
        ousted = [entry for entry in self._book.dwellers(seen) if entry.key != old.key]
        self._fleet.followed[old.path] = old.key
        now = self._clock.time()
        position = old.offset if harvester is None else harvester.position
        short = seen.ends_before(position)
        if harvester is not None and seen.plain:
            count_cut_away(self._fleet, harvester, max(position, seen.size))
        entry = self._book.rebind(old.key, seen, now, ends=seen.size if short else 0)
        if entry is None or (short and harvester is None):
            file.close()
        elif harvester is None:
            self._fleet.launch(entry, owner, file, seen, self._clock.monotonic())
        else:
            self._fleet.place(harvester, file, seen)
            if harvester.held:
                self._fleet.holding[harvester.key] = harvester
            harvester.describe(seen.path, owner.metadata(seen.path))
            if short:
                harvester.curtail(seen.size)
        for other in ousted:  # the copy got their inode: their own file is elsewhere by now, or nowhere
            self.leave_behind(other, owner, None, strangers)

    def _count_lost(self, old: Entry, harvester: Harvester | None) -> None:
        if harvester is not None:
            known = (
                harvester.position - harvester.held if harvester.position else self._stands_elsewhere(old, harvester)
            )
            count_cut_away(self._fleet, harvester, known)
            self._fleet.remove(harvester)
        self._book.gone(old.key, self._clock.time())

    def _stands_elsewhere(self, old: Entry, harvester: Harvester) -> int:
        """How many bytes of a file that was never read are in a copy which was taken for a new file already."""
        most = 0
        for sibling in siblings(os.path.dirname(old.path)):
            if not related(sibling.path, old.path) or sibling.inode() == old.inode:
                continue
            try:
                file = open_source(sibling.path)
            except OSError:
                continue
            try:
                seen = look(sibling.path, file)
                if harvester.met_alike(seen.head):
                    most = max(most, seen.size if seen.plain else harvester.seen_size)
            except OSError as error:
                _LOG.debug("%s is no copy: %s", sibling.path, error)
            finally:
                file.close()
        return most

    def _find_copy(
        self, old: Entry, harvester: Harvester | None, strangers: Sequence[str]
    ) -> tuple[Look, ByteSource] | None:
        position = old.offset if harvester is None else harvester.position
        if position == 0 and (old.head_length < TAIL if harvester is None else not harvester.seen_size):
            return None
        folder = os.path.dirname(old.path)
        beside = [entry.path for entry in siblings(folder)]
        paths = [path for path in dict.fromkeys([*strangers, *beside]) if related(path, old.path)]
        for short in (False, True):
            for path in paths:
                copy = self._if_copy(path, old, harvester, position, short=short)
                if copy is not None:
                    return copy
        return None

    def _if_copy(
        self, path: str, old: Entry, harvester: Harvester | None, position: int, *, short: bool
    ) -> tuple[Look, ByteSource] | None:
        """`short`: one that ends before `position`; what is beyond was read in the original."""
        try:
            file = open_source(path)
        except OSError:
            return None
        try:
            seen = look(path, file)
            inode = (seen.device, seen.inode)
            free = inode != (old.device, old.inode) and self._fleet.at(inode) is None
            seen_alike = harvester is not None and harvester.met_alike(seen.head, TAIL)
            free = free and (position > 0 or seen_alike or not self._book.knows(inode))  # only the head is proof then
            if short:
                proven = is_short_copy(old, seen, file) or _holds_acknowledged(old, seen, file)
                if harvester is not None and not proven:
                    tiny = seen.size < HEAD and harvester.began_with(seen.head)
                    proven = tiny or looks_like_short_copy(old, seen, file)
                same = seen.ends_before(position) and proven
            else:
                same = (
                    not seen.ends_before(position)
                    and (harvester is None or harvester.fits(file))
                    and (harvester is None or position > 0 or harvester.met_alike(seen.head))
                    and holds(old, seen, file)
                )
            if free and same:
                return seen, file
        except OSError as error:
            _LOG.debug("%s is no copy: %s", path, error)
        file.close()
        return None


def _holds_acknowledged(old: Entry, seen: Look, file: ByteSource) -> bool:
    """Is it a copy at least of what is proven, though more was read?"""
    return seen.plain and is_evidence(old) and holds(old, seen, file)


def count_cut_away(fleet: Fleet, harvester: Harvester, begin: int) -> None:
    """What its file was seen to hold from `begin` on was never read, and stands nowhere any more."""
    end, harvester.seen_size = harvester.seen_size, min(begin, harvester.seen_size)
    if end > begin:
        _LOG.error("%s: bytes %d to %d were cut away unread, and no copy holds them", harvester.path, begin, end)
        fleet.counts["bytes_lost"] += end - begin


def siblings(folder: str) -> list[os.DirEntry[str]]:
    """The regular files of a folder, by name; links, and names that are no text, are left out."""
    try:
        with opening(folder), os.scandir(folder) as entries:
            files = (e for e in entries if e.is_file(follow_symlinks=False) and is_text(e.path))
            return sorted(files, key=lambda e: e.name)
    except OSError:
        return []


def is_text(path: str) -> bool:
    """Can a path stand in the registry and in a record, which are UTF-8? A file system takes any bytes."""
    return path.isascii() or not any("\ud800" <= character <= "\udfff" for character in path)
