"""More of the known failures of other shippers (T1 to T33), and worse ones made up for ours."""

from __future__ import annotations

import os

import pytest

from shipper.agent.codec import make_decoder
from shipper.agent.delivery import Delivery
from shipper.agent.descriptors import OpenFiles
from shipper.agent.input.file import FileInput, FileInputSettings
from shipper.agent.registry import Registry
from shipper.agent.tailer import Tailer
from tests.support.agent import LineDecoder, NoGraveyard, lines, write


def expect(rig, *texts):
    assert sorted(rig.messages) == sorted("".join(texts).splitlines())
    assert len(rig.sent) == len(rig.messages)


def on_the_inode_of(rig, old, new, text):
    """`old` is removed, and the system gives its inode to `new`: the same as a rename and a rewrite."""
    (rig.folder / old).rename(rig.folder / new)
    write(rig, new, text, mode="w")


@pytest.mark.parametrize("down", [False, True])
def test_t2_a_file_made_anew_is_read_long_before_it_reaches_the_old_offset(rig, down):
    write(rig, "a.log", lines("a", 3000))
    rig.ship()
    if down:
        rig.crash()
    (rig.folder / "a.log").unlink()
    write(rig, "a.log", lines("b", 3))
    rig.ship()
    expect(rig, lines("a", 3000), lines("b", 3))


@pytest.mark.parametrize("down", [False, True])
def test_t3_the_same_first_lines_on_a_reused_inode_are_told_by_what_follows(rig, down):
    head = lines("banner", 30)
    write(rig, "a.log", head + lines("a", 30))
    rig.ship()
    if down:
        rig.crash()
    on_the_inode_of(rig, "a.log", "b.log", head + lines("b", 40))
    rig.ship()
    assert sorted(text for _, text in rig.sent) == sorted((head + lines("a", 30) + head + lines("b", 40)).splitlines())


def test_t1_a_closed_files_inode_given_to_a_longer_file_with_the_same_lines_around_the_offset(rig):
    write(rig, "a.log", "first of a\n" + "same\n" * 300)
    rig.ship()
    rig.clock.advance(1000)
    rig.ship()
    assert all(harvester.file is None for harvester in rig.tailer.fleet)
    on_the_inode_of(rig, "a.log", "b.log", "first of b\n" + "same\n" * 400)
    rig.ship()
    rig.ship()
    assert [text for _, text in rig.sent].count("first of b") == 1
    assert len(rig.index) == 301 + 401


@pytest.mark.parametrize("closed", [False, True])
def test_t15_other_text_of_exactly_the_same_length_is_read(rig, closed):
    write(rig, "a.log", lines("a", 100))
    rig.ship()
    if closed:
        rig.clock.advance(1000)
        rig.ship()
    on_the_inode_of(rig, "a.log", "b.log" if closed else "a.log", lines("b", 99) + f"b 99 {'y' * 40}\n")
    os.utime(rig.folder / ("b.log" if closed else "a.log"))
    rig.ship()
    rig.ship()
    assert len(rig.index) == 200
    assert len(rig.sent) == 200


def test_a_touched_file_is_not_sent_again(rig):
    write(rig, "a.log", lines("a", 100))
    rig.ship()
    for wait in (0, 1000):
        rig.clock.advance(wait)
        rig.ship()
        os.utime(rig.folder / "a.log")
        rig.ship()
    assert len(rig.sent) == 100


def test_t6_many_rotations_between_two_looks_lose_nothing(rig):
    texts = []
    for number in range(12):
        texts.append(lines(f"r{number}", 200))
        write(rig, "a.log", texts[-1])
        if number % 3 == 0:
            rig.tailer.scan()
            rig.tailer.step()  # in the middle of it
        (rig.folder / "a.log").rename(rig.folder / f"a.log.{number}")
    rig.ship()
    expect(rig, *texts)


def with_inputs(rig, *patterns):
    """The agent started again with other inputs."""
    rig.tailer.close()
    rig.registry.close()
    rig.registry = Registry(rig.state)
    rig.delivery = Delivery(rig.registry, NoGraveyard(), 1 << 24)
    inputs = [FileInput(FileInputSettings(paths=[f"{rig.folder}/{each}"]), {}, LineDecoder) for each in patterns]
    rig.tailer = Tailer(inputs, rig.registry, rig.delivery, rig.clock, OpenFiles(500))


