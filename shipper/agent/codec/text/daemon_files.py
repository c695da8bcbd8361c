"""More daemons with a log file of their own: Exim, Zabbix, Asterisk, ProFTPD, Ceph, CockroachDB, OpenWrt's logd."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.level import SYSLOG
from shipper.agent.codec.stamp import match_stamp, read_stamp
from shipper.agent.codec.text.syslog_apps import read_inside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_EXIM = re.compile(
    r" (?:\[\d{1,10}\] )?(?P<id>[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}) (?P<message>"
    r"(?P<sign><=|[=\-*]>|>>|\*\*|==|Completed|Message|.)(?: (?P<address>\S+@\S+))?.*)",
    re.DOTALL,
)
_EXIM_HOST = re.compile(r" H=(?:(?P<host>[\w.\-]+) )?(?:\([^()]*\) )?\[(?P<ip>[0-9a-fA-F:.]+)\](?::(?P<port>\d{1,5}))?")
_EXIM_OUTCOMES = {"=>": "success", "->": "success", "<=": "success", "**": "failure", "==": "failure"}
_ZABBIX = re.compile(r" *(?P<pid>\d{1,10}):(?P<day>\d{8}):(?P<clock>\d{6}\.\d{3}) (?P<message>.*)", re.DOTALL)
_ASTERISK = re.compile(
    r"\] (?P<level>DEBUG|VERBOSE|NOTICE|WARNING|ERROR|DTMF|SECURITY)\[(?P<tid>\d{1,10})\]"
    r"(?:\[(?P<call>[^\]]{1,40})\])?:? "
    r"(?P<file>[\w./\-]+\.\w{1,4})(?::(?P<line>\d{1,7}))?(?: in)?(?: (?P<function>\w+))?: (?P<message>.*)",
    re.DOTALL,
)
_PROFTPD = re.compile(
    r" (?P<host>\S+) proftpd\[(?P<pid>\d{1,10})\] \S+"
    r"(?: \((?P<peer>[^\[\]()]*)\[(?P<ip>[^\[\]]+)\]\))?: (?P<message>.*)",
    re.DOTALL,
)
_CEPH = re.compile(r" (?P<thread>[0-9a-f]{12,16}) +(?P<level>-?\d{1,2}) (?P<message>.*)", re.DOTALL)
_CEPH_CLUSTER = re.compile(r"log_channel\(\w+\) log \[(?P<level>DBG|INF|WRN|ERR|SEC)\] : ")
_COCKROACH = re.compile(
    r"(?P<level>[IWEF])(?P<day>\d{6}) (?P<clock>\d\d:\d\d:\d\d\.\d{6}) (?P<thread>\d{1,18}) (?:\d{1,3}@)?"
    r"(?P<file>[^\s:]{1,300}):(?P<line>\d{1,7}) +(?:⋮ )?(?:\[(?P<tags>[^\[\]]*)\] +)?(?:\d{1,18} +)?(?P<message>.*)",
    re.DOTALL,
)
_LOGD = re.compile(
    r" (?P<facility>kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local[0-7])"
    r"\.(?P<level>emerg|alert|crit|err|warn|notice|info|debug) (?P<tag>[^\s\[\]:]{1,128})(?:\[(?P<pid>\d{1,10})\])?: "
    r"(?P<message>.*)",
    re.DOTALL,
)


class Exim(TextFormat):
    """`2024-05-04 10:00:00 1abCde-000123-AB <= a@b.c H=host (helo) [1.2.3.4] P=esmtp S=1234`: Exim's main log."""

    name = "exim"
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line)
        match = None if found is None else _EXIM.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        fields: Fields = {"@timestamp": found[0], "message": match["message"], "email.local_id": match["id"]}
        if match["address"]:
            name = "email.from.address" if match["sign"] == "<=" else "email.to.address"
            fields[name] = [match["address"].strip("<>")]
        if match["sign"] in _EXIM_OUTCOMES:
            fields["event.outcome"] = _EXIM_OUTCOMES[match["sign"]]
        peer = _EXIM_HOST.search(match["message"][:1024])
        if peer is not None:
            prefix = "source" if match["sign"] == "<=" else "destination"
            web.address(fields, prefix, f"[{peer['ip']}]:{peer['port'] or ''}")
            if peer["host"]:
                fields[f"{prefix}.domain"] = peer["host"]
        return fields


