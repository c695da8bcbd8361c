"""Elasticsearch's change feed as the job reads it: each change with the shard it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.campaigns.job import Change, Page
from shipper.elastic.changefeed import ChangeFeed, Cursor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch


class ElasticFeed:
    """What was indexed into the indices of `pattern` since a cursor."""

    def __init__(self, client: Elasticsearch, pattern: str) -> None:
        self._feed = ChangeFeed(client, pattern)

    def pages(self, cursor: dict[str, Any]) -> Iterator[Page]:
        before = Cursor(cursor)
        for batch in self._feed.read(before):
            shard = _moved(before, batch.cursor) if batch.changes else ""
            changes = [Change(change.id, shard, change.seq_no, dict(change.source)) for change in batch.changes]
            before = batch.cursor
            yield Page(changes, {uuid: dict(shards) for uuid, shards in before.shards.items()})


def _moved(before: Cursor, after: Cursor) -> str:
    """The shard that a batch is of, the only one whose place has moved: `<index uuid>/<number>`."""
    return next(
        f"{uuid}/{number}"
        for uuid, shards in after.shards.items()
        for number, seq_no in shards.items()
        if before.at(uuid, int(number)) != seq_no
    )
