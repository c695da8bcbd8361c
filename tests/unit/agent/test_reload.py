"""The tailer while its inputs are exchanged."""

from __future__ import annotations

import pytest

from tests.support.agent import lines, write


def exchange(rig):
    """The same input again, as if its settings had changed."""
    rig.tailer.release(rig.tailer._inputs)
    rig.tailer.scan()


def test_a_file_whose_turn_was_to_come_has_it_after_an_exchange(rig):
    """Else it is never seen at its end, and the file that follows it after a rotation waits for ever."""
    write(rig, "a.log", lines("a", 10))
    rig.tailer.scan()
    assert rig.tailer.step()  # all of it is read, its end is not met yet
    exchange(rig)
    while rig.tailer.step():
        pass
    assert [harvester.at_end for harvester in rig.tailer.fleet] == [True]


@pytest.mark.parametrize("turns", range(6))
def test_an_exchange_at_any_turn_reads_each_line_once(rig, turns):
    write(rig, "a.log", lines("a", 300))
    rig.tailer.scan()
    for _ in range(turns):
        rig.tailer.step()
    exchange(rig)
    exchange(rig)
    rig.ship()
    assert [message for _, message in rig.sent] == lines("a", 300).splitlines()


def test_half_a_line_that_was_read_before_an_exchange_is_read_again_with_its_end(rig):
    write(rig, "a.log", "one\ntw")
    rig.ship()
    exchange(rig)
    write(rig, "a.log", "o\n")
    rig.ship()
    assert [message for _, message in rig.sent] == ["one", "two"]


def test_a_rotation_during_an_exchange_loses_and_doubles_nothing(rig):
    write(rig, "a.log", lines("a", 200))
    rig.tailer.scan()
    rig.tailer.step()
    rig.tailer.release(rig.tailer._inputs)
    (rig.folder / "a.log").rename(rig.folder / "a.log.1")
    write(rig, "a.log", lines("b", 20))
    rig.ship()
    assert sorted(message for _, message in rig.sent) == sorted((lines("a", 200) + lines("b", 20)).splitlines())
