"""What every panel is built from and into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.config import Settings
from shipper.dashboards.columns import AnyBucket, AnyMetric, Formula, bucket_column
from shipper.dashboards.formula_columns import formula_columns
from shipper.dashboards.saved_object import Reference, stable_id
from shipper.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLUMNS = 48
"""Width of Kibana's grid."""


class Grid(Settings, frozen=True, kw_only=True):
    """Place of a panel in the 48 columns; a row is 20 pixels."""

    x: int
    y: int
    w: int
    h: int

    def __post_init__(self) -> None:
        if self.x < 0 or self.y < 0 or self.w < 1 or self.h < 1 or self.x + self.w > COLUMNS:
            raise ValueError(f"x, y from 0, w, h from 1, and x + w at most {COLUMNS}")


class Panel(Settings, frozen=True, kw_only=True, tag_field="type"):
    """Base of the panels."""

    title: str
    grid: Grid
    description: str = ""
    hide_title: bool = False

    def parts(self, place: Place) -> Parts:
        """The panel's own part of the saved object.

        Raises:
            ConfigError: something in it does not fit together.
            FormulaError: a formula is wrong.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Place:
    """Where a panel is built.

    Attributes:
        dashboard: the dashboard's id.
        index: the panel's id, a UUID.
        data_views: name in the sources -> saved object id.
    """

    dashboard: str
    index: str
    data_views: Mapping[str, str]

    def data_view(self, name: str) -> str:
        """The id of a data view.

        Raises:
            ConfigError: no such data view.
        """
        try:
            return self.data_views[name]
        except KeyError:
            raise ConfigError(
                f"unknown data view `{name}`", hint=f"one of: {', '.join(sorted(self.data_views))}"
            ) from None


@dataclass(frozen=True, slots=True)
class Parts:
    """A built panel: its `type`, its `embeddableConfig` and its references by their inner names."""

    type: str
    config: Mapping[str, Any]
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """One table of a Lens panel: its columns in order, and where its documents are."""

    id: str
    data_view: str
    columns: Mapping[str, Mapping[str, Any]]

    @property
    def reference(self) -> Reference:
        return Reference(f"indexpattern-datasource-layer-{self.id}", "index-pattern", self.data_view)

    def document(self) -> dict[str, Any]:
        return {
            "columnOrder": list(self.columns),
            "columns": {name: dict(column) for name, column in self.columns.items()},
            "ignoreGlobalFilters": False,
            "incompleteColumns": {},
            "sampling": 1,
        }


@dataclass(frozen=True, slots=True)
class Named:
    """A bucket and the id its column gets."""

    id: str
    bucket: AnyBucket


def make_layer(place: Place, data_view: str, buckets: Sequence[Named], metrics: Sequence[AnyMetric]) -> Layer:
    """Buckets in nesting order, then metrics; a metric's id is `metric-<n>`, counted from 1.

    Raises:
        ConfigError: no such data view, or an order by a metric that is not there.
    """
    names = metric_ids(metrics)
    columns: dict[str, Mapping[str, Any]] = {one.id: bucket_column(one.bucket, names) for one in buckets}
    for name, metric in zip(names, metrics, strict=True):
        columns.update(formula_columns(name, metric) if isinstance(metric, Formula) else {name: metric.column()})
    return Layer(stable_id(place.index, data_view), place.data_view(data_view), columns)


def metric_ids(metrics: Sequence[AnyMetric]) -> list[str]:
    """The column ids of a layer's metrics."""
    return [f"metric-{number}" for number in range(1, len(metrics) + 1)]


def lens_parts(kind: str, layers: Sequence[Layer], visualization: Mapping[str, Any], query: str) -> Parts:
    """A by-value Lens panel of `visualizationType` `kind`."""
    references = tuple(layer.reference for layer in layers)
    attributes = {
        "description": "",
        "references": [reference.document() for reference in references],
        "state": {
            "adHocDataViews": {},
            "datasourceStates": {
                "formBased": {"layers": {layer.id: layer.document() for layer in layers}},
                "indexpattern": {"layers": {}},
                "textBased": {"layers": {}},
            },
            "filters": [],
            "internalReferences": [],
            "query": {"language": "kuery", "query": query},
            "visualization": visualization,
        },
        "title": "",
        "type": "lens",
        "visualizationType": kind,
    }
    return Parts("lens", {"attributes": attributes, "enhancements": {}}, references)


def color_mapping(colors: Mapping[str, str]) -> dict[str, Any]:
    """Lens's colours of the values of a split; the other values loop through the default palette."""
    return {
        "assignments": [
            {
                "color": {"colorCode": color, "type": "colorCode"},
                "rule": {"type": "matchExactly", "values": [value]},
                "touched": True,
            }
            for value, color in colors.items()
        ],
        "colorMode": {"type": "categorical"},
        "paletteId": "eui_amsterdam_color_blind",
        "specialAssignments": [{"color": {"type": "loop"}, "rule": {"type": "other"}, "touched": False}],
    }
