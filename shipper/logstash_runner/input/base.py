"""What an input is to the runner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shipper.clock import Clock

    Document = dict[str, Any]
    Done = Callable[[bool], None]


class Input(Protocol):
    """A source of events. Listening sockets are bound on construction, so that a taken port fails the start."""

    def start(self) -> None:
        """Begin, in threads of its own."""

    def stop(self, timeout: float) -> None:
        """Take no more and let what was handed on be answered, for up to `timeout` seconds."""


@dataclass(frozen=True, slots=True)
class InputContext:
    """What the runner gives to an input.

    Attributes:
        submit: hand over documents (JSON objects, `@metadata` among their keys) and a function that is told, on
            another thread, whether every output accepted them. Never blocks.
        backlog: events that wait in the pipeline.
        finished: to be called once by a source that has an end, when everything of it is answered.
        data: folder for offsets; None where the runner has no home.
    """

    submit: Callable[[list[Document], Done], None]
    backlog: Callable[[], int]
    finished: Callable[[], None]
    clock: Clock
    data: Path | None = None
