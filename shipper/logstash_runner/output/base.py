"""What an output is to a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.logstash_runner.event import Event


class Output(Protocol):
    """Takes events for good. Called by several workers at once; events are not to be changed."""

    def receive(self, events: Sequence[Event]) -> None:
        """Return when the events are safe.

        Raises:
            StoppedError: the runner ends before they are.
        """

    def close(self) -> None:
        """Flush and release what is held."""
