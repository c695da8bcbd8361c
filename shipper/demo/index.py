"""What the demonstration asks Elasticsearch itself; never the program's own counters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import elasticsearch
from elasticsearch.helpers import scan

from shipper.elastic.client import connect, explained, for_role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.home import Endpoints

LOGS = "shipper-logs-*"
METRICS = "shipper-metrics-*"
ALERTS = "shipper-alerts"


class Index:
    """Reads with the local superuser, so that what is found does not depend on the roles under test."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        settings = for_role(endpoints, "admin")
        self._place = settings.place
        self._client = connect(settings)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def count(self, index: str, query: dict[str, Any] | None = None) -> int:
        """Documents that match, after a refresh."""
        with explained(self._place):
            self._client.indices.refresh(index=index, ignore_unavailable=True)
            return int(self._client.count(index=index, query=query, ignore_unavailable=True)["count"])

    def documents(self, index: str, query: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Each document that matches, after a refresh, in no order."""
        with explained(self._place):
            self._client.indices.refresh(index=index, ignore_unavailable=True)
            body = {"query": query or {"match_all": {}}}
            for hit in scan(self._client, index=index, query=body, size=1000, ignore_unavailable=True):
                yield hit["_source"]

    def values(self, index: str, field: str) -> dict[str, int]:
        """The values of a keyword field and their counts."""
        with explained(self._place):
            self._client.indices.refresh(index=index, ignore_unavailable=True)
            aggregations = {"values": {"terms": {"field": field, "size": 100}}}
            answer = self._client.search(index=index, size=0, aggs=aggregations, ignore_unavailable=True)
        if "aggregations" not in answer:
            return {}
        return {bucket["key"]: bucket["doc_count"] for bucket in answer["aggregations"]["values"]["buckets"]}

    def refused(self, role: str, index: str) -> bool:
        """Is a search on `index` refused to `role`?"""
        with connect(for_role(self._endpoints, role)) as client:
            try:
                client.search(index=index, size=0)
            except elasticsearch.AuthorizationException:
                return True
        return False
