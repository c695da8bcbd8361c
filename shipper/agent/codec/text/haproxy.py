"""HAProxy's HTTP, HTTPS and TCP logs (configuration manual, section 8.2), alone or inside syslog."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.format import TextFormat
from shipper.agent.codec.stamp import read_stamp

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields, Memory

_CLIENT = r"(?P<client>\S+):(?P<port>\d{1,5}) \[(?P<date>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?:\.\d+)?)\] "
_TARGET = r"(?P<frontend>\S+) (?P<backend>[^\s/]+)/(?P<server>\S+) "
_COUNTS = (
    r"(?P<active>\d+)/(?P<feconn>\d+)/(?P<beconn>\d+)/(?P<srvconn>\d+)/(?P<retries>\+?\d+) (?P<srvq>\d+)/(?P<beq>\d+)"
)
_HTTP = re.compile(
    _CLIENT + _TARGET + r"(?P<tq>-?\d+)/(?P<tw>-?\d+)/(?P<tc>-?\d+)/(?P<tr>-?\d+)/(?P<tt>\+?-?\d+) "
    r"(?P<status>-?\d+) (?P<bytes>\+?\d+) (?P<reqcookie>\S+) (?P<rescookie>\S+) (?P<state>[\w\-]{2,4}) "
    + _COUNTS
    + r'(?: \{(?P<one>[^}]*)\})?(?: \{(?P<two>[^}]*)\})? "(?P<request>[^"]*)"?(?P<rest>.*)',
    re.DOTALL,
)
_TCP = re.compile(
    _CLIENT + _TARGET + r"(?P<tw>-?\d+)/(?P<tc>-?\d+)/(?P<tt>\+?-?\d+) (?P<bytes>\+?\d+) (?P<state>[\w\-]{2,4}) "
    + _COUNTS
    + r"(?: .*)?",
    re.DOTALL,
)  # fmt: skip
_ERROR = re.compile(_CLIENT + r"(?P<frontend>[^\s/]+)/(?P<bind>[^\s:]+): (?P<reason>.*)", re.DOTALL)
_CONNECT = re.compile(
    r"Connect from (?P<client>\S+):(?P<port>\d{1,5}) to (?P<to>\S+):(?P<toport>\d{1,5}) "
    r"\((?P<frontend>[^\s/]+)/(?P<mode>\w+)\)"
)
_HTTPS = re.compile(
    r" (?P<conn>\d{1,10})/(?P<ssl>[0-9A-Fa-f]{1,16})/(?P<cert>\d{1,10})/(?P<ca>\d{1,10})/(?P<resumed>[01])"
    r" (?P<sni>\S+)/(?P<version>[^\s/]+)/(?P<cipher>[^\s/]+)"
)
"""What `option httpslog` adds."""
_NUMBERS = {
    "tq": "haproxy.http.request.time_wait_ms",
    "tw": "haproxy.total_waiting_time_ms",
    "tc": "haproxy.connection_wait_time_ms",
    "tr": "haproxy.http.request.time_wait_without_data_ms",
    "active": "haproxy.connections.active",
    "feconn": "haproxy.connections.frontend",
    "beconn": "haproxy.connections.backend",
    "srvconn": "haproxy.connections.server",
    "retries": "haproxy.connections.retries",
    "srvq": "haproxy.server_queue",
    "beq": "haproxy.backend_queue",
}
_WORDS = {
    "frontend": "haproxy.frontend_name",
    "backend": "haproxy.backend_name",
    "state": "haproxy.termination_state",
    "reqcookie": "haproxy.http.request.captured_cookie",
    "rescookie": "haproxy.http.response.captured_cookie",
    "one": "haproxy.http.request.captured_headers",
    "two": "haproxy.http.response.captured_headers",
    "bind": "haproxy.bind_name",
    "mode": "haproxy.mode",
}


class Haproxy(TextFormat):
    """A line without its syslog head; the whole line stays in `message`."""

    name = "haproxy"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        if "] " not in line[:200] or "/" not in line:
            return None
        fields = read(line)
        if fields is None:
            return None
        stamp = read_stamp(str(fields["haproxy.request_date"]))
        return None if stamp is None else {"@timestamp": stamp, "message": line, **fields}


def read(text: str) -> Fields | None:
    """The fields of HAProxy's own part of a line; None where it is a notice or no HAProxy line."""
    for pattern in (_HTTP, _TCP, _ERROR, _CONNECT):
        match = pattern.fullmatch(text)
        if match is not None:
            return _fields(match)
    return None


def _fields(match: re.Match[str]) -> Fields:
    part = match.groupdict()
    fields: Fields = {}
    web.address(fields, "source", f"[{part['client']}]:{part['port']}")
    if part.get("date"):
        fields["haproxy.request_date"] = part["date"]
    for key, name in _WORDS.items():
        if part.get(key) not in (None, "-", ""):
            fields[name] = part[key]
    for key, name in _NUMBERS.items():
        text = part.get(key)
        if text is not None and not text.startswith("-"):
            fields[name] = int(text[:18])
    _target(fields, part)
    _total(fields, part.get("tt"))
    if part.get("request") is not None:
        _request(fields, part)
    elif part.get("reason"):
        fields["event.outcome"] = "failure"
    return fields


def _target(fields: Fields, part: dict[str, str | None]) -> None:
    if part.get("server") not in (None, "<NOSRV>", "-"):
        fields["haproxy.server_name"] = part["server"]
    if part.get("to"):
        web.address(fields, "destination", f"[{part['to']}]:{part['toport']}")
    if part.get("bytes"):
        fields["source.bytes"] = int((part["bytes"] or "")[:18])


def _total(fields: Fields, text: str | None) -> None:
    """Milliseconds; `+` says that the log was written before the end (logasap)."""
    milliseconds = (text or "-").lstrip("+")
    if milliseconds.isdigit():
        fields["haproxy.total_time_ms"] = int(milliseconds[:15])
        fields["event.duration"] = int(milliseconds[:12]) * 1_000_000


def _request(fields: Fields, part: dict[str, str | None]) -> None:
    if part["request"] not in ("<BADREQ>", "", None):
        web.request(fields, part["request"])
    status = part["status"] or ""
    if status.isdigit():
        web.status(fields, status[:6])
    fields["http.response.bytes"] = fields["source.bytes"]
    secured = _HTTPS.fullmatch(part["rest"] or "")
    if secured is not None:
        _tls(fields, secured)


def _tls(fields: Fields, match: re.Match[str]) -> None:
    web.tls(fields, match["version"], match["cipher"])
    if match["sni"] != "-":
        fields["tls.client.server_name"] = match["sni"]
    if "tls.version" in fields:
        fields["tls.resumed"] = match["resumed"] == "1"
    for key, name in (("conn", "connection"), ("ssl", "ssl"), ("cert", "certificate"), ("ca", "ca")):
        if match[key].strip("0"):
            fields[f"haproxy.error.{name}"] = match[key]
