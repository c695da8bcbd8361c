"""Daemons with a log file of their own: vsftpd, Dovecot, OpenVPN, Unbound, BIND, Samba, CUPS, ClickHouse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import Stamp, match_stamp
from shipper.agent.codec.text import syslog_nets
from shipper.ecs.instant import parse_epoch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_VSFTPD = re.compile(
    r" \[pid (?P<pid>\d{1,10})\] (?:\[(?P<user>[^\[\]]{1,64})\] )?(?P<message>"
    r'(?:(?P<outcome>OK|FAIL) )?(?P<verb>[A-Z][A-Z ]{2,30}|FTP \w+): Client "(?P<client>[^"]*)"'
    r'(?:, "(?P<path>[^"]*)")?(?:, (?P<size>\d{1,18}) bytes)?.*)',
    re.DOTALL,
)
_XFERLOG = re.compile(
    r" (?P<seconds>\d{1,6}) (?P<client>\S+) (?P<size>\d{1,18}) (?P<path>.+) [ab] \S [oid] [arg] (?P<user>\S+) \S+ [01]"
    r" \S+ (?P<done>[ci])"
)
_DOVECOT = re.compile(
    r" (?P<process>(?:imap|pop3|submission|managesieve)-login): (?P<level>Info|Warning|Error|Fatal|Panic|Debug): "
    r"(?P<message>.*)",
    re.DOTALL,
)
_OPENVPN = re.compile(
    r" us=(?P<us>\d{1,6}) (?:(?:(?P<name>[\w.@\-]{1,64})/)?(?P<peer>\d[\d.]{6,14}:\d{1,5}|\[[0-9a-f:.]+\]:\d{1,5}) )?"
    r"(?P<message>.*)",
    re.DOTALL,
)
_OPENVPN_LEVEL = re.compile(r"(WARNING|NOTE|ERROR|Fatal|DEPRECATED OPTION)\b")
_UNBOUND = re.compile(
    r"(?:\[(?P<epoch>\d{9,11})\])? ?unbound\[(?P<pid>\d{1,10}):(?P<tid>[0-9a-f]{1,8})\]"
    r" (?P<level>info|notice|warning|error|debug|fatal error|query|reply): (?P<message>.*)",
    re.DOTALL,
)
_BIND = re.compile(
    r" (?:(?P<category>[a-z][a-z\-]{2,30}): )?(?:(?P<level>info|notice|warning|error|critical|debug \d{1,3}): )?"
    r"(?P<message>.*)",
    re.DOTALL,
)
_SAMBA = re.compile(
    r", +(?P<level>\d{1,2})(?:, pid=(?P<pid>\d{1,10}))?(?:, [a-z][^\]]{0,200})?\] "
    r"(?P<file>\S+\.[ch]):(?P<line>\d{1,9})\((?P<function>\w*)\)(?P<message>.*)",
    re.DOTALL,
)
_SAMBA_LEVELS = ("error", "warning", "notice", "info")
_CUPS = re.compile(r"(?P<level>[XACEWNIDd]) \[(?=\d)")
_CUPS_LEVELS = {"X": "emergency", "A": "alert", "C": "critical", "E": "error", "W": "warning", "N": "notice",
                "I": "info", "D": "debug", "d": "trace"}  # fmt: skip
_CLICKHOUSE = re.compile(
    r" \[ (?P<tid>\d{1,18}) \] \{(?P<query>[^{}]{0,100})\} <(?P<level>\w+)> "
    r"(?:(?P<logger>[^:\n]{1,200}): )?(?P<message>.*)",
    re.DOTALL,
)


class Vsftpd(TextFormat):
    """`Sat May  4 10:00:01 2024 [pid 7] [ann] OK LOGIN: Client "192.168.1.5"`; xferlog's lines too."""

    name = "vsftpd"
    first = "MTWFS"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line)
        if found is None:
            return None
        match = _VSFTPD.fullmatch(line, found[1])
        if match is None:
            match = _XFERLOG.fullmatch(line, found[1])
            return None if match is None else _xferlog(line, found[0], match)
        fields: Fields = {"@timestamp": found[0], "message": match["message"], "process.pid": int(match["pid"])}
        web.address(fields, "source", f"[{match['client']}]")
        for name, key in (("user.name", "user"), ("file.path", "path")):
            if match[key]:
                fields[name] = match[key]
        if match["size"]:
            fields["file.size"] = int(match["size"])
        if match["outcome"]:
            fields["event.outcome"] = "success" if match["outcome"] == "OK" else "failure"
            if match["verb"] == "LOGIN":
                fields.update(syslog_nets.signed_in(well=match["outcome"] == "OK"))
        return fields


def _xferlog(line: str, stamp: Stamp, match: re.Match[str]) -> Fields:
    fields: Fields = {"@timestamp": stamp, "message": line, "file.path": match["path"], "user.name": match["user"]}
    web.address(fields, "source", f"[{match['client']}]")
    fields["file.size"] = int(match["size"])
    fields["event.duration"] = int(match["seconds"]) * 1_000_000_000
    fields["event.outcome"] = "success" if match["done"] == "c" else "failure"
    return fields


