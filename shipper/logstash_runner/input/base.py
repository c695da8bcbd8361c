"""What an input is to the runner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from shipper.clock import Clock
    from shipper.logstash_runner.plugin import InputOptions
    from shipper.logstash_runner.tree import Plugin

    Document = dict[str, Any]
    Done = Callable[[bool], None]
    Make = Callable[["InputContext", int | None], "Input"]


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


@dataclass(frozen=True, slots=True)
class Written:
    """An input as it stands in a file."""

    plugin: Plugin
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Declaration:
    """One kind of input.

    Attributes:
        options: the model of its options.
        prepare: checks the options and returns what makes the input; its second argument is a port to prefer over
            a free one. None for `pipeline`, which the runner itself connects.
        ordered: its events have an order worth keeping.
    """

    options: type[InputOptions]
    prepare: Callable[[Any, Written], Make] | None
    ordered: bool = False
