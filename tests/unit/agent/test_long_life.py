"""An agent that runs for weeks over files that come, rotate and go holds no more at the end than at the beginning."""

from __future__ import annotations

import gzip
import os
import shutil
from collections import deque
from typing import Any

import psutil
import pytest

from shipper.agent.metrics.collector import Collector, MetricsSettings
from tests.support.agent import Rig, lines

DAY = 86400.0


def held(*roots: Any) -> dict[str, int]:
    """How many things each container holds that is reached from the roots, by its name."""
    found: dict[str, int] = {}
    seen: set[int] = set()

    def visit(name: str, value: Any) -> None:
        if id(value) in seen:
            return
        seen.add(id(value))
        if isinstance(value, dict | set | list | deque):
            found[name] = found.get(name, 0) + len(value)
        elif type(value).__module__.startswith("shipper.") and not isinstance(value, type):
            slots = [slot for kind in type(value).__mro__ for slot in getattr(kind, "__slots__", ())]
            for each in (*getattr(value, "__dict__", {}), *slots):
                visit(f"{type(value).__name__}.{each}", getattr(value, each, None))

    for root in roots:
        visit(type(root).__name__, root)
    return found


@pytest.fixture
def rig(tmp_path):
    (tmp_path / "logs").mkdir()
    rig = Rig(tmp_path / "logs", tmp_path / "state", close_inactive=60)
    yield rig
    rig.tailer.close()
    rig.registry.close()


@pytest.fixture
def collector(rig):
    common = {"host": {"name": "h"}, "agent": {"id": "agent0"}}
    settings = MetricsSettings(host=False)
    return Collector(settings, common, lambda: rig.tailer.fleet, rig.registry, rig.delivery, rig.clock)


def turn(rig, collector, seconds=10.0):
    rig.clock.advance(seconds)
    rig.ship()
    collector.sample()
    rig.delivery.settle(rig.delivery.take(10_000, 1 << 30, 0))


def a_day(rig, collector, day):
    """Files of their own name each day: renamed, copied and truncated, compressed, and in the end removed."""
    names = [
        rig.folder / f"{kind}-{day}-{number}.log" for kind in ("moved", "cut", "pressed", "left") for number in range(3)
    ]
    for path in names:
        path.write_text(lines(path.stem, 40))
    turn(rig, collector)
    for path in names:
        rotated = path.with_name(f"{path.name}.1")
        if path.name.startswith("moved"):
            path.rename(rotated)
            path.write_text(lines(f"{path.stem}-again", 30))
        elif path.name.startswith("cut"):
            shutil.copy(path, rotated)
            os.truncate(path, 0)
        elif path.name.startswith("pressed"):
            with gzip.open(f"{path}.gz", "wb") as file:
                file.write(path.read_bytes())
            path.unlink()
    turn(rig, collector)
    turn(rig, collector, 3600.0)  # all are idle and closed
    turn(rig, collector)
    for path in rig.folder.iterdir():
        path.unlink()
    turn(rig, collector)
    turn(rig, collector, DAY / 2)


def test_after_weeks_of_files_that_came_and_went_the_agent_holds_what_it_held_at_first(rig, collector):
    process = psutil.Process()
    a_day(rig, collector, 0)
    for _ in range(9):
        turn(rig, collector, DAY)
    first, descriptors = held(rig.tailer, rig.delivery, collector), process.num_fds()
    for day in range(1, 15):
        a_day(rig, collector, day)
    assert len(rig.messages) == 15 * (12 * 40 + 3 * 30)
    assert len(rig.registry.entries()) <= 10 * 24, "those of the last days"
    for _ in range(9):
        turn(rig, collector, DAY)
    assert rig.registry.entries() == []
    more = {name: (first.get(name, 0), count) for name, count in held(rig.tailer, rig.delivery, collector).items()}
    assert {name: counts for name, counts in more.items() if counts[1] > counts[0]} == {}
    assert process.num_fds() <= descriptors


def closed(rig, name, text):
    """The entry of a file that was read, is idle and no longer open."""
    (rig.folder / name).write_text(text)
    rig.ship()
    for _ in range(2):
        rig.clock.advance(120)
        rig.ship()
    assert all(harvester.file is None for harvester in rig.tailer.fleet)
    return rig.registry.entries()[-1].key


def after_an_hour(rig, key):
    """The entry once the file has been missing for more than an hour."""
    for _ in range(3):
        rig.clock.advance(3601)
        rig.ship()
    return rig.registry.get(key)


def test_a_file_that_was_removed_while_it_was_closed_is_gone_within_an_hour_also_with_its_folder(tmp_path):
    folder = tmp_path / "logs" / "app"
    folder.mkdir(parents=True)
    rig = Rig(folder, tmp_path / "state", close_inactive=60)
    key = closed(rig, "a.log", lines("a", 40))
    shutil.rmtree(folder.parent)
    assert after_an_hour(rig, key).gone
    rig.tailer.close()
    rig.registry.close()


def test_a_file_that_was_renamed_beyond_the_patterns_while_it_was_closed_is_not_gone(rig):
    key = closed(rig, "a.log", lines("a", 40))
    (rig.folder / "a.log").rename(rig.folder / "kept")
    assert not after_an_hour(rig, key).gone
    (rig.folder / "kept").rename(rig.folder / "b.log")
    rig.ship()
    assert len(rig.messages) == 40
    assert [entry.path for entry in rig.registry.entries()] == [str(rig.folder / "b.log")]


def test_of_a_file_system_that_is_not_mounted_nothing_is_gone(rig):
    key = closed(rig, "a.log", lines("a", 40))
    (rig.folder / "a.log").unlink()
    device = rig.registry.get(key).device
    rig.registry.update(key, device=device + 1)  # the folder is another device's, as a bare mount point is
    assert not after_an_hour(rig, key).gone


def test_the_number_of_a_generation_is_not_given_again_while_an_earlier_one_lives(rig):
    key = closed(rig, "a.log", lines("a", 40))
    shutil.copy(rig.folder / "a.log", rig.folder / "a.log.1")
    (rig.folder / "a.log").write_text(lines("b", 3))
    rig.ship()
    (rig.folder / "a.log").unlink()
    for _ in range(10):
        rig.clock.advance(DAY)
        rig.ship()
    assert sorted(entry.generation for entry in rig.registry.entries()) == [0, 1]
    (rig.folder / "a.log.1").write_text(lines("c", 5))
    rig.ship()
    assert max(entry.generation for entry in rig.registry.entries() if entry.source == key.source) == 2
    assert len(rig.messages) == 40 + 3 + 5
