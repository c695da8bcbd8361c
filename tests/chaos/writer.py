"""Writes numbered lines into many files and rotates them, as a process of its own; prints its truth at the end.

`python -m tests.chaos.writer FOLDER SEED SECONDS LINES REFUSED LINGER ROTATION…`
"""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import sys
import time
from pathlib import Path

from tests.chaos.plan import Rotation


def text(name: int, number: int, chance: random.Random, *, refused: bool = False) -> str:
    """One line; its length differs, its message is unique. `refused`: the index has another type for a field of it.

    Every third file is of a logger that writes no ECS.
    """
    filler = "x" * chance.choice((0, 5, 60, 200, 900))
    stamp = f"2026-03-01T12:{number // 60 % 60:02d}:{number % 60:02d}.{number % 1000:03d}Z"
    message = f"{name} {number} {filler}".rstrip()
    document: dict[str, object] = {
        "@timestamp": stamp,
        "log.level": "info",
        "message": message,
        "ecs.version": "8.11.0",
    }
    if name % 3 == 1 and not refused:  # the agent keeps what is no ECS where its type does not matter
        document = {"ts": stamp, "level": "info", "msg": message, "order": {"id": number, "total": number / 4}}
    if refused:
        document["chaos"] = "no number"
    return json.dumps(document) + "\n"


class LogFile:
    """One log, its rotated forms, and the lines that the copier itself cut away.

    Attributes:
        windows: of each truncation that cut something away, `tests.chaos.window.Window` as JSON.
        refused: numbers of lines that the index refuses.
    """

    def __init__(
        self, folder: Path, name: int, rotation: Rotation, chance: random.Random, refused: float, linger: float
    ) -> None:
        """`linger`: most seconds between the lines that a copier misses, and its truncation."""
        self.path = folder / f"{name}.log"
        self.windows: list[dict[str, object]] = []
        self._ends: dict[int, int] = {}
        self.refused: list[int] = []
        self._linger = linger
        self._share, self._fate = refused, random.Random(name)
        self._name, self._rotation, self._chance = name, rotation, chance
        self.number = self._rotated = 0
        self._file = self.path.open("a")
        self._end = 0

    def append(self, count: int) -> range:
        """Write lines; their numbers. Some reach the disk in two pieces."""
        numbers = range(self.number, self.number + count)
        for number in numbers:
            refused = self._fate.random() < self._share
            if refused:
                self.refused.append(number)
            line = text(self._name, number, self._chance, refused=refused)
            self._end += len(line)
            self._ends[number] = self._end
            if self._chance.random() < 0.02:
                cut = self._chance.randrange(1, len(line))
                self._file.write(line[:cut])
                self._file.flush()
                time.sleep(self._chance.uniform(0, 0.02))
                line = line[cut:]
            self._file.write(line)
        self._file.flush()
        self.number += count
        return numbers

    def rotate(self) -> None:
        """In this file's way."""
        self._rotated += 1
        target = self.path.with_name(f"{self.path.name}.{self._rotated}")
        if self._rotation is Rotation.COPYTRUNCATE:
            shutil.copyfile(self.path, target)
            if self._chance.random() < 0.5:
                cut_away = self.append(self._chance.randint(1, 5))
                time.sleep(self._chance.uniform(0, self._linger))
                copied = target.stat().st_size
                begins = [copied, *(self._ends[number] for number in cut_away)]
                records = {number: (begin, self._ends[number]) for number, begin in zip(cut_away, begins, strict=False)}
                self.windows.append({"begin": copied, "end": self.path.stat().st_size, "records": records})
            os.truncate(self.path, 0)
            self._end = 0
        elif self._rotation is not Rotation.NONE:
            self._move(target)

    def _move(self, target: Path) -> None:
        self.path.rename(target)
        if self._chance.random() < 0.5:
            self.append(self._chance.randint(1, 20))  # the service has not noticed yet
        self._file.close()
        self._file = self.path.open("a")
        self._end = 0
        if self._rotation is Rotation.GZIP:
            half = target.with_name(target.name + ".gz.tmp")
            with gzip.open(half, "wb") as packed:
                packed.write(target.read_bytes())
            half.rename(target.with_name(target.name + ".gz"))
            target.unlink()


def write(
    folder: Path, seed: int, seconds: float, lines: int, rotations: list[Rotation], *, refused: float, linger: float
) -> dict[str, object]:
    """The truth: how many lines each file got, which of them its copier may have cut away, which the index refuses."""
    chance = random.Random(seed)
    files = [LogFile(folder, name, rotation, chance, refused, linger) for name, rotation in enumerate(rotations)]
    left = dict.fromkeys(range(len(files)), lines)
    burst = max(1, lines // 40)
    pause = seconds / (40 * len(files))
    while left:
        name = chance.choice(list(left))
        count = min(left[name], chance.randint(1, 2 * burst))
        files[name].append(count)
        left[name] -= count
        if left[name] == 0:
            del left[name]
        if chance.random() < 0.08:
            files[name].rotate()
        time.sleep(pause * chance.uniform(0, 2))
    return {
        "lines": {str(name): file.number for name, file in enumerate(files)},
        "windows": {str(name): file.windows for name, file in enumerate(files)},
        "refused": {str(name): file.refused for name, file in enumerate(files)},
    }


if __name__ == "__main__":
    folder_, seed_, seconds_, lines_, refused_, linger_, *rotations_ = sys.argv[1:]
    truth = write(
        Path(folder_),
        int(seed_),
        float(seconds_),
        int(lines_),
        [Rotation(each) for each in rotations_],
        refused=float(refused_),
        linger=float(linger_),
    )
    print(json.dumps(truth))  # noqa: T201 - the process's answer
