"""Syslog: RFC 5424, and RFC 3164 as it is really written (with and without priority, year, tag)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.level import SYSLOG, WORDS
from shipper.agent.codec.stamp import match_stamp, read_stamp
from shipper.agent.codec.text.syslog_apps import read_inside

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields, Memory

_PRIORITY = re.compile(r"<(\d{1,3})>")
_5424 = re.compile(
    r"(?P<version>[1-9]\d{0,2}) (?P<time>\S+) (?P<host>\S+) (?P<app>\S+) (?P<procid>\S+) (?P<msgid>\S+)"
    r"(?: +(?P<rest>.*))?",
    re.DOTALL,
)
_ELEMENT = re.compile(r'\[(?P<id>[^\s=\]"]{1,128})(?P<params>(?: +[^\s=\]"]+=(?:"(?:[^"\\]|\\.)*"|[^\s\]"]*))*) *\]')
_PARAM = re.compile(r' +([^\s=\]"]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s\]"]*))')
_ESCAPED = re.compile(r'\\(["\\\]])')
_STAMP = re.compile(r"[A-Z][a-z]{2} [ \d]?\d (?:\d{4} )?\d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_TAGGED = re.compile(
    r" (?P<host>[^\s\[\]]*[^\s:\[\]]) (?P<tag>[^\s\[\]:]{1,128})"
    r"(?:\[(?P<pid>[^\s\]]{0,64})\](?: \([^()]{0,256}\))?)?:(?: |$)"
)
_TAG = re.compile(r"(?P<tag>[^\s\[\]:<>{}\"'=(),]{1,128})(?:\[(?P<pid>[^\s\]]{0,64})\])?:(?: |$)")
_HOST = re.compile(r" (?P<host>[^\s\[\]]*[^\s:\[\]])(?: |$)")
_ALONE = re.compile(r" (?P<tag>[A-Za-z][\w.\-/]{0,100})\[(?P<pid>\d{1,10})\]: ")
"""A program without a host, as dnsmasq and busybox write their own files."""
_CISCO = re.compile(r"(?:\d{1,10}: )?(?:[\w.\-]+: )?[*.]?(?=[A-Z][a-z]{2} )")
_CISCO_REST = re.compile(
    r"(?: (?P<zone>[A-Z]{3,4}))?(?: (?P<host>[\w.\-]+))? ?: (?P<message>%(?P<code>[A-Z][\w\-]*): .*)", re.DOTALL
)
_KNOWN_TAGS = frozenset(
    ["kernel", "sudo", "su", "systemd", "CRON", "rsyslogd", "dhclient", "NetworkManager", "haproxy", "dovecot"]
)
_NAMES = ("Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug")
_FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "security", "console", "solaris-cron",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
)  # fmt: skip
_HOST_MEMORY = "syslog.host"


class Syslog(TextFormat):
    """One line a message; what is inside is read too where the program is known."""

    name = "syslog"
    continuation = Continuation.INDENTED
    first = "<JFMASOND0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:
        fields: Fields = {}
        at = 0
        if line[0] == "<":
            match = _PRIORITY.match(line)
            if match is None or int(match[1]) > 191:
                return None
            _priority(fields, int(match[1]))
            at = match.end()
        if at and "%" in line[:120] and _read_cisco(fields, line, at):
            return _finish(fields)
        if at:
            modern = _5424.fullmatch(line, at)
            if modern is not None and _read_5424(fields, modern):
                return _finish(fields)
        if not _read_3164(fields, line, at, memory):
            return None
        return _finish(fields)

    def complete(self, fields: Fields, more: list[str]) -> None:
        fields["message"] = "\n".join([fields.get("message", ""), *more])


def _priority(fields: Fields, priority: int) -> None:
    facility, severity = divmod(priority, 8)
    fields["log.level"] = SYSLOG[severity]
    fields["log.syslog.priority"] = priority
    fields["log.syslog.facility.code"] = facility
    fields["log.syslog.facility.name"] = _FACILITIES[facility]
    fields["log.syslog.severity.code"] = severity
    fields["log.syslog.severity.name"] = _NAMES[severity]


def _read_5424(fields: Fields, match: re.Match[str]) -> bool:
    if match["time"] != "-":
        stamp = read_stamp(match["time"])
        if stamp is None:
            return False
        fields["@timestamp"] = stamp
    fields["log.syslog.version"] = match["version"]
    if match["msgid"] != "-":
        fields["log.syslog.msgid"] = match["msgid"]
    _origin(fields, *(None if match[name] == "-" else match[name] for name in ("host", "app", "procid")))
    fields["message"] = _structured_data(fields, match["rest"] or "")
    return True


def _structured_data(fields: Fields, rest: str) -> str:
    """Take the structured data from the front of `rest`; the message is what is left."""
    data: dict[str, Any] = {}
    at = 0
    while (match := _ELEMENT.match(rest, at)) is not None:
        data[match["id"]] = {
            name: _ESCAPED.sub(r"\1", quoted) if quoted else bare
            for name, quoted, bare in _PARAM.findall(match["params"])
        }
        at = match.end()
    if data:
        fields["log.syslog.structured_data"] = data
    elif rest == "-" or rest.startswith("- "):
        at = 1
    return rest[at:].lstrip(" ").removeprefix("\ufeff")


def _read_cisco(fields: Fields, line: str, at: int) -> bool:
    """`29: *Apr 22 12:34:56.789: %SYS-5-CONFIG_I: text` of IOS, `May 01 2026 10:00:00 fw : %ASA-6-302013: text`."""
    head = _CISCO.match(line, at)
    found = None if head is None else match_stamp(line, head.end())
    match = None if found is None else _CISCO_REST.fullmatch(line, found[1])
    if found is None or match is None:
        return False
    fields["@timestamp"] = found[0]
    _origin(fields, match["host"], None, None)
    fields["event.code"] = match["code"]
    fields["message"] = match["message"]
    return True


def _read_3164(fields: Fields, line: str, at: int, memory: Memory) -> bool:
    found = match_stamp(line, at) if at or _STAMP.match(line) else None
    if found is None:
        return _without_time(fields, line, at)
    stamp, end = found
    fields["@timestamp"] = stamp
    tagged = _TAGGED.match(line, end)
    if tagged is not None and (at or _is_origin(line, tagged, memory)):
        memory[_HOST_MEMORY] = tagged["host"]
        _origin(fields, tagged["host"], tagged["tag"], tagged["pid"])
        fields["message"] = line[tagged.end() :]
        return True
    alone = _ALONE.match(line, end) if line[0].isalpha() or at else None
    if alone is not None:
        _origin(fields, None, alone["tag"], alone["pid"])
        fields["message"] = line[alone.end() :]
        return True
    host = _HOST.match(line, end)
    if host is None or not (at or memory.get(_HOST_MEMORY) == host["host"]):
        return False
    _origin(fields, host["host"], None, None)
    fields["message"] = line[host.end() :]
    return True


def _is_origin(line: str, match: re.Match[str], memory: Memory) -> bool:
    """Without a priority the line must prove that a host and a program follow its time."""
    host, tag = match["host"], match["tag"]
    if host.lower() in WORDS or tag.lower() in WORDS or memory.get(_HOST_MEMORY) == host:
        return memory.get(_HOST_MEMORY) == host
    return line[0].isalpha() or match["pid"] is not None or tag in _KNOWN_TAGS


def _without_time(fields: Fields, line: str, at: int) -> bool:
    """`<34>su[12]: text`, as programs write it to /dev/log."""
    if not at:
        return False
    tag = _TAG.match(line, at)
    if tag is not None:
        _origin(fields, None, tag["tag"], tag["pid"])
    fields["message"] = line[at if tag is None else tag.end() :]
    return True


def _origin(fields: Fields, host: str | None, app: str | None, procid: str | None) -> None:
    if host:
        fields["log.syslog.hostname"] = fields["host.hostname"] = host
    if app:
        fields["log.syslog.appname"] = fields["process.name"] = app
    if procid:
        fields["log.syslog.procid"] = procid
        if procid.isdigit() and len(procid) < 19:
            fields["process.pid"] = int(procid)


def _finish(fields: Fields) -> Fields:
    """Read what the program wrote; rsyslog's `#012` is a line break again."""
    message = str(fields["message"])
    if "#012" in message:
        message = message.replace("#012", "\n").replace("#011", "\t").rstrip("\n")
    fields["message"] = message
    inside = read_inside(str(fields.get("process.name", "")), message)
    if "@timestamp" in inside and "@timestamp" in fields and "haproxy.request_date" in inside:
        del inside["@timestamp"]
    if "log.level" in fields and not message.startswith(("{", "@cee:")):
        inside.pop("log.level", None)  # the priority says it
    fields.update(inside)
    if not message:
        del fields["message"]
    return fields
