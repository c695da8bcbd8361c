"""Truncation, copies and compression of tailed files; T12 to T18 of the known failures of other shippers."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from backports import zstd

from tests.support.agent import lines, write

if TYPE_CHECKING:
    from collections.abc import Callable

COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd.compress,
}


def expect(rig, *texts):
    assert sorted(rig.messages) == sorted("".join(texts).splitlines())


def test_t15_a_truncation_begins_the_next_generation(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    write(rig, "a.log", lines("b", 3), mode="w")
    rig.ship()
    expect(rig, lines("a", 50), lines("b", 3))
    assert {entry.generation for entry in rig.registry.entries()} == {0, 1}
    assert len({entry.source for entry in rig.registry.entries()}) == 1


def test_t14_a_file_rewritten_past_the_old_offset_is_read_from_its_start(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    write(rig, "a.log", lines("b", 500), mode="w")
    rig.ship()
    expect(rig, lines("a", 50), lines("b", 500))


def test_t16_truncated_while_down_and_regrown_past_the_offset(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    write(rig, "a.log", lines("b", 500), mode="w")
    rig.crash()
    rig.ship()
    expect(rig, lines("a", 50), lines("b", 500))


def test_equal_text_after_a_truncation_is_not_taken_for_a_duplicate(rig):
    write(rig, "a.log", "start\n")
    rig.ship()
    write(rig, "a.log", "start\n", mode="w")
    os.utime(rig.folder / "a.log", (2_000_000_000, 2_000_000_000))
    rig.ship()
    assert [message for _, message in rig.sent] == ["start", "start"]
    assert len(rig.index) == 2


@pytest.mark.parametrize("down", [False, True])
def test_t12_the_unread_rest_is_read_from_the_copy_of_copytruncate(rig, down):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    write(rig, "a.log", lines("b", 50))
    shutil.copy(rig.folder / "a.log", rig.folder / "a.log.1")
    write(rig, "a.log", lines("c", 20), mode="w")
    if down:
        rig.crash()
    rig.ship()
    rig.ship()
    expect(rig, lines("a", 50), lines("b", 50), lines("c", 20))
    assert len(rig.sent) == 120
    assert rig.tailer.fleet.counts["bytes_lost"] == 0


def test_t13_a_copy_outside_the_patterns_is_found_too(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    write(rig, "a.log", lines("b", 50))
    shutil.copy(rig.folder / "a.log", rig.folder / "a-old")
    write(rig, "a.log", lines("c", 20), mode="w")
    rig.ship()
    expect(rig, lines("a", 50), lines("b", 50), lines("c", 20))


def test_a_copy_seen_before_the_truncation_is_not_read_twice(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    shutil.copy(rig.folder / "a.log", rig.folder / "a.log.1")
    rig.ship()
    write(rig, "a.log", lines("b", 20), mode="w")
    rig.ship()
    rig.ship()
    expect(rig, lines("a", 50), lines("b", 20))
    assert len(rig.sent) == 70


def test_bytes_that_nobody_can_read_any_more_are_counted(rig):
    write(rig, "a.log", lines("a", 50) + "held")
    rig.ship()
    write(rig, "a.log", "b\n", mode="w")
    rig.ship()
    assert rig.tailer.fleet.counts["bytes_lost"] == 4


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("ending", COMPRESSORS)
def test_t18_a_file_is_not_read_again_once_compressed(rig, ending, down):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    write(rig, "a.log", lines("b", 50))
    if down:
        rig.crash()
    compressed = COMPRESSORS[ending]((rig.folder / "a.log").read_bytes())
    (rig.folder / f"a.log.1.{ending}").write_bytes(compressed)
    (rig.folder / "a.log").unlink()
    for _ in range(4):
        rig.ship()
        rig.clock.advance(6)
    expect(rig, lines("a", 50), lines("b", 50))
    assert len(rig.sent) == 100
    rig.crash()
    rig.ship()
    assert len(rig.sent) == 100


@pytest.mark.parametrize("ending", COMPRESSORS)
def test_a_compressed_file_is_read_as_what_it_holds(rig, ending):
    (rig.folder / f"z.log.{ending}").write_bytes(COMPRESSORS[ending](lines("z", 500).encode()))
    rig.ship()
    expect(rig, lines("z", 500))


@pytest.mark.parametrize("ending", COMPRESSORS)
def test_a_compressed_file_that_is_not_whole_yet_is_read_later(rig, ending):
    whole = COMPRESSORS[ending](lines("z", 500).encode())
    (rig.folder / f"z.log.{ending}").write_bytes(whole[: len(whole) // 2])
    rig.ship()
    (rig.folder / f"z.log.{ending}").write_bytes(whole)
    rig.ship()
    rig.ship()
    expect(rig, lines("z", 500))
