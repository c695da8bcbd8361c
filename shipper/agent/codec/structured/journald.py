"""The systemd journal as `journalctl -o json` exports it (systemd.journal-fields)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shipper.agent.codec import level
from shipper.agent.codec.structured.base import JsonLogger

if TYPE_CHECKING:
    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

_WORDS = {
    "_HOSTNAME": "host.hostname", "_EXE": "process.executable", "_CMDLINE": "process.command_line",
    "CODE_FILE": "log.origin.file.name", "CODE_FUNC": "log.origin.function", "_UID": "user.id", "_GID": "group.id",
    "_SYSTEMD_UNIT": "systemd.unit", "_TRANSPORT": "systemd.transport", "SYSLOG_IDENTIFIER": "log.syslog.appname",
    "_BOOT_ID": "host.boot.id", "_MACHINE_ID": "host.id",
}  # fmt: skip
_NUMBERS = {
    "_PID": "process.pid", "TID": "process.thread.id", "CODE_LINE": "log.origin.file.line",
    "PRIORITY": "log.syslog.severity.code", "SYSLOG_FACILITY": "log.syslog.facility.code",
}  # fmt: skip
_TIMES = ("_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP")
"""When the program logged it, else when the journal took it; microseconds."""


class Journald(JsonLogger):
    """`{"__REALTIME_TIMESTAMP":"1767225600000000","PRIORITY":"6","MESSAGE":"Started.","_PID":"1",…}`."""

    name = "journald"

    def recognises(self, entry: Entry) -> bool:
        return "__REALTIME_TIMESTAMP" in entry and "MESSAGE" in entry

    def fields(self, entry: Entry) -> Fields:
        rest = dict(entry)
        fields: Fields = {"message": _text(rest.pop("MESSAGE"))}
        times = [rest.pop(key) for key in _TIMES if isinstance(rest.get(key), str) and rest[key].isdigit()]
        if times:
            fields["@timestamp"] = times[0]
        for key, name in _WORDS.items():
            if isinstance(rest.get(key), str):
                fields[name] = rest.pop(key)
        for key, name in _NUMBERS.items():
            value = rest.get(key)
            if isinstance(value, str) and value.isdigit() and len(value) < 16:
                fields[name] = int(rest.pop(key))
        severity = fields.get("log.syslog.severity.code")
        if isinstance(severity, int) and severity < len(level.SYSLOG):
            fields["log.level"] = level.SYSLOG[severity]
        program = rest.pop("_COMM", None) or fields.get("log.syslog.appname")
        if program:
            fields["process.name"] = program
        return {**rest, **fields}


def _text(value: Any) -> Any:
    """Text that is no UTF-8 comes as a list of bytes."""
    if isinstance(value, list) and all(isinstance(byte, int) and 0 <= byte < 256 for byte in value):
        return bytes(value).decode("utf-8", "replace")
    return value
