"""OTLP/JSON log records, alone or as the batches of an exporter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.agent.codec.format import SeveralFields
from shipper.agent.codec.structured.base import JsonLogger

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

_RENAMED = {
    "exception.type": "error.type", "exception.message": "error.message", "exception.stacktrace": "error.stack_trace",
    "deployment.environment": "service.environment", "deployment.environment.name": "service.environment",
    "service.instance.id": "service.node.name", "http.method": "http.request.method",
    "http.status_code": "http.response.status_code", "http.target": "url.original", "http.url": "url.full",
    "url.path": "url.path", "code.function": "log.origin.function", "code.function.name": "log.origin.function",
    "code.filepath": "log.origin.file.name", "code.file.path": "log.origin.file.name",
    "code.lineno": "log.origin.file.line", "code.line.number": "log.origin.file.line", "code.namespace": "log.logger",
    "thread.id": "process.thread.id", "thread.name": "process.thread.name", "enduser.id": "user.id",
    "net.peer.ip": "source.ip", "k8s.pod.name": "orchestrator.resource.name",
    "k8s.namespace.name": "orchestrator.namespace", "k8s.cluster.name": "orchestrator.cluster.name",
    "host.arch": "host.architecture", "event.name": "event.action", "log.file.path": "log.file.path",
    "log.iostream": "labels.stream", "process.executable.path": "process.executable",
}  # fmt: skip
"""OpenTelemetry's names -> ECS's, where they differ (elastic/ecs: ecs-otel-alignment)."""

_LEVELS = ("trace", "debug", "info", "warning", "error", "fatal")


class Otlp(JsonLogger):
    """`timeUnixNano` is text, values are typed, attributes are lists."""

    name = "otlp"

    def recognises(self, entry: Entry) -> bool:
        if "timeUnixNano" in entry or "observedTimeUnixNano" in entry:
            return True
        return bool(_records(entry))

    def fields(self, entry: Entry) -> Fields:
        records = _records(entry)
        if records:
            return SeveralFields([self._record(*found) for found in records])
        return self._record(entry.get("resource"), entry.get("scope") or entry.get("instrumentationScope"), entry)

    def _record(self, resource: Any, scope: Any, entry: Entry) -> Fields:
        fields: Fields = {}
        stamp = entry.get("timeUnixNano")
        fields["@timestamp"] = stamp if stamp not in (None, "", "0", 0) else entry.get("observedTimeUnixNano")
        number = entry.get("severityNumber")
        if entry.get("severityText"):
            fields["log.level"] = entry["severityText"]
        elif isinstance(number, int) and 1 <= number <= 24:
            fields["log.level"] = _LEVELS[(number - 1) // 4]
        self._body(_value(entry.get("body")), fields)
        for key, name in (("traceId", "trace.id"), ("spanId", "span.id")):
            if entry.get(key):
                fields[name] = entry[key]
        if isinstance(scope, dict) and scope.get("name"):
            fields["log.logger"] = scope["name"]
        for source in (entry.get("attributes"), resource.get("attributes") if isinstance(resource, dict) else None):
            for key, value in _attributes(source).items():
                fields.setdefault(_RENAMED.get(key, key), value)
        if entry.get("eventName"):
            fields.setdefault("event.action", entry["eventName"])
        return fields

    @staticmethod
    def _body(body: Any, fields: Fields) -> None:
        if isinstance(body, dict):
            inner = dict(body)
            for key in ("message", "msg", "body"):
                if isinstance(inner.get(key), str):
                    fields["message"] = inner.pop(key)
                    break
            fields.update({key: value for key, value in inner.items() if key not in fields})
        elif body is not None:
            fields["message"] = body if isinstance(body, str) else str(body)


def _records(entry: Entry) -> list[tuple[Any, Any, Entry]]:
    found = []
    for group in _objects(entry.get("resourceLogs")):
        for scoped in _objects(group.get("scopeLogs")):
            records = _objects(scoped.get("logRecords"))
            found += [(group.get("resource"), scoped.get("scope"), record) for record in records]
    return found


def _objects(value: Any) -> list[Entry]:
    """The objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _attributes(source: Any) -> Entry:
    if isinstance(source, dict):
        return {str(key): _value(value) for key, value in source.items()}
    if not isinstance(source, list):
        return {}
    return {str(item["key"]): _value(item.get("value")) for item in source if isinstance(item, dict) and "key" in item}


def _value(value: Any) -> Any:
    """An AnyValue as a plain value; plain values pass."""
    if not isinstance(value, dict):
        return value
    if len(value) != 1:
        return value
    kind, inner = next(iter(value.items()))
    if kind == "intValue":
        return int(inner) if isinstance(inner, str) and inner.lstrip("-").isdigit() and len(inner) < 21 else inner
    if kind in ("stringValue", "boolValue", "doubleValue", "bytesValue"):
        return inner
    if kind == "arrayValue" and isinstance(inner, dict):
        return [_value(item) for item in inner.get("values") or []]
    if kind == "kvlistValue" and isinstance(inner, dict):
        return _attributes(inner.get("values"))
    return value
