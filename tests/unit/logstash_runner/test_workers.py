"""Deliveries and workers: every delivery is answered once, after its events were processed."""

from __future__ import annotations

import threading
from typing import Any

from shipper.logstash_runner.output.bulk import StoppedError
from shipper.logstash_runner.workers import Workers


class Bench:
    def __init__(self, count: int = 1, batch_size: int = 4) -> None:
        self.batches: list[list[Any]] = []
        self.answers: list[tuple[str, bool]] = []
        self.errors: list[BaseException] = []
        self.gate = threading.Event()
        self.gate.set()
        self.failure: Exception | None = None
        self.workers = Workers(self.process, count, batch_size, self.errors.append)

    def process(self, events: list[Any]) -> None:
        assert self.gate.wait(5)
        self.batches.append(events)
        if self.failure:
            raise self.failure

    def submit(self, name: str, *events: Any) -> None:
        self.workers.submit(list(events), lambda accepted: self.answers.append((name, accepted)))


def test_small_deliveries_share_a_batch_in_order_and_each_is_answered() -> None:
    bench = Bench()
    bench.gate.clear()
    for name in "abcde":
        bench.submit(name, name + "1", name + "2")
    assert bench.workers.backlog == 10
    bench.workers.start()
    bench.gate.set()
    assert bench.workers.drain(5)
    assert bench.batches == [["a1", "a2", "b1", "b2"], ["c1", "c2", "d1", "d2"], ["e1", "e2"]]
    assert bench.answers == [(name, True) for name in "abcde"]
    bench.workers.close()


def test_nothing_is_answered_at_once() -> None:
    bench = Bench()
    bench.submit("empty")
    assert bench.answers == [("empty", True)]
    bench.workers.close()


def test_a_stop_refuses_what_was_not_delivered() -> None:
    bench = Bench()
    bench.failure = StoppedError("stopped")
    bench.submit("a", 1)
    bench.workers.start()
    assert bench.workers.drain(5)
    assert bench.answers == [("a", False)]
    assert bench.errors == []
    bench.workers.close()


def test_an_unforeseen_error_refuses_and_is_reported() -> None:
    bench = Bench()
    bench.failure = KeyError("bug")
    bench.submit("a", 1)
    bench.workers.start()
    assert bench.workers.drain(5)
    assert bench.answers == [("a", False)]
    assert [type(error) for error in bench.errors] == [KeyError]
    bench.workers.close()


def test_closing_refuses_what_waits_and_what_comes_later() -> None:
    bench = Bench()
    bench.submit("waits", 1)
    bench.workers.close()
    bench.submit("late", 1)
    assert bench.answers == [("waits", False), ("late", False)]
    assert bench.workers.drain(0)


def test_many_senders_and_workers_lose_nothing() -> None:
    bench = Bench(count=3, batch_size=10)
    bench.workers.start()

    def send(name: str) -> None:
        for number in range(200):
            bench.submit(name, (name, number))

    senders = [threading.Thread(target=send, args=(name,)) for name in "abcd"]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert bench.workers.drain(5)
    bench.workers.close()
    assert sorted(event for batch in bench.batches for event in batch) == sorted(
        (name, number) for name in "abcd" for number in range(200)
    )
    assert len(bench.answers) == 800
    assert all(accepted for _, accepted in bench.answers)
