"""Where records go: each output in its own module, found here by its `type`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.output.console import ConsoleOutput, ConsoleSettings
from shipper.agent.output.elasticsearch import ElasticsearchOutput, ElasticsearchSettings
from shipper.agent.output.file import FileOutput, FileOutputSettings
from shipper.agent.output.logstash import LogstashOutput, LogstashSettings

if TYPE_CHECKING:
    from shipper.agent.output.base import Output
    from shipper.clock import Clock

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


__all__ = ["OUTPUTS", "OutputSettings", "make_output"]
