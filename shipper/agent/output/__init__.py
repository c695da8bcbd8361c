"""Where records go: each output in its own module, found here by its `type`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shipper.agent.output.console import ConsoleOutput, ConsoleSettings
from shipper.agent.output.elasticsearch import ElasticsearchOutput, ElasticsearchSettings
from shipper.agent.output.file import FileOutput, FileOutputSettings
from shipper.agent.output.logstash import LogstashOutput, LogstashSettings

if TYPE_CHECKING:
    from pathlib import Path

    from shipper.agent.output.base import Output, Session
    from shipper.clock import Clock

_LOG = logging.getLogger("shipper.agent.output")

OutputSettings = LogstashSettings | ElasticsearchSettings | FileOutputSettings | ConsoleSettings

OUTPUTS = {
    LogstashSettings: LogstashOutput,
    ElasticsearchSettings: ElasticsearchOutput,
    FileOutputSettings: FileOutput,
    ConsoleSettings: ConsoleOutput,
}
"""Settings model -> output."""


def make_output(settings: OutputSettings, clock: Clock) -> Output:
    """The output that the settings describe; nothing is connected yet.

    Raises:
        ConfigError: a certificate file cannot be used.
    """
    output: Output = OUTPUTS[type(settings)](settings, clock)
    return output


def file_of(settings: OutputSettings) -> Path | None:
    """The file that records are written to, where it is one on this machine."""
    return settings.path if isinstance(settings, FileOutputSettings) else None


def open_any(output: Output) -> Session:
    """A session with the first host that lets itself be reached, for a command that asks once.

    Raises:
        OSError: none does; what the last one said.
    """
    last = len(output.pool) - 1
    for place in range(last):
        try:
            return output.open(place)
        except OSError as error:
            _LOG.info("%s: %s; trying the next host", output.name, error)
    return output.open(last)


__all__ = ["OUTPUTS", "OutputSettings", "file_of", "make_output", "open_any"]
