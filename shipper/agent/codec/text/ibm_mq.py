"""IBM MQ's error log, AMQERR01.LOG: a head, attributes on indented lines, the message, explanation and action."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import match_stamp, read_stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_HEAD = re.compile(
    r" - Process\((?P<pid>\d{1,10})\.(?P<tid>\d{1,10})\) User\((?P<user>[^()]*)\) Program\((?P<program>[^()]*)\)\s*"
)
_ATTRIBUTE = re.compile(r"\b(?P<key>Time|Host|QMgr|Installation|VRMF)\((?P<value>[^()]*)\)")
_MESSAGE = re.compile(r"(?P<code>AMQ\d{4,5}(?P<level>[IWESTD])?): (?P<text>.*)", re.DOTALL)
_LEVELS = {"I": "info", "W": "warning", "E": "error", "S": "error", "T": "critical", "D": "debug"}
_END = re.compile(r"----- (?P<file>[\w.]+) : (?P<line>\d{1,7}) -+")
_NAMES = {"Host": "host.hostname", "QMgr": "ibmmq.errorlog.qmgr", "Installation": "ibmmq.errorlog.installation",
          "VRMF": "ibmmq.errorlog.version"}  # fmt: skip


class IbmMq(TextFormat):
    """`11/10/2018 10:46:25 - Process(167.1) User(mqm) Program(strmqm)`, attributes, `AMQ7125I: text`, what to do."""

    name = "ibm-mq"
    continuation = Continuation.ANY
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        at = line.find(" - Process(", 0, 64)
        match = None if at < 0 else _HEAD.fullmatch(line, at)
        if match is None:
            return None
        fields: Fields = {"process.pid": int(match["pid"]), "process.thread.id": int(match["tid"]), "message": line}
        found = match_stamp(line)
        if found is not None and found[1] == at:
            fields["@timestamp"] = found[0]
        for name, key in (("user.name", "user"), ("process.name", "program")):
            if match[key]:
                fields[name] = match[key]
        return fields

    def absorbs(self, lines: list[str], line: str) -> bool:
        return " - Process(" not in line[:64] and _END.fullmatch(lines[-1]) is None

    def complete(self, fields: Fields, more: list[str]) -> None:
        begin = next((index for index, line in enumerate(more) if _MESSAGE.match(line)), len(more))
        for line in more[:begin]:
            for attribute in _ATTRIBUTE.finditer(line):
                if attribute["key"] != "Time":
                    fields[_NAMES[attribute["key"]]] = attribute["value"]
                elif (stamp := read_stamp(attribute["value"])) is not None:
                    fields["@timestamp"] = stamp  # the head's day and month stand as the locale has them
        end = _END.fullmatch(more[-1])
        if end is not None:
            fields["log.origin.file.name"], fields["log.origin.file.line"] = end["file"], int(end["line"])
        message = _MESSAGE.match("\n".join(more[begin : len(more) - (end is not None)]).strip("\n"))
        if message is None:
            super().complete(fields, more)
            return
        fields["event.code"], fields["message"] = message["code"], message[0].rstrip()
        if message["level"]:
            fields["log.level"] = _LEVELS[message["level"]]


IBM_FORMATS: Sequence[TextFormat] = (IbmMq(),)
