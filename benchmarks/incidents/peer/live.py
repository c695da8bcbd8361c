"""Our own evaluator over the same documents in Elasticsearch: its clock is an argument, so it is simply moved on."""

from __future__ import annotations

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
    from shipper.rules.change import Change
    from shipper.rules.rule import Rule


def evaluate(
    rules: Sequence[Rule], admin: Elasticsearch, way: PassThrough, account: Account, prefix: str, span: tuple[int, int]
) -> tuple[list[Change], Cost]:
    """Evaluate every rule at each of its boundaries within `span` (epoch seconds), as `shipper rules run` does."""
    begin, end = span
    clock = ManualClock(begin)
    url = f"http://{account.user}:{account.password}@127.0.0.1:{way.port}"
    changes: list[Change] = []
    with connect(from_url(url)) as client:
        around = Surroundings(client, clock, field_types(), {}, {"default": ()}, prefix)
        evaluator = Evaluator(list(rules), around)
        server, runs = server_cpu(admin), 0
        way.counts.clear()
        began, cpu = time.perf_counter(), time.thread_time()  # the pass-through is another thread
        while clock.time() <= end:
            for rule in rules:
                if int(clock.time()) % rule.interval == 0:
                    changes += evaluator.evaluate(rule.name)
                    runs += 1
            clock.advance(60)
        wall, cpu = time.perf_counter() - began, time.thread_time() - cpu
        requests = dict(way.counts)
        evaluator.release()
        _forget(admin, prefix)
    hours = (end - begin) / 3600
    return changes, Cost(hours, runs, wall, cpu, server_cpu(admin) - server, requests)


def _forget(admin: Elasticsearch, prefix: str) -> None:
    """Delete what the evaluator kept, so that another run begins as this one did."""
    own = f"{prefix}shipper-rule*,{prefix}shipper-alerts*"
    for index in admin.indices.get(index=own, expand_wildcards="all", features="aliases"):
        admin.indices.delete(index=index)
