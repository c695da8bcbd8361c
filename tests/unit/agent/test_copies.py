"""Copies and compressed forms of files, seen at awkward moments; each found by `scripts/chaos`."""

from __future__ import annotations

import gzip
import os
import shutil
from collections import Counter

import orjson
import pytest

from shipper.agent.input.file import FileInput
from tests.support.agent import lines, write


def expect_once(rig, *texts):
    assert Counter(rig.messages) == Counter("".join(texts).splitlines())


def truncate(rig):
    os.truncate(rig.folder / "a.log", 0)


def copy(rig, name="a.log.1"):
    shutil.copyfile(rig.folder / "a.log", rig.folder / name)


@pytest.mark.parametrize("acknowledged", [True, False])
@pytest.mark.parametrize("crash", [True, False])
def test_t13_what_was_read_between_the_copy_and_the_truncation_is_not_read_again(rig, acknowledged, crash):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    write(rig, "a.log", lines("b", 50))
    rig.ship()
    copy(rig)
    write(rig, "a.log", lines("window", 3))
    while rig.tailer.step():
        pass
    rig.tailer.changed([f"{rig.folder}/a.log"])  # no scan sees the copy before the truncation
    while rig.tailer.step():
        pass
    if acknowledged:
        while batches := rig.delivery.take(10_000, 1 << 30, 0):
            rig.queue += batches
        rig.deliver()
    truncate(rig)
    write(rig, "a.log", lines("c", 20))
    rig.ship()
    if crash:
        rig.crash()
    rig.clock.advance(20)
    rig.ship()
    rig.crash()
    rig.ship()
    expect_once(rig, lines("a", 50), lines("b", 50), lines("window", 3), lines("c", 20))


