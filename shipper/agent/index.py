"""The ways to find an entry again: where its file is or was, what it is called, how it begins, what source it is of."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Generic, TypeVar

from shipper.agent.identity import HEAD

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
        self._young: dict[tuple[str, str], Counter[int]] = {}
        self._left: dict[Key, list[Inode]] = {}

    def add(self, key: Key, entry: Entry) -> None:
        """A new entry."""
        self._count(entry, 1)
        self._put(key, entry)

    def _put(self, key: Key, entry: Entry) -> None:
        self._inodes.add((entry.device, entry.inode), key)
        self._paths.add(entry.path, key)
        self._heads.add((entry.head, stem(entry.path)), key)
        self._sources.add(key.source, key)

    def _count(self, entry: Entry, by: int) -> None:
        if entry.head_length >= HEAD:
            return
        family = (os.path.dirname(entry.path), stem(entry.path))
        lengths = self._young.setdefault(family, Counter())
        lengths[entry.head_length] += by
        if not lengths[entry.head_length]:
            del lengths[entry.head_length]
        if not lengths:
            del self._young[family]

    def change(self, key: Key, before: Entry, after: Entry) -> None:
        """The entry is another now; that it lived on an inode is remembered for as long as it lives."""
        place = (before.device, before.inode)
        if place != (after.device, after.inode):
            self._left.setdefault(key, []).append(place)
        if before.path != after.path:
            self._paths.discard(before.path, key)
        if (before.head, before.path) != (after.head, after.path):
            self._heads.discard((before.head, stem(before.path)), key)
        self._count(after, 1)
        self._count(before, -1)
        self._put(key, after)

    def remove(self, key: Key, entry: Entry) -> None:
        """The entry is no more, and nothing of it stays."""
        for place in (*self._left.pop(key, ()), (entry.device, entry.inode)):
            self._inodes.discard(place, key)
        self._paths.discard(entry.path, key)
        self._heads.discard((entry.head, stem(entry.path)), key)
        self._sources.discard(key.source, key)
        self._count(entry, -1)

    def on_inode(self, inode: Inode) -> Collection[Key]:
        """Those that live there, or did."""
        return self._inodes.at(inode)

    def at_path(self, path: str) -> Collection[Key]:
        return self._paths.at(path)

    def beginning(self, head: str, path: str) -> Collection[Key]:
        """Those with the head whose names `path` may be a copy's of: as `related` says."""
        return {key for start in _stems(path) for key in self._heads.at((head, start))}

    def young(self, path: str) -> Collection[int]:
        """Lengths of heads that are not whole, of those in the folder whose names `path` may be a copy's of."""
        folder = os.path.dirname(path)
        return {length for start in _stems(path) for length in self._young.get((folder, start), ())}

    def generations(self, source: str) -> Collection[Key]:
        """All that are known of one source."""
        return self._sources.at(source)

    def __len__(self) -> int:
        """Slots in use."""
        found = len(self._inodes) + len(self._paths) + len(self._heads) + len(self._sources)
        return found + len(self._young) + len(self._left)


def stem(path: str) -> str:
    """What the names of one rotated log begin with."""
    return os.path.basename(path).partition(".")[0]


def _stems(path: str) -> list[str]:
    """Each of which may be the stem of a name that `path` is `related` to."""
    name = os.path.basename(path)
    return [name[:at] for at in range(len(name) + 1) if not name[at : at + 1].isalnum()]


def related(path: str, other: str) -> bool:
    """Do the names look like those of one rotated log (`app.log`, `app.log.1`, `app-2026.log.gz`)?"""
    name, start = os.path.basename(path), stem(other)
    return name.startswith(start) and not name[len(start) : len(start) + 1].isalnum()
