"""How others may look at the agent, and when it counts as stuck."""

from __future__ import annotations

from shipper.config import Duration, Settings


class MonitoringSettings(Settings, frozen=True):
    """What the agent tells of itself.

    Attributes:
        stuck_after: records wait, and none is acknowledged for so long: then the agent counts as unhealthy.
    """

    stuck_after: Duration = Duration(120)

    def __post_init__(self) -> None:
        if self.stuck_after < 10:
            raise ValueError("`stuck_after` must be at least 10s")
