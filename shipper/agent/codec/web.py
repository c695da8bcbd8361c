"""What HTTP logs of any kind share: the request line, URLs, low-cardinality routes, outcomes, addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.ecs.coerce import is_address
from shipper.ecs.route import route

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields

METHODS = frozenset([
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "PROPPATCH", "MKCOL",
    "COPY", "MOVE", "LOCK", "UNLOCK", "PURGE", "SEARCH", "REPORT", "QUERY", "BAN", "PRI",
])  # fmt: skip
_REQUEST = re.compile(r"([A-Za-z][A-Za-z_\-]{0,31}) (\S.*?)(?: (?:HTTP|http)/(\d(?:\.\d)?))?", re.DOTALL)
_ABSOLUTE = re.compile(
    r"([A-Za-z][A-Za-z0-9+.\-]*)://(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d{1,5}))?(?=[/?#]|$)([^?#]*)"
)
_HOST_PORT = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(?:(\d{1,5})|.*))?", re.DOTALL)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-_]+):(\d{1,5})")

_TLS = re.compile(r"(TLS|SSL)[v ]?(\d(?:\.\d)?)", re.IGNORECASE)


def request(fields: Fields, line: str) -> None:
    """`GET /a?b=1 HTTP/1.1` -> method, version and URL fields; anything else is kept as `url.original`."""
    match = _REQUEST.fullmatch(line)
    if match is None or (match[3] is None and match[1].upper() not in METHODS):
        if line not in ("", "-"):
            fields["url.original"] = line
        return
    fields["http.request.method"] = match[1]
    if match[3] is not None:
        fields["http.version"] = match[3]
    target(fields, match[2], match[1])


def target(fields: Fields, text: str, method: str = "GET") -> None:
    """The target of a request: a path, a whole URL, or `host:port` of CONNECT."""
    fields["url.original"] = text
    if method.upper() == "CONNECT":
        if _AUTHORITY.fullmatch(text) is not None:
            authority(fields, text)
        return
    path = text
    absolute = _ABSOLUTE.match(text)
    if absolute is not None:
        fields["url.scheme"] = absolute[1].lower()
        if absolute[2]:
            fields["url.domain"] = absolute[2].strip("[]")
        if absolute[3]:
            fields["url.port"] = int(absolute[3])
        path = text[absolute.start(4) :]
    path, hash_, fragment = path.partition("#")
    path, question, query = path.partition("?")
    if question and query:
        fields["url.query"] = query
    if hash_ and fragment:
        fields["url.fragment"] = fragment
    if path or absolute is not None:
        fields["url.path"] = path or "/"
        fields["http.route"] = route(path or "/")


def status(fields: Fields, code: str | int) -> None:
    """A status code and what it means for the caller; 400 and above is a failure."""
    number = int(code)
    if not 100 <= number <= 599:
        if number:
            fields["http.response.status_code"] = number
        return
    fields["http.response.status_code"] = number
    fields["event.outcome"] = "success" if number < 400 else "failure"


def address(fields: Fields, prefix: str, text: str) -> None:
    """An address with or without port -> `<prefix>.address`, `.ip` or `.domain`, `.port`."""
    host, port = text, ""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if not host or host == "-":
        return
    fields[f"{prefix}.address"] = host
    if is_address(host):
        fields[f"{prefix}.ip"] = host
    elif host != "unix":
        fields[f"{prefix}.domain"] = host
    if len(port) <= 5 and port.isdecimal() and 0 < int(port) <= 65535:
        fields[f"{prefix}.port"] = int(port)


def authority(fields: Fields, text: str) -> None:
    """`host` or `host:port` of a request -> `url.domain`, `url.port`."""
    match = _HOST_PORT.fullmatch(text)
    if match is None or match[1] in ("", "-"):
        return
    fields["url.domain"] = match[1].strip("[]")
    if match[2]:
        fields["url.port"] = int(match[2])


def tls(fields: Fields, version: str, cipher: str = "-") -> None:
    """`TLSv1.3` and a cipher suite; `-` is nothing."""
    match = _TLS.fullmatch(version)
    if match is not None:
        fields["tls.version_protocol"] = match[1].lower()
        fields["tls.version"] = match[2]
    if cipher not in ("", "-"):
        fields["tls.cipher"] = cipher


_GO_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(h|ms|m|s|us|µs|μs|ns)")
_GO_UNITS = {"h": 3600e9, "m": 60e9, "s": 1e9, "ms": 1e6, "us": 1e3, "µs": 1e3, "μs": 1e3, "ns": 1.0}


def go_duration(text: str) -> int | None:
    """`1m2.5s`, `64.291µs` -> nanoseconds; None where it is no duration of Go's."""
    parts = _GO_DURATION.findall(text[:64])
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return round(sum(float(number) * _GO_UNITS[unit] for number, unit in parts))


def seconds_ns(text: str) -> int | None:
    """Seconds as decimal text -> nanoseconds, exactly."""
    whole, _, fraction = text.partition(".")
    if not whole.isdigit() or (fraction and not fraction.isdigit()) or len(whole) > 9:
        return None
    return int(whole) * 1_000_000_000 + int(fraction[:9].ljust(9, "0") or 0)
