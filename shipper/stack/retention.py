"""Deletes whole daily indices that are too old, or too many for the disk; never today's, never what is no day of ours.

Each deletion has an audit record in `shipper-metrics-*`, written first and under the index's own UUID: a run that dies
is continued by the next, and two machines at once make one record.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from elasticsearch import ConflictError, NotFoundError

from shipper.clock import iso_utc
from shipper.elastic.sight import unseen
from shipper.errors import UnavailableError
from shipper.event import INDEX_FAMILY, Stream, daily_index

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from elasticsearch import Elasticsearch

    from shipper.clock import Clock
    from shipper.stack.settings import Keep

FAMILIES: Mapping[str, str] = {stream.value: family for stream, family in INDEX_FAMILY.items()}
"""Name in `Keep` -> the part of the index name before the day."""

_FOR_SPACE = ("logs", "metrics")

_DAY = re.compile(r"-([0-9]{4})\.([0-9]{2})\.([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Daily:
    """One daily index and what is to become of it."""

    index: str
    uuid: str
    family: str
    day: date
    documents: int
    bytes: int
    """Of the primaries."""
    stored: int
    """Bytes of all copies: what its end frees."""
    shards: int
    """Primaries."""
    reason: str | None
    """Why it is to go: `age`, `disk`, or None where it stays."""

    @property
    def expired(self) -> bool:
        """Whether it is to go."""
        return self.reason is not None


SIGHT = ("monitor", "view_index_metadata")
"""Without these an account is shown no index, as if there were none."""


def hidden(client: Elasticsearch, families: Iterable[str], prefix: str = "", *, deletes: bool = False) -> list[str]:
    """Patterns of `families` (names in `Keep`) that the account may not see, or where `deletes` not delete."""
    privileges = (*SIGHT, "delete_index") if deletes else SIGHT
    return unseen(client, [f"{prefix}{FAMILIES[family]}-*" for family in families], privileges)


def check_sight(client: Elasticsearch, keep: Keep, families: Iterable[str], prefix: str = "", *, deletes: bool) -> None:
    """Make sure that the account sees, and with `deletes` may delete, those of `families` that `keep` speaks of.

    Raises:
        UnavailableError: it may not; a survey would find nothing, and disks would fill in silence.
    """
    asked = [
        family
        for family in families
        if getattr(keep, family) is not None or (keep.disk_percent is not None and family in _FOR_SPACE)
    ]
    if out_of_sight := hidden(client, asked, prefix, deletes=deletes):
        raise UnavailableError(
            f"the account may not see{' or delete' * deletes} {', '.join(out_of_sight)}: nothing was deleted",
            hint="give it monitor, view_index_metadata and delete_index there: docs/operations/roles.md",
        )


def survey(
    client: Elasticsearch, keep: Keep, clock: Clock, prefix: str = "", families: Collection[str] = tuple(FAMILIES)
) -> list[Daily]:
    """Every daily index of ours, oldest first; only reads. Of `families` only: what lives elsewhere is not given up."""
    today = datetime.fromtimestamp(clock.time(), UTC).date()
    found: list[Daily] = []
    for family, stem in FAMILIES.items():
        if family not in families:
            continue
        days: int | None = getattr(keep, family)
        pattern = f"{prefix}{stem}-*"
        settings = client.indices.get_settings(
            index=pattern, name=["index.uuid", "index.number_of_shards"], flat_settings=True, expand_wildcards="all"
        )
        stats = client.indices.stats(
            index=pattern, metric=["docs", "store"], expand_wildcards="all", forbid_closed_indices=False
        )["indices"]
        for index, body in settings.items():
            day = day_of(index, prefix + stem)
            if day is None:
                continue
            stat = stats.get(index, {})
            primaries = stat.get("primaries", {})
            found.append(
                Daily(
                    index=index,
                    uuid=body["settings"]["index.uuid"],
                    family=family,
                    day=day,
                    documents=primaries.get("docs", {}).get("count", 0),
                    bytes=primaries.get("store", {}).get("size_in_bytes", 0),
                    stored=stat.get("total", {}).get("store", {}).get("size_in_bytes", 0),
                    shards=int(body["settings"]["index.number_of_shards"]),
                    reason="age" if days is not None and (today - day).days >= days else None,
                )
            )
    found.sort(key=lambda daily: (daily.day, daily.index))
    return found if keep.disk_percent is None else relieve(found, excess_bytes(client, keep.disk_percent), keep, today)


def excess_bytes(client: Elasticsearch, disk_percent: int) -> int:
    """How many bytes the data nodes' disks hold beyond `disk_percent` of their size; 0 where there is room."""
    total = used = 0
    for node in client.nodes.stats(metric="fs")["nodes"].values():
        if any(role.startswith("data") for role in node["roles"]):
            total += node["fs"]["total"]["total_in_bytes"]
            used += node["fs"]["total"]["total_in_bytes"] - node["fs"]["total"]["available_in_bytes"]
    return max(0, used - total * disk_percent // 100)


def relieve(dailies: list[Daily], excess: int, keep: Keep, today: date) -> list[Daily]:
    """`dailies` with as many more marked `disk`, oldest first, as free `excess` bytes together with those too old.

    Campaign events are never given for space: they are the ledger's source. `keep.least_days` of logs and metrics stay.
    """
    excess -= sum(daily.stored for daily in dailies if daily.expired)
    marked = []
    for daily in dailies:
        may_go = daily.family in _FOR_SPACE and (today - daily.day).days >= keep.least_days
        if excess > 0 and may_go and not daily.expired:
            excess -= daily.stored
            marked.append(replace(daily, reason="disk"))
        else:
            marked.append(daily)
    return marked


def day_of(index: str, stem: str) -> date | None:
    """The UTC day an index holds, or None if its name is not `<stem>-YYYY.MM.DD`."""
    match = _DAY.fullmatch(index[len(stem) :]) if index.startswith(stem) else None
    if match is None:
        return None
    try:
        return date(*map(int, match.groups()))
    except ValueError:  # 2026.02.31
        return None


def expire(client: Elasticsearch, dailies: list[Daily], clock: Clock, prefix: str = "") -> list[str]:
    """Record and delete those of `dailies` that are expired; the names of the indices deleted by this call."""
    deleted = []
    for daily in dailies:
        if not daily.expired or _uuid(client, daily.index) != daily.uuid:
            continue  # gone, or made again by a late document since the survey: the next run sees that one
        _record(client, daily, clock, prefix)
        try:
            client.indices.delete(index=daily.index)
        except NotFoundError:
            continue  # another machine was faster
        deleted.append(daily.index)
    return deleted


def _uuid(client: Elasticsearch, index: str) -> str | None:
    try:
        settings = client.indices.get_settings(index=index, name="index.uuid", flat_settings=True)
    except NotFoundError:
        return None
    return str(settings[index]["settings"]["index.uuid"])


def _record(client: Elasticsearch, daily: Daily, clock: Clock, prefix: str) -> None:
    now = iso_utc(clock.time())
    document: dict[str, Any] = {
        "@timestamp": now,
        "event": {
            "action": "index-deleted",
            "category": ["database"],
            "dataset": "shipper.retention",
            "id": f"retention-{daily.uuid}",
            "ingested": now,
            "kind": "event",
            "type": ["deletion"],
        },
        "message": f"retention deletes {daily.index} for {daily.reason}: {daily.documents} documents, {daily.bytes} B",
        "shipper": {
            "retention": {
                "index": daily.index,
                "day": daily.day.isoformat(),
                "documents": daily.documents,
                "bytes": daily.bytes,
                "reason": daily.reason,
            }
        },
    }
    try:
        client.create(
            index=daily_index(Stream.METRICS, now, prefix=prefix), id=f"retention-{daily.uuid}", document=document
        )
    except ConflictError:
        return  # recorded by a run that died before it deleted


def snapshot_name(dailies: list[Daily]) -> str:
    """One name for one set of indices, by their UUIDs: two machines at once, or a run after a crash, take it once."""
    uuids = sorted(daily.uuid for daily in dailies)
    return f"retention-{hashlib.sha256(','.join(uuids).encode()).hexdigest()[:16]}"
