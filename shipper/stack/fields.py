"""Field names and types of the templates, and how a type is written for a cluster that may lack it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.ecs.table import TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shipper.elastic.capability import Capabilities

_CORE = """
@timestamp agent.id agent.name agent.type agent.version client.address client.ip client.port cloud.instance.id
cloud.provider cloud.region container.id container.name destination.address destination.ip destination.port
ecs.version error.code error.id error.message error.stack_trace error.type event.action event.category event.code
event.created event.dataset event.duration event.end event.id event.ingested event.kind event.module event.original
event.outcome event.provider event.reason event.sequence event.severity event.start event.timezone event.type
host.hostname host.id host.ip host.name host.os.type host.uptime http.request.body.bytes http.request.bytes
http.request.id http.request.method http.request.referrer http.response.body.bytes http.response.bytes
http.response.status_code http.version labels log.file.path log.level log.logger log.origin.file.line
log.origin.file.name log.origin.function log.syslog.appname log.syslog.facility.code log.syslog.facility.name
log.syslog.hostname log.syslog.priority log.syslog.procid log.syslog.severity.code log.syslog.severity.name message
observer.ip observer.name orchestrator.namespace organization.id process.name process.pid process.thread.id
process.thread.name rule.category rule.description rule.id rule.name rule.reference service.environment service.id
service.name service.node.name service.type service.version source.address source.geo.city_name
source.geo.country_iso_code source.geo.location source.ip source.port span.id tags trace.id transaction.id
url.domain url.full url.original url.path url.port url.query url.scheme user.domain user.email user.full_name
user.id user.name user_agent.device.name user_agent.name user_agent.original user_agent.os.name user_agent.version
"""
CORE: Mapping[str, str] = {name: TYPES[name] for name in _CORE.split()}
"""ECS fields that every index has from its start, so that searches, sorts and panels find them on an empty day.

All other ECS fields get their type from a dynamic template when the first one arrives: an index carries what it holds.
"""

OWN: Mapping[str, str] = {
    "http.route": "keyword",
    "log.offset": "long",
    "shipper.flags": "keyword",
    "shipper.lag.bytes": "long",
    "shipper.source.generation": "long",
    "shipper.source.id": "keyword",
    "shipper.watermark": "date",
}
"""Ours, in logs and metrics; docs/concepts/architecture.md says what they mean."""

LOGS: Mapping[str, str] = {
    **OWN,
    **dict.fromkeys(
        (
            "mongodb.log.component",
            "mysql.slowlog.current_user",
            "postgresql.log.query_step",
            "system.auth.pam.module",
            "system.auth.pam.origin",
            "system.auth.ssh.event",
        ),
        "keyword",
    ),
}
"""Besides, what our rules ask of the logs of databases and of sign-ins, by the names of Filebeat's modules."""
METRICS: Mapping[str, str] = {
    **OWN,
    "shipper.notify.receiver": "keyword",
    **dict.fromkeys(
        (
            "shipper.agent.cpu.pct",
            "shipper.agent.lag.seconds",
            "shipper.agent.rate.bytes_delivered",
            "shipper.agent.rate.bytes_read",
            "shipper.agent.rate.records_delivered",
            "shipper.agent.rate.records_read",
            "system.cpu.total.norm.pct",
            "system.diskio.iostat.busy",
            "system.diskio.iostat.read.per_sec.bytes",
            "system.diskio.iostat.read.request.per_sec",
            "system.diskio.iostat.write.per_sec.bytes",
            "system.diskio.iostat.write.request.per_sec",
            "system.filesystem.used.pct",
            "system.load.1",
            "system.load.5",
            "system.load.15",
            "system.memory.actual.used.pct",
            "system.network.in.per_sec.bytes",
            "system.network.in.per_sec.packets",
            "system.network.out.per_sec.bytes",
            "system.network.out.per_sec.packets",
            "system.process.cpu.total.norm.pct",
            "system.process.cpu.total.pct",
            "system.process.memory.rss.pct",
        ),
        "double",
    ),
    **dict.fromkeys(
        (
            "shipper.agent.dead_letters",
            "shipper.agent.lag.bytes",
            "shipper.agent.lag.files",
            "shipper.agent.memory.rss.bytes",
            "shipper.agent.queue.bytes",
            "shipper.agent.queue.records",
            "shipper.agent.spool.bytes",
            "system.network.in.bytes",
            "system.network.in.errors",
            "system.network.in.packets",
            "system.network.out.bytes",
            "system.network.out.errors",
            "system.network.out.packets",
            "system.process.cpu.total.value",
            "system.process.memory.rss.bytes",
            "system.process.memory.size",
        ),
        "long",
    ),
    **dict.fromkeys(
        (
            "shipper.agent.reasons",
            "shipper.agent.warnings",
            "system.core.id",
            "system.diskio.name",
            "system.filesystem.mount_point",
            "system.network.name",
            "system.process.state",
        ),
        "keyword",
    ),
    "shipper.agent.healthy": "boolean",
    "elasticsearch.cluster.name": "keyword",
    "elasticsearch.cluster.status": "keyword",
    "elasticsearch.node.disk.used.pct": "double",
    "elasticsearch.node.heap.used.pct": "double",
    "elasticsearch.node.name": "keyword",
    "logstash.node.name": "keyword",
    "logstash.pipeline.name": "keyword",
    "logstash.pipeline.queue.used.pct": "double",
}
ALERTS: Mapping[str, str] = {
    "shipper.alert.complete": "boolean",
    "shipper.alert.episode": "keyword",
    "shipper.alert.group": "keyword",
    "shipper.alert.severity": "keyword",
    "shipper.alert.since": "date",
    "shipper.alert.status": "keyword",
    "shipper.alert.value": "double",
}
"""What the evaluator says of a change; shipper/rules/notification.py writes it."""

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
    "scaled_float": {"type": "double"},
}
"""What stands in for a richer type; the queries of rules and dashboards work on both."""


def ecs_types() -> Mapping[str, str]:
    """Every ECS field -> type, whether mapped from the start or on arrival."""
    return TYPES


def dynamic_templates(capabilities: Capabilities, *, ecs: bool = True) -> list[dict[str, Any]]:
    """What a field gets that is not mapped yet: ECS's type by its name, else one by its value.

    Strings become keywords; a number with a fraction is a double, and so is what is called a percentage or a load,
    whose first value may look like an integer.
    """
    by_kind: dict[str, list[str]] = {}
    for name, kind in TYPES.items():
        if ecs and kind != "object" and name not in CORE:
            by_kind.setdefault(kind, []).append(name)
    rules = [
        {f"ecs_{kind}": {"path_match": sorted(names), "mapping": field(names[0], kind, capabilities)}}
        for kind, names in sorted(by_kind.items())
    ]
    return [
        *rules,
        {
            "fractions": {
                "path_match": ["*.pct", "system.load.*"],
                "match_mapping_type": ["long", "double"],  # `system.load.norm` is an object
                "mapping": {"type": "double"},
            }
        },
        {"doubles": {"match_mapping_type": "double", "mapping": {"type": "double"}}},
        {"strings": {"match_mapping_type": "string", "mapping": {"type": "keyword", "ignore_above": 1024}}},
    ]


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
    if kind == "constant_keyword":  # an index of ours holds many values
        kind = "keyword"
    if kind in _PLAIN and not capabilities.has_type(kind):
        return dict(_PLAIN[kind])
    if kind == "keyword":
        return {"type": "keyword", "ignore_above": 1024}
    if kind == "scaled_float":
        return {"type": "scaled_float", "scaling_factor": 1000}
    return {"type": kind}
