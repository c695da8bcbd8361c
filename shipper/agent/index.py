"""The ways to find an entry again: where its file is or was, what it is called, how it begins, what source it is of."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable

    from shipper.agent.registry import Entry, Key

Inode = tuple[int, int]
"""(device, inode)."""
_Slot = TypeVar("_Slot", bound="Hashable")


class _Slots(Generic[_Slot]):
    """Slot -> the keys in it. Nearly all hold one, and then cost no set: 650 bytes an entry."""

    def __init__(self) -> None:
        self._keys: dict[_Slot, Key | set[Key]] = {}

    def add(self, slot: _Slot, key: Key) -> None:
        there = self._keys.setdefault(slot, key)
        if there is key:
            return
        if isinstance(there, set):
            there.add(key)
        elif there != key:
            self._keys[slot] = {there, key}

    def discard(self, slot: _Slot, key: Key) -> None:
        there = self._keys.get(slot)
        if isinstance(there, set):
            there.discard(key)
            if there:
                return
        elif there != key:
            return
        self._keys.pop(slot, None)

    def at(self, slot: _Slot) -> Collection[Key]:
        there = self._keys.get(slot)
        if there is None:
            return ()
        return there if isinstance(there, set) else (there,)

    def __len__(self) -> int:
        return len(self._keys)


class Index:
    """Of all entries of a registry; whoever changes an entry's place, name or head says so."""

    def __init__(self) -> None:
        self._inodes: _Slots[Inode] = _Slots()
        self._paths: _Slots[str] = _Slots()
        self._heads: _Slots[tuple[str, str]] = _Slots()
        self._sources: _Slots[str] = _Slots()
        self._left: dict[Key, list[Inode]] = {}

    def add(self, key: Key, entry: Entry) -> None:
        """A new entry."""
        self._inodes.add((entry.device, entry.inode), key)
        self._paths.add(entry.path, key)
        self._heads.add((entry.head, stem(entry.path)), key)
        self._sources.add(key.source, key)

    def change(self, key: Key, before: Entry, after: Entry) -> None:
        """The entry is another now; that it lived on an inode is remembered for as long as it lives."""
        place = (before.device, before.inode)
        if place != (after.device, after.inode):
            self._left.setdefault(key, []).append(place)
        if before.path != after.path:
            self._paths.discard(before.path, key)
        if (before.head, before.path) != (after.head, after.path):
            self._heads.discard((before.head, stem(before.path)), key)
        self.add(key, after)

    def remove(self, key: Key, entry: Entry) -> None:
        """The entry is no more, and nothing of it stays."""
        for place in (*self._left.pop(key, ()), (entry.device, entry.inode)):
            self._inodes.discard(place, key)
        self._paths.discard(entry.path, key)
        self._heads.discard((entry.head, stem(entry.path)), key)
        self._sources.discard(key.source, key)

    def on_inode(self, inode: Inode) -> Collection[Key]:
        """Those that live there, or did."""
        return self._inodes.at(inode)

    def at_path(self, path: str) -> Collection[Key]:
        return self._paths.at(path)

    def beginning(self, head: str, path: str) -> Collection[Key]:
        """Those with the head whose names `path` may be a copy's of: as `related` says."""
        name = os.path.basename(path)
        ends = [at for at in range(len(name) + 1) if not name[at : at + 1].isalnum()]
        return {key for end in ends for key in self._heads.at((head, name[:end]))}

    def generations(self, source: str) -> Collection[Key]:
        """All that are known of one source."""
        return self._sources.at(source)

    def __len__(self) -> int:
        """Slots in use."""
        return len(self._inodes) + len(self._paths) + len(self._heads) + len(self._sources) + len(self._left)


def stem(path: str) -> str:
    """What the names of one rotated log begin with."""
    return os.path.basename(path).partition(".")[0]


def related(path: str, other: str) -> bool:
    """Do the names look like those of one rotated log (`app.log`, `app.log.1`, `app-2026.log.gz`)?"""
    name, start = os.path.basename(path), stem(other)
    return name.startswith(start) and not name[len(start) : len(start) + 1].isalnum()
