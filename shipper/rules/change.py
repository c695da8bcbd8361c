"""One step in an episode, and what is sent about it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from shipper.clock import iso_utc
from shipper.rules.state import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shipper.rules.cell import Group


class Kind(StrEnum):
    """Why something is sent."""

    FIRING = "firing"
    RESOLVED = "resolved"
    REMINDER = "reminder"
    INCOMPLETE = "incomplete"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Change:
    """A group (or with no group values a whole rule) goes from one status to another. Times in epoch seconds."""

    rule: str
    names: tuple[str, ...]
    group: Group
    at: int
    boundary: int
    before: Status
    after: Status
    value: float | None
    text: str
    complete: bool
    since: int
    facts: Mapping[str, float] = field(default_factory=dict)
    correction: bool = False
    stale: bool = False
    reason: str | None = None
    number: int = 0
    """Which reminder."""
    send: Kind | None = None

    @property
    def labels(self) -> dict[str, str]:
        """Group field -> value."""
        return dict(zip(self.names, self.group, strict=False))

    @property
    def episode(self) -> str:
        """The same from firing to resolved."""
        return episode_id(self.rule, self.names, self.group, self.since)

    @property
    def key(self) -> str:
        """The same for the same step of the same episode, in every process: receivers drop a repeated one."""
        parts: list[object] = [
            self.rule,
            list(self.names),
            list(self.group),
            self.since,
            self.before,
            self.after,
            self.number,
        ]
        if self.send is Kind.INCOMPLETE or self.after is not Status.FIRING:
            parts.append(self.boundary)
        return _digest(parts)

    @classmethod
    def of_rule(cls, rule: str, at: tuple[int, int], to: Status, text: str, since: int) -> Change:
        """A whole rule can no longer be judged, or can again; `at` is the time of evaluation and its boundary."""
        lost = to is Status.INCOMPLETE
        before, kind = (Status.OK, Kind.INCOMPLETE) if lost else (Status.INCOMPLETE, Kind.COMPLETE)
        return cls(rule, (), (), *at, before, to, None, text, complete=not lost, since=since, send=kind)

    def as_json(self, receivers: tuple[str, ...]) -> dict[str, Any]:
        """What `replay --json` prints for one change."""
        sends = [{"to": to, "kind": self.send.value, "key": self.key} for to in receivers] if self.send else []
        document: dict[str, Any] = {
            "rule": self.rule,
            "group": self.labels,
            "at": iso_utc(self.at),
            "window_end": iso_utc(self.boundary),
            "since": iso_utc(self.since),
            "from": self.before.value,
            "to": self.after.value,
            "value": self.value,
            "text": self.text,
            "complete": self.complete,
            "notifications": sends,
        }
        marks = {"correction": self.correction, "stale": self.stale, "reason": self.reason}
        return document | {name: mark for name, mark in marks.items() if mark}


def episode_id(rule: str, names: Sequence[str], group: Group, since: int) -> str:
    """The name of the episode of a group that began at `since` (its first breached boundary)."""
    return _digest([rule, list(names), list(group), since])


def _digest(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
