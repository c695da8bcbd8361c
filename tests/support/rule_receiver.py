"""A receiver that takes everything and keeps what it was told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.rules.notifier import Outcome, Sent

if TYPE_CHECKING:
    from shipper.rules.notification import Notification


class Receiver:
    """`seen` is what it was told, oldest first."""

    def __init__(self) -> None:
        self.seen: list[Notification] = []

    def notify(self, notification: Notification) -> Outcome:
        self.seen.append(notification)
        return Sent()

    def close(self) -> None:
        """Nothing to release."""

    @property
    def kinds(self) -> list[str]:
        return [told.kind for told in self.seen]