class Zabbix(TextFormat):
    """`  1234:20240504:100000.123 Starting Zabbix Server`."""

    name = "zabbix"
    continuation = Continuation.TRACE
    first = " 0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _ZABBIX.fullmatch(line)
        stamp = None if match is None else read_stamp(f"{match['day']}T{match['clock']}")
        if match is None or stamp is None:
            return None
        return {"@timestamp": stamp, "process.pid": int(match["pid"]), "message": match["message"]}


class Asterisk(TextFormat):
    """`[May  4 10:00:00] NOTICE[1234][C-0000001]: chan_sip.c:28926 handle_request: text`."""

    name = "asterisk"
    continuation = Continuation.INDENTED
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line, 1)
        match = None if found is None else _ASTERISK.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        fields: Fields = {"@timestamp": found[0], "log.level": match["level"], "message": match["message"]}
        fields["process.thread.id"], fields["log.origin.file.name"] = int(match["tid"]), match["file"]
        for name, key in (("log.origin.function", "function"), ("labels.call", "call")):
            if match[key]:
                fields[name] = match[key]
        if match["line"]:
            fields["log.origin.file.line"] = int(match["line"])
        return fields


class StampedDaemon(TextFormat):
    """ProFTPD's `… host proftpd[1234] server (peer[1.2.3.4]): text`, Ceph's `… 7f12345678 -1 osd.1 text`, OpenWrt."""

    name = "stamped-daemon"
    continuation = Continuation.INDENTED
    first = "0123456789MTWFS"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line)
        if found is None:
            return None
        stamp, end = found
        for layout, read in ((_LOGD, _logd),) if line[0].isalpha() else ((_PROFTPD, _proftpd), (_CEPH, _ceph)):
            match = layout.fullmatch(line, end)
            if match is not None:
                return {"@timestamp": stamp, "message": match["message"], **read(match)}
        return None


def _logd(match: re.Match[str]) -> Fields:
    levels = {"emerg": "emergency", "crit": "critical", "err": "error", "warn": "warning"}
    level = levels.get(match["level"], match["level"])
    fields: Fields = {"log.level": level, "log.syslog.facility.name": match["facility"]}
    fields["log.syslog.severity.code"] = SYSLOG.index(level)
    fields["process.name"] = fields["log.syslog.appname"] = match["tag"]
    if match["pid"]:
        fields["process.pid"] = int(match["pid"])
    inside = read_inside(match["tag"], match["message"])
    inside.pop("log.level", None)
    return {**fields, **inside}


def _proftpd(match: re.Match[str]) -> Fields:
    fields: Fields = {"host.hostname": match["host"], "process.name": "proftpd", "process.pid": int(match["pid"])}
    if match["ip"]:
        web.address(fields, "source", f"[{match['ip']}]")
        if match["peer"] and match["peer"] != match["ip"]:
            fields["source.domain"] = match["peer"]
    return fields


def _ceph(match: re.Match[str]) -> Fields:
    fields: Fields = {"process.thread.name": match["thread"], "labels.level": match["level"]}
    cluster = _CEPH_CLUSTER.match(match["message"])
    if cluster is not None:
        fields["log.level"] = {"SEC": "WRN"}.get(cluster["level"], cluster["level"])
    elif match["level"] == "-1":
        fields["log.level"] = "error"
    return fields


class Cockroach(TextFormat):
    """`I240504 10:00:00.123456 123 server/node.go:456 ⋮ [n1,client=127.0.0.1:1234] 12  node connected`."""

    name = "cockroach"
    continuation = Continuation.ANY
    first = "IWEF"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _COCKROACH.fullmatch(line)
        stamp = None if match is None else read_stamp(f"20{match['day']} {match['clock']}")
        if match is None or stamp is None:
            return None
        fields: Fields = {"@timestamp": stamp._replace(zoned=True), "log.level": match["level"]}
        fields["log.origin.file.name"], fields["log.origin.file.line"] = match["file"], int(match["line"])
        fields["message"], fields["process.thread.id"] = match["message"], int(match["thread"])
        if match["tags"] and match["tags"] != "-":
            fields["cockroach.tags"] = match["tags"]
        return fields


MORE_DAEMON_FILES: Sequence[TextFormat] = (Exim(), Zabbix(), Asterisk(), StampedDaemon(), Cockroach())