def test_t9_inputs_in_another_order_or_by_another_pattern_send_nothing_again(rig):
    write(rig, "a.log", lines("a", 50))
    write(rig, "b.log", lines("b", 50))
    for patterns in (("a*", "b*"), ("b*", "a*"), ("*.log",), ("b.log", "*", "a.log")):
        with_inputs(rig, *patterns)
        rig.ship()
    expect(rig, lines("a", 50), lines("b", 50))


def test_t24_inputs_share_one_registry_and_none_forgets_the_others_files(rig):
    write(rig, "a.log", lines("a", 50))
    write(rig, "b.log", lines("b", 50))
    for patterns in (("a*", "b*"), ("a*",), ("b*",), ("a*", "b*")):
        with_inputs(rig, *patterns)
        rig.ship()
    expect(rig, lines("a", 50), lines("b", 50))


TRACE = """2026-03-01 12:00:00,000 ERROR app: it broke
Traceback (most recent call last):
  File "a.py", line 1, in f
ValueError: no
"""


@pytest.mark.parametrize("cut", [50, 90, 120])
def test_t27_a_trace_written_across_a_rename_is_one_record_and_not_held_for_ever(rig, cut):
    rig.make = make_decoder
    rig.restart()
    with (rig.folder / "a.log").open("w", buffering=1) as writer:
        writer.write(TRACE[:cut])
        rig.ship()
        (rig.folder / "a.log").rename(rig.folder / "a.log.1")
        write(rig, "a.log", TRACE.replace("it", "that"))
        rig.ship()
        writer.write(TRACE[cut:])
    rig.ship()
    assert rig.sent == []
    rig.clock.advance(2)
    rig.ship()
    assert sorted(rig.messages) == ["app: it broke", "app: that broke"]


def test_t17_a_hole_of_nul_bytes_costs_no_record(rig):
    rig.make = make_decoder
    rig.restart()
    with (rig.folder / "a.log").open("w") as writer:
        writer.write(lines("a", 100))
        writer.flush()
        rig.ship()
        os.truncate(rig.folder / "a.log", 0)
        writer.write(lines("b", 3))  # without O_APPEND: where it was
    for _ in range(3):
        rig.clock.advance(2)
        rig.ship()
    assert [text.split()[0] for text in rig.messages].count("b") == 3


def test_removed_while_the_output_is_down_it_is_delivered_later(rig):
    write(rig, "a.log", lines("a", 50))
    rig.read()
    (rig.folder / "a.log").unlink()
    rig.read()
    rig.clock.advance(1000)
    rig.read()
    rig.deliver()
    expect(rig, lines("a", 50))


def test_truncated_and_grown_again_many_times_between_looks(rig):
    for number in range(5):
        write(rig, "a.log", lines(f"r{number}", 20 + 15 * number), mode="w")
        rig.ship()
    expect(rig, *(lines(f"r{number}", 20 + 15 * number) for number in range(5)))


def test_a_copytruncate_whose_copy_is_made_twice_reads_the_rest_once(rig):
    write(rig, "a.log", lines("a", 100))
    rig.ship()
    write(rig, "a.log", lines("b", 100))
    for name in ("a.log.1", "a.log.2"):
        (rig.folder / name).write_bytes((rig.folder / "a.log").read_bytes())
    write(rig, "a.log", lines("c", 10), mode="w")
    for _ in range(3):
        rig.ship()
        rig.clock.advance(10)
    expect(rig, lines("a", 100), lines("b", 100), lines("c", 10))


def test_why_a_file_is_closed_or_left_out_is_told_and_taken_back(rig):
    write(rig, "a.log", lines("a", 5))
    (rig.folder / "b.log").write_bytes(b"\0\1\2 binary\n")
    rig.ship()
    (harvester,) = rig.tailer.fleet
    assert harvester.closed == ""
    assert rig.tailer.fleet.left_out == {f"{rig.folder}/b.log": "it looks binary"}
    rig.clock.advance(1000)
    rig.ship()
    assert harvester.closed == "idle"
    write(rig, "a.log", "more\n")
    write(rig, "b.log", "text now\n", mode="w")
    rig.ship()
    assert harvester.closed == ""
    assert rig.tailer.fleet.left_out == {}
    (rig.folder / "c.log").write_bytes(b"\0")
    rig.ship()
    assert list(rig.tailer.fleet.left_out) == [f"{rig.folder}/c.log"]
    (rig.folder / "c.log").unlink()
    rig.ship()
    assert rig.tailer.fleet.left_out == {}
