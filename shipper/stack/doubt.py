"""Whether the machine's clock may decide what is old: it is held against the cluster's nodes and against the data.

A clock that is far ahead makes every day look old. Behind it does no harm: less is deleted.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from shipper.errors import FindingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elasticsearch import Elasticsearch

    from shipper.clock import Clock
    from shipper.stack.retention import Daily

MOST_AHEAD = timedelta(minutes=10)
"""How far our clock may be ahead of the slowest node's."""

MOST_SILENT = timedelta(days=2)
"""How long ago the newest data may be: after that, either nothing comes in any more, or the clock is wrong."""


def check_clock(client: Elasticsearch, dailies: Iterable[Daily], clock: Clock) -> None:
    """Compare our clock with each node's, and today with the newest day that holds documents.

    Raises:
        FindingError: ours is ahead by more than `MOST_AHEAD`, or the data ends more than `MOST_SILENT` ago.
    """
    now = clock.time()
    nodes = client.nodes.stats(metric="fs")["nodes"].values()  # each answer carries its node's own clock, in ms
    ahead = max((now - node["timestamp"] / 1000 for node in nodes), default=0.0)
    if ahead > MOST_AHEAD.total_seconds():
        raise FindingError(
            f"this machine's clock is {timedelta(seconds=round(ahead))} ahead of a node's: nothing was deleted",
            hint="set the clocks right (NTP), then run it again",
        )
    today = datetime.fromtimestamp(now, UTC).date()
    newest = max((daily.day for daily in dailies if daily.documents and daily.day <= today), default=today)
    if today - newest > MOST_SILENT:
        raise FindingError(
            f"today is {today} by this machine's clock, and the newest data is of {newest}: nothing was deleted",
            hint="if today is right and nothing has come in since, add --trust-clock",
        )
