"""The `stack:` section of a configuration file."""

from __future__ import annotations

import re

from shipper.config import Settings
from shipper.elastic.client import ClientSettings

_PREFIX = re.compile(r"[a-z0-9][a-z0-9._-]*")


class Keep(Settings, frozen=True):
    """Days to keep of each family of daily indices, today included; null keeps them for ever."""

    logs: int | None = None
    metrics: int | None = None
    campaigns: int | None = None

    def __post_init__(self) -> None:
        """Today's index is never deleted."""
        for name in self.__struct_fields__:
            days = getattr(self, name)
            if days is not None and days < 1:
                raise ValueError(f"`{name}` must be 1 day or more: today's index is never deleted")


class StackSettings(Settings, frozen=True):
    """A cluster, the prefix of our indices there, its tenants and what to keep."""

    elasticsearch: ClientSettings | None = None
    """Absent: the local stack."""
    prefix: str = ""
    tenants: tuple[str, ...] = ()
    keep: Keep = Keep()

    def __post_init__(self) -> None:
        """Refuse a prefix that no index could have."""
        if self.prefix and not _PREFIX.fullmatch(self.prefix):
            raise ValueError(f"`prefix` must be lower-case letters, digits, `.`, `_` and `-`, not {self.prefix!r}")
