"""`shipper-rule-state-outbox`: one document for each parcel, and one for each receiver with the lease of who tells it.

Every change names the version it read (`if_seq_no`, `if_primary_term`): of two evaluators one wins, the other learns.
A parcel is made with `create` under an id that follows from what it tells, and stays a while when it is done: whoever
makes it again (because it died before it could note that it had) makes nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

import elasticsearch
import msgspec

from shipper.clock import iso_utc
from shipper.elastic.client import refresh
from shipper.rules.counts import Tally, why
from shipper.rules.entry import Entry, Parcel, Stage
from shipper.rules.notification import shared
from shipper.rules.statestore import LostLeaseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from elasticsearch import Elasticsearch

INDEX = "shipper-rule-state-outbox"
A_REQUEST = 1000
"""Documents."""
MOST_FORGOTTEN = 100_000
MOST_RECEIVERS = 1000
_OPEN = [Stage.NEW.value, Stage.WAITING.value, Stage.TOLD.value, Stage.LIVE.value]
_KEYWORDS = ("key", "receiver", "rule", "stage", "waits_for")
_log = logging.getLogger("shipper.rules")
MAPPING = {
    "dynamic": False,
    "properties": {
        "@timestamp": {"type": "date"},
        "created": {"type": "double"},
        "order": {"type": "long"},
        **{name: {"type": "keyword"} for name in _KEYWORDS},
    },
}


class _Head(msgspec.Struct, kw_only=True):
    """What the document of a receiver holds, as JSON."""

    told: dict[str, float] = {}
    counts: dict[str, int] = {}


@dataclass(slots=True)
class Box:
    """A receiver's document: who tells it, and when each batch was told last (epoch seconds)."""

    receiver: str
    owner: str = ""
    until: float = 0.0
    """Epoch seconds at which the lease ends."""
    told: dict[str, float] = field(default_factory=dict)
    counts: Tally = field(default_factory=Counter)
    """What became of its notifications, by the names of COUNTS."""
    version: tuple[int, int] | None = None


class Outbox(Protocol):
    """Where parcels and boxes are kept."""

    def box(self, receiver: str) -> Box:
        """The receiver's box, or a fresh one."""

    def save_box(self, box: Box, now: float) -> None:
        """Write it over the version that was read; raises LostLeaseError where somebody else has."""

    def renew_box(self, box: Box, until: float) -> None:
        """Hold its lease until then (epoch seconds) over the version that was read; raises LostLeaseError likewise."""

    def refresh(self) -> None:
        """From now on what was written before is found."""

    def occupied(self, receiver: str) -> bool:
        """Is anything not done?"""

    def load(self, receiver: str) -> list[Parcel]:
        """All that is not done, in order."""

    def fresh(self, receiver: str) -> list[Parcel]:
        """What nobody has looked at yet, in order; where it is much, the first of it."""

    def add(self, parcels: Sequence[Parcel], now: float) -> None:
        """Make those that nobody has made."""

    def write(self, parcels: Iterable[Parcel], now: float) -> None:
        """Store each, in this order; raises LostLeaseError where somebody else has."""


