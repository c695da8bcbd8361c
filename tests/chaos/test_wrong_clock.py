"""A clock that does not jump would make its rounds worthless."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.chaos.plan import Fault, Incident
from tests.chaos.wrong_clock import WrongClock, why_not

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))

TELL = "import sys, time\nfor _ in sys.stdin: print(time.time(), time.monotonic(), flush=True)"


@pytest.fixture
def clock(tmp_path):
    return WrongClock(tmp_path)


@pytest.fixture
def look(clock):
    """(wall, monotonic) as a running process sees them."""
    with subprocess.Popen(
        [sys.executable, "-c", TELL],
        env={**os.environ, **clock.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        write, read = process.stdin, process.stdout
        assert write is not None
        assert read is not None

        def ask(write=write, read=read):
            write.write("\n")
            write.flush()
            return tuple(map(float, read.readline().split()))

        yield ask
        write.close()


@pytest.mark.parametrize("hours", [30.0, -30.0])
def test_the_wall_clock_of_a_running_process_jumps_and_returns_and_the_other_does_not(clock, look, hours):
    fault = Fault.CLOCK_AHEAD if hours > 0 else Fault.CLOCK_BACK
    wall, steady = look()
    with clock.jump(Incident(0, fault, 1, hours)):
        there, still = look()
    back, _ = look()
    assert abs(there - wall - hours * 3600) < 60
    assert steady <= still < steady + 60
    assert abs(back - wall) < 60


def test_a_jump_may_stay(clock, look):
    wall, _ = look()
    with clock.jump(Incident(0, Fault.CLOCK_AHEAD, 1, 3.0, stays=True)):
        pass
    assert look()[0] - wall > 3600


def test_midnight_comes_within_the_second_after_the_jump(clock, look):
    with clock.jump(Incident(0, Fault.OVER_MIDNIGHT, 1)):
        seconds = look()[0] % 86400
    assert seconds > 86340 or seconds < 60
