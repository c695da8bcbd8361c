"""Access lines of the combined layout become JSON without a document in between, a run of them at a time.

RE2 finds the end of a run in one pass; in what it found each line has six quotes and its parts stand between them and
its blanks, so a few `split`s give all parts of all lines, and one `%` puts them into as many copies of a template.
Parts that need no escape are put in as they are; times, requests and codes are remembered. A line with anything unusual
(an escape, another layout, a field more) is left to the ordinary way, whose documents these equal.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

import re2

from shipper.agent.codec.base import Layout, Sheet
from shipper.agent.codec.memo import Memo
from shipper.agent.codec.routes import routes
from shipper.agent.codec.stamp import read_stamp
from shipper.ecs.coerce import is_address
from shipper.ecs.instant import EARLIEST, LATEST, format_ns
from shipper.ecs.table import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from shipper.agent.codec.base import Taken

_BYTE = rb"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_PLAIN = rb'[^"\\\x00-\x1f\x7f]'
_LINES = (
    rb"(?:(?:%b(?:\.%b){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{1,38}) - [^\s\"\\\[\]\x00-\x1f\x7f]{1,64} "
    rb"\[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}\] "
    rb'"[A-Z]{1,16} /[^\s"\\\x00-\x1f\x7f]* HTTP/[0-9](?:\.[0-9])?" [1-5][0-9]{2} (?:0|[1-9][0-9]{0,17}) '
    rb'"%b*" "%b*"\n)*' % (_BYTE, _BYTE, _PLAIN, _PLAIN)
)
_STAMP = slice(-28, -2)
"""Where the time is in what comes before a line's first quote."""
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
_LAYOUT = Layout(_SAMPLE, b"", b'{"event":{', "event")
FIELDS = (
    "http.request.method", "http.request.referrer", "http.version", "http.route", "http.response.status_code",
    "http.response.body.bytes", "url.original", "url.path", "url.query", "url.fragment", "source.address", "source.ip",
    "source.domain", "source.port", "user.name", "user_agent.original", "event.outcome", "message",
)  # fmt: skip
"""Names that a document of this way can have."""
_JSON = (
    b'\n"outcome":"%%b"},"@timestamp":"%%b","message":"%%b","ecs":{"version":"%b"},'
    b'"url":{"original":"%%b","path":"%%b"%%b},"http":{"version":"%%b","route":"%%b","request":{"method":"%%b"%%b},'
    b'"response":{"status_code":%%b,"body":{"bytes":%%b}}},"source":{"address":"%%b","ip":"%%b"}%%b%%b}'
) % VERSION.encode()
_NO_PATH = frozenset([b"CONNECT"])
"""Methods whose target is none."""


class AccessPath:
    """For lines of the `access` format; implements `BlockPath`, and `LineKind` for its one kind."""

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines = _compiled()

    def find(self, block: bytes, begin: int) -> tuple[int, AccessPath] | None:
        end = self._lines.match(block, begin).end()
        return (end, self) if end > begin else None

    def take(self, block: bytes, limit: int) -> Taken | None:
        text = b"\n%b" % block[:-1]
        messages = text.replace(b'"', b'\\"').split(b"\n")[1:]
        lengths = [len(message) - 5 for message in messages]  # six backslashes more, no newline
        pieces = text.split(b'"')
        words = b"".join(pieces[:-1:6]).split(b" ")  # client, -, user, [time, zone]
        clients = b"".join(words[:-1:5])[1:].split(b"\n")
        numbers = b"".join(pieces[2::6]).split()
        read = [_TIMES[head[_STAMP]] for head in pieces[:-1:6]]
        times = [time for time in read if time is not None]
        asked = b" ".join(pieces[1::6]).split(b" ")  # method, target, protocol
        methods, targets = asked[::3], asked[1::3]
        odd = b"#" in b" ".join(targets) or not _NO_PATH.isdisjoint(methods)
        if odd or max(lengths) - 1 > limit or len(times) < len(read) or not _are_addresses(clients):
            return None
        halves = [target.partition(b"?") for target in targets]
        paths = [path for path, _, _ in halves]
        columns: Any = zip(
            [_OUTCOMES[code] for code in numbers[::2]], "\n".join(times).encode().split(b"\n"), messages,
            targets, paths, [b',"query":"%b"' % query if query else b"" for _, _, query in halves],
            [_VERSIONS[protocol] for protocol in asked[2::3]], routes(paths), methods,
            [_REFERRERS[referrer] for referrer in pieces[3::6]], numbers[::2], numbers[1::2], clients, clients,
            [_USERS[user] for user in words[2::5]], [_AGENTS[agent] for agent in pieces[5::6]],
            strict=True,
        )  # fmt: skip
        documents = (_JSON * len(messages) % tuple(chain.from_iterable(columns))).split(b"\n")
        return lengths, times, Sheet(documents[1:], _LAYOUT)


@lru_cache(maxsize=1)
def _compiled() -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile(_LINES, options)


def _time(text: bytes) -> str | None:
    """The ISO time of `31/Jan/2026:12:00:00 +0000`."""
    stamp = read_stamp(text.decode())
    if stamp is None or not stamp.zoned or stamp.missing or not EARLIEST <= stamp.ns <= LATEST:
        return None
    return format_ns(stamp.ns)


def _are_addresses(clients: list[bytes]) -> bool:
    """Are those in IPv6 valid? Those in IPv4 are, by their pattern."""
    return b":" not in b"".join(clients) or all(_IPV6[client] for client in clients if b":" in client)


def _member(template: bytes) -> Callable[[bytes], bytes]:
    """A member for a part that is there."""
    return lambda part: b"" if part in (b"", b"-") else template % part


_TIMES = Memo(_time)
_IPV6 = Memo(lambda client: is_address(client.decode()))
_OUTCOMES = Memo(lambda code: b"success" if code < b"400" else b"failure")
_VERSIONS = Memo(lambda protocol: protocol[5:])
_REFERRERS = Memo(_member(b',"referrer":"%b"'))
_USERS = Memo(_member(b',"user":{"name":"%b"}'))
_AGENTS = Memo(_member(b',"user_agent":{"original":"%b"}'))
