"""Google Cloud Logging's special keys, which loggers on its platforms write (LogEntry, HttpRequest)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shipper.agent.codec import web

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

_TRACE = "logging.googleapis.com/trace"
_ID = re.compile(r"[0-9a-fA-F\-]{8,64}")
_TEXTS = {"userAgent": "user_agent.original", "referer": "http.request.referrer"}
_SIZES = {"requestSize": "http.request.bytes", "responseSize": "http.response.bytes"}


def take_google(rest: Entry, fields: Fields) -> None:
    """Take `httpRequest`, and the id at the end of `projects/…/traces/<id>`."""
    trace = rest.get(_TRACE)
    if isinstance(trace, str) and _ID.fullmatch(trace.rpartition("/")[2]):
        fields.setdefault("trace.id", trace.rpartition("/")[2])
    request = rest.get("httpRequest")
    if isinstance(request, dict) and isinstance(request.get("requestMethod"), str):
        left = dict(rest.pop("httpRequest"))
        _request(left, fields)
        _response(left, fields)
        if left:
            fields["httpRequest"] = left


def _request(left: Entry, fields: Fields) -> None:
    fields["http.request.method"] = left.pop("requestMethod")
    if isinstance(left.get("requestUrl"), str):
        web.target(fields, left.pop("requestUrl"), fields["http.request.method"])
    if isinstance(left.get("remoteIp"), str):
        web.address(fields, "source", f"[{left.pop('remoteIp')}]")
    for key, name in _TEXTS.items():
        if isinstance(left.get(key), str):
            fields[name] = left.pop(key)


def _response(left: Entry, fields: Fields) -> None:
    status = left.get("status")
    if isinstance(status, int) and not isinstance(status, bool):
        web.status(fields, left.pop("status"))
    for key, name in _SIZES.items():
        if _is_count(left.get(key)):
            fields[name] = int(left.pop(key))
    latency = left.get("latency")
    took = web.seconds_ns(latency[:-1]) if isinstance(latency, str) and latency.endswith("s") else None
    if took is not None:
        fields["event.duration"] = took
        del left["latency"]


def _is_count(value: Any) -> bool:
    if isinstance(value, str):
        return value.isdecimal() and value.isascii() and len(value) < 19
    return isinstance(value, int) and not isinstance(value, bool)
