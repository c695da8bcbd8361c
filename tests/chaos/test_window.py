"""A judge of copytruncate that takes any count for right is worthless."""

from __future__ import annotations

import pytest

from tests.chaos.window import Cut, Window, complaints, counted, windows_of

WINDOW = Window("2", 1000, 1300, {10: (1000, 1100), 11: (1100, 1200), 12: (1200, 1300)})
ALL = {"2 10", "2 11", "2 12"}


def test_the_whole_window_lost_and_counted_is_fine():
    assert not complaints([WINDOW], [Cut("2", 1000, 1300)], ALL, lived=True)


def test_what_nobody_saw_is_not_counted():
    assert not complaints([WINDOW], [], ALL, lived=True)
    assert not complaints([WINDOW], [Cut("2", 1000, 1200)], ALL, lived=True)


@pytest.mark.parametrize(
    "cut", [Cut("2", 999, 1300), Cut("2", 1000, 1301), Cut("1", 1000, 1300), Cut("2", 0, 300)], ids=str
)
def test_a_count_outside_the_copiers_window_is_seen(cut):
    assert complaints([WINDOW], [cut], ALL, lived=True)


def test_a_count_of_what_arrived_is_seen():
    assert complaints([WINDOW], [Cut("2", 1000, 1300)], ALL - {"2 10"}, lived=True)
    assert not complaints([WINDOW], [Cut("2", 1100, 1300)], ALL - {"2 10"}, lived=True)


def test_a_window_is_counted_once():
    assert complaints([WINDOW], [Cut("2", 1000, 1300)] * 2, ALL, lived=True)


def test_a_loss_before_the_counted_bytes_is_seen_unless_the_agent_died():
    assert complaints([WINDOW], [Cut("2", 1200, 1300)], ALL, lived=True)
    assert not complaints([WINDOW], [Cut("2", 1200, 1300)], ALL, lived=False)


def test_a_gap_in_what_was_read_of_a_window_is_seen_unless_the_agent_died():
    assert complaints([WINDOW], [], {"2 11"}, lived=True)
    assert not complaints([WINDOW], [], {"2 11"}, lived=False)


def test_a_line_that_the_writer_did_not_write_in_the_window_is_seen():
    window = Window("2", 1050, 1300, WINDOW.records)
    assert complaints([window], [], ALL, lived=True)


def test_the_agents_words_are_understood():
    log = '{"message":"/x/logs/2.log.3.gz: bytes 1000 to 1300 were cut away unread, and no copy holds them"}\n'
    assert counted(log * 2) == [Cut("2", 1000, 1300)] * 2


def test_the_writers_words_are_understood():
    told = {
        "2": [{"begin": 1000, "end": 1300, "records": {"10": [1000, 1100], "11": [1100, 1200], "12": [1200, 1300]}}]
    }
    assert windows_of(told) == [WINDOW]
