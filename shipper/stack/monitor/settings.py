"""The `stack.monitor` section: whom to ask, and how often."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from shipper.config import Duration, Secret, Settings
from shipper.elastic.client import ClientSettings

_SHORTEST = 5.0


class Watched(Settings, frozen=True):
    """An Elasticsearch cluster to ask; its numbers carry `name`."""

    name: str
    elasticsearch: ClientSettings
    indices: tuple[str, ...] = ("*",)
    """Patterns of the indices to tell of."""


class LogstashSettings(Settings, frozen=True):
    """A Logstash and its HTTP API (port 9600)."""

    url: str
    user: str | None = None
    password: Secret | None = None
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be asked."""
        if urlsplit(self.url).scheme not in {"http", "https"} or not urlsplit(self.url).hostname:
            raise ValueError("`url` must look like http://host:9600")
        if urlsplit(self.url).username is not None:
            raise ValueError("`url` must not hold a password: give `user` and `password`")
        if (self.user is None) != (self.password is None):
            raise ValueError("`user` and `password` go together")


class MonitorSettings(Settings, frozen=True):
    """What to watch; with nothing named, the cluster that the numbers go to."""

    every: Duration = Duration(30)
    clusters: tuple[Watched, ...] = ()
    logstash: tuple[LogstashSettings, ...] = ()
    most_documents: int = 5000
    """Documents of one source and one round; what is beyond is counted in its cluster's document."""

    def __post_init__(self) -> None:
        """Refuse what would be a load by itself."""
        if self.every < _SHORTEST:
            raise ValueError(f"`every` must be {_SHORTEST:.0f}s or more")
        if self.most_documents < 1:
            raise ValueError("`most_documents` must be 1 or more")
        names = [cluster.name for cluster in self.clusters]
        if len(set(names)) < len(names):
            raise ValueError("each of `clusters` needs a `name` of its own")
