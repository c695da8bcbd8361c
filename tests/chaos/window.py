"""What a copier cut away between its copy and its truncation, against what the agent counted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

_COUNTED = re.compile(r"(\d+)\.log[^ :]*: bytes (\d+) to (\d+) were cut away unread")


@dataclass(frozen=True, slots=True)
class Window:
    """What one truncation cut away.

    Attributes:
        file: name of the log, without its ending.
        begin: size of the copy, in bytes: as far as the copier had copied.
        end: size of the log when it was truncated.
        records: number of each line that was written between -> its first byte, and the first byte behind it.
    """

    file: str
    begin: int
    end: int
    records: Mapping[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Cut:
    """Bytes that the agent counted as lost: from `begin` to before `end`."""

    file: str
    begin: int
    end: int

    def __str__(self) -> str:
        return f"bytes {self.begin} to {self.end} of {self.file}.log"


def windows_of(truth: Mapping[str, Sequence[Mapping[str, object]]]) -> list[Window]:
    """From the writer's `windows`: file -> `begin`, `end`, `records` of each of its truncations."""
    return [
        Window(file, each["begin"], each["end"], {int(n): tuple(at) for n, at in each["records"].items()})  # type: ignore[arg-type, attr-defined] # the writer's JSON
        for file, those in truth.items()
        for each in those
    ]


def counted(log: str) -> list[Cut]:
    """What the agent's own log says that it counted."""
    return [Cut(file, int(begin), int(end)) for file, begin, end in _COUNTED.findall(log)]


def complaints(windows: Iterable[Window], cuts: Iterable[Cut], missing: Collection[str], *, lived: bool) -> list[str]:
    """Where a loss is not in its copier's window, or a count is not that of bytes which are lost.

    `missing`: `file number` of the lines that did not arrive. `lived`: one agent ran from the first line to the last;
    else what one had read of a window, and not delivered, is lost with it.
    """
    left = list(windows)
    told = [
        f"{each.file} {number} is not in [copy's end, size at the truncation) = [{each.begin}, {each.end})"
        for each in left
        for number, (begin, end) in each.records.items()
        if begin < each.begin or end > each.end
    ]
    lost = set(missing)
    for cut in cuts:
        window = next((each for each in left if _is_lost(cut, each, lost, lived=lived)), None)
        if window is None:
            told.append(f"{cut} are counted, and no copier cut exactly them away")
        else:
            left.remove(window)
    if lived:
        told += [
            f"{each.file} {number} was read in time, and did not arrive"
            for each in left
            for number in _before_others(each, lost)
        ]
    return told


def _is_lost(cut: Cut, window: Window, lost: set[str], *, lived: bool) -> bool:
    """Is every counted byte of the window, and of a line that did not arrive; and was all before it read?"""
    if cut.file != window.file or cut.begin < window.begin or cut.end > window.end:
        return False
    for number, (begin, end) in window.records.items():
        is_lost = f"{window.file} {number}" in lost
        if begin < cut.end and end > cut.begin and not is_lost:
            return False
        if lived and is_lost and end <= cut.begin:
            return False
    return True


def _before_others(window: Window, lost: set[str]) -> list[int]:
    """Lines that did not arrive although a later one of their window did: one reader reads in order."""
    numbers = sorted(window.records)
    arrived = [number for number in numbers if f"{window.file} {number}" not in lost]
    return [number for number in numbers if arrived and number < arrived[-1] and number not in arrived]
