"""What is remembered of a rule between evaluations: plain, versioned, serialisable."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from shipper.rules.cell import Group

VERSION = 1


class Status(StrEnum):
    """Where a group (or, for `incomplete`, a whole rule) stands."""

    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    NO_DATA = "no_data"
    RESOLVED = "resolved"
    INCOMPLETE = "incomplete"


ACTIVE = frozenset({Status.FIRING, Status.RECOVERING, Status.NO_DATA})


class GroupState(msgspec.Struct, kw_only=True):
    """One group's life; boundaries are epoch seconds."""

    group: Group
    status: Status = Status.OK
    since: int = 0
    """First breached boundary of the current episode."""
    began: int = 0
    ended: int = 0
    """First breached boundary of the last episode that resolved, and the boundary at which it did."""
    breached: list[int] = []
    """Boundaries known to breach, oldest first, as far back as late documents count."""
    clear_since: int | None = None
    firings: list[int] = []
    last_data: int = 0
    heard: int = 0
    """The end of the last cell before the silence that `last_data` ended, where the rule remembers it."""
    reminders: int = 0
    next_reminder: int = 0
    announced: bool = False
    """The firing of this episode was sent."""
    incidents: list[tuple[int, int]] = []
    """(first breached boundary, boundary of the resolution) of past episodes, where the rule compares with the past."""


class RuleState(msgspec.Struct, kw_only=True):
    """All groups that are not at rest."""

    version: int = VERSION
    shape: list[str] = []
    """The `group_by` the groups were made with."""
    begun: int = 0
    """The boundary the first evaluation started from; nothing before it is judged."""
    last: int | None = None
    """The last boundary that was judged with a complete window."""
    looked: int = 0
    """When it was evaluated last."""
    learned: bool = False
    """The groups that history expects were read."""
    incomplete: bool = False
    problems: list[str] = []
    """Why the last evaluation saw less than all."""
    forgotten: int = 0
    """Groups that were given up before their time, since there were too many to remember."""
    groups: list[GroupState] = []

    def by_group(self) -> dict[Group, GroupState]:
        """The groups by their key."""
        return {state.group: state for state in self.groups}


def encode(state: RuleState) -> str:
    """JSON text, the same for the same state."""
    return msgspec.json.encode(state, order="deterministic").decode()


def decode(text: str, group_by: tuple[str, ...]) -> RuleState:
    """State as it was written; a fresh one where it was made for other groups or by another version."""
    state = msgspec.json.decode(text, type=RuleState)
    if state.version != VERSION or tuple(state.shape) != group_by:
        return RuleState(shape=list(group_by))
    return state
