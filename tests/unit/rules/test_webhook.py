"""A receiver may be slow, broken or hostile: notifications come through once it is well, and the rules go on."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from shipper.clock import ManualClock
from shipper.config import Duration
from shipper.rules.change import Change, Kind
from shipper.rules.delivery import Delivery
from shipper.rules.entry import Entry, parcels
from shipper.rules.notification import Notification, alert_document
from shipper.rules.notifier.base import Failed, Outcome, Retry, Sent
from shipper.rules.notifier.http import LONGEST_REST
from shipper.rules.notifier.webhook import WebhookSettings
from shipper.rules.state import Status
from tests.support.memory_outbox import MemoryOutbox
from tests.support.rule_stream import rule

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """A socket that answers one request with `answer` and then says nothing, without closing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)
                done.wait(10)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        done.set()
        thread.join()


def told(number: int = 0) -> Notification:
    return Notification(
        key=f"k{number}", episode="e", kind=Kind.FIRING, rule="r", summary="s", severity="info", owner="o",
        runbook="b", labels={}, group={}, at="2026-01-01T00:00:00Z", since="2026-01-01T00:00:00Z", value=1.0,
        text="t", facts={}, complete=True, correction=False, stale=False, reason=None, index="i", query="",
        window_seconds=60,
    )  # fmt: skip


def post(answer: bytes) -> Outcome:
    with answering(answer) as url:
        webhook = WebhookSettings(url=url, timeout=Duration(5)).build()
        try:
            return webhook.notify(told())
        finally:
            webhook.close()


def test_the_status_alone_decides_whatever_becomes_of_the_body():
    assert post(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\nhalf of it") == Sent()
    assert isinstance(post(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n"), Failed)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(b"7", 7), (b"9" * 400, LONGEST_REST), (b"\xb2", 0), (b"-1", 0), (b"soon", 0), (b"", 0)],
)
def test_an_absurd_retry_after_neither_ends_the_evaluator_nor_silences_it(header, seconds):
    answer = post(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\nRetry-After: " + header + b"\r\n\r\n")
    assert answer == Retry("answered 503", seconds)


class Receiver:
    """Fails until it is well; counts the attempts."""

    def __init__(self) -> None:
        self.well = False
        self.seen: list[str] = []

    def notify(self, notification: Notification) -> Outcome:
        self.seen.append(notification.key)
        return Sent() if self.well else Retry("hangs")

    def close(self) -> None:
        pass


def test_a_receiver_that_hangs_is_tried_once_not_once_a_notification():
    clock, broken, sound = ManualClock(), Receiver(), Receiver()
    sound.well = True
    store = MemoryOutbox()
    delivery = Delivery(store, {"broken": broken, "sound": sound}, clock)
    entries = [Entry(notification=told(n), receivers=["broken", "sound"], created=clock.time()) for n in range(50)]
    store.add(parcels(entries), clock.time())
    delivery.run()
    assert len(broken.seen) == 1
    assert sound.seen == [f"k{n}" for n in range(50)]
    broken.well = True
    clock.advance(60)
    delivery.run()
    assert not store.occupied("broken")
    assert sorted(set(broken.seen)) == sorted(f"k{n}" for n in range(50))
    assert len(sound.seen) == 50


def test_an_alert_keeps_its_own_id_whatever_a_rule_groups_by():
    grouped = rule("name: g\ntype: threshold\nabove: 1\ngroup_by: [event.id, event.dataset, host.name]\n")
    change = Change("g", ("event.id", "event.dataset", "host.name"), ("x", "y", "z"), 60, 60, Status.OK, Status.FIRING,
                    1.0, "t", complete=True, since=0, send=Kind.FIRING)  # fmt: skip
    document = alert_document(change, grouped)
    assert document["event"]["id"] == change.key
    assert document["event"]["dataset"] == "shipper.alert"
    assert document["host"]["name"] == "z"
