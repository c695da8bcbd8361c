"""Access lines of the combined layout become JSON without a document in between.

Parts that need no escape are put in as they are; times and codes are remembered. A line with anything unusual (an
escape, another layout, a field more) is left to the ordinary way, whose documents these equal.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from shipper.agent.codec.base import Layout
from shipper.agent.codec.stamp import read_stamp
from shipper.ecs.coerce import is_address
from shipper.ecs.instant import EARLIEST, LATEST, format_ns
from shipper.ecs.route import route
from shipper.ecs.table import VERSION

if TYPE_CHECKING:
    from shipper.agent.codec.base import Parted, Taken

_BYTE = rb"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_PLAIN = rb'[^"\\\x00-\x1f\x7f]'
_BLOCK = re.compile(
    rb"((%b(?:\.%b){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{1,38}+) - ([^\s\"\\\[\]\x00-\x1f\x7f]{1,64}+) "
    rb"\[([0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4})\] "
    rb'"([A-Z]{1,16}+ /[^\s"\\\x00-\x1f\x7f]*+ HTTP/[0-9](?:\.[0-9])?)" ([1-5][0-9]{2}) (0|[1-9][0-9]{0,17}+) '
    rb'"(%b*+)" "(%b*+)")\n|([^\n]*+\n)' % (_BYTE, _BYTE, _PLAIN, _PLAIN)
)
_MAX_TARGET = 4096
"""Bytes of a target that is worth remembering."""
_SAMPLE = {
    "@timestamp": "",
    "message": "",
    "ecs": {"version": VERSION},
    "http": {"request": {}},
    "url": {"path": "/"},
    "source": {"ip": ""},
    "user": {"name": ""},
    "user_agent": {"original": ""},
    "event": {"outcome": ""},
}
_LAYOUT = Layout(_SAMPLE, "event")
FIELDS = (
    "http.request.method", "http.request.referrer", "http.version", "http.route", "http.response.status_code",
    "http.response.body.bytes", "url.original", "url.path", "url.query", "url.fragment", "source.address", "source.ip",
    "source.domain", "source.port", "user.name", "user_agent.original", "event.outcome", "message",
)  # fmt: skip
"""Names that a document of this way can have."""
_NOTHING = (b"", b"-")
_JSON = (
    b'{"@timestamp":"%%b","message":"%%b","ecs":{"version":"%b"},"http":{"request":{"method":"%%b"%%b},%%b'
    b'"response":{"status_code":%%b,"body":{"bytes":%%b}}},%%b,"source":{"address":"%%b","ip":"%%b"}%%b%%b,'
    b'"event":{"outcome":"%%b"' % VERSION.encode()
)


class AccessPath:
    """For lines of the `access` format; implements `BlockPath`."""

    def find(self, block: bytes) -> list[tuple[bytes, ...]] | None:
        """The lines of a block, each as its parts, the last of which is a whole line of another layout."""
        try:
            block.decode()
        except UnicodeDecodeError:
            return None
        return _BLOCK.findall(block)

    @staticmethod
    def line(part: tuple[bytes, ...]) -> bytes:
        """The line, with its newline, that was found."""
        return part[0] + b"\n"

    def take(self, parts: list[tuple[bytes, ...]], limit: int) -> Taken | None:
        """Documents of found lines; None where one of them is not for this way."""
        lengths = [len(part[0]) + 1 for part in parts]
        if max(lengths) - 1 > limit:
            return None
        documents: list[Parted] = []
        times: list[str] = []
        for line, client, user, time, request, code, size, referrer, agent, _ in parts:
            stamp, asked = _stamp(time), _request(request)
            if stamp is None or asked is None or (b":" in client and not _is_ipv6(client)):
                return None
            (text, bare), (method, rest, url) = stamp, asked
            document = _JSON % (
                bare, line.replace(b'"', b'\\"'), method,
                b"" if referrer in _NOTHING else b',"referrer":"%b"' % referrer,
                rest, code, size, url, client, client,
                b"" if user == b"-" else b',"user":{"name":"%b"}' % user,
                b"" if agent in _NOTHING else b',"user_agent":{"original":"%b"}' % agent,
                b"success" if code < b"400" else b"failure",
            )  # fmt: skip
            documents.append((document, b"", _LAYOUT))
            times.append(text)
        return lengths, times, documents


@lru_cache(maxsize=1024)
def _stamp(text: bytes) -> tuple[str, bytes] | None:
    """The ISO time, as text and as bytes, of `31/Jan/2026:12:00:00 +0000`."""
    stamp = read_stamp(text.decode())
    if stamp is None or not stamp.zoned or stamp.missing or not EARLIEST <= stamp.ns <= LATEST:
        return None
    iso = format_ns(stamp.ns)
    return iso, iso.encode()


@lru_cache(maxsize=1024)
def _is_ipv6(text: bytes) -> bool:
    return is_address(text.decode())


@lru_cache(maxsize=2048)
def _request(text: bytes) -> tuple[bytes, bytes, bytes] | None:
    """(method, further members of `http`, `url`) of `GET /a?b=1 HTTP/1.1`."""
    method, target, protocol = text.split(b" ")
    if method == b"CONNECT" or b"#" in target or len(target) > _MAX_TARGET:
        return None
    path, _, query = target.partition(b"?")
    rest = b'"version":"%b","route":"%b",' % (protocol[5:], route(path.decode()).encode())
    asked = b',"query":"%b"' % query if query else b""
    return method, rest, b'"url":{"original":"%b","path":"%b"%b}' % (target, path, asked)
