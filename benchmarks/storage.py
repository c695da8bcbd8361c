"""Bytes on disk and the server's CPU per document: our templates, other settings, and 1 to 30 daily indices.

`python benchmarks/storage.py [--count N] [--rounds N]` on the local stack (`shipper stack up`). The same documents
(simulated services and access lines, converted by `shipper convert`) go into indices that differ in one setting; each
is merged to one segment, so that sizes compare. CPU is that of the server process, indexing and merging; the rounds
take the settings in turn, the lowest and the median are told. Everything it made is deleted at the end.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import psutil
from elasticsearch import helpers

from shipper.elastic.client import connect, for_role
from shipper.home import default_home
from shipper.stack.local import LocalStack
from shipper.stack.setup import set_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch

PREFIX = "bench-"
PATTERN = f"{PREFIX}shipper-logs-*"
SORTED = {"index.sort.field": ["service.name", "@timestamp"], "index.sort.order": ["asc", "desc"]}
VARIANTS: dict[str, dict[str, Any]] = {
    "templates (best_compression)": {},
    "codec default": {"index.codec": "default"},
    "sorted by service and time": SORTED,
    "logsdb": {"index.mode": "logsdb", "index.codec": "default"},
    "logsdb, best_compression": {"index.mode": "logsdb"},
}


class Cost(NamedTuple):
    """Of one load: seconds of wall time; seconds of the server's CPU a document for indexing, and for merging."""

    seconds: float
    indexing: float
    merging: float


def told(costs: list[Cost]) -> str:
    """Lowest and median, in microseconds a document."""
    indexing, merging = (sorted(getattr(cost, name) * 1e6 for cost in costs) for name in ("indexing", "merging"))
    middle = len(costs) // 2
    return (
        f"indexing {indexing[0]:5.1f} (median {indexing[middle]:5.1f}) us,"
        f" merging {merging[0]:5.1f} (median {merging[middle]:5.1f}) us of CPU a document"
    )


def documents(count: int) -> list[dict[str, Any]]:
    """Half services' ECS lines, half access lines."""
    found = []
    for shape in ("ecs", "access"):
        simulate = [sys.executable, "-m", "shipper", "simulate", "logs", "--shape", shape, "--count", str(count // 2)]
        lines = subprocess.run(simulate, check=True, capture_output=True).stdout
        convert = [sys.executable, "-m", "shipper", "convert", "-"]
        text = subprocess.run(convert, check=True, capture_output=True, input=lines).stdout
        found += [msgspec.json.decode(line) for line in text.splitlines()]
    return [document | {"host": {"name": "web-1"}} for document in found]


def cpu(server: psutil.Process) -> float:
    """Seconds of user and system time so far."""
    times = server.cpu_times()
    return float(times.user + times.system)


def put(client: Elasticsearch, server: psutil.Process, indices: list[str], docs: list[dict[str, Any]]) -> Cost:
    """Spread the documents over the indices, and merge each to one segment."""

    def actions() -> Iterator[dict[str, Any]]:
        for number, document in enumerate(docs):
            index = indices[number * len(indices) // len(docs)]
            identity = f"{hashlib.sha256(str(number // 5000).encode()).hexdigest()[:16]}-0-{number * 327}"
            yield {"_op_type": "create", "_index": index, "_id": identity, "_source": document}

    begin, before = time.monotonic(), cpu(server)
    helpers.bulk(client, actions(), chunk_size=1000)
    elapsed, indexed = time.monotonic() - begin, cpu(server)
    client.indices.flush(index=",".join(indices))
    client.options(request_timeout=600).indices.forcemerge(index=",".join(indices), max_num_segments=1)
    client.indices.refresh(index=",".join(indices))
    return Cost(elapsed, (indexed - before) / len(docs), (cpu(server) - indexed) / len(docs))


def create(client: Elasticsearch, settings: dict[str, Any], days: int) -> list[str]:
    """Empty daily indices in place of those that are there."""
    for index in client.indices.get(index=PATTERN, features="aliases"):
        client.indices.delete(index=index)
    indices = [f"{PREFIX}shipper-logs-2001.01.{day + 1:02d}" for day in range(days)]
    for index in indices:
        client.indices.create(index=index, settings=settings)
    return indices


def size(client: Elasticsearch, pattern: str) -> tuple[int, int]:
    """Documents and bytes of the primaries."""
    total = client.indices.stats(index=pattern, metric=["docs", "store"])["_all"]["primaries"]
    return total["docs"]["count"], total["store"]["size_in_bytes"]


def main() -> int:
    """Print a table a question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    docs = documents(asked.count)
    plain = sum(len(msgspec.json.encode(document)) for document in docs) / len(docs)
    print(f"{len(docs)} documents, {plain:.0f} bytes of JSON each")
    server = psutil.Process(LocalStack(default_home()).status()["members"][0]["pid"])
    with connect(for_role(default_home().endpoints(), "admin")) as client:
        steps = [step for step in set_up(client, PREFIX) if step.action == "create"]
        try:
            put(client, server, create(client, {}, 1), docs)  # the virtual machine warms up
            layouts = [(name, settings, 1) for name, settings in VARIANTS.items()]
            layouts += [(f"templates, {days} daily indices", {}, days) for days in (5, 10, 30)]
            costs: dict[str, list[Cost]] = {}
            sizes: dict[str, float] = {}
            for _ in range(asked.rounds):
                for name, settings, days in layouts:
                    indices = create(client, settings, days)
                    costs.setdefault(name, []).append(put(client, server, indices, docs))
                    count, used = size(client, PATTERN)
                    sizes[name] = used / count
            for name, found in costs.items():
                rate = len(docs) / min(cost.seconds for cost in found)
                print(f"{name:32} {sizes[name]:6.1f} bytes a document, {told(found)}, {rate:6.0f} documents/s at best")
        finally:
            for index in client.indices.get(index=f"{PREFIX}*", features="aliases"):
                client.indices.delete(index=index)
            for step in reversed(steps):
                path = f"/_{step.kind}/{step.name}"
                client.perform_request("DELETE", path, headers={"accept": "application/json"})
    return 0


if __name__ == "__main__":
    sys.exit(main())
