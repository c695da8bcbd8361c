"""How the flow into a cluster is: how much arrives, how late, and what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shipper.clock import iso_utc

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from shipper.clock import Clock

RECENT = 300
"""Seconds over which the rate is taken."""

_HEARTBEATS_OF = 900
_REFUSED_OF = 86_400
_MOST_AGENTS = 10_000


@dataclass(frozen=True, slots=True)
class FlowState:
    """Numbers of the last minutes; None where there is nothing to tell them from.

    `lag_seconds`: the oldest watermark of an agent that still speaks: everything older than that has arrived.
    """

    documents_per_second: float
    newest: str | None
    lag_seconds: float | None
    agents: int
    dead_letters_24h: int
    unparsed_24h: int
    fields_left_out_24h: int
    write_rejections: int
    """Bulk requests that a full write queue sent back since the nodes started; their senders tried again."""


def flow_state(client: Elasticsearch, clock: Clock, prefix: str = "") -> FlowState:
    """Ask the cluster; needs `read` on logs and metrics, and `monitor`.

    Raises:
        elasticsearch.ApiError: the account may not.
    """
    now = clock.time()
    logs = f"{prefix}shipper-logs-*"
    recent = _search(client, logs, {"range": {"event.ingested": {"gte": iso_utc(now - RECENT)}}}, {})
    newest = _search(client, logs, {"match_all": {}}, {"newest": {"max": {"field": "event.ingested"}}})
    beats = _heartbeats(client, f"{prefix}shipper-metrics-*", now)
    pools = client.nodes.stats(metric="thread_pool")["nodes"].values()
    return FlowState(
        documents_per_second=round(recent["hits"]["total"]["value"] / RECENT, 2),
        newest=newest["aggregations"]["newest"].get("value_as_string") if "aggregations" in newest else None,
        lag_seconds=round(max(0.0, now - min(beats)), 1) if beats else None,
        agents=len(beats),
        dead_letters_24h=_refused(client, logs, now, {"term": {"event.dataset": "shipper.dead_letter"}}),
        unparsed_24h=_refused(client, logs, now, {"term": {"event.dataset": "shipper.unparsed"}}),
        fields_left_out_24h=_refused(client, logs, now, {"exists": {"field": "_ignored"}}),
        write_rejections=sum(node["thread_pool"].get("write", {}).get("rejected", 0) for node in pools),
    )


def _heartbeats(client: Elasticsearch, index: str, now: float) -> list[float]:
    """The newest watermark of each agent, in seconds since the epoch."""
    query = {
        "bool": {
            "filter": [
                {"term": {"event.dataset": "shipper.heartbeat"}},
                {"range": {"@timestamp": {"gte": iso_utc(now - _HEARTBEATS_OF)}}},
            ],
            "must_not": [{"exists": {"field": "shipper.source.id"}}],
        }
    }
    agents = {
        "agents": {
            "terms": {"field": "agent.id", "size": _MOST_AGENTS},
            "aggs": {"watermark": {"max": {"field": "shipper.watermark"}}},
        }
    }
    answer = _search(client, index, query, agents)
    buckets = answer.get("aggregations", {}).get("agents", {}).get("buckets", [])
    return [
        datetime.fromisoformat(bucket["watermark"]["value_as_string"]).timestamp()
        for bucket in buckets
        if bucket["watermark"].get("value_as_string")
    ]


def _refused(client: Elasticsearch, index: str, now: float, query: dict[str, Any]) -> int:
    since = {"range": {"event.ingested": {"gte": iso_utc(now - _REFUSED_OF)}}}
    return int(_search(client, index, {"bool": {"filter": [since, query]}}, {})["hits"]["total"]["value"])


def _search(client: Elasticsearch, index: str, query: dict[str, Any], aggs: dict[str, Any]) -> Any:
    return client.search(
        index=index, query=query, aggs=aggs or None, size=0, track_total_hits=True, ignore_unavailable=True
    ).body
