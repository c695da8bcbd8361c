"""Statistics of one Elasticsearch cluster: itself, its nodes, its indices, their shards.

Asks `_cluster/health`, `_nodes/stats` and `_stats?level=shards`; needs `monitor` on the cluster and the indices.
Source: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/cluster-nodes-stats.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.stack.monitor.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elasticsearch import Elasticsearch

_NODE = "jvm,os,process,fs,thread_pool,indices,breaker"
_INDEX = "docs,store,indexing,search,merge,refresh,segments"
_POOLS = ("write", "search", "get", "management")


def samples(client: Elasticsearch, name: str, indices: tuple[str, ...], most: int) -> list[Sample]:
    """All of one cluster, at most `most` and one; the cluster's own says how many were `left_out`.

    Raises:
        elasticsearch.ApiError, elasticsearch.TransportError: it cannot be asked.
    """
    state = client.cluster.state(metric="version", filter_path="cluster_uuid")
    uuid = str(state["cluster_uuid"])
    about = {"service.type": "elasticsearch", "elasticsearch.cluster.name": name, "elasticsearch.cluster.id": uuid}
    stats = client.indices.stats(index=",".join(indices), metric=_INDEX, level="shards")["indices"]
    things = [
        *_nodes(client.nodes.stats(metric=_NODE)["nodes"], uuid, about),
        *(_index(index, stat, uuid, about) for index, stat in sorted(stats.items())),
        *_shards(stats, uuid, about),
    ]
    health = client.cluster.health()
    fields = {
        **about,
        "elasticsearch.cluster.status": health["status"],
        "elasticsearch.cluster.nodes": health["number_of_nodes"],
        "elasticsearch.cluster.data_nodes": health["number_of_data_nodes"],
        "elasticsearch.cluster.shards.active": health["active_shards"],
        "elasticsearch.cluster.shards.unassigned": health["unassigned_shards"],
        "elasticsearch.cluster.shards.relocating": health["relocating_shards"],
        "elasticsearch.cluster.tasks.pending": health["number_of_pending_tasks"],
        "elasticsearch.cluster.left_out": max(0, len(things) - most),
    }
    return [Sample("elasticsearch.cluster", uuid, uuid, fields), *things[:most]]


def _nodes(nodes: Mapping[str, Any], uuid: str, about: Mapping[str, Any]) -> Iterator[Sample]:
    for node_id, node in sorted(nodes.items()):
        jvm, fs, own = node["jvm"], node["fs"]["total"], "elasticsearch.node"
        fields = {
            **about,
            "host.name": node.get("host"),
            f"{own}.id": node_id,
            f"{own}.name": node["name"],
            f"{own}.roles": node["roles"],
            f"{own}.uptime": jvm["uptime_in_millis"],
            f"{own}.heap.used.bytes": jvm["mem"]["heap_used_in_bytes"],
            f"{own}.heap.used.pct": jvm["mem"]["heap_used_in_bytes"] / jvm["mem"]["heap_max_in_bytes"],
            f"{own}.gc.young.time": jvm["gc"]["collectors"]["young"]["collection_time_in_millis"],
            f"{own}.gc.old.time": jvm["gc"]["collectors"]["old"]["collection_time_in_millis"],
            f"{own}.cpu.pct": node["process"]["cpu"]["percent"] / 100,
            f"{own}.open_files": node["process"]["open_file_descriptors"],
            f"{own}.disk.total.bytes": fs["total_in_bytes"],
            f"{own}.disk.available.bytes": fs["available_in_bytes"],
            f"{own}.disk.used.pct": 1 - fs["available_in_bytes"] / max(1, fs["total_in_bytes"]),
            **_work(node["indices"], own),
        }
        for pool in _POOLS:
            threads = node["thread_pool"].get(pool, {})
            for what in ("queue", "active", "rejected"):
                fields[f"{own}.pool.{pool}.{what}"] = threads.get(what)
        for breaker, state in node["breakers"].items():
            fields[f"{own}.breaker.{breaker}.tripped"] = state["tripped"]
        yield Sample("elasticsearch.node", uuid, node_id, fields)


def _index(index: str, stat: Mapping[str, Any], uuid: str, about: Mapping[str, Any]) -> Sample:
    own, primaries = "elasticsearch.index", stat["primaries"]
    fields = {
        **about,
        f"{own}.name": index,
        f"{own}.documents": primaries["docs"]["count"],
        f"{own}.bytes": primaries["store"]["size_in_bytes"],
        f"{own}.total.bytes": stat["total"]["store"]["size_in_bytes"],
        f"{own}.segments": primaries["segments"]["count"],
        **_work(stat["total"], own),
    }
    return Sample("elasticsearch.index", uuid, str(stat["uuid"]), fields)


def _shards(stats: Mapping[str, Any], uuid: str, about: Mapping[str, Any]) -> Iterator[Sample]:
    own = "elasticsearch.shard"
    for index, stat in sorted(stats.items()):
        for number, copies in sorted(stat["shards"].items(), key=lambda item: int(item[0])):
            for copy in copies:
                routing = copy["routing"]
                fields = {
                    **about,
                    f"{own}.index": index,
                    f"{own}.number": int(number),
                    f"{own}.primary": routing["primary"],
                    f"{own}.state": routing["state"],
                    f"{own}.node": routing["node"],
                    f"{own}.documents": copy["docs"]["count"],
                    f"{own}.bytes": copy["store"]["size_in_bytes"],
                }
                yield Sample("elasticsearch.shard", uuid, f"{stat['uuid']}/{number}/{routing['node']}", fields)


def _work(stat: Mapping[str, Any], own: str) -> dict[str, Any]:
    """What was done since the start: documents indexed and refused, searches, merges, refreshes, and their ms."""
    indexing, search = stat["indexing"], stat["search"]
    return {
        f"{own}.indexing.total": indexing["index_total"],
        f"{own}.indexing.time": indexing["index_time_in_millis"],
        f"{own}.indexing.failed": indexing["index_failed"],
        f"{own}.search.total": search["query_total"],
        f"{own}.search.time": search["query_time_in_millis"],
        f"{own}.merge.time": stat["merges"]["total_time_in_millis"],
        f"{own}.refresh.time": stat["refresh"]["total_time_in_millis"],
    }
