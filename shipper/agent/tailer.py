"""The reader: one harvester a source, read fairly, batches handed on. One thread, no locks of its own."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shipper.agent.book import Book
from shipper.agent.bytesource import open_source
from shipper.agent.descriptors import DescriptorsExhaustedError
from shipper.agent.fleet import Fleet
from shipper.agent.harvester import Reading
from shipper.agent.identity import HEAD, head_matches
from shipper.agent.rotation import count_cut_away
from shipper.agent.scanner import Scanner
from shipper.agent.succession import Succession

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from shipper.agent.bytesource import ByteSource
    from shipper.agent.delivery import Delivery
    from shipper.agent.descriptors import OpenFiles
    from shipper.agent.harvester import Harvester
    from shipper.agent.input.file import FileInput, FileInputSettings
    from shipper.agent.registry import Registry
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.tailer")
_FORGET_AFTER = 7 * 86400.0
"""Seconds after which an entry whose file is gone is dropped."""


class Tailer:
    """Drives all `file` inputs; `step` reads one chunk and says whether there may be more at once.

    Attributes:
        wants_scan: something came, went or changed identity; call `scan` soon.
    """

    def __init__(
        self,
        inputs: Sequence[FileInput],
        registry: Registry,
        delivery: Delivery,
        clock: Clock,
        open_files: OpenFiles,
        *,
        once: bool = False,
    ) -> None:
        """`once`: give up held records at each end at once, for a run that ends."""
        self._inputs = inputs
        self._registry = registry
        self._delivery = delivery
        self._clock = clock
        self._once = once
        self._book = Book(registry)
        self.fleet = Fleet(open_files)
        self._succession = Succession(self.fleet, registry, delivery, clock, once=once)
        self._scanner = Scanner(inputs, self.fleet, self._book, registry, clock)
        self._uncommitted = False
        self._complete = False
        self.wants_scan = True

    def scan(self) -> None:
        """Look at every file the inputs name."""
        self.wants_scan = False
        self._complete = self._inputs_are_complete()
        self._drop_spent()
        self.fleet.open_files.bound(self._inputs)
        try:
            self._scanner.scan()
        except DescriptorsExhaustedError as shortage:
            self._complete = False
            self._starved(shortage)
        self._close_finished()
        self._forget_old()
        self._uncommitted = not self._registry.commit()

    def _starved(self, shortage: DescriptorsExhaustedError) -> None:
        """Nothing is decided for want of a descriptor: close files, and try again with the next scan."""
        self.fleet.counts["descriptor_shortages"] += 1
        self.fleet.open_files.shrink()
        _LOG.warning("%s; fewer log files stay open, and the rest is read in turn", shortage)

    def release(self, inputs: Collection[FileInput]) -> None:
        """These are no more. Their files are closed; where another input names one, it goes on where it was.

        Files that nothing names any more (renamed away, removed) are read to their end.
        """
        for harvester in self.fleet:
            if not harvester.missing and any(self.fleet.owner(harvester.key) is each for each in inputs):
                self.fleet.park(harvester)
        self._scanner.reconsider()
        self.wants_scan = True

    def changed(self, paths: Iterable[str]) -> None:
        """The operating system says that these files were written to."""
        for path in paths:
            harvester = self.fleet.named(path)
            if harvester is not None:
                self.fleet.queue(harvester)
                if not self._delivery.has_room():
                    harvester.sight()  # it will wait for its turn, perhaps for long
            elif path in self._scanner.empty:
                self.wants_scan = True

    def step(self) -> bool:
        """Read one chunk of the next file that has more; False if there is nothing to do now.

        Nothing is read while a new source is not durable yet.
        """
        if self._uncommitted:
            self._uncommitted = not self._registry.commit()
            if self._uncommitted:
                return False
        harvester = self.fleet.next()
        if harvester is None:
            return False
        if harvester.restarted:
            self.wants_scan = True
        elif self._open(harvester):
            self._read(harvester)
            self._close_surplus(harvester)
        return True

    def _close_surplus(self, harvester: Harvester) -> None:
        """After its turn: the next one needs the descriptor."""
        if harvester.plain and self.fleet.open_files.over:
            harvester.detach("too many open files")
        elif self._makes_room(harvester):
            self.wants_scan = True

    def _makes_room(self, harvester: Harvester) -> bool:
        """Is it a compressed file, read to its end, while others wait?"""
        if self._scanner.waiting == 0 or harvester.plain:
            return False
        return harvester.at_end and not harvester.held and harvester.file is not None

    def _read(self, harvester: Harvester) -> None:
        settings = self._settings(harvester)
        try:
            if self._succession.defers(harvester, settings.flush_after):
                return
            reading, batch = harvester.read(self._chunk(harvester, settings.chunk))
        except OSError as error:
            self.fleet.counts["read_errors"] += 1
            _LOG.warning("%s cannot be read now: %s", harvester.path, error.strerror or error)
            harvester.detach("unreadable")
            return
        except Exception:  # noqa: BLE001 - a decoder's defect must not silence the other files; this one waits for a restart
            self.fleet.counts["files_failed"] += 1
            _LOG.exception("%s cannot be decoded; it is left at offset %d", harvester.path, harvester.position)
            self.fleet.bench(harvester)
            return
        if batch is not None:
            self._delivery.offer(batch)
        harvester.offered()
        if harvester.held:
            self.fleet.holding[harvester.key] = harvester
        else:
            self.fleet.holding.pop(harvester.key, None)
        self._go_on(harvester, reading)

    def _go_on(self, harvester: Harvester, reading: Reading) -> None:
        """After a read: what comes next for the file."""
        if reading is Reading.DATA:
            harvester.quiet_since = self._clock.monotonic()
            self.fleet.queue(harvester)
            return
        self._succession.review(harvester.key)
        if reading is Reading.CHANGED:
            harvester.restarted = self.wants_scan = True
            return
        count_cut_away(self.fleet, harvester, harvester.position)
        if not harvester.held:
            harvester.caught_up = self._clock.time()

    def _chunk(self, harvester: Harvester, chunk: int) -> int:
        """How many bytes to read: of a file that is still short no more than its durable head, to know it again.

        Else text that takes its place while the agent is down is given the ids of what was sent.

        Raises:
            OSError: the file cannot be read.
        """
        if harvester.head_length >= HEAD or harvester.file is None or not harvester.plain:
            return chunk
        head = harvester.file.read_at(0, HEAD)
        entry = self._registry.get(harvester.key)
        if entry is None or not head_matches(entry, head):
            return chunk  # rewritten: the read tells
        if len(head) > harvester.head_length:
            self._book.grown(harvester.key, head)
            self._uncommitted = not self._registry.commit()
            harvester.head_is(head)
        if self._uncommitted:
            return 0
        return chunk if len(head) == HEAD else min(chunk, max(0, len(head) - harvester.position))

    def _open(self, harvester: Harvester) -> bool:
        """Open the file again if it was closed; False if its path leads elsewhere now."""
        if harvester.file is not None:
            return True
        try:
            file = open_source(harvester.path)
        except DescriptorsExhaustedError as shortage:
            self._starved(shortage)
            self._close_finished()
            self.wants_scan = True
            return False
        except OSError:
            self.wants_scan = not harvester.missing
            return False
        stat = file.stat()
        if (stat.st_dev, stat.st_ino) != harvester.identity:
            file.close()
            self.wants_scan = not harvester.missing
            return False
        if not self._begins_alike(harvester, file):
            file.close()
            harvester.restarted = self.wants_scan = True
            return False
        harvester.attach(harvester.path, harvester.identity, file)
        return True

    def _begins_alike(self, harvester: Harvester, file: ByteSource) -> bool:
        """False: the file was removed while it was closed, and its inode is another's now."""
        entry = self._registry.get(harvester.key)
        try:
            return entry is None or head_matches(entry, file.read_at(0, HEAD))
        except OSError:
            return True  # the read that follows meets it too, and tells it

    def flush_held(self) -> None:
        """Give up what has waited long enough; each cut is durable before its records leave."""
        self._succession.review()
        now = self._clock.monotonic()
        due = [
            h
            for h in list(self.fleet.holding.values())
            if h.at_end
            and not h.restarted
            and now - h.quiet_since >= self._patience(h)
            and not self._succession.is_awaited(h.key)
        ]
        if not due:
            return
        for harvester in due:
            entry = self._registry.get(harvester.key)
            if entry is not None and harvester.position not in entry.cuts:
                self._registry.update(harvester.key, cuts=(*entry.cuts, harvester.position))
        if not self._registry.commit():
            return
        for harvester in due:
            del self.fleet.holding[harvester.key]
            batch = harvester.give_up()
            if batch is not None:
                self._delivery.offer(batch)
            harvester.offered()
            self.wants_scan = self.wants_scan or self._makes_room(harvester)

    def _patience(self, harvester: Harvester) -> float:
        """Seconds that held bytes wait for more."""
        settings = self._settings(harvester)
        if self._once:
            return 0.0
        if harvester.terminated:
            return settings.flush_after
        return settings.rotate_wait if harvester.missing else settings.close_inactive

    def _close_finished(self) -> None:
        """Close idle files, and let go of those that are gone and read to their end."""
        now = self._clock.monotonic()
        idle = []
        for harvester in self.fleet:
            if harvester.file is None:
                if harvester.missing and not harvester.held:
                    self.fleet.remove(harvester)
                continue
            if not harvester.at_end or harvester.held:
                if harvester.missing:
                    self.fleet.queue(harvester)
                continue
            settings = self._settings(harvester)
            quiet = now - harvester.quiet_since
            if harvester.missing:
                self._let_go(harvester, quiet, settings)
            elif self._makes_room(harvester):
                harvester.detach("idle")
                self.wants_scan = True
            elif quiet >= settings.close_inactive:
                harvester.detach("idle")
            else:
                idle.append(harvester)
        surplus = max(0, self.fleet.open_files.count - self.fleet.open_files.limit)
        for harvester in sorted(idle, key=lambda h: h.quiet_since)[:surplus]:
            harvester.detach("too many open files")

    def _let_go(self, harvester: Harvester, quiet: float, settings: FileInputSettings) -> None:
        """A removed file is closed soon; one renamed beyond the patterns may still be written to."""
        assert harvester.file is not None, "only open files get here"
        removed = harvester.file.stat().st_nlink == 0
        if quiet < (settings.rotate_wait if removed else settings.close_inactive):
            self.fleet.queue(harvester)
            return
        self.fleet.remove(harvester)
        if removed:
            self._book.gone(harvester.key, self._clock.time())

    def _forget_old(self) -> None:
        horizon = self._clock.time() - _FORGET_AFTER
        forgotten = []
        for entry in self._registry.gone_before(horizon):
            if not self._delivery.pending(entry.key) and not self._book.is_needed(entry.key):
                self._book.forget(entry)
                forgotten.append(entry.key)
        self.fleet.forget(forgotten)

    def _settings(self, harvester: Harvester) -> FileInputSettings:
        owner = self.fleet.owner(harvester.key)
        assert owner is not None, "a harvester has an owner"
        return owner.settings

    def is_finished(self) -> bool:
        """Was everything there is read and handed on?"""
        if not self._complete and self._inputs_are_complete():
            self.wants_scan = True  # what came last was not looked at yet
        if self._scanner.waiting:
            self.wants_scan = True
        return self._complete and not (
            self.fleet.has_ready
            or self.fleet.holding
            or self.wants_scan
            or self._uncommitted
            or self._succession.waiting
        )

    def _inputs_are_complete(self) -> bool:
        return all(source.is_complete() for source in self._inputs)

    def _drop_spent(self) -> None:
        """Before the scan: another file may have the inode already."""
        spent = [key for source in self._inputs for key in source.spent()]
        for key in spent:
            harvester, entry = self.fleet.of(key), self._registry.get(key)
            if harvester is not None:
                self.fleet.remove(harvester)
            if entry is not None:
                self._book.forget(entry)
        self.fleet.forget(spent)

    def close(self) -> None:
        """Close all files."""
        for harvester in self.fleet:
            harvester.detach()
