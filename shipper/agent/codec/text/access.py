"""nginx and Apache access logs: common, combined, vhost, with the request time where it is appended."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.format import TextFormat
from shipper.agent.codec.stamp import Stamp, read_stamp
from shipper.ecs.instant import SECOND

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields, Memory

_LINE = re.compile(
    r"(?!\[?\d{4}-\d\d-\d\d)(?:\[httpd\] )?(?:(?P<vhost>[\w.\-]+:\d+) )?"
    r"(?P<client>\S+(?:, \S+)*) (?P<ident>\S+) (?P<user>.*?) "
    r"\[(?P<time>\d[\w/:.,+\- ]{17,34})\] "
    r'(?:(?P<host>[\w.\-]+(?::\d{1,5})?) )?"(?P<request>(?:[^"\\]|\\.)*)" '
    r"(?P<status>\d{3}|-|0) (?P<bytes>\d+|-)(?P<rest>(?: .*)?)",
    re.DOTALL,
)
_COMBINED = re.compile(r' "(?P<referrer>(?:[^"\\]|\\.)*)" "(?P<agent>(?:[^"\\]|\\.)*)"(?P<rest>.*)', re.DOTALL)
_BEFORE = re.compile(r" (\d{1,6}\.\d{3})(?= \")")
_PAIR = re.compile(r"(?<![\w./])([A-Za-z_][\w.]*)[=:](?!//)(\"[^\"]*\"|\S+)")
_SECONDS = re.compile(r"\d{1,6}\.\d{3,9}")
_ESCAPE = re.compile(r"\\x([0-9A-Fa-f]{2})|\\(.)", re.DOTALL)
_TIME_NAMES = {"rt", "request_time", "duration", "time", "rtime"}


class AccessLog(TextFormat):
    """One request a line; the whole line stays in `message`."""

    name = "access"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _LINE.fullmatch(line) if "] " in line and ' "' in line else None
        if match is None:
            return None
        stamp = _stamp(match["time"])
        if stamp is None:
            return None
        fields: Fields = {"@timestamp": stamp, "message": line}
        web.request(fields, _unescape(match["request"]))
        if match["status"] not in ("-", "0"):
            web.status(fields, match["status"])
        if match["bytes"] != "-":
            fields["http.response.body.bytes"] = int(match["bytes"][:19])
        _client(fields, match["client"], match["vhost"])
        if match["user"] not in ("-", '""', ""):
            fields["user.name"] = _unescape(match["user"])
        if match["host"]:  # Apache APISIX
            web.authority(fields, match["host"])
        if match["rest"]:
            _rest(fields, match["rest"])
        return fields


@lru_cache(maxsize=256)
def _stamp(text: str) -> Stamp | None:
    """`31/Jan/2026:12:00:00 +0000`; werkzeug leaves the zone out, `$time_iso8601` is ISO."""
    return read_stamp(text)


def _client(fields: Fields, client: str, vhost: str | None) -> None:
    first, *proxies = client.split(", ")
    web.address(fields, "source", first)
    if proxies:
        fields["network.forwarded_ip"] = client
    if vhost is not None:
        host, _, port = vhost.rpartition(":")
        fields["url.domain"], fields["url.port"] = host, int(port)


def _rest(fields: Fields, rest: str) -> None:
    """What follows the size: referrer and agent, then durations and pairs in any order."""
    took = _BEFORE.match(rest)
    if took is not None:
        _duration(fields, took[1])
        rest = rest[took.end(1) :]
    combined = _COMBINED.fullmatch(rest)
    if combined is not None:
        rest = combined["rest"]
        for name, value in (
            ("http.request.referrer", combined["referrer"]),
            ("user_agent.original", combined["agent"]),
        ):
            if value not in ("", "-"):
                fields[name] = _unescape(value)
    if rest.strip():
        _extras(fields, rest)


def _extras(fields: Fields, rest: str) -> None:
    for key, value in _PAIR.findall(rest):
        text = value.strip('"')
        if key in _TIME_NAMES and _SECONDS.fullmatch(text):
            _duration(fields, text)
        elif text not in ("", "-"):
            fields.setdefault(f"labels.{key.replace('.', '_')}", text)
    for token in _PAIR.sub(" ", rest).split():
        plain = token.strip('"')
        if _SECONDS.fullmatch(plain):
            _duration(fields, plain)
        elif plain.isdigit() and "event.duration" not in fields and token == rest.rsplit(maxsplit=1)[-1]:
            fields["event.duration"] = int(plain[:15]) * (SECOND // 1_000_000)  # Apache's %D: microseconds


def _duration(fields: Fields, seconds: str) -> None:
    nanoseconds = web.seconds_ns(seconds)
    if nanoseconds is not None:
        fields.setdefault("event.duration", nanoseconds)


def _unescape(text: str) -> str:
    r"""`\"` and `\x22` as nginx and Apache write them; bytes above 0x7f are UTF-8."""
    if "\\" not in text:
        return text
    data = bytearray()
    last = 0
    for match in _ESCAPE.finditer(text):
        data += text[last : match.start()].encode("utf-8", "replace")
        data += bytes([int(match[1], 16)]) if match[1] else match[2].encode("utf-8", "replace")
        last = match.end()
    data += text[last:].encode("utf-8", "replace")
    return data.decode("utf-8", "replace")
