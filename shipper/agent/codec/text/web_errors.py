"""The error logs of nginx and Apache."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import match_stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_NGINX = re.compile(
    r" \[(?P<level>debug|info|notice|warn|error|crit|alert|emerg)\] (?P<pid>\d{1,10})#(?P<tid>\d{1,19}): "
    r"(?:\*(?P<connection>\d{1,18}) )?(?P<message>.*)",
    re.DOTALL,
)
_NGINX_PART = re.compile(
    r', (?P<key>client|server|request|upstream|host|referrer): (?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s,"]+))'
)
_APACHE = re.compile(
    r"\] \[(?:(?P<module>[\w\-]*):)?(?P<level>[a-z]+[1-8]?)\](?: \[pid (?P<pid>\d{1,10})(?::tid (?P<tid>\d{1,19}))?\])?"
    r"(?: \[[\w./\-]+\.c\(\d+\)\])?(?P<rest>.*)",
    re.DOTALL,
)
_APACHE_CAUSE = re.compile(r" \((?P<code>-?\d+)\)(?P<text>[^:\[]*): ?(?= ?\[client| ?AH)")
_APACHE_CLIENT = re.compile(r" ?\[(?:client|remote) (?P<client>[^\]]*)\]")
_APACHE_CODE = re.compile(r" ?(?P<code>AH\d{5}): ")
_REFERER = re.compile(r", referer: (?P<referer>\S+)$")
_WITH_PORT = re.compile(r"(?P<host>.*[^:]):(?P<port>\d{1,5})")
_APACHE_LEVELS = frozenset([
    "emerg", "alert", "crit", "error", "warn", "notice", "info", "debug", *(f"trace{n}" for n in range(1, 9)),
])  # fmt: skip


class NginxError(TextFormat):
    """`2026/01/01 12:00:00 [error] 54#0: *1 open() … failed, client: 1.2.3.4, request: "GET / HTTP/1.1"`."""

    name = "nginx-error"
    continuation = Continuation.INDENTED
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line)
        match = None if found is None else _NGINX.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        fields: Fields = {
            "@timestamp": found[0],
            "log.level": match["level"],
            "message": match["message"],
            "process.pid": int(match["pid"]),
            "process.thread.id": int(match["tid"]),
        }
        if match["connection"]:
            fields["nginx.error.connection_id"] = int(match["connection"])
        for part in _NGINX_PART.finditer(match["message"]):
            _nginx_part(fields, part["key"], part["quoted"] if part["quoted"] is not None else part["bare"])
        return fields


def _nginx_part(fields: Fields, key: str, value: str) -> None:
    if key == "client":
        web.address(fields, "source", value)
    elif key == "request":
        web.request(fields, value)
    elif key == "host":
        web.authority(fields, value)
    elif key == "referrer":
        fields["http.request.referrer"] = value
    else:
        fields[f"nginx.error.{key}"] = value


class ApacheError(TextFormat):
    """`[Fri Sep 09 10:42:29.902022 2026] [core:error] [pid 35:tid 43] [client 1.2.3.4:80] AH00035: text`."""

    name = "apache-error"
    continuation = Continuation.INDENTED
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line, 1)
        match = None if found is None or not line[1].isalpha() else _APACHE.fullmatch(line, found[1])
        if found is None or match is None or match["level"] not in _APACHE_LEVELS:
            return None
        fields: Fields = {"@timestamp": found[0], "log.level": match["level"].rstrip("12345678")}
        for name, key in (("apache.error.module", "module"), ("process.pid", "pid"), ("process.thread.id", "tid")):
            if match[key]:
                fields[name] = match[key] if key == "module" else int(match[key])
        fields["message"] = _apache_rest(fields, match["rest"])
        return fields


def _apache_rest(fields: Fields, rest: str) -> str:
    """Cause, client and code stand before the message, in an order that changed with the versions."""
    at = 0
    for _ in range(3):
        cause = _APACHE_CAUSE.match(rest, at)
        client = _APACHE_CLIENT.match(rest, at)
        code = _APACHE_CODE.match(rest, at)
        if cause is not None:
            fields["apache.error.cause.code"] = int(cause["code"][:10])
            fields["apache.error.cause.message"] = cause["text"]
            at = cause.end()
        elif client is not None:
            _apache_client(fields, client["client"])
            at = client.end()
        elif code is not None:
            fields["error.code"] = code["code"]
            at = code.end()
    message = rest[at:].removeprefix(" ")
    referer = _REFERER.search(message)
    if referer is not None:
        fields["http.request.referrer"] = referer["referer"]
    return message


def _apache_client(fields: Fields, client: str) -> None:
    """`1.2.3.4`, `1.2.3.4:80`, `host:80`, `::1`; a port after a bare IPv6 address is told by its eight groups only."""
    with_port = _WITH_PORT.fullmatch(client)
    if with_port is None or 1 < client.count(":") < 8:
        web.address(fields, "source", f"[{client}]")
    else:
        web.address(fields, "source", f"[{with_port['host']}]:{with_port['port']}")


WEB_ERROR_FORMATS: Sequence[TextFormat] = (NginxError(), ApacheError())
