"""Where the job keeps its state, and the same on Elasticsearch.

Every write is either guarded by the version that was read (contacts, cells) or a create with an id of its content
(ledger), so a step may be cut anywhere and taken again, by this worker or another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import msgspec

from shipper.campaigns.cell import Cell, cell_document, cell_id
from shipper.campaigns.contact import Contact
from shipper.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from elasticsearch import Elasticsearch

    from shipper.campaigns.contact import Ledgered
    from shipper.campaigns.indices import Indices

T = TypeVar("T")

_BULK = 1000


class Version(msgspec.Struct, frozen=True):
    """Which version of a document was read."""

    seq_no: int
    primary_term: int


class Stored(msgspec.Struct, Generic[T], frozen=True):
    """A value and its version; None where it is not stored yet."""

    value: T
    version: Version | None


class CellState(msgspec.Struct, frozen=True):
    """A cell's amount, and up to which ledger entry of each shard it is the sum."""

    cell: Cell
    amount: int = 0
    applied: dict[str, int] = {}


class Cursor(msgspec.Struct, frozen=True):
    """How far a feed was read, and under which definitions."""

    position: dict[str, Any]
    fingerprint: str


class Store(Protocol):
    """What the job needs. A save answers with the ids that somebody else changed meanwhile: read them again."""

    def contacts(self, ids: Iterable[str]) -> dict[str, Stored[Contact]]: ...
    def save_contacts(self, changed: Sequence[Stored[Contact]]) -> set[str]: ...
    def append(self, entries: Sequence[Ledgered]) -> None: ...
    def cells(self, wanted: Iterable[Cell]) -> dict[Cell, Stored[CellState]]: ...
    def save_cells(self, changed: Sequence[Stored[CellState]]) -> set[Cell]: ...
    def cursor(self, name: str) -> Cursor | None: ...
    def save_cursor(self, name: str, cursor: Cursor) -> None: ...


class ElasticStore:
    """The store on Elasticsearch.

    Raises:
        UnavailableError: it refused a write for now (an index block, too many requests).
    """

    def __init__(self, client: Elasticsearch, indices: Indices) -> None:
        self._client = client
        self._indices = indices

    def contacts(self, ids: Iterable[str]) -> dict[str, Stored[Contact]]:
        found: dict[str, Stored[Contact]] = {}
        for hit in self._get(self._indices.contacts, ids):
            found[hit["_id"]] = Stored(msgspec.convert(hit["_source"], Contact), _version(hit))
        return found

    def save_contacts(self, changed: Sequence[Stored[Contact]]) -> set[str]:
        writes = [(item.value.id, msgspec.json.encode(item.value), item.version) for item in changed]
        return self._save(self._indices.contacts, writes)

    def append(self, entries: Sequence[Ledgered]) -> None:
        self._save(self._indices.ledger, [(entry.id, msgspec.json.encode(entry.document()), None) for entry in entries])

    def cells(self, wanted: Iterable[Cell]) -> dict[Cell, Stored[CellState]]:
        ids = {cell_id(cell): cell for cell in wanted}
        found: dict[Cell, Stored[CellState]] = {}
        for hit in self._get(self._indices.cells, ids):
            found[ids[hit["_id"]]] = Stored(cell_state(hit["_source"]), _version(hit))
        return found

    def save_cells(self, changed: Sequence[Stored[CellState]]) -> set[Cell]:
        ids = {cell_id(item.value.cell): item for item in changed}
        writes = [(key, msgspec.json.encode(_document(item.value)), item.version) for key, item in ids.items()]
        return {ids[key].value.cell for key in self._save(self._indices.cells, writes)}

    def cursor(self, name: str) -> Cursor | None:
        found = list(self._get(self._indices.cursors, [name]))
        return msgspec.convert(found[0]["_source"], Cursor) if found else None

    def save_cursor(self, name: str, cursor: Cursor) -> None:
        self._client.index(index=self._indices.cursors, id=name, document=msgspec.to_builtins(cursor))

    def all_contacts(self) -> Iterator[Contact]:
        """Every contact's state, as of now."""
        for source in self._scan(self._indices.contacts):
            yield msgspec.convert(source, Contact)

    def all_cells(self) -> Iterator[CellState]:
        """Every cell, as of now."""
        for source in self._scan(self._indices.cells):
            yield cell_state(source)

    def refresh(self) -> None:
        """Let readers see what was written."""
        self._client.indices.refresh(index=self._indices.cells)

    def _scan(self, index: str) -> Iterator[dict[str, Any]]:
        self._client.indices.refresh(index=index)
        pit: str = self._client.open_point_in_time(index=index, keep_alive="2m")["id"]
        try:
            after: Any = None
            while True:
                answer = self._client.search(
                    pit={"id": pit, "keep_alive": "2m"},
                    size=_BULK,
                    sort=[{"_shard_doc": "asc"}],
                    search_after=after,
                    track_total_hits=False,
                )
                hits = answer["hits"]["hits"]
                if not hits:
                    return
                pit, after = answer["pit_id"], hits[-1]["sort"]
                yield from (hit["_source"] for hit in hits)
        finally:
            self._client.close_point_in_time(id=pit)

    def _get(self, index: str, ids: Iterable[str]) -> Iterator[dict[str, Any]]:
        wanted = list(ids)
        for start in range(0, len(wanted), _BULK):
            answer = self._client.mget(index=index, ids=wanted[start : start + _BULK])
            yield from (doc for doc in answer["docs"] if doc.get("found"))

    def _save(self, index: str, writes: Sequence[tuple[str, bytes, Version | None]]) -> set[str]:
        """Write (id, document, version read); without a version the id must be new. The ids that were not."""
        conflicts: set[str] = set()
        for start in range(0, len(writes), _BULK):
            operations: list[bytes] = []
            for key, document, version in writes[start : start + _BULK]:
                operations.append(msgspec.json.encode(_action(key, version)))
                operations.append(document)
            for item in self._client.bulk(index=index, operations=operations)["items"]:  # type: ignore[arg-type]  # the client hands encoded lines on, its annotation does not say so
                (result,) = item.values()
                if result["status"] == 409:
                    conflicts.add(result["_id"])
                elif result["status"] >= 300:
                    raise UnavailableError(
                        f"a write was refused with status {result['status']}: {result['error'].get('reason')}",
                        where=index,
                        hint="look at the cluster's health; nothing is lost, the job takes the step again",
                    )
        return conflicts


def cell_state(source: Mapping[str, Any]) -> CellState:
    """A cell as it was indexed."""
    dimensions = {key: value for key, value in source.items() if key not in ("amount", "units", "nanos", "applied")}
    return CellState(msgspec.convert(dimensions, Cell), source["amount"], source["applied"])


def _document(state: CellState) -> dict[str, Any]:
    return {**cell_document(state.cell, state.amount), "applied": state.applied}


def _action(key: str, version: Version | None) -> dict[str, Any]:
    if version is None:
        return {"create": {"_id": key}}
    return {"index": {"_id": key, "if_seq_no": version.seq_no, "if_primary_term": version.primary_term}}


def _version(hit: Mapping[str, Any]) -> Version:
    return Version(hit["_seq_no"], hit["_primary_term"])
