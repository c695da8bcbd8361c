"""Up to when everything is indexed: the lowest watermark of the agents that are alive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.event import get_field
from shipper.kql.values import date_value
from shipper.rules.fields import HEARTBEAT

if TYPE_CHECKING:
    from shipper.event import Document

SILENCE = 120
"""Seconds without a heartbeat after which an agent no longer holds windows open (a rule of its own reports it)."""


class Watermarks:
    """The last heartbeat of each agent, from plain documents. Times in epoch milliseconds."""

    def __init__(self) -> None:
        self._agents: dict[str, tuple[int, int]] = {}

    def add(self, document: Document) -> bool:
        """Take in a document; True if it was an agent's heartbeat."""
        if get_field(document, "event.dataset", None) != HEARTBEAT:
            return False
        if get_field(document, "shipper.source.id", None) is not None:
            return False
        agent = str(get_field(document, "agent.id", ""))
        try:
            beat = date_value(document.get("@timestamp"))
            mark = date_value(get_field(document, "shipper.watermark", None))
        except ValueError:  # says nothing, as it would in Elasticsearch
            return False
        old_beat, old_mark = self._agents.get(agent, (beat, mark))
        self._agents[agent] = (max(beat, old_beat), max(mark, old_mark))
        return True

    def lowest(self, now: int) -> int | None:
        """Whole epoch seconds before which everything is indexed at `now`; None where no agent is alive."""
        return lowest(list(self._agents.values()), now)


def lowest(agents: list[tuple[int, int]], now: int) -> int | None:
    """The lowest watermark of (last heartbeat, watermark) pairs, both in ms, in whole seconds."""
    alive = [mark for beat, mark in agents if beat > (now - SILENCE) * 1000]
    return min(alive) // 1000 if alive else None
