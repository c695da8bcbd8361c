"""Identity and rotation: T1 to T11 and T25 to T46 of the known failures of other shippers.

Truncation, copies and compression are in test_rewritten_files.py.
"""

from __future__ import annotations

import os

from tests.support.agent import Rig, lines, write


def expect(rig, *texts):
    assert sorted(rig.messages) == sorted("".join(texts).splitlines())


def test_t11_a_file_under_one_kilobyte_is_read_from_its_first_byte(rig):
    write(rig, "a.log", "hello\n")
    rig.ship()
    expect(rig, "hello\n")


def test_ids_are_source_generation_and_offset(rig):
    write(rig, "a.log", "one\ntwo\n")
    rig.ship()
    (entry,) = rig.registry.entries()
    assert [name for name, _ in rig.sent] == [f"{entry.source}-0-0", f"{entry.source}-0-4"]
    assert len(entry.source) == 16


def test_a_growing_file_keeps_its_identity(rig):
    texts = [lines(n, 30) for n in range(5)]
    for text in texts:
        write(rig, "a.log", text)
        rig.ship()
    expect(rig, *texts)
    assert len(rig.registry.entries()) == 1


def test_after_a_crash_only_what_was_not_acknowledged_is_sent_again(rig):
    write(rig, "a.log", lines("a", 100))
    rig.ship()
    write(rig, "a.log", lines("b", 100))
    rig.read()
    rig.crash()
    rig.ship()
    expect(rig, lines("a", 100), lines("b", 100))
    assert len(rig.sent) == 200


def test_t38_offsets_do_not_move_while_nothing_is_acknowledged(rig):
    write(rig, "a.log", lines("a", 100))
    rig.read()
    assert [entry.offset for entry in rig.registry.entries()] == [0]


