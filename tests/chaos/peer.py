"""What one round has in its Elasticsearch, and what can be done to it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch

    from tests.chaos.servers import Elsewhere, Own

_PAGE = 5000


@dataclass(frozen=True, slots=True)
class Peer:
    """A real Elasticsearch, and one round's names in it.

    Attributes:
        prefix: of this round's indices.
    """

    servers: Elsewhere | Own
    prefix: str

    @property
    def client(self) -> Elasticsearch:
        return self.servers.client

    def block(self, *, on: bool) -> None:
        """As Elasticsearch does by itself when its disk is full."""
        self.client.indices.put_settings(
            index=f"{self.prefix}*",
            settings={"index.blocks.read_only_allow_delete": True if on else None},
            allow_no_indices=True,
        )

    def prepare(self) -> None:
        """The round's indices have a number in one field, so that a text there is refused."""
        self.client.indices.put_index_template(
            name=f"{self.prefix}types",
            index_patterns=[f"{self.prefix}*"],
            priority=1000,
            template={"mappings": {"properties": {"chaos": {"type": "long"}}}},
        )

    def messages(self) -> Iterator[tuple[str, str]]:
        """(id, `message`) of every document of the round."""
        self.client.indices.refresh(index=f"{self.prefix}*")
        # one point in time for all pages: the copies of a shard have their documents in different orders
        point = self.client.open_point_in_time(index=f"{self.prefix}*", keep_alive="1m")["id"]
        after = None
        try:
            while True:
                hits = self.client.search(
                    pit={"id": point},
                    size=_PAGE,
                    sort=[{"_shard_doc": "asc"}],
                    search_after=after,
                    source_includes=["message"],
                )["hits"]["hits"]
                if not hits:
                    return
                yield from ((hit["_id"], hit["_source"]["message"]) for hit in hits)
                after = hits[-1]["sort"]
        finally:
            self.client.close_point_in_time(id=point)

    def clean(self) -> None:
        """Delete the round's indices and what `prepare` made."""
        self.block(on=False)
        for index in self.client.indices.get(index=f"{self.prefix}*", features="aliases"):
            self.client.indices.delete(index=index)
        self.client.options(ignore_status=404).indices.delete_index_template(name=f"{self.prefix}types")


def peer(servers: Elsewhere | Own) -> Peer:
    """A peer with names of its own."""
    return Peer(servers, f"chaos-{uuid.uuid4().hex[:10]}-")
