"""F32: somebody is told when rules are not evaluated, whatever the reason."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from elastic_transport import ApiResponseMeta, BaseNode, ConnectionTimeout, HttpHeaders
from elasticsearch import Elasticsearch

from shipper.clock import ManualClock
from shipper.rules.evaluator import Evaluator, Surroundings
from shipper.rules.notifier import Outcome, Retry, Sent
from shipper.rules.watch import MOST_WAITING, Watch
from tests.support.rule_stream import rule

if TYPE_CHECKING:
    from shipper.rules.notification import Notification


class Answer(NamedTuple):
    meta: ApiResponseMeta
    body: bytes


class Receiver:
    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.seen: list[Notification] = []

    def notify(self, notification: Notification) -> Outcome:
        outcome = self.outcomes.pop(0) if self.outcomes else Sent()
        if isinstance(outcome, Sent):
            self.seen.append(notification)
        return outcome

    def close(self) -> None:
        pass


def watch(clock: ManualClock, receiver: Receiver) -> Watch:
    return Watch({"a": 60, "b": 60}, {"hook": receiver}, ("hook",), clock, "me")


def test_f32_a_rule_that_fails_is_told_after_two_intervals_once_and_so_is_its_return():
    clock, receiver = ManualClock(), Receiver()
    own = watch(clock, receiver)
    for minute in range(10):
        own.seen("a", minute * 60)
        if minute in range(1, 7):
            own.failed("b", "no such field")
        else:
            own.seen("b", minute * 60)
        well = own.look()
        assert well is (minute not in range(3, 8))
        clock.advance(60)
    assert [(told.kind, told.rule, told.text) for told in receiver.seen] == [
        ("incomplete", "shipper-evaluator", "1 of 2 rules lag: b: not evaluated for 180 s: no such field"),
        ("complete", "shipper-evaluator", "all rules are evaluated in time again"),
    ]
    assert receiver.seen[0].episode == receiver.seen[1].episode


def test_an_evaluator_that_was_paused_while_another_did_its_rules_tells_of_no_lag():
    clock, receiver = ManualClock(), Receiver()
    own = watch(clock, receiver)
    for boundary in (0, 60):
        own.seen("a", boundary)
        own.seen("b", boundary)
        clock.advance(60)
    clock.advance(600)
    own.seen("a", 720, elsewhere=True)
    own.seen("b", 720, elsewhere=True)
    assert own.look()
    assert receiver.seen == []


def test_a_loop_that_was_stuck_says_so_afterwards_though_it_caught_up():
    clock, receiver = ManualClock(), Receiver()
    own = watch(clock, receiver)
    for boundary in (0, 60, 360, 420, 480):
        clock.advance(60)
        own.seen("a", boundary)
        own.seen("b", boundary)
        own.look()
    assert [told.kind for told in receiver.seen] == ["incomplete", "complete"]
    assert "a: not evaluated for 300 s" in receiver.seen[0].text


def test_another_rule_that_begins_to_lag_is_told_too():
    clock, receiver = ManualClock(), Receiver()
    own = watch(clock, receiver)
    for minute in range(10):
        if minute < 4:
            own.seen("a", minute * 60)
        own.look()
        clock.advance(60)
    assert [told.text.partition(" rules")[0] for told in receiver.seen] == ["1 of 2", "2 of 2"]


def test_what_nobody_takes_is_tried_again_in_order_with_the_same_key_and_bounded(caplog):
    clock, receiver = ManualClock(), Receiver(*[Retry("down")] * 3)
    own = watch(clock, receiver)
    clock.advance(121)
    for _ in range(30):
        own.look()
        clock.advance(1)
    assert [told.kind for told in receiver.seen] == ["incomplete"]
    receiver.outcomes = [Retry("down")] * 10_000
    for number in range(MOST_WAITING):
        clock.advance(121)
        own.look()
        for name in ("a", "b"):
            own.seen(name, number * 60)
        own.look()
    assert "nobody took what the evaluator says of itself" in caplog.text


def test_f32_without_elasticsearch_the_evaluator_tells_within_two_intervals_that_it_is_blind():
    clock, receiver = ManualClock(), Receiver()
    nowhere = Elasticsearch("http://127.0.0.1:1", max_retries=0)
    around = Surroundings(nowhere, clock, {}, {"hook": receiver}, {"default": ("hook",)}, watchers=("hook",))
    running = Evaluator([rule("name: r\ntype: threshold\nabove: 3\nwindow: 10s\nevery: 10s\ncell: 10s\n")], around)
    for _ in range(4):
        assert running.evaluate("r") == []
        running.look()
        clock.advance(10)
    assert [(told.kind, told.rule) for told in receiver.seen] == [("incomplete", "shipper-evaluator")]
    assert receiver.seen[0].text.startswith("1 of 1 rules lag: r: not evaluated for 30 s: ")


def test_f32_while_elasticsearch_hangs_one_waits_for_no_more_than_a_request_not_for_one_a_rule():
    clock, stop, told_at = ManualClock(), threading.Event(), []

    class Hangs(BaseNode):
        begun = False

        def perform_request(self, *arguments: Any, **options: Any) -> Any:
            if not self.begun:
                self.begun = True
                headers = HttpHeaders({"x-elastic-product": "Elasticsearch", "content-type": "application/json"})
                return Answer(ApiResponseMeta(200, "1.1", headers, 0.0, self.config), b"{}")
            clock.advance(30)
            if clock.monotonic() > 3600:
                stop.set()
            raise ConnectionTimeout("timed out")

    class Pager(Receiver):
        def notify(self, notification: Notification) -> Outcome:
            told_at.append(clock.monotonic())
            stop.set()
            return super().notify(notification)

    receiver = Pager()
    client = Elasticsearch("http://127.0.0.1:1", node_class=Hangs, max_retries=0)
    around = Surroundings(client, clock, {}, {"hook": receiver}, {"default": ("hook",)}, watchers=("hook",))
    text = "type: threshold\nabove: 3\nwindow: 1m\n"
    running = Evaluator([rule(f"name: r{number}\n{text}") for number in range(30)], around)
    running.run(stop)
    assert told_at == [150]
    assert receiver.seen[0].text.startswith("30 of 30 rules lag: r0: not evaluated for 150 s: ")
    assert clock.monotonic() <= 150 + 4 * 30  # to stop takes a few requests, not one for each rule
