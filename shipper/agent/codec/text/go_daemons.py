"""Daemons written in Go with loggers of their own: HashiCorp's hclog, etcd's capnslog, the NATS server."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.stamp import match_stamp
from shipper.agent.codec.structured.common import Common
from shipper.agent.codec.text.pairs import read_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_COMMON = Common()
_HCLOG = re.compile(
    r" \[(?P<level>TRACE|DEBUG|INFO|WARN|ERROR|ERR)\](?P<pad> {1,2})"
    r"(?:(?P<logger>[A-Za-z][\w.\-/()]{0,100}): +)?(?P<message>\S.*)",
    re.DOTALL,
)
_ARGUMENTS = re.compile(r": (?=[A-Za-z_@][\w.\-]*=)")
_CAPNSLOG = re.compile(r" (?P<level>[TDINWEC]) \| (?P<logger>[\w/.\-]{1,100}): (?P<message>.*)", re.DOTALL)
_CAPNSLOG_LEVELS = {
    "T": "trace",
    "D": "debug",
    "I": "info",
    "N": "notice",
    "W": "warning",
    "E": "error",
    "C": "critical",
}
_NATS = re.compile(r"\[(?P<pid>\d{1,10})\] ")
_NATS_REST = re.compile(r" \[(?P<level>INF|DBG|WRN|ERR|FTL|TRC)\] (?P<message>.*)", re.DOTALL)
_NATS_LEVELS = {"INF": "info", "DBG": "debug", "WRN": "warning", "ERR": "error", "FTL": "fatal", "TRC": "trace"}
_MAX_SPACES = 4
_MOST_TEXT = 20_000
_MOST_PLACES = 32
"""How far and how often arguments are looked for: each try reads the rest of the text."""


class Hclog(TextFormat):
    """`2026-01-31T12:00:00.123Z [INFO]  agent.server: started: a=1`; Consul once began it with four blanks."""

    name = "hclog"
    continuation = Continuation.ANY
    first = "0123456789 "

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        start = len(line) - len(line.lstrip(" "))
        found = match_stamp(line, start) if start in (0, _MAX_SPACES) else None
        match = None if found is None else _HCLOG.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        if start == 0 and not _is_hclog(line[: found[1]], match):
            return None
        fields: Fields = {"@timestamp": found[0], "log.level": match["level"], "message": match["message"]}
        if match["logger"]:
            fields["log.logger"] = match["logger"]
        places = _ARGUMENTS.finditer(match["message"]) if len(match["message"]) < _MOST_TEXT else ()
        for place in islice(places, _MOST_PLACES):
            pairs = read_pairs(match["message"][place.end() :])
            if pairs is not None:
                fields["message"] = match["message"][: place.start()]
                rest = _COMMON.fields(dict(pairs))
                fields.update({key if key not in fields else f"labels.{key}": value for key, value in rest.items()})
                break
        return fields


def _is_hclog(stamp: str, match: re.Match[str]) -> bool:
    """Its stamp is ISO with milliseconds and zone, and four-letter levels are padded."""
    padded = len(match["pad"]) == (2 if len(match["level"]) == 4 else 1)
    return stamp[10:11] == "T" and (stamp[-1:] == "Z" or stamp[-5:-4] in "+-") and padded


class Capnslog(TextFormat):
    """`2026-01-31 12:00:00.678901 I | etcdmain: text`, etcd up to 3.3."""

    name = "capnslog"
    continuation = Continuation.ANY
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line) if " | " in line[:60] else None
        match = None if found is None else _CAPNSLOG.fullmatch(line, found[1])
        if found is None or match is None:
            return None
        return {
            "@timestamp": found[0],
            "log.level": _CAPNSLOG_LEVELS[match["level"]],
            "log.logger": match["logger"],
            "message": match["message"],
        }


class Nats(TextFormat):
    """`[1] 2026/01/31 12:00:00.123456 [INF] text`."""

    name = "nats"
    continuation = Continuation.INDENTED
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        head = _NATS.match(line)
        found = None if head is None else match_stamp(line, head.end())
        match = None if found is None else _NATS_REST.fullmatch(line, found[1])
        if head is None or found is None or match is None:
            return None
        return {
            "@timestamp": found[0],
            "log.level": _NATS_LEVELS[match["level"]],
            "process.pid": int(head["pid"]),
            "message": match["message"],
        }


DAEMON_FORMATS: Sequence[TextFormat] = (Hclog(), Capnslog(), Nats())
