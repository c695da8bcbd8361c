"""Simulated events in a real Elasticsearch, as Logstash would have put them there."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from shipper.event import Stream, daily_index

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

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


def cluster_options(client: Elasticsearch, secret: Path) -> list[str]:
    """The options that name the tests' cluster to a command; the password goes into the file `secret`."""
    (node,) = client.transport.node_pool.all()
    header = client._headers["authorization"]
    user, _, password = base64.b64decode(header.split()[1]).decode().partition(":")
    secret.write_text(password)
    secret.chmod(0o600)
    return ["--url", node.base_url, "--user", user, "--password-file", str(secret)]
