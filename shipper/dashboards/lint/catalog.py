"""The fields that our own index templates map: what dashboards may rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.stack import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper import kql


def catalog() -> Mapping[str, kql.FieldTypes]:
    """Index pattern -> field -> type, of the indices that Shipper and its pipelines write."""
    ecs = fields.ecs_types()
    return {
        "campaign-events-*": {**ecs, **fields.CAMPAIGNS},
        "shipper-alerts*": {**ecs, **fields.ALERTS},
        "shipper-logs-*": {**ecs, **fields.LOGS},
        "shipper-metrics-*": {**ecs, **fields.METRICS},
    }
