"""An hour of documents small enough to reckon by hand, in indices that are mapped as our templates map them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elasticsearch import helpers

from shipper.elastic.capability import probe
from shipper.event import iter_fields
from shipper.stack import fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elasticsearch import Elasticsearch

START = "2026-01-01T00:00:00Z"
END = "2026-01-01T01:00:00Z"
MILLISECOND = 1_000_000
"""In nanoseconds, as `event.duration` counts."""


def minute(number: int, second: int = 0) -> str:
    """A time in the hour."""
    return f"2026-01-01T00:{number:02d}:{second:02d}.000Z"


def request(at: str, route: str, status: int, milliseconds: int, service: str = "shop") -> dict[str, Any]:
    """One access record: 5xx is an error, 4xx a warning, the rest info."""
    level = "error" if status >= 500 else "warn" if status >= 400 else "info"
    document: dict[str, Any] = {
        "@timestamp": at,
        "event": {"duration": milliseconds * MILLISECOND},
        "host": {"name": "web-1"},
        "http": {"response": {"status_code": status}, "route": route},
        "log": {"level": level},
        "message": f"GET {route} {status}",
        "service": {"name": service},
    }
    if status >= 500:
        document["error"] = {"type": "Timeout" if route == "/pay" else "KeyError"}
    return document


LOGS = [
    *(request(minute(n), "/home", 200, 10) for n in range(10)),
    *(request(minute(10, n), "/pay", 200, 100, "payments") for n in range(4)),
    request(minute(10, 30), "/pay", 500, 900, "payments"),
    request(minute(11, 30), "/pay", 503, 800, "payments"),
    request(minute(20), "/home", 404, 20),
    request(minute(20, 1), "/home", 302, 20),
    request(minute(40), "/home", 500, 30),
    {"@timestamp": minute(59, 59), "log": {"level": "debug"}, "message": "no request", "service": {"name": "jobs"}},
]
"""20 records: 10 + 4 good, 3 errors, one 404, one 302, one that is no request."""

OUTSIDE = [request("2025-12-31T23:59:59.999Z", "/home", 500, 1), request(END, "/home", 500, 1)]
"""Just before and just after the hour."""

METRICS = [
    {"@timestamp": minute(0), "event": {"dataset": "system.cpu"}, "host": {"name": "web-1"},
     "system": {"cpu": {"total": {"norm": {"pct": 0.2}}}}},
    {"@timestamp": minute(0, 30), "event": {"dataset": "system.cpu"}, "host": {"name": "web-2"},
     "system": {"cpu": {"total": {"norm": {"pct": 0.4}}}}},
    {"@timestamp": minute(0), "event": {"dataset": "system.memory"}, "host": {"name": "web-1"},
     "system": {"memory": {"actual": {"used": {"pct": 0.5}}}}},
    {"@timestamp": minute(5), "event": {"dataset": "shipper.heartbeat"}, "host": {"name": "web-1"},
     "shipper": {"lag": {"bytes": 100}}},
    {"@timestamp": minute(5, 30), "event": {"dataset": "shipper.heartbeat"}, "host": {"name": "web-1"},
     "shipper": {"lag": {"bytes": 700}}},
    {"@timestamp": minute(6), "event": {"dataset": "shipper.heartbeat"}, "host": {"name": "web-2"},
     "shipper": {"lag": {"bytes": 0}}},
]  # fmt: skip


def alert(at: str, rule: str, status: str, episode: str, group: str) -> dict[str, Any]:
    """One change of an episode."""
    return {
        "@timestamp": at,
        "event": {"action": status, "kind": "alert"},
        "rule": {"name": rule},
        "shipper": {"alert": {"episode": episode, "group": group, "status": status}},
    }


ALERTS = [
    alert(minute(11), "error-burst", "firing", "e1", "service.name=payments"),
    alert(minute(15), "error-burst", "resolved", "e1", "service.name=payments"),
    alert(minute(41), "error-burst", "firing", "e2", "service.name=payments"),
    alert(minute(12), "slow", "firing", "e3", "http.route=/pay"),
]


def load(client: Elasticsearch, prefix: str, family: str, documents: Sequence[Mapping[str, Any]]) -> str:
    """Put documents into a new index of a family; the fields they have are mapped as our templates map them."""
    own = {"shipper-alerts": fields.ALERTS, "shipper-logs": fields.LOGS, "shipper-metrics": fields.METRICS}[family]
    types = {**fields.ecs_types(), **own}
    names = {name for document in documents for name, _ in iter_fields(dict(document))}
    index = f"{prefix}{family}-2026.01.01"
    mapped = fields.properties({name: types[name] for name in names}, probe(client))
    client.indices.create(index=index, mappings={"properties": mapped}, settings={"number_of_replicas": 0})
    helpers.bulk(client, ({"_index": index, "_source": dict(one)} for one in documents), refresh=True)
    return index


def load_hour(client: Elasticsearch, prefix: str) -> list[str]:
    """The whole hour, and what lies just outside it; returns the indices."""
    return [
        load(client, prefix, "shipper-logs", [*LOGS, *OUTSIDE]),
        load(client, prefix, "shipper-metrics", METRICS),
        load(client, prefix, "shipper-alerts", ALERTS),
    ]
