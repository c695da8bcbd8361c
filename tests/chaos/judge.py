"""Compares what arrived with what was written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Truth:
    """What the writer wrote.

    Attributes:
        lines: file -> number of lines, numbered from 0.
        in_window: `file number` of what its copier may have cut away before anybody could read it.
    """

    lines: Mapping[str, int]
    in_window: Collection[str] = ()

    @property
    def total(self) -> int:
        return sum(self.lines.values())


@dataclass(slots=True)
class Verdict:
    """Lines as `file number`.

    Attributes:
        lost: written, never arrived, and no copier's fault.
        cut_away: written between a copy and its truncation, and not read in time.
        duplicated: arrived more than once.
        stray: arrived, and was never written.
    """

    written: int
    lost: list[str]
    cut_away: list[str]
    duplicated: list[str]
    stray: list[str]

    @property
    def ok(self) -> bool:
        return not (self.lost or self.duplicated or self.stray)

    def __str__(self) -> str:
        kinds = {"lost": self.lost, "duplicated": self.duplicated, "stray": self.stray, "cut away": self.cut_away}
        told = [f"{len(found)} {kind}{_some(found)}" for kind, found in kinds.items()]
        return f"{self.written} written: {', '.join(told)}"


def judge(truth: Truth, messages: Iterable[str]) -> Verdict:
    """`messages` as they were found, each beginning with `file number`."""
    found = Counter(" ".join(message.split(" ", 2)[:2]) for message in messages)
    written = {f"{name} {number}" for name, count in truth.lines.items() for number in range(count)}
    window = set(truth.in_window)
    missing = written - found.keys()
    return Verdict(
        written=len(written),
        lost=_sorted(missing - window),
        cut_away=_sorted(missing & window),
        duplicated=_sorted(name for name, count in found.items() if count > 1),
        stray=_sorted(found.keys() - written),
    )


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(
        names, key=lambda name: [(0, int(word), "") if word.isdigit() else (1, 0, word) for word in name.split()]
    )


def _some(names: list[str]) -> str:
    if not names:
        return ""
    return f" ({', '.join(names[:_SHOWN])}{', …' if len(names) > _SHOWN else ''})"
