"""Everything that was indexed since a cursor, from plain Elasticsearch: sequence numbers, shard by shard.

Each primary shard numbers its operations. Up to the shard's global checkpoint every number is assigned, replicated and
final: nothing can appear below it later, whatever time its document carries. So a shard is read in
`(cursor, checkpoint]` by `_seq_no`, after a refresh that makes that range visible, and the cursor moves to the
checkpoint. Facts tried on 8.19 and 9.5 (docs/concepts/change-feed.md).

What a reader sees is the latest version of each document: of three updates the last. A deletion leaves no document; it
only moves the checkpoint on. A document changed while it is read is met again under its new number.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - msgspec reads the cursor's annotations at run time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from elasticsearch import NotFoundError

from shipper.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticsearch import Elasticsearch

NONE = -1
"""The sequence number before the first."""


@dataclass(frozen=True, slots=True)
class Change:
    """One document in its latest version, and where it stands."""

    index: str
    id: str
    seq_no: int
    source: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cursor:
    """What was read: index UUID -> shard -> sequence number. Build it from, and store it as, plain data."""

    shards: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def at(self, uuid: str, shard: int) -> int:
        """The last sequence number read of a shard; `NONE` for one never read."""
        return self.shards.get(uuid, {}).get(str(shard), NONE)

    def moved(self, uuid: str, shard: int, seq_no: int) -> Cursor:
        """This cursor with one shard further on."""
        return Cursor({**self.shards, uuid: {**self.shards.get(uuid, {}), str(shard): seq_no}})

    def without(self, living: set[str]) -> Cursor:
        """This cursor without the indices that are gone (`living` are the UUIDs that are not)."""
        return Cursor({uuid: shards for uuid, shards in self.shards.items() if uuid in living})


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes of one shard, in order of their sequence numbers, and the cursor once they are dealt with."""

    changes: tuple[Change, ...]
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class _Shard:
    index: str
    uuid: str
    number: int
    checkpoint: int


class ChangeFeed:
    """Reads `pattern`; holds no state of its own, so that any number may run and any may die.

    Deliver at least once: handle a batch, then store its cursor, in one write where the two must agree.
    """

    def __init__(self, client: Elasticsearch, pattern: str, batch_size: int = 1000) -> None:
        """Read with an account that has `read`, `maintenance` and `monitor` on `pattern`."""
        self._client = client
        self._pattern = pattern
        self._size = batch_size

    def read(self, cursor: Cursor) -> Iterator[Batch]:
        """Everything between `cursor` and the checkpoints of now, oldest index first; ends there.

        A batch may be without changes where only the cursor has moved (deletions, updates met later, indices that
        are gone). A shard whose primary is away is read when it is back: its part of the cursor stays.

        Raises:
            UnavailableError: a copy could not be refreshed, so that something might be invisible; ask again later.
        """
        pruned = cursor.without(self._living())
        if pruned != cursor:
            cursor = pruned
            yield Batch((), cursor)
        behind = [shard for shard in self._shards() if shard.checkpoint > cursor.at(shard.uuid, shard.number)]
        for index in dict.fromkeys(shard.index for shard in behind):
            if not self._refreshed(index):
                continue
            for shard in behind:
                if shard.index == index:
                    for batch in self._read_shard(shard, cursor):
                        cursor = batch.cursor
                        yield batch

    def end(self) -> Cursor:
        """The cursor that leaves out all that is there now."""
        cursor = Cursor()
        for shard in self._shards():
            cursor = cursor.moved(shard.uuid, shard.number, shard.checkpoint)
        return cursor

    def _living(self) -> set[str]:
        """The UUIDs of all indices, from the cluster state: it knows those whose shards are away too."""
        settings = self._client.indices.get_settings(
            index=self._pattern, name="index.uuid", expand_wildcards="all", flat_settings=True
        )
        return {body["settings"]["index.uuid"] for body in settings.values()}

    def _shards(self) -> list[_Shard]:
        """The primary shards that are there, and their global checkpoints.

        The checkpoints are taken before the refresh: what they cover is searchable after it.
        """
        stats = self._client.indices.stats(
            index=self._pattern, metric=["docs"], level="shards", expand_wildcards="open", filter_path=_STATS
        )
        return [
            _Shard(index, body["uuid"], int(number), copy["seq_no"]["global_checkpoint"])
            for index, body in sorted(stats.get("indices", {}).items())
            for number, copies in sorted(body.get("shards", {}).items())
            for copy in copies
            if copy["routing"]["primary"] and "seq_no" in copy
        ]

    def _refreshed(self, index: str) -> bool:
        """Make everything up to the checkpoint visible on each copy; False where the index has just been deleted."""
        try:
            answer = self._client.indices.refresh(index=index)
        except NotFoundError:
            return False
        if answer["_shards"]["failed"]:
            raise UnavailableError("a shard copy could not be refreshed", where=index, hint="try again later")
        return True

    def _read_shard(self, shard: _Shard, cursor: Cursor) -> Iterator[Batch]:
        after = cursor.at(shard.uuid, shard.number)
        while after < shard.checkpoint:
            hits = self._page(shard, after)
            # a page that is not full is the last one: nothing can appear below the checkpoint any more
            after = hits[-1]["sort"][0] if len(hits) == self._size else shard.checkpoint
            cursor = cursor.moved(shard.uuid, shard.number, after)
            changes = tuple(Change(shard.index, hit["_id"], hit["sort"][0], hit["_source"]) for hit in hits)
            yield Batch(changes, cursor)

    def _page(self, shard: _Shard, after: int) -> list[dict[str, Any]]:
        try:
            answer = self._client.search(
                index=shard.index,
                preference=f"_shards:{shard.number}",
                query={"range": {"_seq_no": {"gt": after, "lte": shard.checkpoint}}},
                sort=[{"_seq_no": {"order": "asc", "unmapped_type": "long"}}],  # no mapping: only deletions so far
                size=self._size,
                track_total_hits=False,
                allow_partial_search_results=False,
                request_cache=False,
            )
        except NotFoundError:  # deleted meanwhile: its cursor goes at the next read
            return []
        hits: list[dict[str, Any]] = answer["hits"]["hits"]
        return hits


_STATS = [
    "indices.*.uuid",
    "indices.*.shards.*.routing.primary",
    "indices.*.shards.*.seq_no.global_checkpoint",
]
