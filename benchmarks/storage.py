"""Bytes on disk per document: our templates, other settings, and the same documents in 1 to 30 daily indices.

`python benchmarks/storage.py [--count N]` on the local stack (`shipper stack up`). The same documents (simulated
services and access lines, converted by `shipper convert`) go into indices that differ in one setting; each is merged
to one segment, so that sizes compare. Everything it made is deleted at the end.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import msgspec
from elasticsearch import helpers

from shipper.elastic.client import connect, for_role
from shipper.home import default_home
from shipper.stack.setup import set_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch

PREFIX = "bench-"
SORTED = {"index.sort.field": ["service.name", "@timestamp"], "index.sort.order": ["asc", "desc"]}
VARIANTS: dict[str, dict[str, Any]] = {
    "templates (best_compression)": {},
    "codec default": {"index.codec": "default"},
    "sorted by service and time": SORTED,
    "logsdb": {"index.mode": "logsdb", "index.codec": "default"},
    "logsdb, best_compression": {"index.mode": "logsdb"},
}


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


def put(client: Elasticsearch, indices: list[str], docs: list[dict[str, Any]]) -> float:
    """Spread the documents over the indices; seconds it took."""

    def actions() -> Iterator[dict[str, Any]]:
        for number, document in enumerate(docs):
            index = indices[number * len(indices) // len(docs)]
            identity = f"{hashlib.sha256(str(number // 5000).encode()).hexdigest()[:16]}-0-{number * 327}"
            yield {"_op_type": "create", "_index": index, "_id": identity, "_source": document}

    begin = time.monotonic()
    helpers.bulk(client, actions(), chunk_size=1000)
    elapsed = time.monotonic() - begin
    client.indices.flush(index=",".join(indices))
    client.options(request_timeout=600).indices.forcemerge(index=",".join(indices), max_num_segments=1)
    client.indices.refresh(index=",".join(indices))
    return elapsed


def size(client: Elasticsearch, pattern: str) -> tuple[int, int]:
    """Documents and bytes of the primaries."""
    total = client.indices.stats(index=pattern, metric=["docs", "store"])["_all"]["primaries"]
    return total["docs"]["count"], total["store"]["size_in_bytes"]


def main() -> int:
    """Print a table a question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=60_000)
    docs = documents(parser.parse_args().count)
    plain = sum(len(msgspec.json.encode(document)) for document in docs) / len(docs)
    print(f"{len(docs)} documents, {plain:.0f} bytes of JSON each")
    with connect(for_role(default_home().endpoints(), "admin")) as client:
        steps = set_up(client, PREFIX)
        try:
            for number, (name, settings) in enumerate(VARIANTS.items()):
                index = f"{PREFIX}shipper-logs-2001.01.{number + 1:02d}"
                client.indices.create(index=index, settings=settings)
                seconds = put(client, [index], docs)
                count, used = size(client, index)
                print(f"{name:32} {used / count:7.1f} bytes a document, {count / seconds:7.0f} documents/s")
            for days in (1, 5, 10, 30):
                indices = [f"{PREFIX}shipper-logs-2001.02.{day + 1:02d}" for day in range(days)]
                put(client, indices, docs)
                count, used = size(client, f"{PREFIX}shipper-logs-2001.02.*")
                print(f"{days:2} daily indices                 {used / count:7.1f} bytes a document")
                client.indices.delete(index=",".join(indices))
        finally:
            for index in client.indices.get(index=f"{PREFIX}*", features="aliases"):
                client.indices.delete(index=index)
            for step in reversed(steps):
                path = f"/_{step.kind}/{step.name}"
                client.perform_request("DELETE", path, headers={"accept": "application/json"})
    return 0


if __name__ == "__main__":
    sys.exit(main())
