"""Python's text logs: `logging` in its usual layouts, loguru, structlog, Celery, gunicorn, uvicorn, Airflow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shipper.agent.codec import web
from shipper.agent.codec.format import Continuation, LineFields, TextFormat
from shipper.agent.codec.stamp import match_stamp
from shipper.agent.codec.text.headline import read_prefix, take_mdc
from shipper.agent.codec.text.pairs import read_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shipper.agent.codec.format import Fields, Memory

_LV = r"(?P<level>TRACE|DEBUG|INFO|SUCCESS|NOTICE|WARNING|WARN|ERROR|CRITICAL|FATAL)"
_AFTER_STAMP = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        # %(asctime)s - %(name)s - %(levelname)s - %(message)s, and with more between
        rf" - (?P<logger>[^\s]+) - {_LV}\s* - (?:(?P<function>[\w<>]+):(?P<line>\d+) - )?(?P<message>.*)",
        rf" - (?P<pid>\d+) - (?P<logger>[^\s]+) - {_LV} - (?P<message>.*)",
        rf" - {_LV} - (?P<logger>[\w.]+) - (?P<message>.*)",
        rf" - {_LV} - (?P<message>.*)",
        # loguru
        rf" \| {_LV}\s*\| (?P<logger>[\w.<>]+):(?P<function>[^\s:]+):(?P<line>\d+) - (?P<message>.*)",
        # oslo.log
        rf" (?P<pid>\d+) {_LV} (?P<logger>[\w.]+) (?:\[(?P<request>[^\]]*)\] )?(?P<message>.*)",
        # Python's pipe layout
        rf" \| {_LV}\s*\| (?P<logger>[\w.]+)\s*\| (?P<message>.*)",
        # %(levelname)s:%(name)s:%(message)s after the time
        rf" {_LV}:(?P<logger>[\w.]+):(?P<message>.*)",
    )
)
_LEVEL_WORD = re.compile(rf"(?<![\w]){_LV}\b")
_BEFORE_LEVEL = re.compile(r"[ \t\[\]|:(\-][\w.\-\[\]()/:| \t]*")
_PREFIX_SIZE = 200
_CELERY = re.compile(rf": {_LV}/(?P<process>[^\]]+)\] (?P<message>.*)", re.DOTALL)
_GUNICORN = re.compile(rf"\] \[(?P<pid>\d+)\] \[{_LV}\] (?P<message>.*)", re.DOTALL)
_FLASK = re.compile(rf"\] {_LV} in (?P<logger>[\w.]+): (?P<message>.*)", re.DOTALL)
_AIRFLOW = re.compile(rf"\] \{{(?P<file>[^:}}]+):(?P<line>\d+)\}} {_LV} - (?P<message>.*)", re.DOTALL)
_DJANGO = re.compile(
    rf"{_LV} (?P<time>\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d[,.]\d+) (?P<logger>[\w.]+) "
    r"(?P<pid>\d+) (?P<tid>\d+) (?P<message>.*)",
    re.DOTALL,
)
_RUNSERVER = re.compile(r'\] "(?P<request>[^"]*)" (?P<status>\d{3}) (?P<size>\d+)')
_BASIC = re.compile(rf"{_LV}:(?P<logger>[\w.\-]+):(?P<message>.*)", re.DOTALL)
_UVICORN = re.compile(rf"{_LV}: {{2,9}}(?P<message>.*)", re.DOTALL)
_UVICORN_ACCESS = re.compile(r'(?P<peer>\S+:\d+) - "(?P<request>[^"]*)" (?P<status>\d{3})(?: .*)?')
_TORNADO = re.compile(r"\[(?P<level>[DIWEC]) (?=\d)")
_CONSOLE = re.compile(r"\[(?P<level>[a-z]+) *\] (?P<message>.*)", re.DOTALL)
_CONSOLE_EVENT = re.compile(
    r"(?P<event>.*?)(?:\s{1,99}\[(?P<logger>[\w.\-]{1,200})\])?(?P<pairs>(?:\s{1,99}[A-Za-z_][\w.\-]*=(?:'[^']*'|\"[^\"]*\"|\S*))*)\s*",
    re.DOTALL,
)
_CONSOLE_SIZE = 4096
"""Characters up to which pairs are looked for: where the event ends is found by trying."""
_NAMES = {
    "level": "log.level", "logger": "log.logger", "message": "message", "function": "log.origin.function",
    "line": "log.origin.file.line", "file": "log.origin.file.name", "pid": "process.pid", "process": "process.name",
    "request": "labels.request", "tid": "process.thread.id", "time": "@timestamp",
}  # fmt: skip


class PythonLog(TextFormat):
    """`logging` with a time, loguru, oslo.log."""

    name = "python-text"
    continuation = Continuation.ANY
    first = "0123456789"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line)
        if found is None:
            return None
        stamp, end = found
        for layout in _AFTER_STAMP:
            match = layout.fullmatch(line, end)
            if match is not None:
                return {"@timestamp": stamp, **_named(match)}
        if not _is_levelled(line, end):
            return None
        fields, end = read_prefix(line, end)
        if "log.level" not in fields:
            return None
        found_fields: Fields = {"@timestamp": stamp, **fields, "message": line[end:]}
        take_mdc(found_fields)
        return found_fields


def _is_levelled(line: str, end: int) -> bool:
    """Does a level follow the time, after four words at most?"""
    word = _LEVEL_WORD.search(line, end, end + _PREFIX_SIZE)
    if word is None or _BEFORE_LEVEL.fullmatch(line, end, word.start()) is None:
        return False
    return len(line[end : word.start()].split()) <= 5


class PythonBracketed(TextFormat):
    """Celery, gunicorn, Flask, Airflow, Tornado, Django's runserver: the time stands in a bracket."""

    name = "python-bracketed"
    continuation = Continuation.ANY
    first = "["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        letter = _TORNADO.match(line)
        found = match_stamp(line, 1 if letter is None else letter.end())
        if found is None:
            return None
        stamp, end = found
        if letter is not None:
            name, bracket, message = line[end:].partition("] ")
            if not bracket or len(name) > 100:
                return None
            head: Fields = {"@timestamp": stamp, "log.level": letter["level"], "message": message}
            module, colon, number = name.strip().rpartition(":")
            if colon and number.isdigit():  # Tornado's own layout: module and line
                return {**head, "log.origin.file.name": module, "log.origin.file.line": int(number[:9])}
            return {**head, "log.logger": name.strip()}
        request = _RUNSERVER.fullmatch(line, end)
        if request is not None:
            fields: Fields = {"@timestamp": stamp, "message": line}
            web.request(fields, request["request"])
            web.status(fields, request["status"])
            return LineFields({**fields, "http.response.body.bytes": int(request["size"][:18])})
        for layout in (_CELERY, _GUNICORN, _FLASK, _AIRFLOW):
            match = layout.fullmatch(line, end)
            if match is not None:
                return {"@timestamp": stamp, **_named(match)}
        return None


