"""Records of clouds: Google's log entries, Amazon's CloudTrail, Cloudflare's HTTP requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.agent.codec import web
from shipper.agent.codec.structured.base import JsonLogger
from shipper.agent.codec.structured.common import Common

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

_COMMON = Common()
_TRAIL = {
    "eventName": "event.action", "eventSource": "event.provider", "eventID": "event.id", "awsRegion": "cloud.region",
    "userAgent": "user_agent.original", "errorCode": "error.code", "errorMessage": "error.message",
    "recipientAccountId": "cloud.account.id",
}  # fmt: skip
_FLARE = {
    "ClientRequestMethod": "http.request.method", "ClientRequestUserAgent": "user_agent.original",
    "ClientRequestReferer": "http.request.referrer", "ClientRequestBytes": "http.request.bytes",
    "EdgeResponseBytes": "http.response.bytes", "EdgeResponseContentType": "http.response.mime_type",
    "ClientRequestScheme": "url.scheme", "ClientSSLCipher": "tls.cipher", "RayID": "http.request.id",
    "ClientCountry": "source.geo.country_iso_code", "EdgeEndTimestamp": "event.end",
}  # fmt: skip


class GoogleEntry(JsonLogger):
    """`{"logName": …, "jsonPayload" | "textPayload": …, "severity": …}`: a LogEntry of Cloud Logging."""

    name = "google-entry"

    def recognises(self, entry: Entry) -> bool:
        return "logName" in entry and not entry.keys().isdisjoint(("jsonPayload", "textPayload", "protoPayload"))

    def fields(self, entry: Entry) -> Fields:
        rest = dict(entry)
        payload = rest.pop("jsonPayload", None)
        flat: Entry = dict(payload) if isinstance(payload, dict) else {}
        if isinstance(rest.get("textPayload"), str):
            flat["message"] = rest.pop("textPayload").rstrip("\n")
        moved = {"insertId": "event.id", "spanId": "span.id"}
        flat.update({moved.get(key, key): value for key, value in rest.items() if key not in ("trace", "resource")})
        if isinstance(rest.get("trace"), str):
            flat["trace.id"] = rest["trace"].rpartition("/")[2]
        fields = _COMMON.fields(flat)
        if "resource" in rest:
            fields["google.resource"] = rest["resource"]
        return fields


class CloudTrail(JsonLogger):
    """A record of CloudTrail: who called which API from where."""

    name = "cloudtrail"

    def recognises(self, entry: Entry) -> bool:
        return entry.keys() >= {"eventVersion", "eventSource", "eventName", "awsRegion"}

    def fields(self, entry: Entry) -> Fields:
        fields: Fields = {"@timestamp": entry.get("eventTime")}
        for key, value in entry.items():
            if key in _TRAIL and isinstance(value, str):
                fields[_TRAIL[key]] = value
            elif key not in ("eventTime", "sourceIPAddress"):
                fields[f"aws.cloudtrail.{key}"] = value
        if isinstance(entry.get("sourceIPAddress"), str):
            web.address(fields, "source", f"[{entry['sourceIPAddress']}]")
        identity = entry.get("userIdentity")
        if isinstance(identity, dict):
            for key, name in (("userName", "user.name"), ("principalId", "user.id"), ("accountId", "cloud.account.id")):
                if isinstance(identity.get(key), str):
                    fields.setdefault(name, identity[key])
        fields["event.outcome"] = "failure" if entry.get("errorCode") else "success"
        return fields


class Cloudflare(JsonLogger):
    """Logpush's `http_requests`."""

    name = "cloudflare"

    def recognises(self, entry: Entry) -> bool:
        return entry.keys() >= {"RayID", "ClientRequestMethod", "EdgeStartTimestamp"}

    def fields(self, entry: Entry) -> Fields:
        rest = {key: value for key, value in entry.items() if value not in ("", None)}
        fields: Fields = {"@timestamp": rest.pop("EdgeStartTimestamp", None)}
        target = rest.pop("ClientRequestURI", rest.get("ClientRequestPath"))
        if isinstance(target, str):
            web.target(fields, target, str(rest.get("ClientRequestMethod")))
        if isinstance(rest.get("ClientRequestHost"), str):
            web.authority(fields, rest.pop("ClientRequestHost"))
        if isinstance(rest.get("ClientIP"), str):
            web.address(fields, "source", f"[{rest.pop('ClientIP')}]:{rest.pop('ClientSrcPort', '')}")
        protocol = rest.get("ClientRequestProtocol")
        if isinstance(protocol, str) and protocol.startswith("HTTP/"):
            fields["http.version"] = rest.pop("ClientRequestProtocol")[5:]
        if isinstance(rest.get("ClientSSLProtocol"), str):
            web.tls(fields, rest.pop("ClientSSLProtocol"))
        if isinstance(rest.get("EdgeResponseStatus"), int):
            web.status(fields, rest.pop("EdgeResponseStatus"))
        for key, value in rest.items():
            fields[_FLARE.get(key, f"cloudflare.{key}")] = value
        return fields


class Nextcloud(JsonLogger):
    """`{"reqId": …, "level": 3, "remoteAddr": …, "app": "core", "message": …}`; levels: 0, debug, to 4, fatal."""

    name = "nextcloud"

    def recognises(self, entry: Entry) -> bool:
        return entry.keys() >= {"reqId", "level", "remoteAddr", "app", "userAgent"}

    def fields(self, entry: Entry) -> Fields:
        rest = {key: value for key, value in entry.items() if value not in ("", "--", None)}
        number = rest.pop("level", None)
        fields: Fields = {}
        if isinstance(number, int) and 0 <= number < len(_NEXTCLOUD):
            fields["log.level"] = _NEXTCLOUD[number]
        names = {"app": "log.logger", "reqId": "http.request.id", "user": "user.name",
                 "userAgent": "user_agent.original"}  # fmt: skip
        for key, name in names.items():
            if isinstance(rest.get(key), str):
                fields[name] = rest.pop(key)
        if isinstance(rest.get("remoteAddr"), str):
            web.address(fields, "source", f"[{rest.pop('remoteAddr')}]")
        thrown = rest.pop("exception", None)
        if isinstance(thrown, dict):
            fields.update(_thrown(thrown))
        return {**_COMMON.fields(rest), **fields}


_NEXTCLOUD = ("debug", "info", "warning", "error", "fatal")


def _thrown(thrown: dict[str, Any]) -> Fields:
    """Nextcloud's serialised exception, as PHP prints it."""
    fields: Fields = {}
    for key, name in (("Exception", "error.type"), ("Message", "error.message"), ("CustomMessage", "error.message")):
        if isinstance(thrown.get(key), str) and thrown[key] not in ("", "--"):
            fields.setdefault(name, thrown[key])
    if thrown.get("Code"):
        fields["error.code"] = thrown["Code"]
    frames = [frame for frame in thrown.get("Trace") or [] if isinstance(frame, dict)]
    if frames:
        head = f"{thrown.get('Exception')}: {thrown.get('Message')} in {thrown.get('File')}:{thrown.get('Line')}"
        lines = [
            f"#{n} {f.get('file', '[internal function]')}({f.get('line', '')}): "
            f"{f.get('class', '')}{f.get('type', '')}{f.get('function', '')}()"
            for n, f in enumerate(frames)
        ]
        fields["error.stack_trace"] = "\n".join([head, "Stack trace:", *lines])
    return fields
