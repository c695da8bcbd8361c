"""An evaluator may die before or after any write or send: nothing is lost, nothing doubles beyond one per crash."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from shipper.clock import ManualClock, iso_utc
from shipper.rules.evaluator import Evaluator, Surroundings
from shipper.rules.fields import field_types
from shipper.rules.notifier import Outcome, Sent
from tests.support.rule_stream import START, rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.rules.notification import Notification

pytestmark = pytest.mark.elasticsearch


class Dead(BaseException):
    """SIGKILL, as the code that runs it would see it."""


class Fuse:
    """Counts writes and sends; dies at one of them, before or after it takes effect."""

    def __init__(self, at: int, *, after: bool) -> None:
        self._at = at
        self._after = after
        self.count = 0

    def run(self, act: Callable[[], Any]) -> Any:
        self.count += 1
        dies = self.count == self._at
        if dies and not self._after:
            raise Dead
        result = act()
        if dies:
            raise Dead
        return result


class FusedClient:
    """The real client, with a fuse on its writes."""

    def __init__(self, client: Any, fuse: Fuse) -> None:
        self._client = client
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)
        ours = threading.current_thread() is threading.main_thread()  # not the one that renews leases now and then
        if name not in ("index", "create", "bulk", "update") or not ours:
            return real
        return lambda **arguments: self._fuse.run(lambda: real(**arguments))


class FusedReceiver:
    """Remembers keys, with a fuse on the way."""

    def __init__(self, fuse: Fuse, keys: list[str]) -> None:
        self._fuse = fuse
        self._keys = keys

    def notify(self, notification: Notification) -> Outcome:
        self._fuse.run(lambda: self._keys.append(notification.key))
        return Sent()

    def close(self) -> None:
        pass


def play(client: Any, prefix: str, name: str, fuse: Fuse) -> list[str]:
    """One incident, one evaluator, perhaps one death; the keys that arrived."""
    watched = rule(
        f"name: {name}\ntype: threshold\nabove: 3\nwindow: 10s\nevery: 10s\ncell: 10s\ngrace: 5s\nlate: 20s\n"
    )
    keys: list[str] = []
    clock = ManualClock(START)

    def evaluator(fuse: Fuse) -> Evaluator:
        receivers = {name: FusedReceiver(fuse, keys)}
        around = Surroundings(
            FusedClient(client, fuse),  # type: ignore[arg-type]  # the real client behind a fuse
            clock, field_types(), receivers, {"default": (name,)}, prefix, lease=1.0,
        )  # fmt: skip
        return Evaluator([watched], around)

    running = evaluator(fuse)
    for _ in range(4):
        try:
            running.evaluate(name)
        except Dead:
            clock.advance(2)  # the lease of the dead one runs out
            running = evaluator(Fuse(0, after=False))
            running.evaluate(name)
            clock.advance(-2)
        clock.advance(10)
    return keys


def test_a_death_at_any_write_or_send_loses_nothing_and_doubles_one_at_most(elasticsearch, prefix, logs):
    for number in range(5):
        elasticsearch.index(index=logs, document={"@timestamp": iso_utc(START + number)})
    whole = Fuse(0, after=False)
    calm = play(elasticsearch, prefix, "calm", whole)
    assert len(calm) == len(set(calm)) == 2, "one firing, one resolved"
    assert whole.count >= 10
    for at in range(1, whole.count + 1):
        for after in (False, True):
            name = f"crash-{at}-{'after' if after else 'before'}"
            keys = play(elasticsearch, prefix, name, Fuse(at, after=after))
            assert len(set(keys)) == 2, (name, keys)
            assert len(keys) <= 3, (name, keys)
    elasticsearch.indices.refresh(index=f"{prefix}shipper-alerts")
    counted = elasticsearch.search(
        index=f"{prefix}shipper-alerts", size=0, aggs={"rules": {"terms": {"field": "rule.name", "size": 1000}}}
    )
    buckets = counted["aggregations"]["rules"]["buckets"]
    assert len(buckets) == 1 + 2 * whole.count
    assert {bucket["doc_count"] for bucket in buckets} == {2}, "each alert document is there once"
