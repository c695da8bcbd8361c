"""Field names and types of the templates, and how a type is written for a cluster that may lack it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.elastic.capability import Capabilities

CORE: Mapping[str, str] = {
    "@timestamp": "date",
    "message": "match_only_text",
    "tags": "keyword",
    "labels": "object",
    "agent.id": "keyword",
    "agent.name": "keyword",
    "agent.type": "keyword",
    "agent.version": "keyword",
    "client.ip": "ip",
    "destination.ip": "ip",
    "destination.port": "long",
    "ecs.version": "keyword",
    "error.code": "keyword",
    "error.id": "keyword",
    "error.message": "match_only_text",
    "error.stack_trace": "wildcard",
    "error.type": "keyword",
    "event.created": "date",
    "event.duration": "long",
    "event.end": "date",
    "event.id": "keyword",
    "event.ingested": "date",
    "event.original": "keyword",
    "event.outcome": "keyword",
    "event.sequence": "long",
    "event.severity": "long",
    "event.start": "date",
    "host.ip": "ip",
    "host.uptime": "long",
    "http.request.body.bytes": "long",
    "http.request.bytes": "long",
    "http.response.body.bytes": "long",
    "http.response.bytes": "long",
    "http.response.status_code": "long",
    "http.version": "keyword",
    "log.file.path": "keyword",
    "log.level": "keyword",
    "log.logger": "keyword",
    "log.offset": "long",
    "log.origin.file.line": "long",
    "log.syslog.priority": "long",
    "log.syslog.facility.code": "long",
    "log.syslog.severity.code": "long",
    "process.pid": "long",
    "process.thread.id": "long",
    "service.name": "keyword",
    "service.version": "keyword",
    "source.ip": "ip",
    "source.port": "long",
    "url.domain": "keyword",
    "url.full": "wildcard",
    "url.original": "wildcard",
    "url.path": "wildcard",
    "url.port": "long",
    "user.id": "keyword",
    "user.name": "keyword",
    "user_agent.original": "keyword",
}
OWN: Mapping[str, str] = {
    "http.route": "keyword",
    "shipper.flags": "keyword",
    "shipper.lag.bytes": "long",
    "shipper.source.generation": "long",
    "shipper.source.id": "keyword",
    "shipper.watermark": "date",
}
"""Ours, in logs and metrics; docs/concepts/architecture.md says what they mean."""

LOGS: Mapping[str, str] = OWN
METRICS: Mapping[str, str] = {
    **OWN,
    "system.cpu.total.norm.pct": "double",
    "system.filesystem.used.pct": "double",
    "system.load.1": "double",
    "system.load.5": "double",
    "system.load.15": "double",
    "system.memory.actual.used.pct": "double",
}
CAMPAIGNS: Mapping[str, str] = {
    "tenant": "keyword",
    "action": "keyword",
    **dict.fromkeys(
        ("actor.id", "actor.type", "object.id", "object.type", "resource.id", "resource.type", "value.currency"),
        "keyword",
    ),
    **dict.fromkeys(
        ("context.campaign.id", "context.message.id", "context.channel", "context.variant"),
        "keyword",
    ),
    "value.amount_minor": "long",
}

_PLAIN: Mapping[str, dict[str, Any]] = {
    "match_only_text": {"type": "text", "norms": False},
    "wildcard": {"type": "keyword", "ignore_above": 8191},
    "constant_keyword": {"type": "keyword", "ignore_above": 1024},
    "scaled_float": {"type": "double"},
    "unsigned_long": {"type": "long"},
    "version": {"type": "keyword", "ignore_above": 1024},
}
"""What stands in for a richer type; the queries of rules and dashboards work on both."""


def ecs_types() -> Mapping[str, str]:
    """ECS field -> type, for the shared component template."""
    return CORE


def properties(types: Mapping[str, str], capabilities: Capabilities) -> dict[str, Any]:
    """Dotted names with types -> the nested `properties` of a mapping."""
    tree: dict[str, Any] = {}
    for name, kind in sorted(types.items()):
        *parents, leaf = name.split(".")
        level = tree
        for parent in parents:
            level = level.setdefault(parent, {}).setdefault("properties", {})
        level.setdefault(leaf, {}).update(field(name, kind, capabilities))
    return tree


def field(name: str, kind: str, capabilities: Capabilities) -> dict[str, Any]:
    """The mapping of one field."""
    if name == "@timestamp":  # without a time a document has no place: refuse it instead of leaving the field out
        return {"type": "date", "ignore_malformed": False}
    if name == "event.original":  # kept, never searched
        return {"type": "keyword", "index": False, "doc_values": False}
    if kind in _PLAIN and not capabilities.has_type(kind):
        return dict(_PLAIN[kind])
    if kind == "keyword":
        return {"type": "keyword", "ignore_above": 1024}
    if kind == "scaled_float":
        return {"type": "scaled_float", "scaling_factor": 1000}
    return {"type": kind}
