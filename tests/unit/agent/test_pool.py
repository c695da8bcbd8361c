"""Which host is used next, on a manual clock."""

from __future__ import annotations

import pytest

from shipper.agent.backoff import Backoff
from shipper.agent.output.pool import HostPool
from shipper.clock import ManualClock

ERROR = OSError("refused")


@pytest.fixture
def clock():
    return ManualClock()


def pool_of(clock, count, **options):
    return HostPool([f"host-{n}" for n in range(count)], clock, **options)


def places(pool, count):
    return [pool.lease().place for _ in range(count)]


def test_connections_are_spread_evenly_from_the_first_on(clock):
    assert places(pool_of(clock, 3, first=1), 6) == [1, 2, 0, 1, 2, 0]


def test_one_connection_after_the_other_goes_round(clock):
    pool = pool_of(clock, 3)
    seen = []
    for _ in range(6):
        lease = pool.lease()
        seen.append(lease.place)
        lease.end()
    assert seen == [0, 1, 2, 0, 1, 2]


def test_a_host_that_failed_is_left_alone_and_then_tried_by_one_connection_only(clock):
    pool = pool_of(clock, 2)
    lease = pool.lease()
    lease.failed(ERROR)
    lease.end()
    assert places(pool, 2) == [1, 1]
    clock.advance(1)  # the first back-off is at most half a second
    probe = pool.lease()
    assert (probe.place, probe.patience) == (0, 2.0)
    assert places(pool, 2) == [1, 1]
    probe.sent(10)
    probe.settled(10)
    assert pool.lease().place == 0


def test_a_host_that_only_connects_is_not_well_yet(clock):
    pool = pool_of(clock, 1)
    for _ in range(3):
        lease = pool.lease()
        lease.connected()
        lease.failed(ERROR)
        lease.end()
        clock.advance(60)
    assert pool.report()[0]["failures"] == 3
    lease = pool.lease()
    lease.connected()
    assert pool.report()[0]["state"] == "failing"


def test_the_only_host_is_waited_for_and_given_all_the_time_to_connect(clock):
    pool = pool_of(clock, 1)
    lease = pool.lease()
    lease.failed(ERROR)
    lease.end()
    assert pool.lease() is None
    assert 0 < pool.wait() <= 0.5
    clock.advance(pool.wait())
    probe = pool.lease()
    assert probe.patience is None
    assert pool.lease() is None
    assert pool.wait() > 0  # while another connection tries it


def test_the_waits_grow_to_their_ceiling_and_are_spread_over_the_whole_of_it():
    waits = []
    for _ in range(200):
        backoff = Backoff(first=0.5, ceiling=8)
        waits.append([backoff.next() for _ in range(6)])
    for place, ceiling in enumerate([0.5, 1, 2, 4, 8, 8]):
        column = [wait[place] for wait in waits]
        assert max(column) <= ceiling
        assert min(column) < ceiling / 4 < ceiling * 3 / 4 < max(column)


def test_health_of_a_host_tells_state_error_since_and_what_is_on_the_way(clock):
    pool = pool_of(clock, 1)
    assert pool.report()[0]["state"] == "unused"
    lease = pool.lease()
    lease.connected()
    lease.sent(100)
    lease.sent(50)
    lease.settled(100)
    (host,) = pool.report()
    assert (host["state"], host["in_flight"], host["connections"], host["error"]) == ("connected", 50, 1, "")
    begin = host["since"]
    clock.advance(10)
    pool.trouble(0, "takes 3 of 10 records later")
    (host,) = pool.report()
    assert (host["state"], host["since"], host["error"]) == ("connected", begin, "takes 3 of 10 records later")
    lease.failed(ERROR)
    lease.end()
    (host,) = pool.report()
    assert (host["state"], host["error"], host["in_flight"], host["failed"]) == ("failing", "refused", 0, 1)
    assert host["since"] > begin
    assert pool.errors() == ["host-0: refused"]
    clock.advance(60)
    lease = pool.lease()
    lease.sent(1)
    lease.settled(1)
    lease.end()
    (host,) = pool.report()
    assert (host["state"], host["error"], host["last_error"]) == ("idle", "", "refused")
    assert host["last_error_at"] < host["since"]


def failed_once(pool):
    lease = pool.lease()
    lease.failed(ERROR)
    lease.end()


def test_a_host_that_no_sender_came_for_is_visited_and_used_as_any_other_once_it_answers(clock):
    pool = pool_of(clock, 2)
    failed_once(pool)
    assert pool.unvisited() is None
    clock.advance(2)  # the back-off, and the time in which a sender comes by itself
    assert pool.unvisited() == 0
    pool.visited(0, answers=True, error="")
    host = pool.report()[0]
    assert (host["state"], host["error"], host["last_error"], host["failures"]) == ("idle", "", "refused", 0)
    assert pool.errors() == []
    assert sorted(places(pool, 2)) == [0, 1]


def test_a_visit_without_an_answer_postpones_the_next_one_and_says_why(clock):
    pool = pool_of(clock, 2)
    failed_once(pool)
    for error, told in (("timed out", "timed out"), ("", "timed out")):
        clock.advance(60)
        assert pool.unvisited() == 0
        pool.visited(0, answers=False, error=error)
        assert pool.unvisited() is None
        assert (pool.report()[0]["state"], pool.report()[0]["error"]) == ("failing", told)


def test_a_visit_keeps_no_sender_from_the_host_and_what_the_sender_found_out_counts(clock):
    pool = pool_of(clock, 1)
    failed_once(pool)
    clock.advance(60)
    assert pool.unvisited() == 0
    lease = pool.lease()
    assert pool.unvisited() is None
    lease.sent(1)
    lease.settled(1)
    pool.visited(0, answers=False, error="too late")
    assert pool.report()[0]["state"] == "connected"


def test_a_host_that_only_answers_is_left_alone_for_longer_each_time(clock, monkeypatch):
    monkeypatch.setattr("shipper.agent.backoff.random.random", lambda: 1.0)
    pool = pool_of(clock, 1)
    waits = []
    for _ in range(4):
        failed_once(pool)
        waits.append(pool.report()[0]["retry_seconds"])
        clock.advance(60)
        pool.visited(0, answers=True, error="")
    assert waits == [0.5, 1.0, 2.0, 4.0]


def test_an_old_connection_that_works_does_not_make_a_host_well_that_refuses_new_ones(clock, caplog):
    pool = pool_of(clock, 1)
    old = pool.lease()
    for _ in range(5):  # such as a renewed certificate that nobody trusts
        new = pool.lease()
        new.failed(ERROR)
        new.end()
        old.settled(1)
        assert pool.report()[0]["state"] == "failing"
        assert pool.lease() is None
        clock.advance(10)
    assert pool.report()[0]["failures"] == 5
    assert len(caplog.records) == 1
    trial = pool.lease()
    assert pool.lease() is None
    trial.settled(1)
    assert pool.report()[0]["state"] == "connected"
    assert pool.lease() is not None


def test_a_connection_that_breaks_late_does_not_hold_up_the_one_that_works_again(clock):
    pool = pool_of(clock, 1)
    first, second = pool.lease(), pool.lease()
    first.failed(ERROR)
    first.end()
    clock.advance(1)
    trial = pool.lease()
    trial.connected()
    second.failed(ERROR)  # it learns of the same restart now
    second.end()
    trial.settled(1)
    assert pool.report()[0]["state"] == "connected"
    assert pool.lease() is not None