class OutboxStore:
    """The real one; `prefix` goes before the index name."""

    def __init__(self, client: Elasticsearch, prefix: str = "") -> None:
        self._client = client
        self._index = prefix + INDEX
        self._prepared = False
        self._bad: set[str] = set()

    def prepare(self) -> None:
        """Create the index if nobody has; without its mapping nothing could be sorted."""
        if self._prepared:
            return
        try:
            self._client.indices.create(index=self._index, mappings=MAPPING)
        except elasticsearch.BadRequestError as error:
            if "resource_already_exists" not in str(error.body):
                raise
        self._prepared = True

    def box(self, receiver: str) -> Box:
        try:
            found = self._client.get(index=self._index, id=f"box:{receiver}")
        except elasticsearch.NotFoundError:
            return Box(receiver)
        source = found["_source"]
        box = Box(receiver, version=(found["_seq_no"], found["_primary_term"]))
        try:
            box.owner, box.until = str(source["owner"]), float(source["until"])
            head = msgspec.json.decode(source["body"], type=_Head)
            box.told, box.counts = head.told, Counter(head.counts)
        except (KeyError, TypeError, ValueError) as error:
            _log.error("%s/box:%s cannot be read and begins afresh: %s", self._index, receiver, error)
        return box

    def save_box(self, box: Box, now: float) -> None:
        body = msgspec.json.encode(_Head(told=box.told, counts=dict(box.counts))).decode()
        document = {"@timestamp": iso_utc(now), "owner": box.owner, "until": box.until, "body": body}
        self.prepare()
        try:
            answer = self._client.index(
                index=self._index, id=f"box:{box.receiver}", document=document, **_expected(box.version)
            )
        except elasticsearch.ConflictError as error:
            raise LostLeaseError(box.receiver) from error
        box.version = (answer["_seq_no"], answer["_primary_term"])

    def renew_box(self, box: Box, until: float) -> None:
        name = f"box:{box.receiver}"
        try:
            answer = self._client.update(
                index=self._index, id=name, doc={"until": until}, detect_noop=False, **_expected(box.version)
            )
        except elasticsearch.ConflictError as error:
            raise LostLeaseError(box.receiver) from error
        box.version, box.until = (answer["_seq_no"], answer["_primary_term"]), until

    def refresh(self) -> None:
        self.prepare()
        self._client.indices.refresh(index=self._index)

    def occupied(self, receiver: str) -> bool:
        found = self._search(receiver, _OPEN, size=1, source=False)
        return bool(found["hits"]["hits"])

    def load(self, receiver: str) -> list[Parcel]:
        return list(self._pages(receiver))

    def fresh(self, receiver: str) -> list[Parcel]:
        found = self._search(receiver, [Stage.NEW.value], size=10 * A_REQUEST)
        return list(self._parcels(found["hits"]["hits"]))

    def add(self, parcels: Sequence[Parcel], now: float) -> None:
        """Raises elasticsearch.ApiError or TransportError where one could not be stored."""
        self.prepare()
        for at in range(0, len(parcels), A_REQUEST):
            operations: list[dict[str, Any]] = []
            for parcel in parcels[at : at + A_REQUEST]:
                operations += [{"create": {"_id": parcel.id}}, _document(parcel, now)]
            answer = self._client.bulk(index=self._index, operations=operations)
            for item in answer["items"] if answer["errors"] else ():
                if item["create"]["status"] != HTTPStatus.CONFLICT and "error" in item["create"]:
                    raise elasticsearch.TransportError(f"a notification cannot be stored: {item['create']['error']}")

    def write(self, parcels: Iterable[Parcel], now: float) -> None:
        wanted = list(parcels)
        for at in range(0, len(wanted), A_REQUEST):
            some = wanted[at : at + A_REQUEST]
            operations: list[dict[str, Any]] = []
            for parcel in some:
                operations += [_action(parcel), _document(parcel, now)]
            answer = self._client.bulk(index=self._index, operations=operations)
            for parcel, item in zip(some, answer["items"], strict=True):
                ((_, result),) = item.items()
                if result["status"] == HTTPStatus.CONFLICT:
                    raise LostLeaseError(parcel.receiver)
                if "error" in result:
                    raise elasticsearch.TransportError(f"a notification cannot be stored: {result['error']}")
                parcel.version, parcel.changed = (result["_seq_no"], result["_primary_term"]), False

    def forget(self, before: float) -> None:
        """Delete what was done before then (epoch seconds), MOST_FORGOTTEN at most."""
        age = {"range": {"@timestamp": {"lt": iso_utc(before)}}}
        done = {"bool": {"filter": [{"term": {"stage": Stage.DONE.value}}, age]}}
        for _ in range(MOST_FORGOTTEN // (10 * A_REQUEST)):
            hits = self._client.search(
                index=self._index, query=done, size=10 * A_REQUEST, source=False, seq_no_primary_term=True,
                ignore_unavailable=True,
            )["hits"]["hits"]  # fmt: skip
            if hits:
                self._client.bulk(index=self._index, operations=[_deletion(hit) for hit in hits], refresh=True)
            if len(hits) < 10 * A_REQUEST:
                return

    def strangers(self, known: Iterable[str], before: float) -> list[Parcel]:
        """What was made before then for receivers that are not `known`; at most A_REQUEST."""
        filters = [{"terms": {"stage": _OPEN[:3]}}, {"range": {"created": {"lt": before}}}]
        query = {"bool": {"filter": filters, "must_not": [{"terms": {"receiver": list(known)}}]}}
        found = self._client.search(
            index=self._index, query=query, size=A_REQUEST, seq_no_primary_term=True, ignore_unavailable=True
        )
        return list(self._parcels(found["hits"]["hits"]))

    def overview(self) -> dict[str, tuple[Box, dict[str, int], float | None]]:
        """Receiver -> its box, how many alerts wait for what, and when (epoch seconds) the oldest of them was made."""
        try:  # who looks on makes no index
            return self._overview()
        except elasticsearch.NotFoundError:
            return {}

    def _overview(self) -> dict[str, tuple[Box, dict[str, int], float | None]]:
        refresh(self._client, self._index)
        open_now = {"terms": {"stage": [Stage.NEW.value, Stage.WAITING.value]}}
        parts: dict[str, Any] = {
            "why": {"terms": {"field": "waits_for"}},
            "oldest": {"min": {"field": "created"}},
        }
        receivers = {"terms": {"field": "receiver", "size": MOST_RECEIVERS}, "aggs": parts}
        answer = self._client.search(
            index=self._index, size=0, query={"bool": {"filter": [open_now, {"exists": {"field": "waits_for"}}]}},
            aggs={"receivers": receivers},
        )  # fmt: skip
        found: dict[str, tuple[Box, dict[str, int], float | None]] = {}
        for bucket in answer["aggregations"]["receivers"]["buckets"]:
            reasons = {reason["key"]: reason["doc_count"] for reason in bucket["why"]["buckets"]}
            found[bucket["key"]] = (self.box(bucket["key"]), reasons, bucket["oldest"]["value"])
        known = self._client.search(
            index=self._index, size=MOST_RECEIVERS, source=False,
            query={"bool": {"must_not": [{"exists": {"field": "stage"}}]}},
        )["hits"]["hits"]  # fmt: skip
        for name in sorted(hit["_id"].removeprefix("box:") for hit in known):
            found.setdefault(name, (self.box(name), {}, None))
        return found

    def _search(self, receiver: str, stages: list[str], **more: Any) -> Any:
        filters = [{"term": {"receiver": receiver}}, {"terms": {"stage": stages}}]
        return self._client.search(
            index=self._index,
            query={"bool": {"filter": filters}},
            sort=["created", "order", "key"],
            seq_no_primary_term=True,
            track_total_hits=False,
            ignore_unavailable=True,
            **more,
        )

    def _pages(self, receiver: str) -> Iterator[Parcel]:
        more: dict[str, Any] = {}
        while True:  # by what they are sorted by: it never changes, so that no point in time is needed
            hits = self._search(receiver, _OPEN, size=A_REQUEST, **more)["hits"]["hits"]
            yield from self._parcels(hits)
            if len(hits) < A_REQUEST:
                return
            more = {"search_after": hits[-1]["sort"]}

    def _parcels(self, hits: Iterable[dict[str, Any]]) -> Iterator[Parcel]:
        """Those that can be read; one that cannot is named in the log, and stays."""
        known: dict[Any, Any] = {}
        for hit in hits:
            source = hit["_source"]
            try:
                entry, stage = msgspec.json.decode(source["body"], type=Entry), Stage(source["stage"])
                entry.receivers = [known.setdefault(source["receiver"], source["receiver"])]
                entry.batch = known.setdefault(entry.batch, entry.batch)
                entry.notification = shared(entry.notification, known)
            except (KeyError, TypeError, ValueError) as error:
                if hit["_id"] not in self._bad:
                    _log.error("%s/%s cannot be read and is not told: %s", self._index, hit["_id"], error)
                    self._bad.add(hit["_id"])
                continue
            yield Parcel(hit["_id"], entry, stage, (hit["_seq_no"], hit["_primary_term"]))


def _document(parcel: Parcel, now: float) -> dict[str, Any]:
    entry = parcel.entry
    document = {
        "@timestamp": iso_utc(now),
        "key": parcel.id,
        "receiver": parcel.receiver,
        "rule": entry.notification.rule,
        "stage": parcel.stage.value,
        "created": entry.created,
        "order": entry.order,
    }
    if parcel.stage is Stage.DONE:
        return document
    if parcel.stage in (Stage.NEW, Stage.WAITING) and not entry.parts:
        document["waits_for"] = why(entry)
    if entry.parts and entry.notification.members:  # they are stored themselves
        entry = msgspec.structs.replace(entry, notification=msgspec.structs.replace(entry.notification, members=[]))
    return document | {"body": msgspec.json.encode(entry).decode()}


def _deletion(hit: dict[str, Any]) -> dict[str, Any]:
    return {"delete": {"_id": hit["_id"], "if_seq_no": hit["_seq_no"], "if_primary_term": hit["_primary_term"]}}


def _action(parcel: Parcel) -> dict[str, Any]:
    if parcel.version is None:
        return {"create": {"_id": parcel.id}}
    return {"index": {"_id": parcel.id, "if_seq_no": parcel.version[0], "if_primary_term": parcel.version[1]}}


def _expected(version: tuple[int, int] | None) -> dict[str, Any]:
    if version is None:
        return {"op_type": "create"}
    return {"if_seq_no": version[0], "if_primary_term": version[1]}
