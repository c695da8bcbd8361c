"""The agent's configuration: each part is the model of the component that it sets up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, field

from shipper.agent.dead_letters import DeadLetterSettings
from shipper.agent.input import InputSettings
from shipper.agent.input.file import FileInputSettings
from shipper.agent.metrics.collector import MetricsSettings
from shipper.agent.monitoring.settings import MonitoringSettings
from shipper.agent.output import OutputSettings
from shipper.config import Duration, Settings, Size


class QueueSettings(Settings, frozen=True):
    """What waits in memory; the files themselves are the queue.

    Attributes:
        memory: bytes of records read and not yet acknowledged; the reader waits when it is full.
    """

    memory: Size = Size(16 * 1024 * 1024)

    def __post_init__(self) -> None:
        if self.memory < 1024 * 1024:
            raise ValueError("`memory` must be at least 1MiB")


class AgentSettings(Settings, frozen=True):
    """The whole file.

    Attributes:
        state: directory for the registry and dead letters; by default `$SHIPPER_HOME/agent`.
        host_name: `host.name`, where it is not the machine's own.
        scan_interval: time between two looks at all files; change notice makes most of it unnecessary.
        shutdown_timeout: time to deliver what is on the way when told to stop.
    """

    inputs: Annotated[list[InputSettings], Meta(min_length=1)]
    output: OutputSettings
    state: Path | None = None
    host_name: str | None = None
    queue: QueueSettings = field(default_factory=QueueSettings)
    dead_letters: DeadLetterSettings = field(default_factory=DeadLetterSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    monitoring: MonitoringSettings = field(default_factory=MonitoringSettings)
    scan_interval: Duration = Duration(5)
    shutdown_timeout: Duration = Duration(10)
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    def __post_init__(self) -> None:
        if self.scan_interval < 0.1:
            raise ValueError("`scan_interval` must be at least 100ms")
        names = [each.name for each in self.inputs if not isinstance(each, FileInputSettings)]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two inputs are named `{twice}`, and would share a spool; give one another `name`")
