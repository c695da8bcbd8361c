"""The acknowledged offset moves only over settled batches without a gap; nothing is dropped to make room."""

from __future__ import annotations

import errno

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipper.agent.batch import Batch, Reject, Run
from shipper.agent.dead_letters import DeadLetters
from shipper.agent.delivery import Delivery
from shipper.agent.registry import Entry, Key, Registry
from shipper.clock import ManualClock

KEY = Key("a" * 16, 0)


def batch(start, end, records=1):
    stamp = "2026-01-01T00:00:00.000Z"
    run = Run(KEY, "/a", start, end, resume=b"r%d" % end)
    return Batch([f"{KEY.prefix}{start}"] * records, [b"{}"] * records, [stamp] * records, run=run)


class FullDisk:
    def bury(self, rejects):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def registry(tmp_path):
    registry = Registry(tmp_path / "registry")
    registry.put(Entry(source=KEY.source, generation=0, path="/a", device=1, inode=1, fallback_time=0.0, cuts=(5, 25)))
    yield registry
    registry.close()


@pytest.fixture
def delivery(registry, tmp_path):
    return Delivery(registry, DeadLetters(tmp_path, ManualClock()), 10_000)


def offset(registry):
    return registry.get(KEY).offset


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(8)))
def test_t38_the_offset_is_the_end_of_the_settled_prefix(tmp_path_factory, order):
    registry = Registry(tmp_path_factory.mktemp("r"))
    registry.put(Entry(source=KEY.source, generation=0, path="/a", device=1, inode=1, fallback_time=0.0))
    delivery = Delivery(registry, FullDisk(), 10_000)
    batches = [batch(n * 10, n * 10 + 10) for n in range(8)]
    for each in batches:
        delivery.offer(each)
    done = set()
    for number in order:
        delivery.settle([batches[number]])
        done.add(number)
        prefix = next((n for n in range(9) if n not in done), 8)
        assert offset(registry) == prefix * 10
    registry.close()


def test_a_batch_without_records_moves_the_offset_in_its_turn(registry, delivery):
    first = batch(0, 10)
    delivery.offer(first)
    delivery.offer(batch(10, 20, records=0))
    assert offset(registry) == 0
    delivery.settle([first])
    assert offset(registry) == 20


def test_cuts_behind_the_offset_are_forgotten(registry, delivery):
    each = batch(0, 10)
    delivery.offer(each)
    delivery.settle([each])
    assert registry.get(KEY).cuts == (25,)
    assert registry.get(KEY).resume == b"r10"


def test_t32_a_full_budget_stops_the_reader_and_drops_nothing(delivery):
    delivery.offer(batch(0, 10, records=60))
    assert not delivery.has_room()
    assert not delivery.wait_room(0.01)
    taken = delivery.take(1000, 1 << 20, 0)
    delivery.settle(taken)
    assert delivery.wait_room(0)


def test_what_is_given_back_comes_out_again_in_its_order(delivery):
    batches = [batch(n * 10, n * 10 + 10) for n in range(5)]
    for each in batches:
        delivery.offer(each)
    taken = delivery.take(3, 1 << 20, 0)
    delivery.settle(taken[:1])
    delivery.give_back(taken)
    assert delivery.take(100, 1 << 20, 0) == batches[1:]


def test_a_parcel_holds_at_least_one_batch_and_at_most_the_limits(delivery):
    for number in range(3):
        delivery.offer(batch(number * 10, number * 10 + 10, records=4))
    assert [len(each) for each in delivery.take(2, 1 << 20, 0)] == [4]
    assert [len(each) for each in delivery.take(8, 1 << 20, 0)] == [4, 4]


def test_a_reject_that_cannot_be_buried_settles_nothing(registry):
    delivery = Delivery(registry, FullDisk(), 10_000)
    each = batch(0, 10)
    delivery.offer(each)
    with pytest.raises(OSError, match="No space"):
        delivery.settle([each], [Reject(each, 0, "bad")])
    assert offset(registry) == 0
    assert delivery.unsettled() == 1


def test_t39_a_buried_record_counts_as_settled_and_can_be_read_back(registry, delivery, tmp_path):
    each = batch(0, 10)
    delivery.offer(each)
    delivery.settle([each], [Reject(each, 0, "mapping", 400)])
    assert offset(registry) == 10
    assert (delivery.counts["delivered"], delivery.counts["dead_lettered"]) == (0, 1)
    (letter,) = DeadLetters(tmp_path, ManualClock()).list()
    assert (letter.id, letter.offset, letter.reason, letter.path) == (f"{KEY.prefix}0", 0, "mapping", "/a")
    assert letter.batch().documents == [b"{}"]
