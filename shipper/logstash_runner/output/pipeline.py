"""Output `pipeline`: events go on to other pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.logstash_runner.event import Event
from shipper.logstash_runner.plugin import Boolean, OutputOptions, OutsideSubsetError, Strings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shipper.logstash_runner.output.base import OutputContext


class PipelineOptions(OutputOptions, frozen=True, kw_only=True):
    """Addresses of other pipelines."""

    send_to: Strings
    ensure_delivery: Boolean = True


def make(options: PipelineOptions, context: OutputContext) -> PipelineOutput:
    """Build the output.

    Raises:
        OutsideSubsetError: delivery is not to be ensured.
    """
    if not options.ensure_delivery:
        raise OutsideSubsetError("delivery is always ensured here", where=str(context.plugin.place))
    copy = Event.copy if context.shared or len(options.send_to) > 1 else None
    return PipelineOutput(options.send_to, context.find, copy)


class PipelineOutput:
    """Output `pipeline`: gives events to other pipelines and waits for their outputs.

    Args:
        addresses: where to send.
        find: address -> what takes events there.
        copy: set where others see the same events: each receiver gets its own.
    """

    def __init__(
        self,
        addresses: Sequence[str],
        find: Callable[[str], Callable[[list[Event]], None]],
        copy: Callable[[Event], Event] | None,
    ) -> None:
        self._addresses = addresses
        self._find = find
        self._copy = copy

    def receive(self, events: Sequence[Event]) -> None:
        for address in self._addresses:
            taken = list(events) if self._copy is None else [self._copy(event) for event in events]
            self._find(address)(taken)

    def close(self) -> None:
        """Nothing is held."""
