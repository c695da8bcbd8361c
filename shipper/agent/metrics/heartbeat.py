"""Low watermarks: everything of a source (or of the agent) older than this was acknowledged."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from shipper.clock import iso_utc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shipper.agent.delivery import Delivery
    from shipper.agent.harvester import Harvester
    from shipper.agent.registry import Key, Registry

NEVER = "1970-01-01T00:00:00.000Z"
"""The watermark of a source of which nothing is known yet."""


class Mark(NamedTuple):
    """One source now.

    Attributes:
        offset: acknowledged plain bytes.
        lag: bytes in the file that are not acknowledged yet.
        watermark: ISO 8601 UTC.
        age: seconds that the oldest unacknowledged record is old at most; 0 if there is none, None if not known.
    """

    key: Key
    path: str
    offset: int
    lag: int
    watermark: str
    age: float | None


def marks(harvesters: Iterable[Harvester], registry: Registry, delivery: Delivery, now: float) -> list[Mark]:
    """Measure each source, in order; `now` must have been taken before the call."""
    stamp = iso_utc(now)
    return [_mark(each, registry, delivery, now, stamp) for each in harvesters]


def _mark(harvester: Harvester, registry: Registry, delivery: Delivery, now: float, stamp: str) -> Mark:
    size = _size(harvester)
    read_all = harvester.at_end and harvester.position >= size and not harvester.held
    pending = delivery.pending(harvester.key)
    oldest = delivery.oldest(harvester.key) if pending else None
    entry = registry.get(harvester.key)
    acked = entry.offset if entry is not None else harvester.position
    if oldest is not None:
        watermark = oldest
    elif read_all and not pending:
        watermark = stamp
    else:
        watermark = (entry.last_time if entry is not None else "") or NEVER
    lag = max(0, size - acked)
    age = 0.0 if not lag else _age(oldest, entry.last_time if entry is not None else "", harvester.caught_up, now)
    return Mark(harvester.key, harvester.path, acked, lag, watermark, age)


def _age(oldest: str | None, last: str, caught_up: float | None, now: float) -> float | None:
    """Of what waits the age of its oldest record; of what is not read yet the time since all was read.

    Where that is not known either, the age of the last record before it.
    """
    if oldest is not None:
        since = _seconds(oldest)
    else:
        since = max((each for each in (caught_up, _seconds(last)) if each is not None), default=None)
    return None if since is None else max(0.0, now - since)


def _seconds(stamp: str) -> float | None:
    try:
        return datetime.fromisoformat(stamp).timestamp()
    except ValueError:
        return None  # empty, or a year that Python has not


def _size(harvester: Harvester) -> int:
    """Of the plain bytes, as far as they are known."""
    if harvester.plain and not harvester.missing:
        try:
            return os.stat(harvester.path).st_size
        except OSError:
            return harvester.size  # just renamed or removed: the next scan sees it
    return harvester.size
