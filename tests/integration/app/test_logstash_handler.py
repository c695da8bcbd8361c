"""The app handler against a real Lumberjack server: delivered, never waited for, bounded."""

from __future__ import annotations

import logging
import socket
import threading
import time

import pytest
from logstash_async.constants import constants

from shipper import app
from shipper.lumberjack.server import LumberjackServer, ServerSettings, accepting
from shipper.lumberjack.tls import ServerTls
from tests.support.certificates import make_authority


class Sink:
    def __init__(self) -> None:
        self.events: list[dict[str, object]] = []
        self.arrived = threading.Condition()

    def take(self, events, _peer) -> None:
        with self.arrived:
            self.events += events
            self.arrived.notify_all()

    def wait_for(self, count: int) -> list[dict[str, object]]:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.events) >= count, 20), f"{len(self.events)} of {count}"
            return list(self.events)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(constants, "QUEUE_CHECK_INTERVAL", 0.05)
    monkeypatch.setattr(constants, "QUEUED_EVENTS_FLUSH_INTERVAL", 0.1)


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def logger(tmp_path, free_port):
    target = app.LogstashTarget("127.0.0.1", free_port, queue=tmp_path / "queue.sqlite", timeout=2)
    handler = app.LogstashHandler(target, app.Service("mailer"))
    log = logging.Logger("mailer")  # noqa: LOG001 - one of its own, outside the global tree
    log.addHandler(handler)
    yield log
    handler.close()


@pytest.mark.usefixtures("quick")
def test_records_wait_for_a_logstash_that_is_down_and_arrive_once(logger, free_port):
    for number in range(50):
        logger.info("mail %d queued", number)
    time.sleep(0.5)  # several sends fail meanwhile
    sink = Sink()
    server = LumberjackServer(ServerSettings(port=free_port), accepting(sink.take))
    server.start()
    try:
        events = sink.wait_for(50)
    finally:
        server.stop()
    assert sorted(str(event["message"]) for event in events) == sorted(f"mail {number} queued" for number in range(50))
    assert len({event["event"]["id"] for event in events}) == 50  # type: ignore[index]  # nested JSON
    assert events[0]["service"] == {"name": "mailer"}


@pytest.mark.usefixtures("quick")
def test_a_service_is_never_kept_waiting(logger):
    begin = time.monotonic()
    for _ in range(1000):
        logger.info("no one listens")
    assert time.monotonic() - begin < 10, "a thousand records took as long as a few connection attempts"


@pytest.mark.usefixtures("quick")
def test_a_full_queue_drops_and_counts_and_says_so_once(tmp_path, free_port, capsys):
    target = app.LogstashTarget("127.0.0.1", free_port, queue=tmp_path / "q.sqlite", queue_bytes=1)
    handler = app.LogstashHandler(target, app.Service("mailer"))
    log = logging.Logger("mailer")  # noqa: LOG001 - one of its own, outside the global tree
    log.addHandler(handler)
    (tmp_path / "q.sqlite").write_bytes(b"x")
    try:
        for _ in range(5):
            log.info("dropped")
    finally:
        handler.close()
    assert handler.dropped == 5
    assert capsys.readouterr().err.count("is full") == 1


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    authority = make_authority(tmp_path_factory.mktemp("certificates"))
    for name in ("server", "client"):
        authority.issue(name)
    make_authority(authority.folder.parent, "other")
    return authority.folder


def send_over_tls(port, queue, wait, **trust):
    """One record by a handler of its own (the library has one sending thread at a time)."""
    target = app.LogstashTarget("127.0.0.1", port, queue=queue, timeout=2, **trust)
    handler = app.LogstashHandler(target, app.Service("mailer"))
    log = logging.Logger("mailer")  # noqa: LOG001 - one of its own, outside the global tree
    log.addHandler(handler)
    try:
        log.info("over TLS")
        wait()
    finally:
        handler.close()


@pytest.mark.usefixtures("quick")
def test_records_go_over_mutual_tls_to_the_right_authority_only(certificates, free_port, tmp_path):
    folder = certificates
    tls = ServerTls(folder / "server.crt", folder / "server.key", authorities=(folder / "ca.crt",), verify="required")
    sink = Sink()
    server = LumberjackServer(ServerSettings(port=free_port, tls=tls), accepting(sink.take))
    server.start()
    own = {"certificate": folder / "client.crt", "key": folder / "client.key"}
    try:
        wrong = folder.parent / "other" / "ca.crt"
        send_over_tls(free_port, tmp_path / "wrong.sqlite", lambda: time.sleep(0.7), ca=wrong, **own)
        send_over_tls(free_port, tmp_path / "none.sqlite", lambda: time.sleep(0.7), ca=folder / "ca.crt")
        assert not sink.events, "a wrong authority, or no certificate of its own: nothing may arrive"
        send_over_tls(free_port, tmp_path / "right.sqlite", lambda: sink.wait_for(1), ca=folder / "ca.crt", **own)
    finally:
        server.stop()
    assert [event["message"] for event in sink.events] == ["over TLS"]
