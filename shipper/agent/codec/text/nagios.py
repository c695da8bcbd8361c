"""Nagios' log: `[1427925600] SERVICE ALERT: host;service;CRITICAL;HARD;3;text`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec.format import TextFormat
from shipper.agent.codec.stamp import Stamp
from shipper.ecs.instant import parse_epoch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_LINE = re.compile(
    r"\[(?P<time>\d{10})\] (?P<type>(?:CURRENT |PASSIVE )?(?P<object>HOST|SERVICE) "
    r"(?P<kind>STATE|NOTIFICATION|ALERT|FLAPPING ALERT|DOWNTIME ALERT|CHECK|EVENT HANDLER)): (?P<rest>.*)",
    re.DOTALL,
)
_WARNING = re.compile(r"\[(?P<time>\d{10})\] (?P<level>Warning|Error): +(?P<rest>.*)", re.DOTALL)
_HOST, _SERVICE, _STATUS, _STATE = "host.hostname", "service.name", "nagios.log.status", "nagios.log.state_type"
_PARTS = {
    "STATE": (_HOST, _SERVICE, _STATUS, _STATE, "nagios.log.attempt", "message"),
    "ALERT": (_HOST, _SERVICE, _STATUS, _STATE, "nagios.log.attempt", "message"),
    "NOTIFICATION": ("user.name", _HOST, _SERVICE, _STATUS, "nagios.log.notification_command", "message"),
    "FLAPPING ALERT": (_HOST, _SERVICE, _STATUS, "message"),
    "DOWNTIME ALERT": (_HOST, _SERVICE, _STATUS, "nagios.log.comment"),
    "CHECK": (_HOST, _SERVICE, _STATUS, "nagios.log.comment"),
    "EVENT HANDLER": (_HOST, _SERVICE, _STATUS, _STATE, "nagios.log.event_handler_name"),
}
"""What stands between the semicolons, by the kind of line; a host's lines name no service."""


class Nagios(TextFormat):
    """`[1427925600] SERVICE ALERT: host;service;CRITICAL;HARD;3;text`, and other states, alerts, notifications."""

    name = "nagios"
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _LINE.fullmatch(line) or _WARNING.fullmatch(line)
        epoch = None if match is None else parse_epoch(match["time"])
        if match is None or epoch is None:
            return None
        fields: Fields = {"@timestamp": Stamp(epoch, zoned=True)}
        part = match.groupdict()
        if part.get("level"):
            return {**fields, "log.level": part["level"], "message": part["rest"]}
        names = [name for name in _PARTS[match["kind"]] if name != _SERVICE or match["object"] == "SERVICE"]
        values = match["rest"].split(";", len(names) - 1)
        if len(values) != len(names):
            return None
        fields["message"] = line[line.index("] ") + 2 :]
        fields["nagios.log.type"] = match["type"]
        fields.update(zip(names, values, strict=True))
        attempt = fields.get("nagios.log.attempt")
        if attempt is not None and attempt.isdigit():
            fields["nagios.log.attempt"] = int(attempt[:9])
        return fields


NAGIOS_FORMATS: Sequence[TextFormat] = (Nagios(),)
