"""Access logs as JSON: nginx's variables, Caddy, Envoy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.agent.codec import web
from shipper.agent.codec.structured.base import JsonLogger
from shipper.agent.codec.structured.common import Common

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

_COMMON = Common()
_MARKS = frozenset(
    {"remote_addr", "remote_ip", "body_bytes_sent", "bytes_sent", "request_time", "http_user_agent", "request_uri",
     "request_method", "http_referrer", "http_referer", "upstream_response_time", "downstream_remote_address",
     "response_code", "response_flags", "latency_human", "bytes_out",
     "server_protocol", "http_x_forwarded_for", "user_agent", "resp_headers"}
)  # fmt: skip
_METHOD = ("request_method", "method")
_TARGET = ("request_uri", "uri", "path", "url")
_STATUS = ("status", "response_code", "status_code")
_SIZE = ("body_bytes_sent", "bytes_sent", "size", "bytes_out")
_CLIENT = ("remote_addr", "remote_ip", "client_ip", "clientip", "downstream_remote_address")
_AGENT = ("http_user_agent", "user_agent", "User-Agent")
_REFERRER = ("http_referrer", "http_referer", "referrer", "referer", "Referer")
_HOST = ("server_name", "authority", "host")
_PROTOCOL = ("server_protocol", "protocol", "proto")


class WebJson(JsonLogger):
    """A request, its answer, and at least two names that only web servers use."""

    name = "web-json"

    def recognises(self, entry: Entry) -> bool:
        request = entry.get("request")
        if isinstance(request, dict):
            return "method" in request and "uri" in request and "status" in entry
        asked = "request_method" in entry or "method" in entry or isinstance(request, str)
        return asked and not entry.keys().isdisjoint(_STATUS) and len(_MARKS & entry.keys()) >= 2

    def fields(self, entry: Entry) -> Fields:
        rest = dict(entry)
        fields: Fields = {}
        caddy = isinstance(rest.get("request"), dict)
        if caddy:
            _open_request(rest)
        self._request(rest, fields)
        self._answer(rest, fields, seconds=caddy or "request_time" in rest)
        client = _take(rest, _CLIENT)
        port = rest.pop("remote_port", "")
        if isinstance(client, str):
            web.address(fields, "source", client if client.count(":") == 1 else f"[{client}]:{port}")
        for name, keys in (
            ("user_agent.original", _AGENT),
            ("http.request.referrer", _REFERRER),
        ):
            value = _take(rest, keys)
            if isinstance(value, str):
                fields[name] = value
        host = _take(rest, _HOST)
        if isinstance(host, str):
            web.authority(fields, host)
        user = _take(rest, ("remote_user",))
        if user is not None:
            fields["user.name"] = user
        left = {key: value for key, value in rest.items() if value not in ("", "-")}
        found = _COMMON.fields(left)
        return {**found, **fields, "message": found.get("message", fields["message"])}

    @staticmethod
    def _request(rest: Entry, fields: Fields) -> None:
        line = rest.pop("request", None)
        if isinstance(line, str):
            web.request(fields, line)
            fields["message"] = line
        method, place, protocol = _take(rest, _METHOD), _take(rest, _TARGET), _take(rest, _PROTOCOL)
        if isinstance(method, str):
            fields.setdefault("http.request.method", method)
        if isinstance(place, str) and "url.original" not in fields:
            web.target(fields, place, str(method))
        if isinstance(protocol, str) and protocol.startswith("HTTP/"):
            fields.setdefault("http.version", protocol[5:])
        fields.setdefault("message", " ".join(part for part in (method, place, protocol) if isinstance(part, str)))

    @staticmethod
    def _answer(rest: Entry, fields: Fields, *, seconds: bool) -> None:
        status = _take(rest, _STATUS)
        if isinstance(status, int | str) and str(status).isdigit() and len(str(status)) == 3:
            web.status(fields, status)
        received = "bytes_read" if seconds else "bytes_in"  # Caddy's, Echo's
        if isinstance(rest.get(received), int):
            fields["http.request.body.bytes"] = rest.pop(received)
        if "latency_human" in rest and isinstance(rest.get("latency"), int):  # Echo: nanoseconds
            fields["event.duration"] = rest.pop("latency")
        size = _take(rest, _SIZE)
        if size is not None:
            fields["http.response.body.bytes"] = size
        elapsed = _take(rest, ("request_time", "duration"))
        try:
            fields["event.duration"] = round(float(elapsed) * (1e9 if seconds else 1e6))
        except (TypeError, ValueError, OverflowError):
            if elapsed is not None:
                rest["duration"] = elapsed


def _open_request(rest: Entry) -> None:
    """Caddy's `request` object as flat keys; its headers stay below `http.request`."""
    request: Entry = rest.pop("request")
    headers = request.get("headers")
    for key, value in request.items():
        if key != "headers":
            rest.setdefault(key, value)
    if isinstance(headers, dict):
        for key in ("User-Agent", "Referer"):
            value = headers.get(key)
            if isinstance(value, list) and len(value) == 1:
                rest[key] = value[0]
        rest["http.request.headers"] = headers
    if isinstance(rest.get("tls"), dict):
        rest.update(_go_tls(rest.pop("tls")))


_VERSIONS = {0x0301: "1.0", 0x0302: "1.1", 0x0303: "1.2", 0x0304: "1.3"}
_CIPHERS = {
    0x1301: "TLS_AES_128_GCM_SHA256", 0x1302: "TLS_AES_256_GCM_SHA384", 0x1303: "TLS_CHACHA20_POLY1305_SHA256",
    0xC02B: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xC02C: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    0xC02F: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xC030: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    0xCCA8: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xCCA9: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
}  # fmt: skip
"""Numbers of the IANA registry that Go's `crypto/tls` negotiates."""
_TLS_NAMES = {"server_name": "client.server_name", "proto": "next_protocol"}


def _go_tls(tls: Entry) -> Fields:
    """Go's `tls.ConnectionState` as Caddy writes it: version and suite are numbers."""
    fields: Fields = {f"tls.{_TLS_NAMES.get(key, key)}": value for key, value in tls.items() if value != ""}
    version, suite = tls.get("version"), tls.get("cipher_suite")
    if isinstance(version, int) and version in _VERSIONS:
        fields["tls.version"], fields["tls.version_protocol"] = _VERSIONS[version], "tls"
    if isinstance(suite, int) and suite in _CIPHERS:
        fields["tls.cipher"] = _CIPHERS[suite]
    return fields


def _take(rest: Entry, keys: tuple[str, ...]) -> Any:
    for key in keys:
        value = rest.get(key)
        if value not in (None, "", "-") and isinstance(value, str | int | float):
            return rest.pop(key)
    return None
