"""The index templates: component templates of shared parts, and one composed template a family of indices.

Strings become keywords; text is text only where ECS says so. A malformed value is left out of the index, not the
whole document; fields past the limit stay in the source unindexed. Richer types are used where the cluster has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shipper.stack import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.elastic.capability import Capabilities

PRIORITY = 500
"""Above every built-in template (at most 200)."""

META = {"managed_by": "shipper"}


@dataclass(frozen=True, slots=True)
class Family:
    """Indices with one template: a name, its pattern, its own fields and settings."""

    name: str
    pattern: str
    mappings: Mapping[str, Any]
    settings: Mapping[str, Any]
    ecs: bool = True
    """Whether documents are ECS: then the ECS fields are mapped beneath."""


_INGEST = {"index.refresh_interval": "5s", "index.codec": "best_compression"}


_LOGSDB = {"index.mode": "logsdb", "index.mapping.source.mode": "stored"}
"""Sorted by host and time, doc values packed; documents come back as they were sent, with any licence."""


def families(capabilities: Capabilities, *, logsdb: bool = False) -> tuple[Family, ...]:
    """Every family that has a template; with `logsdb` new days of logs are in that mode."""

    def properties(types: Mapping[str, str]) -> dict[str, Any]:
        return {"properties": fields.properties(types, capabilities)}

    by_value = {"dynamic_templates": fields.dynamic_templates(capabilities, ecs=False)}
    return (
        Family("shipper-logs", "shipper-logs-*", properties(fields.LOGS), _INGEST | (_LOGSDB if logsdb else {})),
        Family("shipper-metrics", "shipper-metrics-*", properties(fields.METRICS), _INGEST),
        Family("campaign-events", "campaign-events-*", properties(fields.CAMPAIGNS), {"index.refresh_interval": "5s"}),
        Family("shipper-alerts", "shipper-alerts*", properties(fields.ALERTS), {"index.refresh_interval": "1s"}),
        Family("shipper-rule-state", "shipper-rule-state*", {"dynamic": False}, {}, ecs=False),
        Family(
            "insights",
            "insights-*",
            by_value,
            {"index.refresh_interval": "1s"},
            ecs=False,
        ),
    )


def component_templates(
    capabilities: Capabilities, prefix: str = "", *, logsdb: bool = False
) -> dict[str, dict[str, Any]]:
    """Name -> body of `PUT _component_template/<name>`."""
    replicas = 0 if capabilities.data_nodes < 2 else 1
    base = {
        "index.number_of_shards": 1,
        "index.number_of_replicas": replicas,
    }
    ecs = {
        "index.mapping.total_fields.limit": 2000,
        "index.mapping.total_fields.ignore_dynamic_beyond_limit": True,
        "index.mapping.ignore_malformed": True,
        "index.query.default_field": ["message", "error.message", "event.original"],
    }
    mappings = {
        "date_detection": False,
        "dynamic_templates": fields.dynamic_templates(capabilities),
        "properties": fields.properties(fields.CORE, capabilities),
    }
    templates: dict[str, dict[str, Any]] = {
        f"{prefix}shipper-base": {"template": {"settings": base}},
        f"{prefix}shipper-ecs": {"template": {"settings": ecs, "mappings": mappings}},
    }
    for family in families(capabilities, logsdb=logsdb):
        templates[f"{prefix}{family.name}-own"] = {
            "template": {"settings": dict(family.settings), "mappings": dict(family.mappings)}
        }
    return {name: {**body, "_meta": META} for name, body in templates.items()}


def index_templates(capabilities: Capabilities, prefix: str = "") -> dict[str, dict[str, Any]]:
    """Name -> body of `PUT _index_template/<name>`."""
    return {
        f"{prefix}{family.name}": {
            "index_patterns": [f"{prefix}{family.pattern}"],
            "composed_of": [
                f"{prefix}shipper-base",
                *([f"{prefix}shipper-ecs"] if family.ecs else []),
                f"{prefix}{family.name}-own",
            ],
            "priority": PRIORITY,
            "_meta": META,
        }
        for family in families(capabilities)
    }
