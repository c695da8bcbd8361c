"""What Go's loggers print for people: zap's console, zerolog's console, logrus on a terminal, glog and klog."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec.format import Continuation, TextFormat
from shipper.agent.codec.level import WORDS
from shipper.agent.codec.stamp import Stamp, match_stamp, read_stamp
from shipper.agent.codec.structured.common import Common
from shipper.agent.codec.structured.load import load
from shipper.agent.codec.text.pairs import read_pairs, unescape
from shipper.ecs.instant import SECOND, parse_epoch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_COMMON = Common()
_PLACE = re.compile(r"(?P<file>[^\s:]+\.(?:go|[cm]?[jt]sx?)):(?P<line>\d+)(?::\d+)?")
_FUNCTION = re.compile(r"[\w.\-]{1,99}(?:/[\w.\-]{1,99}){0,20}\.[\w.()*\[\]]{1,300}")
_EXPONENT = re.compile(r"\d\.\d{1,20}e\+09")
_KITCHEN = re.compile(r"(?P<h>1[0-2]|[1-9]):(?P<i>[0-5]\d)(?P<p>[AP]M)")
_ZEROLOG = re.compile(
    r" (?P<level>TRC|DBG|INF|WRN|ERR|FTL|PNC|\?\?\?) (?:(?P<file>\S+\.go):(?P<line>\d+) > )?(?P<text>.*)", re.DOTALL
)
_LOGRUS = re.compile(r"(?P<level>TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)\[(?P<time>[^\]]*)\](?P<text>.*)", re.DOTALL)
_PAIRS = re.compile(r"\s[A-Za-z_][\w.\-]*=")
_KLOG = re.compile(
    r"(?P<level>[IWEF])(?P<m>[01]\d)(?P<d>[0-3]\d) (?P<clock>\d\d:\d\d:\d\d\.\d{6}) +(?P<thread>\d+) "
    r"(?P<file>[^\s:\]]+):(?P<line>\d+)\] (?P<text>.*)",
    re.DOTALL,
)
_QUOTED_TEXT = re.compile(r'"(?P<message>(?:[^"\\]|\\.)*)"(?P<pairs>(?: .*)?)', re.DOTALL)
_MAX_PAIRS = 20_000
_LEVELS = {"TRC": "trace", "DBG": "debug", "INF": "info", "WRN": "warn", "ERR": "error", "FTL": "fatal", "PNC": "panic",
           "TRAC": "trace", "DEBU": "debug", "INFO": "info", "WARN": "warn", "ERRO": "error", "FATA": "fatal",
           "PANI": "panic", "I": "info", "W": "warning", "E": "error", "F": "fatal"}  # fmt: skip


class ZapConsole(TextFormat):
    """`time<tab>LEVEL<tab>logger<tab>file.go:26<tab>text<tab>{json}`; logger, place and JSON may be missing."""

    name = "zap-console"
    continuation = Continuation.TRACE
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        parts = line.split("\t", 5)
        if len(parts) < 3 or len(parts[0]) > 40 or parts[1].lower() not in WORDS:
            return None
        stamp = _time(parts[0])
        if stamp is None:
            return None
        rest = line.split("\t")[2:]
        entry = load(rest[-1]) if len(rest) > 1 and rest[-1].startswith("{") else None
        if entry is not None:
            rest.pop()
        fields: Fields = {"@timestamp": stamp}
        fields["log.level"] = parts[1]
        _places(fields, rest)
        fields["message"] = "\t".join(rest)
        return _with_entry(fields, entry or {})

    def absorbs(self, lines: list[str], line: str) -> bool:  # noqa: ARG002 - a frame says enough
        return _FUNCTION.fullmatch(line) is not None

    def complete(self, fields: Fields, more: list[str]) -> None:
        if _FUNCTION.fullmatch(more[0]):
            fields.setdefault("error.stack_trace", "\n".join(more))
        else:
            super().complete(fields, more)


def _time(text: str) -> Stamp | None:
    """ISO, or zap's epoch seconds, `1.767435631706e+09`."""
    if _EXPONENT.fullmatch(text):
        text = f"{float(text):.6f}"
    epoch = parse_epoch(text)
    return read_stamp(text) if epoch is None else Stamp(epoch, zoned=True)