class Dovecot(TextFormat):
    """`May 04 10:00:00 imap-login: Info: Login: user=<ann>, rip=1.2.3.4`: who signed in, in Dovecot's own file."""

    name = "dovecot"
    first = "JFMASOND0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line) if "-login: " in line[:80] else None
        match = None if found is None else _DOVECOT.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        fields: Fields = {"@timestamp": found[0], "log.logger": match["process"], "log.level": match["level"]}
        fields["message"] = match["message"]
        return {**fields, **(syslog_nets.read_dovecot(f"{match['process']}: {match['message']}") or {})}


class OpenVpn(TextFormat):
    """`2024-05-04 10:00:00 us=123456 1.2.3.4:5678 text`: the log with microseconds, and the peer it is about."""

    name = "openvpn"
    continuation = Continuation.INDENTED
    first = "MTWFS0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line) if " us=" in line[:40] else None
        match = None if found is None else _OPENVPN.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        stamp = found[0]._replace(ns=found[0].ns + int(match["us"]) * 1000)
        fields: Fields = {"@timestamp": stamp, "message": match["message"]}
        if match["peer"]:
            web.address(fields, "source", match["peer"])
        if match["name"]:
            fields["user.name"] = match["name"]
        level = _OPENVPN_LEVEL.match(match["message"])
        if level is not None:
            words = {"NOTE": "notice", "DEPRECATED OPTION": "warning"}
            fields["log.level"] = words.get(level[1], level[1])
        return fields


class Unbound(TextFormat):
    """`[1714816800] unbound[1234:0] info: 127.0.0.1 example.com. A IN`; the time may be `May 04 10:00:00`."""

    name = "unbound"
    first = "[JFMASOND"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line) if line[0] != "[" else None
        match = _UNBOUND.fullmatch(line, 0 if found is None else found[1])
        if match is None or (found is None) is (match["epoch"] is None):
            return None
        fields: Fields = {"message": match["message"], "process.name": "unbound", "process.pid": int(match["pid"])}
        fields["@timestamp"] = found[0] if found is not None else Stamp(parse_epoch(match["epoch"]) or 0, zoned=True)
        fields["process.thread.id"] = int(match["tid"], 16)
        words = {"query": "info", "reply": "info", "fatal error": "fatal"}
        fields["log.level"] = words.get(match["level"], match["level"])
        fields.update(syslog_nets.read_unbound(match["message"]) or {})
        return fields


class Bind(TextFormat):
    """`04-May-2024 10:00:00.123 queries: info: client @0x7f 1.2.3.4#5678 (example.com): query: example.com IN A +`."""

    name = "bind"
    continuation = Continuation.INDENTED
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line) if line[2:3] == "-" and line[6:7] == "-" else None
        match = None if found is None else _BIND.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        inside = syslog_nets.read_named(match["message"])
        if inside is None and not (match["category"] and match["level"]):
            return None
        fields: Fields = {"@timestamp": found[0], "message": match["message"], **(inside or {})}
        if match["category"]:
            fields["log.logger"] = match["category"]
        if match["level"]:
            fields["log.level"] = match["level"].partition(" ")[0]
        return fields


class Samba(TextFormat):
    """`[2024/05/04 10:00:00.123456,  1] ../source3/smbd/service.c:355(close_cnum)`, then the text, indented."""

    name = "samba"
    continuation = Continuation.ANY
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line, 1)
        match = None if found is None else _SAMBA.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        level = int(match["level"])
        fields: Fields = {"@timestamp": found[0], "message": match["message"].strip(), "labels.level": match["level"]}
        fields["log.level"] = _SAMBA_LEVELS[level] if level < len(_SAMBA_LEVELS) else "debug"
        fields["log.origin.file.name"], fields["log.origin.file.line"] = match["file"], int(match["line"])
        if match["function"]:
            fields["log.origin.function"] = match["function"]
        if match["pid"]:
            fields["process.pid"] = int(match["pid"])
        return fields

    def complete(self, fields: Fields, more: list[str]) -> None:
        super().complete(fields, [line.removeprefix("  ") for line in more])


class Cups(TextFormat):
    """`E [04/May/2024:10:00:00 +0200] [Job 12] Unable to print`."""

    name = "cups"
    first = "XACEWNIDd"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        head = _CUPS.match(line)
        found = None if head is None else match_stamp(line, head.end())
        if head is None or found is None or line[found[1] : found[1] + 2] != "] ":
            return None
        return {"@timestamp": found[0], "log.level": _CUPS_LEVELS[head["level"]], "message": line[found[1] + 2 :]}


class ClickHouse(TextFormat):
    """`2024.05.04 10:00:00.123456 [ 12345 ] {query id} <Debug> executeQuery: text`."""

    name = "clickhouse"
    continuation = Continuation.ANY
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line) if line[4:5] == "." else None
        match = None if found is None else _CLICKHOUSE.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        fields: Fields = {"@timestamp": found[0], "log.level": match["level"], "message": match["message"]}
        fields["process.thread.id"] = int(match["tid"])
        if match["logger"]:
            fields["log.logger"] = match["logger"]
        if match["query"]:
            fields["clickhouse.query_id"] = match["query"]
        return fields


DAEMON_FILES: Sequence[TextFormat] = (Vsftpd(), Dovecot(), OpenVpn(), Unbound(), Bind(), Samba(), Cups(), ClickHouse())
