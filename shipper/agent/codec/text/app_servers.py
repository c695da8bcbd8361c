"""Java servers with layouts of their own: WebLogic, WebSphere, GlassFish, Jenkins, ActiveMQ, Play."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import Stamp, match_stamp, read_stamp
from shipper.ecs.instant import parse_epoch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_SEVERITIES = frozenset(
    ["Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Info", "Debug", "Trace", "Dynamic"]
)
_MESSAGE_ID = re.compile(r"[A-Z]{2,12}-\d{1,7}")
_SERVER_PARTS = ("host.hostname", "weblogic.server", "process.thread.name", "user.name", "weblogic.transaction_id",
                 "weblogic.diagnostic_context")  # fmt: skip
_WEBSPHERE = re.compile(
    r"\] (?P<thread>[0-9a-f]{8}) (?P<logger>[\w.$\-]{1,200}) +(?P<level>[FEWAICDORZ123<>]) +"
    r"(?:(?P<class>[a-z][\w$]*(?:\.[\w$]+)+) (?P<method>[\w$<>]+) )?(?P<message>.*)",
    re.DOTALL,
)
_WEBSPHERE_LEVELS = {
    "F": "fatal", "E": "error", "W": "warning", "A": "audit", "I": "info", "C": "config", "D": "detail", "1": "debug",
    "2": "debug", "3": "trace", ">": "trace", "<": "trace",
}  # fmt: skip
_CODE = re.compile(r"(?P<code>[A-Z]{4,5}\d{4}[A-Z]): ")
_GLASSFISH = re.compile(
    r"\] \[(?P<product>[^\]]*)\] \[(?P<level>[A-Z]+)\] \[(?P<code>[^\]]*)\] \[(?P<logger>[^\]]*)\]"
    r"(?: \[tid: _ThreadID=(?P<tid>\d{1,18}) _ThreadName=(?P<thread>[^\]]*)\])?(?: \[[\w]+: ?[^\]]*\])* "
    r"(?:\[\[)?(?P<message>.*)",
    re.DOTALL,
)
_JENKINS = re.compile(
    r" \[id=(?P<tid>\d{1,18})\]\t(?P<level>[A-Z]{4,8})\t(?P<logger>[\w.$\-]+)(?:#(?P<method>[\w$<>]+))?: "
    r"(?P<message>.*)",
    re.DOTALL,
)
_ACTIVEMQ = re.compile(
    r" \| (?P<level>TRACE|DEBUG|INFO|WARN|ERROR|FATAL) +\| (?P<message>.*) \| (?P<logger>[\w$]+(?:\.[\w$]+)+)"
    r" \| (?P<thread>.+)",
    re.DOTALL,
)
_AUDIT = re.compile(
    r"(?P<level>INFO|WARN|ERROR) +\| (?P<message>(?P<user>\S+) (?:called|requested) .*) \| (?P<thread>[^|]+)", re.DOTALL
)
_CALLED = re.compile(r" at (\d\d-\d\d-\d{4} \d\d:\d\d:\d\d,\d{3})$")
_PLAY = re.compile(r"\[(?P<level>trace|debug|info|warn|error)\] (?P<logger>[\w.$]{1,200}) - (?P<message>.*)", re.DOTALL)


class WebLogic(TextFormat):
    """`####<May 4, 2024 10:00:00 AM UTC> <Notice> <WebLogicServer> <host> <server> … <BEA-000365> <text>`."""

    name = "weblogic"
    continuation = Continuation.ANY
    first = "#<"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        text = line.removeprefix("####")
        if text[:1] != "<":
            return None
        found = match_stamp(text, 1)
        parts = text[1:].split("> <") if found is not None else []
        if found is None or len(parts) < 4 or parts[1] not in _SEVERITIES:
            return None
        at = next((index for index, part in enumerate(parts) if _MESSAGE_ID.fullmatch(part)), 0)
        if at < 3 or at + 1 >= len(parts):
            return None
        fields: Fields = {"@timestamp": found[0], "log.level": parts[1], "log.logger": parts[2]}
        fields["event.code"] = parts[at]
        for name, value in zip(_SERVER_PARTS, parts[3:at], strict=False):
            if value.strip("<>"):
                fields[name] = value.strip("<>")
        raw = next((part for part in parts[9:at] if part.isdigit() and len(part) == 13), None)
        epoch = None if raw is None else parse_epoch(raw)
        if epoch is not None:
            fields["@timestamp"] = Stamp(epoch, zoned=True)
        fields["message"] = "> <".join(parts[at + 1 :]).rstrip().removesuffix(">").rstrip()
        return fields

    def complete(self, fields: Fields, more: list[str]) -> None:
        super().complete(fields, more)
        if more[-1].endswith(">"):
            fields["message"] = fields["message"].rstrip().removesuffix(">").rstrip()


class WebSphere(TextFormat):
    """`[5/4/24 10:00:00:123 CEST] 0000002a ServletWrappe E SRVE0068E: text`, traditional and Liberty."""

    name = "websphere"
    continuation = Continuation.ANY
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line, 1) if "/" in line[:6] else None
        match = None if found is None else _WEBSPHERE.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        fields: Fields = {"@timestamp": found[0], "message": match["message"]}
        level = _WEBSPHERE_LEVELS.get(match["level"])
        if level is not None:
            fields["log.level"] = level
        fields["process.thread.id"] = int(match["thread"], 16)
        fields["log.logger"] = match["class"] or match["logger"]
        if match["method"]:
            fields["log.origin.function"] = match["method"]
        code = _CODE.match(match["message"])
        if code is not None:
            fields["event.code"] = code["code"]
        return fields


class GlassFish(TextFormat):
    """`[2024-05-04T10:00:00.123+0000] [Payara 6] [INFO] [NCLS-CORE-00087] [logger] [tid: …] [[` and the text."""

    name = "glassfish"
    continuation = Continuation.ANY
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line, 1) if "[timeMillis: " in line or "_ThreadName=" in line else None
        match = None if found is None else _GLASSFISH.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        fields: Fields = {"@timestamp": found[0], "log.level": match["level"], "message": _closed(match["message"])}
        for name, key in (("event.code", "code"), ("log.logger", "logger"), ("process.thread.name", "thread")):
            if match[key]:
                fields[name] = match[key]
        if match["tid"]:
            fields["process.thread.id"] = int(match["tid"])
        return fields

    def complete(self, fields: Fields, more: list[str]) -> None:
        super().complete(fields, [*(line.removeprefix("  ") for line in more[:1]), *more[1:]])
        fields["message"] = _closed(fields["message"])


def _closed(text: str) -> str:
    return text.rstrip().removesuffix("]]").rstrip()


class JavaServer(TextFormat):
    """Jenkins' `… [id=1]<tab>INFO<tab>a.B#m: text`, ActiveMQ's `… | INFO | text | a.B | thread`; Play."""

    name = "java-server"
    continuation = Continuation.ANY
    first = "0123456789[IWE"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        if line[0] == "[":
            play = _PLAY.fullmatch(line)
            return None if play is None else _named(play)
        if line[0].isalpha():
            audit = _AUDIT.fullmatch(line)
            return None if audit is None else _audit(audit)
        found = match_stamp(line)
        if found is None or line[found[1] : found[1] + 2] not in (" [", " |"):
            return None
        match = _JENKINS.fullmatch(line, found[1]) or _ACTIVEMQ.fullmatch(line, found[1])
        return None if match is None else {"@timestamp": found[0], **_named(match)}


_NAMES = {"level": "log.level", "logger": "log.logger", "message": "message", "thread": "process.thread.name",
          "method": "log.origin.function"}  # fmt: skip


def _named(match: re.Match[str]) -> Fields:
    part = match.groupdict()
    fields: Fields = {_NAMES[key]: value for key, value in part.items() if key in _NAMES and value}
    if part.get("tid"):
        fields["process.thread.id"] = int(part["tid"])
    return fields


def _audit(match: re.Match[str]) -> Fields:
    """ActiveMQ's audit log: who called which operation."""
    fields = {**_named(match), "user.name": match["user"]}
    called = _CALLED.search(match["message"][-40:])
    stamp = None if called is None else read_stamp("-".join(called[1][:10].split("-")[::-1]) + called[1][10:])
    return fields if stamp is None else {**fields, "@timestamp": stamp}


SERVER_FORMATS: Sequence[TextFormat] = (WebLogic(), WebSphere(), GlassFish(), JavaServer())
