"""The `tests:` of a rule file: documents and faults in, states and messages out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from shipper.config import Duration, Settings

Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
State = Literal["ok", "pending", "firing", "recovering", "resolved", "no_data", "incomplete"]
Kind = Literal["firing", "resolved", "reminder", "incomplete", "complete"]
MOST_DOCUMENTS = 1_000_000
"""Of one case: they are held in memory."""


class Documents(Settings, frozen=True, kw_only=True):
    """`count` like documents, the first `at` after the start, then one `every`; indexed `lag` later."""

    at: Duration = Duration(0)
    every: Duration = Duration(1)
    count: Count = 1
    lag: Duration = Duration(1)
    set: dict[str, Any] = msgspec.field(default_factory=dict)


class Fault(Settings, frozen=True, kw_only=True):
    """From `at`, `for` a while: the evaluator is dead, or shards fail."""

    at: Duration
    lasts: Duration = msgspec.field(name="for")
    kill: Literal["evaluator"] | None = None
    shards_failed: Annotated[int, msgspec.Meta(ge=0)] = 0

    def __post_init__(self) -> None:
        if (self.kill is None) == (self.shards_failed == 0):
            raise ValueError("a fault is either `kill: evaluator` or `shards_failed: 1` (or more)")


class Expectation(Settings, frozen=True, kw_only=True):
    """What holds just after the evaluation at `at` (or the last one before it)."""

    at: Duration
    group: dict[str, str] = msgspec.field(default_factory=dict)
    state: State | None = None
    sent: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """Notifications so far, all groups together where `group` is empty."""
    kinds: tuple[Kind, ...] | None = None
    """What was sent so far, in order: firing, resolved, reminder, incomplete, complete."""
    complete: bool | None = None
    value: float | None = None
    text_has: str | None = None
    """In the text of the last notification."""

    def __post_init__(self) -> None:
        if all(
            wanted is None for wanted in (self.state, self.sent, self.kinds, self.complete, self.value, self.text_has)
        ):
            raise ValueError("it expects nothing: give `state`, `sent`, `kinds`, `complete`, `value` or `text_has`")


class Case(Settings, frozen=True, kw_only=True):
    """One story: a start, documents, faults, expectations."""

    name: str
    start: str = "2026-01-05T10:00:00Z"
    watermark: Duration | None = None
    """An agent sends heartbeats whose watermark trails so far behind; without it, `grace` closes windows."""
    docs: tuple[Documents, ...] = ()
    faults: tuple[Fault, ...] = ()
    expect: Annotated[tuple[Expectation, ...], msgspec.Meta(min_length=1)]

    def __post_init__(self) -> None:
        if sum(documents.count for documents in self.docs) > MOST_DOCUMENTS:
            raise ValueError(f"a test has {MOST_DOCUMENTS:,} documents at most, all `docs` together")
