from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from shipper.clock import iso_utc
from tests.support.hook import Hook, configure, hook, start

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from elasticsearch import Elasticsearch

pytestmark = [pytest.mark.elasticsearch, pytest.mark.e2e]

GROUPED = "routing: [{to: [hook], group_by: [rule], group_wait: 1s, group_interval: 1s}]"
ROUTED = "routing: [{to: [hook], match: ['service.name=sh*']}]"


class Killer:
    """Kills the sender at the first notification of each kind, before it is answered."""

    def __init__(self) -> None:
        self.victim: subprocess.Popen[bytes] | None = None
        self._killed: set[str] = set()

    def strike(self, body: dict[str, Any]) -> None:
        if body["kind"] not in self._killed and self.victim is not None:
            self._killed.add(body["kind"])
            os.kill(self.victim.pid, signal.SIGKILL)


@pytest.mark.parametrize("routing", ["", GROUPED, ROUTED], ids=["plain", "grouped", "routed"])
def test_an_evaluator_killed_while_it_sends_sends_again_with_the_same_key_and_nothing_else(
    elasticsearch, prefix, tmp_path, routing
):
    with hook() as receiver:
        play(elasticsearch, prefix, receiver, tmp_path, routing)
    assert [body["kind"] for body in receiver.told] == ["firing", "firing", "resolved", "resolved"]
    assert len({body["key"] for body in receiver.told}) == 2
    assert len({body["episode"] for body in receiver.told}) == 1
    assert receiver.told[0] == receiver.told[1]
    assert receiver.told[0]["group"] == {"service.name": "shop"}


def play(elasticsearch: Elasticsearch, prefix: str, receiver: Hook, folder: Path, routing: str) -> None:
    killer = Killer()
    receiver.before = killer.strike
    configure(folder, prefix, receiver)
    with (folder / "evaluator.yml").open("a") as config:
        config.write(f"{routing}\n")
    index = f"{prefix}shipper-logs-2026.01.05"
    properties = {"@timestamp": {"type": "date"}, "service": {"properties": {"name": {"type": "keyword"}}}}
    elasticsearch.indices.create(index=index, mappings={"properties": properties})
    killer.victim = start(folder)
    started = [killer.victim]
    try:
        time.sleep(3)  # let it judge quiet windows first
        for _ in range(10):
            elasticsearch.index(index=index, document={"@timestamp": iso_utc(time.time()), "service": {"name": "shop"}})
        for expected in (1, 3):
            receiver.wait_for(expected)
            assert killer.victim.wait(10) == -signal.SIGKILL
            killer.victim = start(folder)
            started.append(killer.victim)
        receiver.wait_for(4)
        time.sleep(3)  # whatever would come twice comes now
        killer.victim.send_signal(signal.SIGTERM)
        assert killer.victim.wait(20) == 0, (folder / "log.txt").read_text()
    finally:
        for process in started:
            process.kill()
            process.wait()
