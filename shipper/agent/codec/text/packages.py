"""What Debian's package tools write beside dpkg.log: apt's history and update-alternatives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import match_stamp, read_stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_APT_HEAD = "Start-Date: "
_APT_END = "End-Date: "
_APT_LINE = re.compile(
    r"(?P<key>Commandline|Comment|Requested-By|Install|Reinstall|Upgrade|Downgrade|Remove|Purge|Error|End-Date): "
    r"(?P<value>.*)",
    re.DOTALL,
)
_APT_USER = re.compile(r"(?P<name>\S+) \((?P<id>\d{1,10})\)")
_ALTERNATIVES = "update-alternatives "


class AptHistory(TextFormat):
    """`Start-Date: 2026-01-01  10:00:02` … `End-Date: …`: a block is one record."""

    name = "apt-history"
    continuation = Continuation.TRACE
    first = "S"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        if not line.startswith(_APT_HEAD) or len(line) > 64:
            return None
        stamp = read_stamp(" ".join(line[len(_APT_HEAD) :].split()))
        return None if stamp is None else {"@timestamp": stamp, "message": line}

    def absorbs(self, lines: list[str], line: str) -> bool:
        return not lines[-1].startswith(_APT_END) and _APT_LINE.match(line) is not None

    def complete(self, fields: Fields, more: list[str]) -> None:
        super().complete(fields, more)
        fields["event.outcome"] = "success"
        for line in more:
            match = _APT_LINE.fullmatch(line)
            if match is None:
                continue
            if match["key"] == "Commandline":
                fields["process.command_line"] = match["value"]
            elif match["key"] == "Error":
                fields["event.outcome"], fields["error.message"] = "failure", match["value"]
            elif match["key"] == "Requested-By":
                user = _APT_USER.fullmatch(match["value"])
                if user is not None:
                    fields["user.name"], fields["user.id"] = user["name"], user["id"]


class Alternatives(TextFormat):
    """`update-alternatives 2024-01-02 03:04:05: run with --install …`."""

    name = "update-alternatives"
    first = "u"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line, len(_ALTERNATIVES)) if line.startswith(_ALTERNATIVES) else None
        if found is None or line[found[1] : found[1] + 2] != ": ":
            return None
        return {
            "@timestamp": found[0],
            "process.name": "update-alternatives",
            "message": line[found[1] + 2 :],
        }


PACKAGE_FORMATS: Sequence[TextFormat] = (AptHistory(), Alternatives())