def _places(fields: Fields, rest: list[str]) -> None:
    """Take logger and caller from the front of `rest`; the last part is always the message."""
    for index in range(min(2, len(rest) - 1)):
        place = _PLACE.fullmatch(rest[index])
        if place is not None:
            fields["log.origin.file.name"], fields["log.origin.file.line"] = place["file"], int(place["line"][:9])
            if index:
                fields["log.logger"] = rest[0].strip("[]") or rest[0]
            del rest[: index + 1]
            return
    if len(rest) == 2 and " " not in rest[0]:
        fields["log.logger"] = rest.pop(0)


def _with_entry(fields: Fields, entry: dict[str, object]) -> Fields:
    for name, value in _COMMON.fields(entry).items():
        fields.setdefault(name if name not in fields else f"labels.{name}", value)
    return fields


class GoConsole(TextFormat):
    """zerolog's `10:20AM INF text key=value` and logrus' `INFO[0000] text   key=value`."""

    name = "go-console"
    continuation = Continuation.TRACE
    first = "0123456789TDIWEFP"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        if line[0].isdigit():
            return _zerolog(line)
        match = _LOGRUS.fullmatch(line)
        if match is None or not (match["time"].isdigit() or read_stamp(match["time"])):
            return None
        fields: Fields = {"log.level": _LEVELS[match["level"]]}
        stamp = None if match["time"].isdigit() else read_stamp(match["time"])
        if stamp is not None:
            fields["@timestamp"] = stamp
        return _text_and_pairs(fields, match["text"].strip())


def _zerolog(line: str) -> Fields | None:
    kitchen = _KITCHEN.match(line)
    if kitchen is not None:
        hour = int(kitchen["h"]) % 12 + (12 if kitchen["p"] == "PM" else 0)
        stamp, end = Stamp((hour * 3600 + int(kitchen["i"]) * 60) * SECOND, missing="date"), kitchen.end()
    else:
        found = match_stamp(line)
        if found is None:
            return None
        stamp, end = found
    match = _ZEROLOG.fullmatch(line, end)
    if match is None:
        return None
    fields: Fields = {"@timestamp": stamp}
    if match["level"] in _LEVELS:
        fields["log.level"] = _LEVELS[match["level"]]
    if match["file"]:
        fields["log.origin.file.name"], fields["log.origin.file.line"] = match["file"], int(match["line"][:9])
    return _text_and_pairs(fields, match["text"])


def _text_and_pairs(fields: Fields, text: str) -> Fields:
    """The message ends where nothing but pairs follows."""
    for begin in list(_PAIRS.finditer(text))[:64] if len(text) < _MAX_PAIRS else ():
        pairs = read_pairs(text[begin.start() :])
        if pairs is not None:
            fields["message"] = text[: begin.start()].rstrip()
            return _with_entry(fields, dict(pairs))
    fields["message"] = text
    return fields


class Klog(TextFormat):
    """`I0103 10:20:30.456789   12345 main.go:26] text`: glog and Kubernetes."""

    name = "klog"
    continuation = Continuation.ANY
    first = "IWEF"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _KLOG.fullmatch(line)
        found = match and match_stamp(f"{match['m']}-{match['d']} {match['clock']}")
        if match is None or not found:
            return None
        fields: Fields = {
            "@timestamp": found[0],
            "log.level": _LEVELS[match["level"]],
            "message": match["text"],
            "process.thread.id": int(match["thread"][:18]),
            "log.origin.file.name": match["file"],
            "log.origin.file.line": int(match["line"][:9]),
        }
        quoted = _QUOTED_TEXT.fullmatch(match["text"]) if len(match["text"]) < _MAX_PAIRS else None
        pairs = None if quoted is None else read_pairs(quoted["pairs"])
        if quoted is not None and pairs is not None:  # klog's structured calls
            fields["message"] = unescape(quoted["message"])
            _with_entry(fields, dict(pairs))
        return fields


GO_FORMATS: Sequence[TextFormat] = (ZapConsole(), GoConsole(), Klog())
