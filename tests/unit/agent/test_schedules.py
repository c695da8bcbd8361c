"""Any order of appends, renames, copies, truncations, removals and crashes: the index equals the truth."""

from __future__ import annotations

import gzip
import os
import shutil
from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.agent import Rig

if TYPE_CHECKING:
    from collections.abc import Callable

APPEND = st.tuples(st.just("append"), st.integers(0, 1), st.integers(1, 60))
STEP = st.one_of(
    APPEND,
    APPEND,
    st.tuples(st.just("rename"), st.integers(0, 1)),
    st.tuples(st.just("copytruncate"), st.integers(0, 1)),
    st.tuples(st.just("compress"), st.integers(0, 1)),
    st.tuples(st.just("partial"), st.integers(0, 1)),
    st.just(("read",)),
    st.just(("ship",)),
    st.just(("ship",)),
    st.just(("crash",)),
    st.just(("idle",)),
)


class World:
    """Two log files and their rotated generations; every line is unique and remembered."""

    def __init__(self, base):
        (base / "logs").mkdir()
        self.rig = Rig(base / "logs", base / "state")
        self.folder = base / "logs"
        self.truth = []
        self.number = 0
        self.rotations = [0, 0]
        self.partial = ["", ""]

    def path(self, name):
        return self.folder / f"{'ab'[name]}.log"

    def rotated(self, name):
        self.rotations[name] += 1
        return self.folder / f"{'ab'[name]}.log.{self.rotations[name]}"

    def line(self):
        self.number += 1
        return f"line {self.number} " + "x" * (self.number % 90)

    def append(self, name, count):
        lines = [self.line() for _ in range(count)]
        with self.path(name).open("a") as file:
            file.write("\n".join(lines) + "\n")
        lines[0] = self.partial[name] + lines[0]
        self.partial[name] = ""
        self.truth += lines

    def do_partial(self, name):
        """A line without its end; the next append ends it."""
        text = f"part{self.number} "
        with self.path(name).open("a") as file:
            file.write(text)
        self.partial[name] += text

    def end_partial(self, name):
        if self.partial[name]:
            self.append(name, 1)

    def rename(self, name):
        self.end_partial(name)
        if self.path(name).exists():
            self.path(name).rename(self.rotated(name))

    def copytruncate(self, name):
        self.end_partial(name)
        if self.path(name).exists():
            shutil.copy(self.path(name), self.rotated(name))
            os.truncate(self.path(name), 0)

    def compress(self, name):
        plain = self.folder / f"{'ab'[name]}.log.{self.rotations[name]}"
        if plain.exists() and plain.stat().st_size > 4096:
            self.rig.ship()  # logrotate compresses a day later; what was never looked at is a new source then
            self.rig.ship()
            with gzip.open(f"{plain}.gz", "wb") as file:
                file.write(plain.read_bytes())
            plain.unlink()

    def step(self, kind, *arguments):
        steps: dict[str, Callable[..., object]] = {
            "append": self.append,
            "rename": self.rename,
            "copytruncate": self.copytruncate,
            "compress": self.compress,
            "partial": self.do_partial,
            "read": self.rig.read,
            "ship": self.rig.ship,
            "crash": self.rig.crash,
            "idle": lambda: self.rig.clock.advance(20),
        }
        steps[kind](*arguments)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, max_size=40))
def test_nothing_is_lost_and_nothing_doubled_in_any_schedule(tmp_path_factory, steps):
    world = World(tmp_path_factory.mktemp("world"))
    try:
        for step in steps:
            world.step(*step)
        for name in (0, 1):
            world.end_partial(name)
        world.rig.crash()
        for _ in range(3):
            world.rig.ship()
            world.rig.clock.advance(10)
        assert Counter(world.rig.messages) == Counter(world.truth)
    finally:
        world.rig.tailer.close()
        world.rig.registry.close()
