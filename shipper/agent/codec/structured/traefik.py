"""Traefik's JSON access log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.structured.base import JsonLogger

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

_DIRECT = {
    "time": "@timestamp",
    "level": "log.level",
    "RequestMethod": "http.request.method",
    "RequestScheme": "url.scheme",
    "RequestContentSize": "http.request.body.bytes",
    "DownstreamContentSize": "http.response.body.bytes",
    "Duration": "event.duration",
    "request_User-Agent": "user_agent.original",
    "request_Referer": "http.request.referrer",
}


class Traefik(JsonLogger):
    """One request; durations are nanoseconds. The router, service and the rest stay under `traefik`."""

    name = "traefik"

    def recognises(self, entry: Entry) -> bool:
        return entry.get("RequestMethod") not in (None, "") and ("DownstreamStatus" in entry or "RouterName" in entry)

    def fields(self, entry: Entry) -> Fields:
        rest = dict(entry)
        fields: Fields = {name: rest.pop(key) for key, name in _DIRECT.items() if rest.get(key) not in (None, "")}
        if "@timestamp" not in fields:
            fields["@timestamp"] = rest.pop("StartUTC", None) or rest.pop("StartLocal", None)
        path = rest.pop("RequestPath", None)
        method = str(fields["http.request.method"])
        if isinstance(path, str):
            web.target(fields, path, method)
        protocol = str(rest.pop("RequestProtocol", ""))
        if protocol.startswith("HTTP/"):
            fields["http.version"] = protocol[5:]
        status = rest.pop("DownstreamStatus", rest.get("OriginStatus"))
        if isinstance(status, int):
            web.status(fields, status)
        _peers(rest, fields)
        message = rest.pop("msg", None)
        fields["message"] = message or f"{method} {path} {protocol}".strip()
        kept = {key: value for key, value in rest.items() if value not in (None, "", "-")}
        fields.update({"traefik": kept} if kept else {})
        return fields


def _peers(rest: Entry, fields: Fields) -> None:
    client = rest.pop("ClientAddr", None) or rest.get("ClientHost")
    if isinstance(client, str):
        web.address(fields, "source", client)
    for key in ("ClientHost", "ClientPort"):
        rest.pop(key, None)
    user = rest.pop("ClientUsername", None)
    if isinstance(user, str) and user not in ("", "-"):
        fields["user.name"] = user
    host = rest.pop("RequestHost", None)
    if isinstance(host, str) and host not in ("", "-"):
        fields["url.domain"] = host
    rest.pop("RequestAddr", None)
    port = rest.pop("RequestPort", None)
    if isinstance(port, str) and port.isdigit():
        fields["url.port"] = int(port)
