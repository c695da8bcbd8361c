"""What the document of a rule in `shipper-rule-state` says without its state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

READ = ["@timestamp", "owner", "until", "journal", "forgotten", "firing", "problems", "memo"]
"""The parts of the document that are read for it."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How a rule stands."""

    rule: str
    owner: str
    until: float
    """Epoch seconds at which the lease ends."""
    stored: str
    journal: int
    """Pages of what was said and not handed over."""
    forgotten: int
    """Groups given up before their time, since there were too many to remember."""
    firing: int
    """Groups with an alert."""
    problems: tuple[str, ...] = ()
    """Why its last evaluation saw less than all."""
    memo: str = ""
    """What `removal` keeps of the rule."""

    @property
    def seen(self) -> float:
        """When (epoch seconds) somebody had it last: a lease that was given back says nothing."""
        try:
            return max(self.until, datetime.fromisoformat(self.stored).timestamp())
        except ValueError:
            return self.until


def stand_of(rule: str, source: dict[str, Any]) -> Stand:
    """Read it out of the document."""
    return Stand(
        rule=rule,
        owner=str(source.get("owner")),
        until=float(source.get("until") or 0),
        stored=str(source.get("@timestamp")),
        journal=len(source.get("journal") or ()),
        forgotten=int(source.get("forgotten") or 0),
        firing=int(source.get("firing") or 0),
        problems=tuple(map(str, source.get("problems") or ())),
        memo=str(source.get("memo") or ""),
    )
