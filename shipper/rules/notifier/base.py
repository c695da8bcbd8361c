"""The contract of notifiers: one notification in, one outcome out. A notifier never raises for a peer's fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.rules.notification import Notification


@dataclass(frozen=True, slots=True)
class Sent:
    """The receiver has it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """The receiver may have it later: try again, not before `after` seconds."""

    reason: str
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Failed:
    """The receiver will never take it as it is."""

    reason: str


Outcome: TypeAlias = Sent | Retry | Failed


class Notifier(Protocol):
    """Tells one receiver."""

    def notify(self, notification: Notification) -> Outcome:
        """Try once. The same notification may come again; its `key` says so."""

    def close(self) -> None:
        """Release sockets and files; safe to call twice."""


@runtime_checkable
class KeepsAlive(Protocol):
    """A notifier whose receiver takes what it does not hear of for over."""

    @property
    def keep_alive_every(self) -> float:
        """Seconds between two reports of what still fires."""

    def keep_alive(self, firing: Sequence[Notification]) -> Outcome:
        """Report it; try once."""
