from __future__ import annotations

import threading

from shipper.clock import ManualClock, SystemClock, iso_utc


def test_a_manual_clock_moves_only_when_told():
    clock = ManualClock(100.0)
    clock.advance(5)
    assert (clock.time(), clock.monotonic()) == (105.0, 5.0)
    assert clock.wait(threading.Event(), 10) is False
    assert clock.monotonic() == 15.0


def test_a_jump_moves_the_wall_clock_alone():
    clock = ManualClock(100.0)
    clock.jump(-3600)
    assert (clock.time(), clock.monotonic()) == (-3500.0, 0.0)


def test_a_set_event_ends_the_wait_at_once():
    event = threading.Event()
    event.set()
    clock = ManualClock()
    assert clock.wait(event, 60) is True
    assert clock.monotonic() == 0.0
    assert SystemClock().wait(event, 60) is True


def test_iso_stamps_have_milliseconds_and_a_zone():
    assert iso_utc(1_767_225_600.5) == "2026-01-01T00:00:00.500Z"
