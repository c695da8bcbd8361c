"""T13: what copytruncate cuts away between its copy and its truncation is counted as far as it was seen, never more."""

from __future__ import annotations

import gzip
import os
import shutil
from collections import Counter

import pytest

from shipper.agent.book import Book
from tests.support.agent import lines, write

WINDOW = lines("window", 3)


def copy(rig):
    shutil.copyfile(rig.folder / "a.log", rig.folder / "a.log.1")


def truncate(rig):
    os.truncate(rig.folder / "a.log", 0)


def settle(rig):
    rig.ship()
    rig.clock.advance(20)
    rig.ship()


def lost(rig):
    return rig.tailer.fleet.counts["bytes_lost"]


def expect(rig, *texts):
    assert Counter(rig.messages) == Counter("".join(texts).splitlines())


def read_without_a_scan(rig):
    rig.tailer.changed([f"{rig.folder}/a.log"])
    while rig.tailer.step():
        pass


@pytest.mark.parametrize("read_before", [0, 50])
def test_t13_what_a_scan_saw_in_the_window_is_counted_to_the_byte(rig, read_before):
    write(rig, "a.log", lines("a", read_before))
    rig.ship()
    write(rig, "a.log", lines("b", 50))
    copy(rig)
    write(rig, "a.log", WINDOW)
    rig.tailer.scan()  # nothing is read: the peer does not take any more
    truncate(rig)
    write(rig, "a.log", lines("c", 5))
    settle(rig)
    expect(rig, lines("a", read_before), lines("b", 50), lines("c", 5))
    assert lost(rig) == len(WINDOW)


def test_t13_the_same_in_a_generation_that_was_met_empty_and_never_read(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    truncate(rig)
    rig.tailer.scan()
    write(rig, "a.log", lines("b", 50))
    rig.tailer.scan()
    copy(rig)
    write(rig, "a.log", WINDOW)
    rig.tailer.scan()
    truncate(rig)
    write(rig, "a.log", lines("c", 5))
    settle(rig)
    expect(rig, lines("a", 50), lines("b", 50), lines("c", 5))
    assert lost(rig) == len(WINDOW)


def test_t13_the_copy_of_an_unread_file_is_known_on_an_inode_that_was_anothers(rig, monkeypatch):
    """As it often is after a compression; `scripts/chaos --seed 57002`."""
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    truncate(rig)
    rig.tailer.scan()  # met empty: its head is not in the registry
    write(rig, "a.log", lines("b", 50))
    of_a = max(rig.registry.entries(), key=lambda entry: entry.generation)
    copy(rig)
    write(rig, "a.log", WINDOW)
    rig.tailer.scan()
    truncate(rig)
    monkeypatch.setattr(Book, "knows", lambda _book, _inode: True)  # which inode a file gets is the file system's mood
    settle(rig)
    expect(rig, lines("a", 50), lines("b", 50))
    assert lost(rig) == len(WINDOW)
    assert all(name.startswith(of_a.key.prefix) for name, _ in rig.sent[50:]), "the source goes on in its copy"


def test_t13_what_an_unread_files_copy_holds_is_not_lost_though_it_was_taken_for_a_new_file(rig, monkeypatch):
    """Truncated between the two looks of one scan."""
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    truncate(rig)
    rig.tailer.scan()
    write(rig, "a.log", lines("b", 50))
    copy(rig)
    write(rig, "a.log", WINDOW)
    rig.tailer.changed([f"{rig.folder}/a.log"])
    identify = Book.identify

    def truncated_before(book, seen, *rest):
        if seen.path.endswith("a.log.1"):
            truncate(rig)
        return identify(book, seen, *rest)

    monkeypatch.setattr(Book, "identify", truncated_before)
    rig.tailer.scan()
    monkeypatch.undo()
    settle(rig)
    expect(rig, lines("a", 50), lines("b", 50))
    assert lost(rig) == len(WINDOW)


def test_t13_what_was_read_in_the_window_is_not_counted_and_what_was_seen_after_it_is(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    copy(rig)
    write(rig, "a.log", "read\n")
    read_without_a_scan(rig)
    write(rig, "a.log", WINDOW)
    rig.tailer.scan()
    truncate(rig)
    settle(rig)
    expect(rig, lines("a", 50), "read\n")
    assert lost(rig) == len(WINDOW)


def test_t13_notice_of_a_write_is_a_look_while_the_peer_takes_no_more(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    rig.delivery.resize(0)
    copy(rig)
    write(rig, "a.log", WINDOW)
    rig.tailer.changed([f"{rig.folder}/a.log"])
    rig.delivery.resize(1 << 24)
    truncate(rig)
    settle(rig)
    expect(rig, lines("a", 50))
    assert lost(rig) == len(WINDOW)


def test_t13_the_end_of_a_compressed_copy_tells_what_is_missing_behind_it(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    write(rig, "a.log", lines("b", 50))
    with gzip.open(rig.folder / "a.log.1.gz", "wb") as packed:
        packed.write((rig.folder / "a.log").read_bytes())
    write(rig, "a.log", WINDOW)
    rig.tailer.scan()
    truncate(rig)
    settle(rig)
    expect(rig, lines("a", 50), lines("b", 50))
    assert lost(rig) == len(WINDOW)


def test_t13_without_a_copy_all_that_was_seen_and_not_read_is_counted(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    write(rig, "a.log", WINDOW)
    rig.tailer.scan()
    truncate(rig)
    settle(rig)
    expect(rig, lines("a", 50))
    assert lost(rig) == len(WINDOW)


def test_t13_what_nobody_saw_is_not_counted(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    copy(rig)
    write(rig, "a.log", WINDOW)
    truncate(rig)
    settle(rig)
    expect(rig, lines("a", 50))
    assert lost(rig) == 0


@pytest.mark.parametrize("copied", [True, False])
@pytest.mark.parametrize("read_before", [0, 50])
def test_the_length_of_the_text_that_took_its_place_is_not_taken_for_its_own(rig, read_before, copied):
    """Written anew between two looks, and longer: the look finds a size, and it is that of another text."""
    write(rig, "a.log", lines("a", read_before))
    rig.ship()
    write(rig, "a.log", lines("b", 50))
    rig.tailer.scan()
    if copied:
        copy(rig)
    write(rig, "a.log", lines("another", 300), mode="w")
    rig.tailer.changed([f"{rig.folder}/a.log"])
    rig.tailer.scan()
    settle(rig)
    expect(rig, lines("a", read_before), lines("b", 50) if copied else "", lines("another", 300))
    assert lost(rig) == (0 if copied else len(lines("b", 50)))


def test_a_file_cut_short_behind_what_was_read_goes_on_and_what_was_seen_there_is_counted(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    write(rig, "a.log", WINDOW)
    rig.tailer.scan()
    os.truncate(rig.folder / "a.log", len(lines("a", 50)))
    settle(rig)
    write(rig, "a.log", lines("c", 5))
    settle(rig)
    expect(rig, lines("a", 50), lines("c", 5))
    assert len(rig.sent) == 55
    assert lost(rig) == len(WINDOW)
