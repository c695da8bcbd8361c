"""History out of Elasticsearch: what some rules looked at, copied once into a file that a replay runs over."""

from __future__ import annotations

import heapq
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from shipper.elastic.client import refresh
from shipper.rules.engine import Engine
from shipper.rules.eventfile import EventFile
from shipper.rules.fields import HEARTBEAT, field_types
from shipper.rules.query import KEEP_ALIVE
from shipper.rules.reduce import Reducer
from shipper.rules.timeline import Arrival, Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from elasticsearch import Elasticsearch

    from shipper.rules.rule import Rule
    from shipper.rules.timeline import Extent, History

PAGE = 5000
"""Documents a request."""
TIMES = ("@timestamp", "event.ingested")
BEAT = ("event.dataset", "agent.id", "shipper.watermark", "shipper.source.id")


class WithHeartbeats:
    """A history, with heartbeats that close windows and are none of its documents."""

    def __init__(self, documents: History, beats: Timeline) -> None:
        self._documents = documents
        self._beats = beats

    def extent(self) -> Extent | None:
        """That of the documents: heartbeats alone are nothing to replay."""
        return self._documents.extent()

    def __iter__(self) -> Iterator[Arrival]:
        beats = (beat._replace(counts=False) for beat in self._beats)
        return heapq.merge(self._documents, beats, key=lambda arrival: arrival.at)


@contextmanager
def recorded(
    client: Elasticsearch, rules: Sequence[Rule], span: tuple[int, int], told: Callable[[int], None], prefix: str = ""
) -> Iterator[History]:
    """The documents of [start, end) in epoch seconds that rules with one `index` need, and what they compare it with.

    `told` hears how many documents came. The file is deleted at the end.

    Raises:
        elasticsearch.ApiError, elasticsearch.TransportError: the cluster refuses, or cannot be reached.
        ShipperError: a query of a rule does not suit its fields.
    """
    engines = [Engine(rule) for rule in rules]
    wanted = frozenset(TIMES + BEAT).union(*(Reducer(engine, field_types()).fields for engine in engines))
    start = span[0] - max(engine.oldest for engine in engines)
    between: dict[str, Any] = {
        "range": {"@timestamp": {"gte": start * 1000, "lt": span[1] * 1000, "format": "epoch_millis"}}
    }
    with tempfile.NamedTemporaryFile(suffix=".ndjson") as copy:
        pattern = ",".join(prefix + part.strip() for part in rules[0].index.split(","))
        for hit in _hits(client, pattern, between, sorted(wanted)):
            copy.write(orjson.dumps({**hit["_source"], "_id": f"{hit['_index']}/{hit['_id']}"}) + b"\n")
            told(1)
        copy.flush()
        beats = Timeline()
        if not pattern.startswith(f"{prefix}shipper-metrics"):  # there they are among the documents
            query = {"bool": {"filter": [between, {"term": {"event.dataset": HEARTBEAT}}]}}
            for hit in _hits(client, f"{prefix}shipper-metrics-*", query, [*TIMES, *BEAT]):
                beats.add(hit["_source"])
        with EventFile(Path(copy.name)) as history:
            for _ in history.scan():
                pass
            yield WithHeartbeats(history, beats)


def _hits(client: Elasticsearch, pattern: str, query: dict[str, Any], fields: list[str]) -> Iterator[Any]:
    """Every document of one point in time, page by page."""
    refresh(client, pattern)
    pit = client.open_point_in_time(index=pattern, keep_alive=KEEP_ALIVE)["id"]
    try:
        after: dict[str, Any] = {}
        while True:
            answer = client.search(
                pit={"id": pit, "keep_alive": KEEP_ALIVE},
                query=query,
                size=PAGE,
                sort=[{"@timestamp": {"order": "asc", "unmapped_type": "date"}}, {"_shard_doc": "asc"}],
                source_includes=fields,
                track_total_hits=False,
                allow_partial_search_results=False,
                **after,
            )
            hits = answer["hits"]["hits"]
            yield from hits
            if len(hits) < PAGE:
                return
            after = {"search_after": hits[-1]["sort"]}
    finally:
        client.close_point_in_time(id=pit)