def test_t7_a_rename_while_running_is_followed_and_the_new_file_is_new(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    write(rig, "a.log", lines("b", 50))
    (rig.folder / "a.log").rename(rig.folder / "a.log.1")
    write(rig, "a.log", lines("c", 50))
    rig.ship()
    expect(rig, lines("a", 50), lines("b", 50), lines("c", 50))
    assert len(rig.sent) == 150


def test_t10_several_renames_while_down(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    write(rig, "a.log", lines("b", 50))
    (rig.folder / "a.log").rename(rig.folder / "a.log.2")
    write(rig, "a.log.1", lines("c", 50))
    write(rig, "a.log", lines("d", 50))
    rig.crash()
    rig.ship()
    expect(rig, lines("a", 50), lines("b", 50), lines("c", 50), lines("d", 50))
    assert len(rig.sent) == 200


def test_a_file_renamed_out_of_the_patterns_while_down_is_read_to_its_end(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    write(rig, "a.log", lines("b", 50))
    (rig.folder / "a.log").rename(rig.folder / "old-a")
    write(rig, "a.log", lines("c", 50))
    rig.crash()
    rig.ship()
    expect(rig, lines("a", 50), lines("b", 50), lines("c", 50))


def test_a_removed_file_is_read_to_its_end_through_its_open_descriptor(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    write(rig, "a.log", lines("b", 50))
    (rig.folder / "a.log").unlink()
    rig.ship()
    expect(rig, lines("a", 50), lines("b", 50))
    rig.clock.advance(10)
    rig.ship()
    assert [entry.gone for entry in rig.registry.entries()] == [True]


def test_t1_a_reused_inode_is_a_new_source(rig):
    write(rig, "a.log", lines("a", 50))
    rig.ship()
    entry = rig.registry.entries()[0]
    rig.tailer.close()
    (rig.folder / "a.log").unlink()
    write(rig, "b.log", lines("b", 80))
    inode = (rig.folder / "b.log").stat().st_ino
    rig.registry.update(entry.key, inode=inode)  # what the file system does when it is in the mood
    rig.crash()
    rig.ship()
    expect(rig, lines("a", 50), lines("b", 80))
    assert len({entry.source for entry in rig.registry.entries()}) == 2


def test_t4_files_with_equal_text_and_like_names_are_all_read(rig):
    """`10.log` is no copy of `1.log`, though all they hold is the same."""
    for name in ("1.log", "10.log", "11.log", "1a.log"):
        write(rig, name, lines("same", 100))
    rig.ship()
    rig.ship()
    assert len(rig.sent) == 400


def test_t4_files_with_equal_heads_are_both_read(rig):
    write(rig, "messages.log", lines("same", 100))
    write(rig, "syslog.log", lines("same", 100))
    rig.ship()
    write(rig, "messages.log", "m\n")
    write(rig, "syslog.log", "s\n")
    rig.ship()
    assert len(rig.messages) == 202


def test_t5_a_new_file_with_the_old_head_is_read_from_its_start(rig):
    write(rig, "a.log", lines("head", 40))
    rig.ship()
    (rig.folder / "a.log").rename(rig.folder / "a.log.1")
    write(rig, "a.log", lines("head", 40) + "more\n")
    rig.ship()
    assert len(rig.messages) == 81


def test_t8_a_changed_device_number_sends_nothing_again(rig):
    write(rig, "a.log", lines("a", 5))
    rig.ship()
    entry = rig.registry.entries()[0]
    rig.registry.update(entry.key, device=entry.device + 77)
    rig.registry.commit()
    rig.crash()
    write(rig, "a.log", "more\n")
    rig.ship()
    assert len(rig.sent) == 6
    assert len(rig.registry.entries()) == 1


def test_t25_t26_an_unterminated_last_line_is_held_until_its_end_comes(rig):
    write(rig, "a.log", "one\ntw")
    rig.ship()
    assert rig.messages == ["one"]
    rig.clock.advance(60)
    write(rig, "a.log", "o\n")
    rig.ship()
    assert rig.messages == ["one", "two"]


def test_an_unterminated_line_of_an_idle_file_is_flushed_without_offset_drift(rig):
    write(rig, "a.log", "one\ntw")
    rig.ship()
    rig.clock.advance(301)
    rig.ship()
    write(rig, "a.log", "o\nthree\n")
    rig.ship()
    assert rig.messages == ["one", "tw", "o", "three"]


def test_a_flushed_line_is_cut_at_the_same_place_after_a_crash(rig):
    write(rig, "a.log", "one\ntw")
    rig.ship()
    rig.clock.advance(301)
    rig.read()
    first = [batch.ids for batch in rig.queue]
    write(rig, "a.log", "o\nthree\n")
    rig.crash()
    rig.ship()
    assert first[0][0] == rig.sent[1][0]
    assert rig.messages == ["one", "tw", "o", "three"]


def test_t33_a_busy_file_starves_none(rig):
    write(rig, "busy.log", lines("busy", 2000))
    write(rig, "quiet.log", "quiet\n")
    rig.tailer.scan()
    for _ in range(4):
        rig.tailer.step()
    batches = rig.delivery.take(10_000, 1 << 30, 0)
    rig.queue += batches
    rig.deliver()
    assert "quiet" in rig.messages


def test_order_within_a_file_is_kept(rig):
    write(rig, "a.log", lines("a", 1000))
    rig.ship()
    assert [message for _, message in rig.sent] == lines("a", 1000).splitlines()


def test_unreadable_and_binary_files_are_left_out_and_counted(rig):
    (rig.folder / "b.log").write_bytes(b"\x00\x01binary\n")
    (rig.folder / "d.log").mkdir()
    rig.ship()
    rig.ship()
    assert rig.tailer.fleet.counts["files_binary"] == 1
    assert rig.sent == []


def test_links_to_one_file_are_one_source(rig):
    write(rig, "a.log", "one\n")
    (rig.folder / "b.log").symlink_to(rig.folder / "a.log")
    os.link(rig.folder / "a.log", rig.folder / "c.log")
    rig.ship()
    assert rig.messages == ["one"]


def test_at_most_max_open_files_stay_open(tmp_path):
    (tmp_path / "logs").mkdir()
    rig = Rig(tmp_path / "logs", tmp_path / "state", max_open=5)
    for number in range(20):
        write(rig, f"{number}.log", f"{number}\n")
    rig.ship()
    rig.tailer.scan()
    assert sum(harvester.file is not None for harvester in rig.tailer.fleet) == 5
    for number in range(20):
        write(rig, f"{number}.log", f"again {number}\n")
    rig.ship()
    assert len(rig.messages) == 40
    rig.tailer.close()
    rig.registry.close()


def test_entries_of_files_long_gone_are_forgotten(rig):
    write(rig, "a.log", "one\n")
    rig.ship()
    (rig.folder / "a.log").unlink()
    rig.ship()
    rig.clock.advance(10)
    rig.ship()
    rig.clock.advance(8 * 86400)
    rig.ship()
    assert rig.registry.entries() == []


def test_t46_more_files_than_may_be_open_are_all_read(tmp_path):
    (tmp_path / "logs").mkdir()
    rig = Rig(tmp_path / "logs", tmp_path / "state", max_open=3)
    texts = [lines(f"file{number}", 300) for number in range(12)]
    for number, text in enumerate(texts):
        write(rig, f"{number}.log", text)
    rig.tailer.scan()
    assert sum(harvester.file is not None for harvester in rig.tailer.fleet) <= 3
    rig.ship()
    expect(rig, *texts)
    assert len(rig.sent) == 12 * 300
    rig.tailer.close()
    rig.registry.close()


def test_a_decoders_defect_stops_its_own_file_only(rig, monkeypatch):
    write(rig, "a.log", "good\n")
    write(rig, "b.log", "poison\n")
    original = Rig.decoder

    def feed(self, data):
        if b"poison" in data:
            raise ZeroDivisionError
        return original.feed(self, data)

    monkeypatch.setattr(rig, "make", type("Poisoned", (original,), {"feed": feed}))
    rig.restart()
    rig.ship()
    rig.ship()
    assert rig.messages == ["good"]
    assert rig.tailer.fleet.counts["files_failed"] == 1


def test_a_file_that_becomes_readable_is_read(rig):
    (rig.folder / "a.log").write_bytes(b"\0binary")
    rig.ship()
    (rig.folder / "a.log").write_text("text now\n")
    rig.ship()
    assert rig.messages == ["text now"]


def test_a_file_whose_name_is_not_utf8_is_left_out_aloud_and_the_others_are_read(rig, caplog):
    write(rig, "a.log", "hello\n")
    with open(os.fsencode(rig.folder) + b"/bad\xff.log", "wb") as file:  # noqa: PTH123 - pathlib takes no bytes
        file.write(b"unheard\n")
    rig.ship()
    rig.ship()
    expect(rig, "hello\n")
    assert [record.getMessage() for record in caplog.records] == [
        f"{rig.folder}/bad\\xff.log is not read: its name is not UTF-8; rename it"
    ]


def test_a_file_renamed_to_a_name_that_is_not_utf8_does_not_stop_the_agent(rig):
    write(rig, "a.log", "hello\n")
    rig.ship()
    os.rename(os.fsencode(rig.folder / "a.log"), os.fsencode(rig.folder) + b"/bad\xff.log")  # noqa: PTH104 - bytes
    write(rig, "b.log", "again\n")
    rig.ship()
    expect(rig, "hello\n", "again\n")
