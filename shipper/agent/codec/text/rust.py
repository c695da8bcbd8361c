"""Rust: env_logger and tracing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import match_stamp

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields, Memory

_ENV = re.compile(r" (?P<level>TRACE|DEBUG|INFO|WARN|ERROR) +(?P<logger>\w+(?:::\w+)*)\] (?P<message>.*)", re.DOTALL)
_TRACING = re.compile(
    r" +(?P<level>TRACE|DEBUG|INFO|WARN|ERROR) +"
    r"(?:(?P<thread>[\w\-.]{1,64}) +(?=ThreadId))?(?:ThreadId\((?P<tid>\d{1,18})\) +)?"
    r"(?:(?P<spans>(?:\w+\{[^{}]*\}:|\w+:(?=\w+\{))+(?:\w+:)*) )?"
    r"(?P<logger>\w+(?:::\w+)*): (?:(?P<file>[^\s:]{1,300}\.rs):(?P<line>\d{1,9}): )?(?P<message>.*)",
    re.DOTALL,
)

_ACTIX = re.compile(
    r'(?P<ip>\S+) "(?P<request>[^"]*)" (?P<status>\d{3}) (?P<size>\d{1,18}) "(?P<referrer>[^"]*)" "(?P<agent>[^"]*)"'
    r" (?P<took>[\d.]+)"
)


class RustLog(TextFormat):
    """`[2026-01-01T00:00:00Z ERROR shop::db] text`, `2026-01-01T00:00:00Z ERROR shop::db: text`."""

    name = "rust"
    continuation = Continuation.ANY
    first = "[0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        begin = int(line[0] == "[")
        found = match_stamp(line, begin)
        match = None if found is None else (_ENV if begin else _TRACING).fullmatch(line, found[1])
        if found is None or match is None:
            return None
        spans = None if begin else match["spans"]
        sure = begin or spans is not None or "::" in match["logger"] or match["tid"] or match["file"]
        if not sure:  # a word and a colon may be any text
            return None
        fields: Fields = {
            "@timestamp": found[0],
            "log.level": match["level"],
            "log.logger": match["logger"],
            "message": match["message"],
        }
        if spans is not None:
            fields["labels.spans"] = spans.rstrip(":")
        if not begin:
            _place(fields, match)
        elif fields["log.logger"].endswith("middleware::logger"):
            _actix(fields)
        return fields


def _actix(fields: Fields) -> None:
    """actix-web's `127.0.0.1 "GET / HTTP/1.1" 200 12 "-" "curl/7.88" 0.000123`."""
    match = _ACTIX.fullmatch(fields["message"])
    if match is None:
        return
    web.address(fields, "source", match["ip"] if match["ip"].count(":") == 1 else f"[{match['ip']}]")
    web.request(fields, match["request"])
    web.status(fields, match["status"])
    fields["http.response.body.bytes"] = int(match["size"])
    for name, key in (("http.request.referrer", "referrer"), ("user_agent.original", "agent")):
        if match[key] not in ("", "-"):
            fields[name] = match[key]
    took = web.seconds_ns(match["took"])
    if took is not None:
        fields["event.duration"] = took


def _place(fields: Fields, match: re.Match[str]) -> None:
    """Thread and place in the source, where tracing was told to write them."""
    if match["thread"]:
        fields["process.thread.name"] = match["thread"]
    if match["tid"]:
        fields["process.thread.id"] = int(match["tid"])
    if match["file"]:
        fields["log.origin.file.name"], fields["log.origin.file.line"] = match["file"], int(match["line"])
