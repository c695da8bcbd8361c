"""Logs of the operating system beside syslog: Linux's audit log, Android's logcat."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shipper.agent.codec import web
from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import Stamp, match_stamp
from shipper.ecs.instant import parse_epoch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_AUDIT = re.compile(
    r"(?:node=(?P<node>\S+) )?type=(?P<type>\S+) msg=audit\((?P<time>\d{9,11}\.\d{3}):"
    r"(?P<sequence>\d{1,18})\): ?(?P<rest>.*)",
    re.DOTALL,
)
_AUDIT_PAIR = re.compile(r"""(?<![\w\-])([A-Za-z][\w\-]*)=("[^"]*"|'[^']*'|[^\s'"]*)""")
_MAX_PAIRS = 200
_AUDIT_WORDS = {
    "comm": "process.name", "exe": "process.executable", "cwd": "process.working_directory", "acct": "user.name",
    "uid": "user.id", "gid": "group.id", "euid": "user.effective.id",
}  # fmt: skip
_AUDIT_NUMBERS = {"pid": "process.pid", "ppid": "process.parent.pid"}
_OUTCOMES = {
    "yes": "success",
    "success": "success",
    "1": "success",
    "no": "failure",
    "failed": "failure",
    "0": "failure",
}
_LOGCAT = re.compile(
    r" +(?P<pid>\d{1,10}) +(?P<tid>\d{1,10}) (?P<level>[VDIWEFA]) (?P<tag>[^:]{0,100}?) *: (?P<message>.*)", re.DOTALL
)
_LOGCAT_LEVELS = {"V": "verbose", "D": "debug", "I": "info", "W": "warning", "E": "error", "F": "fatal", "A": "fatal"}


class Audit(TextFormat):
    """`type=SYSCALL msg=audit(1767225600.243:24287): arch=c000003e … comm="cat"`; the whole line stays in `message`."""

    name = "auditd"
    first = "tn"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _AUDIT.fullmatch(line)
        epoch = None if match is None else parse_epoch(match["time"])
        if match is None or epoch is None:
            return None
        fields: Fields = {
            "@timestamp": Stamp(epoch, zoned=True),
            "message": line,
            "auditd.log.record_type": match["type"],
            "auditd.log.sequence": int(match["sequence"]),
        }
        if match["node"]:
            fields["auditd.log.node"] = match["node"]
        rest = match["rest"]
        for key, value in _AUDIT_PAIR.findall(rest)[:_MAX_PAIRS]:
            if value[:1] == "'":  # a user message: pairs inside
                for inner, text in _AUDIT_PAIR.findall(value.strip("'"))[:_MAX_PAIRS]:
                    _audit_pair(fields, inner, text.strip('"'))
            else:
                _audit_pair(fields, key, value.strip('"'))
        return fields


def _audit_pair(fields: Fields, key: str, value: str) -> None:
    if value in ("", "?", "(none)", "(null)"):
        return
    if key in ("success", "res") and value in _OUTCOMES:
        fields["event.outcome"] = _OUTCOMES[value]
    elif key in _AUDIT_NUMBERS and value.isdigit():
        fields[_AUDIT_NUMBERS[key]] = int(value[:18])
    elif key == "addr":
        web.address(fields, "source", f"[{value}]")
    else:
        name = _AUDIT_WORDS.get(key, f"auditd.log.{key}")
        fields.setdefault(name, value)


class Logcat(TextFormat):
    """`01-31 12:00:00.123  1234  5678 I ActivityManager: text`, logcat's `threadtime`."""

    name = "logcat"
    continuation = Continuation.TRACE
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line)
        match = None if found is None else _LOGCAT.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        fields: dict[str, Any] = {
            "@timestamp": found[0],
            "log.level": _LOGCAT_LEVELS[match["level"]],
            "message": match["message"],
            "process.pid": int(match["pid"]),
            "process.thread.id": int(match["tid"]),
        }
        if match["tag"].strip():
            fields["log.logger"] = match["tag"].strip()
        return fields


HOST_FORMATS: Sequence[TextFormat] = (Audit(), Logcat())
