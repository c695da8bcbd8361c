"""Request lines that web frameworks print: Gin, Fiber, chi, koa; and CoreDNS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.format import TextFormat
from shipper.agent.codec.stamp import match_stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_TOOK = r"(?P<took>[\dhm.]+(?:[nuµμm]?s|[hm]))"
_GIN = re.compile(
    rf" \|\s*(?P<status>\d{{3}})\s*\|\s*{_TOOK}\s*\|\s*(?P<ip>\S+)\s*\|\s*(?P<method>[A-Z]+)\s+"
    r"(?P<target>\"[^\"]*\"|\S+)"
    r"(?P<rest>.*)",
    re.DOTALL,
)
_FIBER = re.compile(
    rf" \| (?P<status>\d{{3}}) \|\s*{_TOOK} \|\s*(?P<ip>\S+) \| (?P<method>[A-Z]+)\s* \| (?P<target>\S+)\s*(?:\| .*)?",
    re.DOTALL,
)
_FIBER_SHORT = re.compile(
    rf"\] (?:(?P<ip>[\d.a-fA-F:]+) )?(?P<status>\d{{3}}) -\s+{_TOOK} (?P<method>[A-Z]+)\s+(?P<target>/\S*)(?: .*)?",
    re.DOTALL,
)
_CHI = re.compile(
    r" (?:\[(?P<id>[^\[\]]{1,200})\] )?\"(?P<request>[A-Z]+ \S+ HTTP/[\d.]+)\" from (?P<ip>\S+) - (?P<status>\d{3}) "
    rf"(?P<size>\d{{1,18}})B in {_TOOK}"
)
_KOA = re.compile(
    r"  (?:<--|-->|xxx|\x1b\[\S+) (?P<method>[A-Z]{3,10}) (?P<target>\S+)"
    r"(?: (?P<status>\d{3}) (?P<took>\d+m?s)(?: (?P<size>\S+))?)?"
)
_COREDNS = re.compile(
    r"\[INFO\] (?P<ip>\[?[0-9a-fA-F:.]+\]?):(?P<port>\d{1,5}) - (?P<id>\d{1,6}) "
    r"\"(?P<type>[A-Z0-9]+) (?P<class>[A-Z]+) "
    r"(?P<name>\S+) (?P<transport>\w+) \d+ \w+ \d+\" (?P<code>[A-Z]+) (?P<flags>[\w,]*|-) \d+ (?P<took>[\d.]+)s"
)


class WebFramework(TextFormat):
    """Gin's `[GIN] 2024/05/04 - 10:00:00 | 200 | 64µs | 127.0.0.1 | GET "/a"`, Fiber's, chi's and koa's lines."""

    name = "web-framework"
    first = "[ 0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        if line[0] == " ":
            koa = _KOA.fullmatch(line)
            return None if koa is None else _fields(line, koa)
        gin = line.startswith("[GIN] ")
        text = line[6:].replace(" - ", " ", 1) if gin else line
        found = match_stamp(text, int(not gin and line[0] == "["))
        if found is None:
            return None
        for layout in (_GIN,) if gin else (_FIBER_SHORT,) if line[0] == "[" else (_FIBER, _CHI):
            match = layout.fullmatch(text, found[1])
            if match is not None:
                return {"@timestamp": found[0], **_fields(line, match)}
        return None


def _fields(line: str, match: re.Match[str]) -> Fields:
    part = {key: value for key, value in match.groupdict().items() if value}
    fields: Fields = {"message": line.strip()}
    if "request" in part:
        web.request(fields, part["request"])
    else:
        fields["http.request.method"] = part["method"]
        web.target(fields, part["target"].strip('"'), part["method"])
    if "status" in part:
        web.status(fields, part["status"])
    if "ip" in part:
        web.address(fields, "source", part["ip"] if "request" in part else f"[{part['ip']}]")
    if "id" in part:
        fields["http.request.id"] = part["id"]
    if part.get("size", "").isdigit():
        fields["http.response.body.bytes"] = int(part["size"])
    took = web.go_duration(part.get("took", ""))
    if took is not None:
        fields["event.duration"] = took
    return fields


class CoreDns(TextFormat):
    """`[INFO] 10.0.0.1:1234 - 4567 "A IN example.com. udp 40 false 512" NOERROR qr,rd,ra 56 0.001s`."""

    name = "coredns"
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _COREDNS.fullmatch(line)
        if match is None:
            return None
        fields: Fields = {"log.level": "info", "message": line.partition("] ")[2], "dns.id": match["id"]}
        web.address(fields, "source", f"[{match['ip'].strip('[]')}]:{match['port']}")
        fields["dns.question.name"] = match["name"].rstrip(".") or "."
        fields["dns.question.type"], fields["dns.question.class"] = match["type"], match["class"]
        fields["network.transport"], fields["dns.response_code"] = match["transport"], match["code"]
        if match["flags"] not in ("", "-"):
            fields["dns.header_flags"] = [flag.upper() for flag in match["flags"].split(",") if flag]
        duration = web.seconds_ns(match["took"])
        if duration is not None:
            fields["event.duration"] = duration
        return fields


FRAMEWORK_FORMATS: Sequence[TextFormat] = (WebFramework(), CoreDns())
