"""The `stack:` section of a configuration file."""

from __future__ import annotations

import re

import msgspec

from shipper.config import Settings
from shipper.elastic.client import ClientSettings
from shipper.stack.monitor.settings import MonitorSettings

_PREFIX = re.compile(r"[a-z0-9][a-z0-9._-]*")
_REPOSITORY = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_CRON = re.compile(r"(\S+ ){5,6}\S+")

FLOWS = ("logs", "metrics", "campaigns")
"""What may live on a cluster of its own."""


class Keep(Settings, frozen=True):
    """Days to keep of each family of daily indices, today included; null keeps them for ever."""

    logs: int | None = None
    metrics: int | None = None
    campaigns: int | None = None
    disk_percent: int | None = None
    """The oldest days of logs and metrics go until the data nodes' disks are used no more than this."""
    least_days: int = 7
    """Days of each family that a full disk never costs, today included."""
    snapshot_first: bool = False
    """Delete only what a whole snapshot in `snapshots.repository` holds; one is taken of what goes."""

    def __post_init__(self) -> None:
        """Today's index is never deleted."""
        for name in (*FLOWS, "least_days"):
            days = getattr(self, name)
            if days is not None and days < 1:
                raise ValueError(f"`{name}` must be 1 day or more: today's index is never deleted")
        if self.disk_percent is not None and not 1 <= self.disk_percent <= 99:
            raise ValueError("`disk_percent` is a percentage of 1 to 99")


class RepositorySettings(Settings, frozen=True):
    """A snapshot repository, and when the cluster fills it by itself (SLM, where it has it)."""

    repository: str = "shipper"
    type: str = "fs"
    """`fs`, `s3`, `gcs`, `azure` or `url`; a folder of `path.repo` for `fs`."""
    settings: dict[str, str | int | bool] = msgspec.field(default_factory=lambda: {"location": "shipper"})
    schedule: str | None = None
    """Cron expression of Elasticsearch (seconds first, UTC): `0 30 1 * * ?`. Null: no schedule."""
    keep_days: int = 30
    """How long a scheduled snapshot is kept."""

    def __post_init__(self) -> None:
        """Refuse what the cluster would only refuse later."""
        if not _REPOSITORY.fullmatch(self.repository):
            raise ValueError(
                f"`repository` must be lower-case letters, digits, `_`, `.` and `-`, not {self.repository!r}"
            )
        if self.schedule is not None and not _CRON.fullmatch(self.schedule):
            raise ValueError(
                f"`schedule` must be a cron expression of 6 or 7 fields such as `0 30 1 * * ?`, not {self.schedule!r}"
            )
        if self.keep_days < 1:
            raise ValueError("`keep_days` must be 1 day or more")

    @property
    def name(self) -> str:
        """Its name in the cluster."""
        return self.repository

    def body(self) -> dict[str, object]:
        """As `PUT _snapshot/<name>` wants it."""
        return {"type": self.type, "settings": dict(self.settings)}


class Placement(Settings, frozen=True):
    """A cluster that takes one flow alone, with the prefix of our indices there."""

    elasticsearch: ClientSettings
    prefix: str = ""

    def __post_init__(self) -> None:
        """Refuse a prefix that no index could have."""
        check_prefix(self.prefix)


Place = tuple[ClientSettings | None, str]
"""A cluster, and the prefix of our indices there."""


class StackSettings(Settings, frozen=True):
    """A cluster, the prefix of our indices there, its tenants and what to keep."""

    elasticsearch: ClientSettings | None = None
    """Absent: the local stack."""
    prefix: str = ""
    tenants: tuple[str, ...] = ()
    logsdb: bool = False
    """New days of logs in Elasticsearch's `logsdb` mode: less disk, more CPU (docs/operations/sizing.md)."""
    keep: Keep = Keep()
    snapshots: RepositorySettings | None = None
    monitor: MonitorSettings = MonitorSettings()
    clusters: dict[str, Placement] = msgspec.field(default_factory=dict)
    """Flow (`logs`, `metrics`, `campaigns`) -> the cluster it lives on, where that is another one."""

    def __post_init__(self) -> None:
        """Refuse a prefix that no index could have, a flow that there is not, and snapshots nowhere."""
        check_prefix(self.prefix)
        for name in self.clusters:
            if name not in FLOWS:
                raise ValueError(f"`clusters` knows {', '.join(FLOWS)}, not `{name}`")
        if self.keep.snapshot_first and self.snapshots is None:
            raise ValueError("`keep.snapshot_first` needs `snapshots`: where to")

    def place_of(self, flow: str) -> Place:
        """The cluster and prefix of a flow."""
        own = self.clusters.get(flow)
        return (self.elasticsearch, self.prefix) if own is None else (own.elasticsearch, own.prefix)

    def places(self) -> list[Place]:
        """Every cluster and prefix once, the default's first; None is the local stack."""
        found: list[Place] = [(self.elasticsearch, self.prefix)]
        for flow in FLOWS:
            if self.place_of(flow) not in found:
                found.append(self.place_of(flow))
        return found


def check_prefix(prefix: str) -> None:
    """Refuse a prefix that no index could have.

    Raises:
        ValueError: it is none.
    """
    if prefix and not _PREFIX.fullmatch(prefix):
        raise ValueError(f"`prefix` must be lower-case letters, digits, `.`, `_` and `-`, not {prefix!r}")
