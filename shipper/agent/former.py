"""Senders of an output that was exchanged: they finish what they began, in the time that is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.deadline import Deadline
    from shipper.agent.sender import Sender
    from shipper.clock import Clock


class FormerSenders:
    """Used by the reader thread.

    Attributes:
        left: those that have not ended yet.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._deadline = 0.0
        self.left: list[Sender] = []

    def see_off(self, senders: Sequence[Sender], seconds: float) -> None:
        """Let them settle what is on the way; what is not settled in time is given back, for others to send."""
        self._deadline = self._clock.monotonic() + seconds
        self.left += senders
        for sender in senders:
            sender.leave()

    def look(self) -> None:
        """Forget those that ended, stop those whose time is over."""
        if not self.left:
            return
        self.left = [sender for sender in self.left if sender.is_alive()]
        if self._clock.monotonic() >= self._deadline:
            for sender in self.left:
                sender.stop()


def end_senders(senders: Sequence[Sender], deadline: Deadline) -> None:
    """Wait for them until the deadline, then stop them."""
    for sender in senders:
        sender.join(deadline.left())
    for sender in senders:
        sender.stop()
    for sender in senders:
        sender.join(deadline.last())
