"""Who has a rule or a receiver keeps it however slow Elasticsearch is; who lost it writes nothing and sends nothing."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from elasticsearch import Elasticsearch

from shipper.clock import ManualClock, iso_utc
from shipper.rules.broom import EVERY, KEPT
from shipper.rules.evaluator import Evaluator, Surroundings
from shipper.rules.fields import field_types
from shipper.rules.notifier import Outcome, Sent
from shipper.rules.statestore import StateStore
from tests.support import stack
from tests.support.http_proxy import HttpProxy
from tests.support.rule_stream import START, rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from shipper.rules.notification import Notification

pytestmark = pytest.mark.elasticsearch

WATCHED = "name: watched\ntype: threshold\nabove: 3\nwindow: 10s\nevery: 10s\ncell: 10s\ngrace: 5s\nlate: 20s\n"


class Gate:
    """Keeps the first request whose path has `part` waiting until it is opened."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._open = threading.Event()
        self.armed = False
        self.reached = threading.Event()

    def meet(self, method: str, path: str) -> None:
        if self._part in path and self.armed:
            self.armed = False
            self.pass_through()

    def pass_through(self) -> None:
        self.reached.set()
        assert self._open.wait(60)

    def open(self) -> None:
        self._open.set()


class Receiver:
    def __init__(self, before: Callable[[], None] = lambda: None) -> None:
        self._before = before
        self.keys: list[str] = []
        self.kinds: list[str] = []

    def notify(self, notification: Notification) -> Outcome:
        self.keys.append(notification.key)
        self.kinds.append(notification.kind)
        self._before()
        return Sent()

    def close(self) -> None:
        pass


class Background:
    """Runs something beside the test, and hands back what it gave."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.result: object = None
        self._act = act
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.result = self._act()

    def wait(self) -> object:
        self._thread.join(60)
        assert not self._thread.is_alive()
        return self.result


@pytest.fixture
def slowly() -> Iterator[Callable[[Gate], AbstractContextManager[Elasticsearch]]]:
    """A client whose requests pass a gate."""
    parts = urlsplit(os.environ.get("SHIPPER_TEST_ES") or stack.admin_url())
    account = (unquote(parts.username or ""), unquote(parts.password or ""))
    open_now: list[HttpProxy] = []
    clients: list[Elasticsearch] = []

    def make(gate: Gate) -> Elasticsearch:
        proxy = HttpProxy(f"http://{parts.hostname}:{parts.port}", meet=gate.meet)
        open_now.append(proxy.__enter__())
        clients.append(Elasticsearch(proxy.url, basic_auth=account, request_timeout=60, max_retries=0))
        return clients[-1]

    yield make
    for client in clients:
        client.close()
    for proxy in open_now:
        proxy.__exit__()


def evaluator(client: Elasticsearch, prefix: str, clock: ManualClock, receiver: Receiver, lease: float) -> Evaluator:
    around = Surroundings(client, clock, field_types(), {"hook": receiver}, {"default": ("hook",)}, prefix, lease=lease)
    return Evaluator([rule(WATCHED)], around)


def burst(client: Elasticsearch, index: str) -> None:
    for number in range(5):
        client.index(index=index, document={"@timestamp": iso_utc(START + number)})


def outlast(clock: ManualClock, lease: float, until: Callable[[], float]) -> None:
    """Let three leases pass, each time not before the holder has renewed its own."""
    for _ in range(6):
        clock.advance(lease / 2)
        patience = time.monotonic() + 30
        while until() < clock.time() + lease:
            assert time.monotonic() < patience, "the lease is not renewed"
            time.sleep(0.02)


def test_an_evaluation_that_lasts_three_leases_is_not_taken_over_midway(elasticsearch, prefix, logs, slowly):
    burst(elasticsearch, logs)
    clock, lease, first, second = ManualClock(START + 10), 3.0, Receiver(), Receiver()
    gate, store = Gate("/_search"), StateStore(elasticsearch, prefix)
    holder = evaluator(slowly(gate), prefix, clock, first, lease)
    other = evaluator(elasticsearch, prefix, clock, second, lease)
    gate.armed = True
    running = Background(lambda: holder.evaluate("watched"))
    assert gate.reached.wait(60)
    outlast(clock, lease, lambda: store.leased("watched")[1])
    assert other.evaluate("watched") == []
    gate.open()
    changes = running.wait()
    assert [change.after for change in changes] == ["firing"]  # type: ignore[attr-defined]  # changes
    assert (first.kinds, second.kinds) == (["firing"], [])


def test_a_receiver_that_answers_after_three_leases_is_told_by_nobody_else_meanwhile(elasticsearch, prefix, logs):
    burst(elasticsearch, logs)
    clock, lease, gate, second = ManualClock(START + 10), 3.0, Gate(""), Receiver()
    first = Receiver(gate.pass_through)
    holder = evaluator(elasticsearch, prefix, clock, first, lease)
    other = evaluator(elasticsearch, prefix, clock, second, lease)
    running = Background(lambda: holder.evaluate("watched"))
    assert gate.reached.wait(60)
    box = f"{prefix}shipper-rule-state-outbox"
    outlast(clock, lease, lambda: elasticsearch.get(index=box, id="box:hook")["_source"]["until"])
    other.evaluate("watched")
    gate.open()
    running.wait()
    assert first.kinds[:1] == ["firing"]
    assert "firing" not in second.kinds


@pytest.mark.parametrize(
    ("where", "nap"),
    [("/_search", KEPT + EVERY), ("shipper-alerts/_bulk", KEPT + EVERY), ("outbox/_bulk", KEPT / 4), ("/_doc/", 60)],
)
def test_a_holder_that_sleeps_through_its_lease_neither_writes_nor_sends(
    elasticsearch, prefix, logs, slowly, where, nap
):
    clock, lease, first, second = ManualClock(START), 600.0, Receiver(), Receiver()
    gate = Gate(where)  # its lease is so long that the thread which renews it is asleep too
    holder = evaluator(slowly(gate), prefix, clock, first, lease)
    other = evaluator(elasticsearch, prefix, clock, second, lease)
    holder.evaluate("watched")
    burst(elasticsearch, logs)
    clock.advance(10)
    gate.armed = True
    running = Background(lambda: holder.evaluate("watched"))
    assert gate.reached.wait(60)
    clock.advance(lease + 1)
    for _ in range(3):
        other.evaluate("watched")
        clock.advance(nap + 1)
        other._outbox.refresh()
        other._broom.sweep()
    told = list(second.keys)
    before = elasticsearch.get(index=f"{prefix}shipper-rule-state", id="watched")
    gate.open()
    running.wait()
    assert first.keys == []
    assert elasticsearch.get(index=f"{prefix}shipper-rule-state", id="watched")["_version"] == before["_version"]
    other.evaluate("watched")
    assert second.keys == told
    assert len(told) == len(set(told)) > 0
    assert "resolved" in second.kinds