def test_t13_the_same_while_nothing_is_acknowledged(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    truncate(rig)
    rig.ship()
    write(rig, "a.log", lines("b", 80))
    copy(rig)
    write(rig, "a.log", lines("window", 3))
    rig.tailer.changed([f"{rig.folder}/a.log"])
    while rig.tailer.step():
        pass
    truncate(rig)
    write(rig, "a.log", lines("c", 20))
    rig.read()
    rig.clock.advance(20)
    rig.read()
    rig.deliver()
    rig.crash()
    rig.ship()
    expect_once(rig, lines("a", 50), lines("b", 80), lines("window", 3), lines("c", 20))


def test_t13_the_same_of_a_file_of_few_bytes(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    truncate(rig)
    rig.ship()
    write(rig, "a.log", "one\n")
    copy(rig)
    write(rig, "a.log", "window\n")
    rig.tailer.changed([f"{rig.folder}/a.log"])
    while rig.tailer.step():
        pass
    truncate(rig)
    write(rig, "a.log", lines("c", 20))
    rig.ship()
    rig.crash()
    rig.ship()
    expect_once(rig, lines("a", 50), "one\nwindow\n", lines("c", 20))


def test_a_short_copy_is_known_when_it_comes_to_light_later_and_compressed(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    write(rig, "a.log", lines("b", 50))
    rig.ship()
    copy(rig, "hidden")
    write(rig, "a.log", lines("window", 3))
    rig.ship()
    truncate(rig)
    rig.ship()
    (rig.folder / "hidden").rename(rig.folder / "a.log.1")
    rig.ship()
    with gzip.open(rig.folder / "a.log.1.gz", "wb") as packed:
        packed.write((rig.folder / "a.log.1").read_bytes())
    (rig.folder / "a.log.1").unlink()
    rig.ship()
    rig.crash()
    rig.ship()
    expect_once(rig, lines("a", 50), lines("b", 50), lines("window", 3))


@pytest.mark.parametrize("size", [0, 10, 1500])
def test_a_copy_that_is_being_made_is_no_new_file(rig, size):
    """A scan sees its first bytes only; the original still stands."""
    write(rig, "a.log", lines("a", 100))
    rig.ship()
    whole = (rig.folder / "a.log").read_bytes()
    (rig.folder / "a.log.1").write_bytes(whole[:size])
    rig.ship()
    (rig.folder / "a.log.1").write_bytes(whole)
    truncate(rig)
    write(rig, "a.log", lines("b", 5))
    rig.ship()
    expect_once(rig, lines("a", 100), lines("b", 5))


def test_a_copy_is_known_before_its_original_was_read(rig):
    """The original was truncated, written and copied between two looks."""
    write(rig, "a.log", lines("a", 100))
    rig.ship()
    truncate(rig)
    rig.tailer.scan()
    write(rig, "a.log", lines("b", 50))
    copy(rig)
    rig.tailer.scan()
    write(rig, "a.log", lines("window", 2))
    rig.ship()
    truncate(rig)
    write(rig, "a.log", lines("c", 5))
    rig.ship()
    rig.crash()
    rig.ship()
    expect_once(rig, lines("a", 100), lines("b", 50), lines("window", 2), lines("c", 5))


def test_a_file_of_few_bytes_that_begins_like_another_is_read(rig):
    """Named after nobody that begins with it: no copy."""
    write(rig, "a.log.1", "starting\nmore\n")
    write(rig, "a.log", "starting\n")
    rig.ship()
    assert Counter(rig.messages) == Counter(["starting", "more", "starting"])


@pytest.mark.parametrize("count", [3, 100])
def test_compressed_before_anything_of_it_was_acknowledged(rig, count):
    write(rig, "a.log", lines("a", count))
    rig.read()
    (rig.folder / "a.log").rename(rig.folder / "a.log.1")
    with gzip.open(rig.folder / "a.log.1.gz", "wb") as packed:
        packed.write((rig.folder / "a.log.1").read_bytes())
    (rig.folder / "a.log.1").unlink()
    write(rig, "a.log", lines("b", 5))
    rig.ship()
    rig.clock.advance(20)
    rig.ship()
    expect_once(rig, lines("a", count), lines("b", 5))


def test_t1_a_copy_that_took_anothers_inode_does_not_hide_that_ones_rest(rig):
    write(rig, "a.log", lines("a", 60))
    write(rig, "b.log", lines("b", 60))
    rig.ship()
    write(rig, "a.log", lines("rest", 20))
    of_a = next(entry for entry in rig.registry.entries() if entry.path.endswith("a.log"))
    for name in ("a.log", "b.log"):
        with gzip.open(rig.folder / f"{name}.1.gz", "wb") as packed:
            packed.write((rig.folder / name).read_bytes())
        (rig.folder / name).unlink()
    inode = (rig.folder / "b.log.1.gz").stat().st_ino
    rig.registry.update(of_a.key, inode=inode)  # what the file system does when it is in the mood
    rig.registry.commit()
    rig.crash()
    rig.ship()
    rig.ship()
    expect_once(rig, lines("a", 60), lines("b", 60), lines("rest", 20))


def test_t1_a_copy_that_is_found_with_its_truncated_original_does_not_hide_the_rest_of_whose_inode_it_has(rig):
    write(rig, "a.log", lines("a", 60))
    write(rig, "b.log", lines("b", 60))
    rig.ship()
    write(rig, "b.log", lines("rest", 20))
    of_b = next(entry for entry in rig.registry.entries() if entry.path.endswith("b.log"))
    with gzip.open(rig.folder / "b.log.1.gz", "wb") as packed:
        packed.write((rig.folder / "b.log").read_bytes())
    (rig.folder / "b.log").unlink()
    write(rig, "b.log", "")
    copy(rig)
    truncate(rig)
    write(rig, "a.log", lines("c", 5))
    rig.registry.update(of_b.key, inode=(rig.folder / "a.log.1").stat().st_ino)  # as `test_t1_...` above
    rig.registry.commit()
    rig.crash()
    rig.ship()
    rig.ship()
    expect_once(rig, lines("a", 60), lines("b", 60), lines("rest", 20), lines("c", 5))


def test_an_empty_file_is_read_as_soon_as_it_is_not(rig):
    write(rig, "a.log", "")
    rig.ship()
    assert not rig.registry.entries()
    write(rig, "a.log", "one\n")
    rig.tailer.changed([f"{rig.folder}/a.log"])
    assert rig.tailer.wants_scan
    rig.ship()
    assert rig.messages == ["one"]


def send_unacknowledged(rig):
    """Everything reaches the index; no answer comes back."""
    rig.read()
    for batch in rig.queue:
        rig.sent += [
            (name, orjson.loads(document)["message"]) for name, document in zip(batch.ids, batch.documents, strict=True)
        ]
    rig.queue = []


@pytest.mark.parametrize("backwards", [True, False])
def test_t13_a_copy_that_is_met_with_its_longer_original_is_read_once(rig, monkeypatch, backwards):
    find = FileInput.find
    monkeypatch.setattr(FileInput, "find", lambda source: iter(sorted(find(source), reverse=backwards)))
    write(rig, "a.log", lines("a", 60))
    copy(rig)
    write(rig, "a.log", lines("window", 3))
    rig.ship()
    truncate(rig)
    write(rig, "a.log", lines("b", 60))
    rig.ship()
    expect_once(rig, lines("a", 60), lines("window", 3), lines("b", 60))


@pytest.mark.parametrize("count", [4, 60])
def test_t13_no_text_gets_the_ids_of_what_stood_in_its_place_before_a_crash(rig, count):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    truncate(rig)
    rig.ship()  # the next generation begins, of an empty file
    write(rig, "a.log", lines("b", count))
    rig.tailer.changed([f"{rig.folder}/a.log"])
    send_unacknowledged(rig)
    rig.crash()
    copy(rig)
    truncate(rig)
    write(rig, "a.log", lines("c", 50))
    rig.ship()
    expect_once(rig, lines("a", 50), lines("b", count), lines("c", 50))


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("count", [4, 60])
def test_t13_what_was_sent_before_a_crash_keeps_its_ids_in_the_copy(rig, packed, count):
    write(rig, "a.log", lines("a", count))
    send_unacknowledged(rig)
    rig.crash()
    write(rig, "a.log", lines("b", 60))
    if packed:
        with gzip.open(rig.folder / "a.log.1.gz", "wb") as file:
            file.write((rig.folder / "a.log").read_bytes())
        (rig.folder / "a.log").unlink()
    else:
        copy(rig)
        truncate(rig)
    write(rig, "a.log", lines("c", 50))
    rig.ship()
    rig.ship()
    expect_once(rig, lines("a", count), lines("b", 60), lines("c", 50))


@pytest.mark.parametrize("chunks", [1, 2, 3])
def test_a_file_written_again_with_the_same_bytes_before_the_position_is_another(rig, chunks):
    """Access lines of one browser end alike: the bytes before the position prove little, the first ones much."""
    old = "".join(f"old {number:03} {'x' * 120}\n" for number in range(200))
    new = old.replace("old", "new")
    write(rig, "a.log", old)
    rig.tailer.scan()
    for _ in range(chunks):
        rig.tailer.step()
    copy(rig)
    truncate(rig)
    write(rig, "a.log", new)
    for _ in range(3):
        rig.ship()
    expect_once(rig, old, new)


@pytest.mark.parametrize("name", ["a.log.1.gz", "a-2026-11-27.gz", "a.1.log.gz", "a-2026-11-27.log.gz"])
def test_t18_a_file_met_with_few_bytes_that_grew_and_was_compressed_while_nobody_looked_goes_on(rig, name):
    rig._settings["paths"] = [f"{rig.folder}/a*"]
    rig.restart()
    write(rig, "a.log", lines("a", 4))
    rig.ship()
    rig.crash()
    write(rig, "a.log", lines("b", 60))
    with gzip.open(rig.folder / name, "wb") as packed:
        packed.write((rig.folder / "a.log").read_bytes())
    (rig.folder / "a.log").rename(rig.folder.parent / "away")  # so that nobody gets its inode
    write(rig, "a.log", lines("c", 5))
    rig.ship()
    rig.ship()
    expect_once(rig, lines("a", 4), lines("b", 60), lines("c", 5))


@pytest.mark.parametrize("name", ["a-2026-11-27.gz", "b-2026-11-27.gz"])
def test_an_archive_that_begins_alike_and_goes_on_otherwise_or_is_anothers_is_read(rig, name):
    rig._settings["paths"] = [f"{rig.folder}/*"]
    rig.restart()
    write(rig, "a.log", lines("a", 4))
    rig.ship()
    rig.crash()
    with gzip.open(rig.folder / name, "wb") as packed:
        packed.write((lines("a", 4) if name.startswith("b") else lines("a", 3) + lines("z", 9)).encode())
    (rig.folder / "a.log").unlink()
    rig.ship()
    assert len(rig.messages) == (8 if name.startswith("b") else 16)


def test_files_that_came_to_one_path_before_their_turn_do_not_wait_for_each_other(rig):
    """Chaos seed 62007: one waited for itself until a restart, and those that came after it at the path for it."""
    texts = [lines(name, 50) for name in "abc"]
    for text in texts[:-1]:
        write(rig, "a.log", text)
        rig.tailer.scan()
        (rig.folder / "a.log").unlink()  # its reader has it open
    write(rig, "a.log", texts[-1])
    rig.tailer.scan()
    rig.ship()
    expect_once(rig, *texts)
