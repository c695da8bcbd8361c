"""Simulated events in a real Elasticsearch, as Logstash would have put them there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.event import Stream, daily_index

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elasticsearch import Elasticsearch


def put(client: Elasticsearch, prefix: str, events: Iterable[dict[str, Any]]) -> None:
    """Create each event in its daily index; one that is there already stays."""
    operations: list[dict[str, Any]] = []
    for event in events:
        index = daily_index(Stream.CAMPAIGNS, event["@timestamp"], prefix)
        operations += [{"create": {"_index": index, "_id": event["event"]["id"]}}, event]
    if operations:
        answer = client.bulk(operations=operations)
        assert all(item["create"]["status"] in (201, 409) for item in answer["items"])
