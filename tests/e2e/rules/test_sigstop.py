"""A process that is stopped, loses its lease and wakes up: another told meanwhile, it says nothing more."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest
from elasticsearch import ApiError

from shipper.clock import iso_utc
from tests.support.hook import cluster, configure, hook, start
from tests.support.http_proxy import HttpProxy

if TYPE_CHECKING:
    import subprocess

    from elasticsearch import Elasticsearch

pytestmark = [pytest.mark.elasticsearch, pytest.mark.e2e]


class Sandman:
    """Stops a process at the first request to `part` of an address, before it is forwarded."""

    def __init__(self, part: str) -> None:
        self._part = part
        self.victim: subprocess.Popen[bytes] | None = None
        self.armed = threading.Event()
        self.asleep = threading.Event()
        self.awake = threading.Event()

    def meet(self, method: str, path: str) -> None:
        if self._part in path and self.armed.is_set() and not self.asleep.is_set():
            assert self.victim is not None
            os.kill(self.victim.pid, signal.SIGSTOP)
            self.asleep.set()
            assert self.awake.wait(60)

    def wake(self) -> None:
        assert self.victim is not None
        os.kill(self.victim.pid, signal.SIGCONT)
        self.awake.set()


@pytest.mark.parametrize("part", ["shipper-alerts/_bulk", "outbox/_bulk"], ids=["it tells", "it hands over"])
def test_an_evaluator_stopped_while_it_hands_over_wakes_and_repeats_nothing(elasticsearch, prefix, tmp_path, part):
    index = f"{prefix}shipper-logs-2026.01.05"
    properties = {"@timestamp": {"type": "date"}, "service": {"properties": {"name": {"type": "keyword"}}}}
    elasticsearch.indices.create(index=index, mappings={"properties": properties})
    sandman, started = Sandman(part), []
    with hook() as receiver, HttpProxy(cluster()[0], meet=sandman.meet) as proxy:
        configure(tmp_path / "one", prefix, receiver, url=proxy.url)
        configure(tmp_path / "two", prefix, receiver)
        state = f"{prefix}shipper-rule-state"
        try:
            sandman.victim = start(tmp_path / "one")
            started.append(sandman.victim)
            judged(elasticsearch, state)
            for _ in range(10):
                document = {"@timestamp": iso_utc(time.time()), "service": {"name": "shop"}}
                elasticsearch.index(index=index, document=document)
            sandman.armed.set()
            assert sandman.asleep.wait(30)
            assert receiver.told == []
            started.append(start(tmp_path / "two"))
            receiver.wait_for(2)
            sandman.wake()
            owner = elasticsearch.get(index=state, id="burst")["_source"]["owner"]
            started[1].send_signal(signal.SIGTERM)
            assert started[1].wait(20) == 0, (tmp_path / "two" / "log.txt").read_text()
            patience = time.monotonic() + 30
            while elasticsearch.get(index=state, id="burst")["_source"]["owner"] == owner:
                assert time.monotonic() < patience, (tmp_path / "one" / "log.txt").read_text()
                time.sleep(0.1)  # until the one that woke up evaluates again
            sandman.victim.send_signal(signal.SIGTERM)
            assert sandman.victim.wait(20) == 0, (tmp_path / "one" / "log.txt").read_text()
        finally:
            for process in started:
                process.kill()
                process.wait()
    assert [body["kind"] for body in receiver.told] == ["firing", "resolved"]
    assert "taken over by another evaluator" in (tmp_path / "one" / "log.txt").read_text()


def judged(elasticsearch: Elasticsearch, state: str) -> None:
    """Wait until the rule was evaluated; its index may not be there yet, or be just in the making."""
    patience = time.monotonic() + 60
    while True:
        with contextlib.suppress(ApiError):
            elasticsearch.get(index=state, id="burst")
            return
        assert time.monotonic() < patience
        time.sleep(0.1)
