"""All harvesters that are alive, by inode, key and path, and the queue of those that have more to read."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from shipper.agent.harvester import Harvester

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from shipper.agent.bytesource import ByteSource
    from shipper.agent.descriptors import OpenFiles
    from shipper.agent.identity import Look
    from shipper.agent.input.file import FileInput
    from shipper.agent.registry import Entry, Key

Inode = tuple[int, int]


class Fleet:
    """Used by the reader thread; others may read the counters.

    Attributes:
        open_files: how many of them have an open file.
        holding: harvesters with bytes that may still belong to a longer record.
        left_out: files that an input names and nobody reads -> why.
        followed: path -> who had it before the file that is there now.
        counts: what happened, by name (`bytes_lost`, `truncations` …), with what the codecs of all files counted.
    """

    def __init__(self, open_files: OpenFiles) -> None:
        self.open_files = open_files
        self._by_inode: dict[Inode, Harvester] = {}
        self._by_key: dict[Key, Harvester] = {}
        self._by_path: dict[str, Harvester] = {}
        self._parked: dict[Key, dict[str, Any]] = {}
        self._owners: dict[Key, FileInput] = {}
        self._ready: deque[Harvester] = deque()
        self._queued: set[Key] = set()
        self.holding: dict[Key, Harvester] = {}
        self.followed: dict[str, Key] = {}
        self.counts: Counter[str] = Counter()
        self.left_out: dict[str, str] = {}

    def __iter__(self) -> Iterator[Harvester]:
        return iter(list(self._by_inode.values()))

    def at(self, inode: Inode) -> Harvester | None:
        return self._by_inode.get(inode)

    def named(self, path: str) -> Harvester | None:
        return self._by_path.get(path)

    def of(self, key: Key) -> Harvester | None:
        return self._by_key.get(key)

    def owner(self, key: Key) -> FileInput | None:
        """The input that the source came from, also after its harvester is gone."""
        return self._owners.get(key)

    def launch(self, entry: Entry, owner: FileInput, file: ByteSource, seen: Look, now: float) -> Harvester:
        """A new harvester on an open file, ready to read."""
        entry = replace(entry, **self._parked.pop(entry.key, {}))
        harvester = Harvester(entry, owner.decoder(entry), owner.metadata(seen.path), now, self.open_files)
        harvester.totals = self.counts
        harvester.stream = owner.stream
        self._owners[entry.key] = owner
        self.place(harvester, file, seen)
        if file.plain:
            harvester.meet(0, seen.head)
            if seen.size > entry.offset:
                harvester.sight()  # `seen` is of two moments: its size may be another text's
        return harvester

    def place(self, harvester: Harvester, file: ByteSource, seen: Look) -> None:
        """Let a harvester read an open file (its first, or a copy that goes on where its own ended)."""
        self.remove(harvester)
        harvester.restarted = False
        harvester.attach(seen.path, (seen.device, seen.inode), file)
        self._by_inode[harvester.identity] = harvester
        self._by_key[harvester.key] = harvester
        self._leave(seen.path)
        self._by_path[seen.path] = harvester
        self.queue(harvester)

    def rename(self, harvester: Harvester, path: str, owner: FileInput) -> None:
        """The same file has another name."""
        if self._by_path.get(harvester.path) is harvester:
            del self._by_path[harvester.path]
        self.followed[harvester.path] = harvester.key
        harvester.describe(path, owner.metadata(path))
        self._leave(path)
        self._by_path[path] = harvester

    def _leave(self, path: str) -> None:
        """Another takes the path, perhaps from one that lives on without a name."""
        before = self._by_path.get(path)
        if before is not None:
            self.followed[path] = before.key

    def remove(self, harvester: Harvester) -> None:
        """Close it and take it out."""
        harvester.detach()
        if self._by_inode.get(harvester.identity) is harvester:
            del self._by_inode[harvester.identity]
        if self._by_path.get(harvester.path) is harvester:
            del self._by_path[harvester.path]
        self._by_key.pop(harvester.key, None)
        self._queued.discard(harvester.key)  # another harvester of the same source must get its own turn
        self.holding.pop(harvester.key, None)

    def park(self, harvester: Harvester) -> None:
        """Its input is no more. Whoever reads the source later in this run goes on where it was."""
        self.remove(harvester)
        self._parked[harvester.key] = harvester.handed_on()

    def bench(self, harvester: Harvester) -> None:
        """It stays known, so that nobody else takes its file, but reads no more."""
        harvester.detach("decoder failed")
        harvester.benched = True
        self.holding.pop(harvester.key, None)

    def forget(self, keys: Collection[Key]) -> None:
        """These sources are no more."""
        for key in keys:
            self._owners.pop(key, None)
            self._parked.pop(key, None)
        if keys:
            gone = set(keys)
            self.followed = {path: key for path, key in self.followed.items() if key not in gone}

    def queue(self, harvester: Harvester) -> None:
        """It has more to read, perhaps."""
        if harvester.key not in self._queued and not harvester.benched:
            self._queued.add(harvester.key)
            self._ready.append(harvester)

    def next(self) -> Harvester | None:
        """The one whose turn it is; each gets one chunk a turn, so a busy file starves none."""
        while self._ready:
            harvester = self._ready.popleft()
            if self._by_key.get(harvester.key) is harvester:
                self._queued.discard(harvester.key)
                return harvester
        return None

    @property
    def has_ready(self) -> bool:
        return bool(self._ready)
