"""What a cluster says about itself, for `stack status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch


def cluster_status(client: Elasticsearch) -> dict[str, Any]:
    """`version`, `health`, `nodes`, `documents` and `bytes` (primaries), `indices`."""
    health = client.cluster.health()
    nodes = client.nodes.info(metric="plugins")["nodes"]
    stats = client.indices.stats(metric=["docs", "store"], index="_all")["_all"]["primaries"]
    return {
        "version": min(node["version"] for node in nodes.values()),
        "health": health["status"],
        "nodes": health["number_of_nodes"],
        "shards": health["active_shards"],
        "documents": stats.get("docs", {}).get("count", 0),
        "bytes": stats.get("store", {}).get("size_in_bytes", 0),
    }
