"""`shipper-alerts`: a document for each step of an episode, under its key."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import elasticsearch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticsearch import Elasticsearch

ALERTS = "shipper-alerts"
A_REQUEST = 1000
_log = logging.getLogger("shipper.rules")


class AlertStore:
    """Writes them; `prefix` goes before the index name."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        self._client = client
        self._index = prefix + ALERTS

    def add(self, documents: Sequence[dict[str, Any]]) -> None:
        """Create those that are not there, many a request: an incident of many groups must not outlast the lease.

        Raises:
            elasticsearch.ApiError, elasticsearch.TransportError: they cannot be written now.
        """
        for at in range(0, len(documents), A_REQUEST):
            operations: list[dict[str, Any]] = []
            for document in documents[at : at + A_REQUEST]:
                operations += [{"create": {"_id": document["event"]["id"]}}, document]
            answer = self._client.bulk(index=self._index, operations=operations)
            for item in answer["items"] if answer["errors"] else ():
                _check(item["create"])


def _check(item: dict[str, Any]) -> None:
    """A conflict is an alert that was written before a crash: its id is its key."""
    if item["status"] == HTTPStatus.CONFLICT or "error" not in item:
        return
    if item["status"] == HTTPStatus.TOO_MANY_REQUESTS or item["status"] >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise elasticsearch.TransportError(f"the alert {item['_id']} cannot be written now: {item['error']}")
    _log.error("the alert document %s is refused and dropped: %s", item["_id"], item["error"])
