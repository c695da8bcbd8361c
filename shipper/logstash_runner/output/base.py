"""What an output is to a pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

    from shipper.clock import Clock
    from shipper.logstash_runner.dead_letters import DeadLetters
    from shipper.logstash_runner.event import Event
    from shipper.logstash_runner.output.nodes import Locate
    from shipper.logstash_runner.plugin import OutputOptions
    from shipper.logstash_runner.tree import Plugin


class Output(Protocol):
    """Takes events for good. Called by several workers at once; events are not to be changed."""

    def receive(self, events: Sequence[Event]) -> None:
        """Return when the events are safe.

        Raises:
            StoppedError: the runner ends before they are.
        """

    def close(self) -> None:
        """Flush and release what is held."""


@dataclass(frozen=True, slots=True)
class OutputContext:
    """What the runner gives to an output.

    Attributes:
        id: the plugin's own, or one made of its name and place in the file.
        find: address of another pipeline -> what takes events there.
        shared: other outputs of the section may see the same events.
        stopping: set when waiting for a peer must end.
        locate: asked for the address of a cluster that does not answer.
    """

    plugin: Plugin
    id: str
    environment: Mapping[str, str]
    clock: Clock
    letters: DeadLetters
    find: Callable[[str], Callable[[list[Event]], None]]
    shared: bool
    stopping: threading.Event
    locate: Locate


@dataclass(frozen=True, slots=True)
class Declaration:
    """One kind of output: its options and what makes it."""

    options: type[OutputOptions]
    make: Callable[[Any, OutputContext], Output]
