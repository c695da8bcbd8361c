"""Deletes whole daily indices that are older than asked; never today's, never an index that is not a day of ours.

Each deletion has an audit record in `shipper-metrics-*`, written first and under the index's own UUID: a run that dies
is continued by the next, and two machines at once make one record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from elasticsearch import ConflictError, NotFoundError

from shipper.clock import iso_utc
from shipper.event import INDEX_FAMILY, Stream, daily_index

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticsearch import Elasticsearch

    from shipper.clock import Clock
    from shipper.stack.settings import Keep

FAMILIES: Mapping[str, str] = {stream.value: family for stream, family in INDEX_FAMILY.items()}
"""Name in `Keep` -> the part of the index name before the day."""

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
    expired: bool


def survey(client: Elasticsearch, keep: Keep, clock: Clock, prefix: str = "") -> list[Daily]:
    """Every daily index of ours, oldest first; only reads."""
    today = datetime.fromtimestamp(clock.time(), UTC).date()
    found: list[Daily] = []
    for family, stem in FAMILIES.items():
        days: int | None = getattr(keep, family)
        pattern = f"{prefix}{stem}-*"
        uuids = client.indices.get_settings(
            index=pattern, name="index.uuid", flat_settings=True, expand_wildcards="all"
        )
        stats = client.indices.stats(index=pattern, metric=["docs", "store"], expand_wildcards="all")["indices"]
        for index, body in uuids.items():
            day = day_of(index, prefix + stem)
            if day is None:
                continue
            primaries = stats.get(index, {}).get("primaries", {})
            found.append(
                Daily(
                    index=index,
                    uuid=body["settings"]["index.uuid"],
                    family=family,
                    day=day,
                    documents=primaries.get("docs", {}).get("count", 0),
                    bytes=primaries.get("store", {}).get("size_in_bytes", 0),
                    expired=days is not None and (today - day).days >= days,
                )
            )
    return sorted(found, key=lambda daily: (daily.day, daily.index))


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
        if not daily.expired:
            continue
        _record(client, daily, clock, prefix)
        try:
            client.indices.delete(index=daily.index)
        except NotFoundError:
            continue  # another machine was faster
        deleted.append(daily.index)
    return deleted


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
        "message": f"retention deletes {daily.index}: {daily.documents} documents, {daily.bytes} bytes",
        "shipper": {
            "retention": {
                "index": daily.index,
                "day": daily.day.isoformat(),
                "documents": daily.documents,
                "bytes": daily.bytes,
            }
        },
    }
    try:
        client.create(
            index=daily_index(Stream.METRICS, now, prefix=prefix), id=f"retention-{daily.uuid}", document=document
        )
    except ConflictError:
        return  # recorded by a run that died before it deleted
