"""The source files: `shared.yml` (data views, tags) and one dashboard a file in `src/`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from shipper.config import ConfigFile, Duration, Settings, bind, load
from shipper.dashboards.panel import AnyPanel
from shipper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class DurationFormat(Settings, frozen=True, kw_only=True):
    """How a data view shows a field of durations: stored in nanoseconds, shown in milliseconds."""

    stored: str = "nanoseconds"
    shown: str = "humanizePrecise"
    decimals: int = 1


class DataView(Settings, frozen=True, kw_only=True):
    """An index pattern, its time field, and the fields that are durations."""

    title: str
    name: str
    time_field: str = "@timestamp"
    durations: dict[str, DurationFormat] = msgspec.field(default_factory=dict)


class Tag(Settings, frozen=True, kw_only=True):
    """A label in Kibana's lists."""

    name: str
    color: str
    description: str = ""


class Shared(Settings, frozen=True, kw_only=True):
    """What the dashboards share."""

    data_views: dict[str, DataView]
    tags: dict[str, Tag] = msgspec.field(default_factory=dict)


class OptionsControl(Settings, frozen=True, kw_only=True, tag_field="type", tag="options"):
    """A list of a field's values to choose from."""

    title: str
    field: str
    data_view: str
    single: bool = False


class TimeRange(Settings, frozen=True, kw_only=True):
    """The range a dashboard opens with, in date math, and how often it reloads."""

    start: str = "now-1h"
    end: str = "now"
    refresh: Duration = Duration(30)


class Dashboard(Settings, frozen=True, kw_only=True):
    """One dashboard; its id follows from its file's name."""

    title: str
    panels: tuple[AnyPanel, ...]
    description: str = ""
    time: TimeRange = TimeRange()
    tags: tuple[str, ...] = ()
    controls: tuple[OptionsControl, ...] = ()
    query: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A dashboard and the file it stands in (`name` is the file's without `.yml`)."""

    name: str
    file: ConfigFile
    dashboard: Dashboard


@dataclass(frozen=True, slots=True)
class Sources:
    """All that is built together."""

    shared: Shared
    dashboards: tuple[Source, ...]


def read_sources(folder: Path) -> Sources:
    """Read `folder/shared.yml` and `folder/src/*.yml`.

    Raises:
        ConfigError: a file is wrong.
        UsageError: there is nothing to build.
    """
    no_variables: Mapping[str, Any] = {}
    shared = bind(load(folder / "shared.yml", no_variables), Shared)
    files = [load(path, no_variables) for path in sorted((folder / "src").glob("*.yml"))]
    if not files:
        raise UsageError("no dashboards", where=str(folder / "src"), hint="write one as src/NAME.yml")
    return Sources(shared, tuple(Source(_name(file), file, bind(file, Dashboard)) for file in files))


def _name(file: ConfigFile) -> str:
    return file.origin.rsplit("/", 1)[-1].removesuffix(".yml")
