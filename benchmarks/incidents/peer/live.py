"""Our own evaluator over the same documents in Elasticsearch: its clock is an argument, so it is simply moved on."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from benchmarks.incidents.peer.costs import Cost, server_cpu
from shipper.clock import ManualClock
from shipper.elastic.client import connect, from_url
from shipper.rules.evaluator import Evaluator, Surroundings
from shipper.rules.fields import field_types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticsearch import Elasticsearch

    from benchmarks.incidents.peer.passthrough import PassThrough
    from shipper.home import Account
    from shipper.rules.rule import Rule


class _Until(ManualClock):
    """Sets the event that it is waited with once its time has come."""

    def __init__(self, begin: float, end: float) -> None:
        super().__init__(begin)
        self._end = end

    def wait(self, event: threading.Event, seconds: float) -> bool:
        over = super().wait(event, seconds)
        if self.time() > self._end:
            event.set()
        return over


def evaluate(
    rules: Sequence[Rule], admin: Elasticsearch, way: PassThrough, account: Account, prefix: str, span: tuple[int, int]
) -> Cost:
    """What `shipper rules run` costs within `span` (epoch seconds); what it kept is deleted afterwards."""
    begin, end = span
    clock, url = _Until(begin, end), f"http://{account.user}:{account.password}@127.0.0.1:{way.port}"
    with connect(from_url(url)) as client:
        evaluator = Evaluator(list(rules), Surroundings(client, clock, field_types(), {}, {"default": ()}, prefix))
        server = server_cpu(admin)
        way.counts.clear()
        wall, cpu = time.perf_counter(), time.thread_time()  # the pass-through has threads of its own
        evaluator.run(threading.Event())
        wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
        requests = dict(way.counts)
    server = server_cpu(admin) - server
    _forget(admin, prefix)
    runs = sum(end // rule.interval - begin // rule.interval + (begin % rule.interval == 0) for rule in rules)
    return Cost((end - begin) / 3600, runs, wall, cpu, server, requests)


def _forget(admin: Elasticsearch, prefix: str) -> None:
    """Delete what the evaluator kept, so that another run begins as this one did."""
    own = f"{prefix}shipper-rule*,{prefix}shipper-alerts*"
    for index in admin.indices.get(index=own, expand_wildcards="all", features="aliases"):
        admin.indices.delete(index=index)