class StructlogConsole(TextFormat):
    """`2026-01-01T00:00:00Z [info     ] job finished   [shop.api] job_id=j-1`."""

    name = "structlog-console"
    continuation = Continuation.ANY
    first = "0123456789["

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        found = match_stamp(line)
        start = 0 if found is None else found[1] + 1
        match = _CONSOLE.fullmatch(line, start)
        if match is None or (found is None and line[0] != "["):
            return None
        if match["level"] not in _CONSOLE_LEVELS:
            return None
        fields: Fields = {"log.level": match["level"], "message": match["message"].rstrip()}
        if found is not None:
            fields["@timestamp"] = found[0]
        event = _CONSOLE_EVENT.fullmatch(match["message"]) if len(match["message"]) < _CONSOLE_SIZE else None
        if event is None:
            return fields
        fields["message"] = event["event"].rstrip()
        if event["logger"]:
            fields["log.logger"] = event["logger"]
        for key, value in read_pairs(event["pairs"]) or ():
            fields.setdefault(key, value)
        return fields


_CONSOLE_LEVELS = frozenset(["debug", "info", "warning", "warn", "error", "critical", "exception", "notset"])


class PythonBasic(TextFormat):
    """`logging.basicConfig()`, uvicorn and Django's verbose layout: the level comes first."""

    name = "python-basic"
    continuation = Continuation.ANY
    first = "TDISNWECF"

    def parse(self, line: str, memory: Memory) -> Fields | None:  # noqa: ARG002 - nothing to remember
        match = _UVICORN.fullmatch(line)
        if match is None:
            match = _BASIC.fullmatch(line) or _DJANGO.fullmatch(line)
            return None if match is None else _named(match)
        fields = _named(match)
        access = _UVICORN_ACCESS.fullmatch(match["message"])
        if access is not None:
            web.address(fields, "source", access["peer"])
            web.request(fields, access["request"])
            web.status(fields, access["status"])
            return LineFields(fields)
        return fields


def _named(match: re.Match[str]) -> Fields:
    found = {_NAMES[key]: value for key, value in match.groupdict().items() if value is not None}
    for name in ("log.origin.file.line", "process.pid", "process.thread.id"):
        if name in found:
            found[name] = int(found[name][:18])
    return found


PYTHON_FORMATS: Sequence[TextFormat] = (PythonLog(), PythonBracketed(), StructlogConsole(), PythonBasic())
