"""JSON of loggers that share their key names, and of loggers that nobody knows.

The former are python-json-logger, structlog, winston, zap, logrus, zerolog, slog, logstash-logback-encoder and more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shipper.agent.codec import web
from shipper.agent.codec.level import WORDS
from shipper.agent.codec.stamp import read_stamp
from shipper.agent.codec.structured.base import JsonLogger
from shipper.agent.codec.structured.errors import error_object, error_text, stack_text, structured_traceback
from shipper.agent.codec.structured.google import take_google
from shipper.ecs.coerce import is_address
from shipper.ecs.instant import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shipper.agent.codec.format import Fields
    from shipper.agent.codec.structured.base import Entry

TIME = (
    "@timestamp", "timestamp", "time", "ts", "asctime", "datetime", "date", "@t", "eventTime", "event_time", "log_time",
    "logTime", "Timestamp", "Time", "TimeStamp", "TIMESTAMP", "TIME", "dt", "t", "created_at", "createdAt",
    "__REALTIME_TIMESTAMP", "time_iso8601", "time_local", "start_time", "msec",
)  # fmt: skip
LEVEL = (
    "log.level", "level", "levelname", "severity", "lvl", "log_level", "loglevel", "logLevel", "level_name",
    "levelName",     "severityText", "severity_text", "Level", "Severity", "LogLevel", "LEVEL", "SEVERITY",
)  # fmt: skip
MESSAGE = (
    "message", "msg", "event", "@message", "@m", "Message", "Msg", "MESSAGE", "short_message", "logMessage",
    "log_message", "RenderedMessage",
)  # fmt: skip
PERHAPS_LEVEL = ("l", "priority", "PRIORITY", "type", "status")
_PERHAPS_MESSAGE = ("text", "log", "body", "description")
"""Filled in where there is no other level or message, and kept under their own names."""
STRINGS = {
    "log.logger": ("logger", "logger_name", "loggerName", "LoggerName", "Category", "SourceContext", "categoryName"),
    "process.thread.name": ("thread_name", "threadName", "thread", "Thread", "ThreadName"),
    "process.name": ("processName", "process_name"),
    "host.hostname": ("hostname", "Hostname", "host_name", "HOSTNAME", "_HOSTNAME"),
    "log.origin.function": ("funcName", "func_name", "func"),
    "log.origin.file.name": ("pathname", "filename", "file_name", "fileName"),
    "service.version": ("service_version", "serviceVersion"),
    "service.environment": ("environment",),
}
NUMBERS = {
    "process.pid": ("pid", "process", "process_id", "processId", "ProcessId", "Pid", "_PID"),
    "process.thread.id": ("thread_id", "threadId", "thread", "ThreadId", "tid"),
    "log.origin.file.line": ("lineno", "lineNumber", "line_number"),
}
PLACED = frozenset({"log.origin.file.name", "log.origin.function"})
"""Where one of these is known, `line` and `function` belong to it; else they are the log's own affair."""
IDS = {
    "trace.id": ("trace_id", "traceId", "traceID", "traceid", "TraceId", "otelTraceID", "dd.trace_id", "trace.id"),
    "span.id": ("span_id", "spanId", "spanID", "spanid", "SpanId", "otelSpanID", "dd.span_id", "span.id"),
    "transaction.id": ("transaction_id", "transactionId", "transaction.id"),
}
KEYS: Mapping[str, tuple[str, ...]] = {
    "@timestamp": TIME,
    "log.level": LEVEL,
    "message": (*MESSAGE, *_PERHAPS_MESSAGE),
    **STRINGS,
    **NUMBERS,
    **IDS,
}
"""Which keys fill which field, in the order in which they are tried: for the documentation."""
STACKS = (
    "stack_trace",
    "stackTrace",
    "stacktrace",
    "StackTrace",
    "errorVerbose",
    "exc_info",
    "exc_text",
    "stack",
    "traceback",
)
ERRORS = ("exception", "error", "err", "Exception", "exc_info")
PYTHON_MARKS = frozenset({"levelname", "lineno", "funcName", "threadName", "pathname", "levelno"})
_ID = re.compile(r"[0-9a-fA-F\-]{8,64}|\d{1,20}")
_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+)(?::\d+)?")
PLACES = ("caller", "file", "source", "log.origin")
"""Keys of a place in the source as text, in the order in which they are tried."""
_TARGETS = ("path", "uri", "url", "request_uri", "route", "target")
_CODES = ("status", "status_code", "statusCode", "response_code")
_PEER = (
    ("remote_addr", "remoteAddr", "remote_ip", "client_ip", "ip"),
    ("user_agent", "userAgent", "user-agent", "ua"),
)
"""Keys of a request's client and of its program."""
_DURATIONS = {
    "duration_ms": 1e6, "durationMs": 1e6, "elapsed_ms": 1e6, "latency_ms": 1e6, "responseTime": 1e6,
    "response_time_ms": 1e6, "duration_ns": 1, "duration_us": 1e3, "duration_s": 1e9,
}  # fmt: skip
"""Durations of requests with their unit in nanoseconds."""
NO_FIELD = frozenset({"@version", "level_value"})


class Common(JsonLogger):
    """Takes every object: finds time, level, message, origin, error and HTTP by the usual names."""

    name = "common"

    def recognises(self, entry: Entry) -> bool:  # noqa: ARG002 - takes all
        return True

    def fields(self, entry: Entry) -> Fields:
        rest = dict(entry)
        fields: Fields = {}
        python = not PYTHON_MARKS.isdisjoint(rest)
        _take(rest, fields, "@timestamp", TIME, is_time)
        _take_protobuf_time(rest, fields)
        _take(rest, fields, "log.level", LEVEL, is_level)
        _take_nested_level(rest, fields)
        perhaps = next((rest[key] for key in PERHAPS_LEVEL if _is_level_word(rest.get(key))), None)
        if perhaps is not None:
            fields.setdefault("log.level", perhaps)
        _take(rest, fields, "message", MESSAGE, is_text)
        message = next((rest[key] for key in _PERHAPS_MESSAGE if is_text(rest.get(key))), None)
        if message is not None:
            fields.setdefault("message", message)
        take_context(rest, fields, python=python)
        take_errors(rest, fields)
        take_names(rest, fields)
        take_http(rest, fields)
        if "log.level" in fields:
            for name in NO_FIELD & rest.keys():
                del rest[name]
        for key, value in rest.items():
            fields.setdefault(key, value)
        return fields


def take_context(rest: Entry, fields: Fields, *, python: bool = False) -> None:
    """Logger, process, thread, host, place in the source, trace ids."""
    for name, keys in STRINGS.items():
        _take(rest, fields, name, keys, is_text)
    for name, keys in NUMBERS.items():
        _take(rest, fields, name, keys, is_count)
    for name, keys in IDS.items():
        _take(rest, fields, name, keys, is_id)
    if not PLACED.isdisjoint(fields) or "file" in rest:
        _take(rest, fields, "log.origin.file.line", ("line",), is_count)
        _take(rest, fields, "log.origin.function", ("function",), is_text)
    if python and "log.logger" not in fields:
        _take(rest, fields, "log.logger", ("name",), is_text)
    _take_place(rest, fields)


def _take_nested_level(rest: Entry, fields: Fields) -> None:
    """`{"log": {"level": …}}`: ECS without its version."""
    log = rest.get("log")
    if isinstance(log, dict) and "log.level" not in fields and is_level(log.get("level")):
        fields["log.level"] = log["level"]
        rest["log"] = {key: value for key, value in log.items() if key != "level"}


def _take_protobuf_time(rest: Entry, fields: Fields) -> None:
    """Google's `{"seconds": …, "nanos": …}`."""
    value = rest.get("timestamp")
    if not isinstance(value, dict) or "@timestamp" in fields or not value.keys() <= {"seconds", "nanos"}:
        return
    seconds, nanos = value.get("seconds"), value.get("nanos", 0)
    if isinstance(seconds, int | str) and is_time(seconds) and isinstance(nanos, int) and 0 <= nanos < SECOND:
        fields["@timestamp"] = int(seconds) * SECOND + nanos
        del rest["timestamp"]


def _take_place(rest: Entry, fields: Fields) -> None:
    source = rest.get("source")
    if (
        isinstance(source, dict)
        and source.keys() & {"function", "file", "line"}
        and source.keys() <= {"function", "file", "line"}
    ):
        _place(fields, source.get("file"), source.get("line"), source.get("function"))
        del rest["source"]
    for key in PLACES:
        place = place_in(rest.get(key))
        if place is not None and "log.origin.file.name" not in fields:
            _place(fields, *place, None)
            del rest[key]


def place_in(value: Any) -> tuple[str, int] | None:
    """File and line of `name.go:12`; None where `value` is no such text."""
    match = _PLACE.fullmatch(value) if isinstance(value, str) and len(value) < 1024 else None
    return None if match is None else (match["file"], int(match["line"][:9]))


def _place(fields: Fields, file: Any, line: Any, function: Any) -> None:
    for name, value in (("file.name", file), ("file.line", line), ("function", function)):
        if value not in (None, "", 0):
            fields.setdefault(f"log.origin.{name}", value)


def take_errors(rest: Entry, fields: Fields) -> None:
    """Errors under any of their usual names."""
    for key in STACKS:
        stack = stack_text(rest.get(key))
        if stack is not None and ("\n" in stack or key in ("stack_trace", "stacktrace") or isinstance(rest[key], list)):
            fields.setdefault("error.stack_trace", stack)
            del rest[key]
    for key in ERRORS:
        value = rest.get(key)
        structured = structured_traceback(value)
        if structured is not None:
            kind, message, text = structured
            found = {"error.type": kind, "error.message": message, "error.stack_trace": text}
            fields.update({name: part for name, part in found.items() if part and name not in fields})
            del rest[key]
        elif isinstance(value, dict):
            del rest[key]
            error_object(fields, value, f"custom.{key}" if key == "error" else key)
        elif isinstance(value, str) and value:
            error_text(fields, value)
            if key != "err" or "\n" in value:  # `err` is the program's own word: slog has none
                del rest[key]


def take_names(rest: Entry, fields: Fields) -> None:
    """Strings where ECS has an object: the ECS name is filled, the log's own name stays as a label."""
    for key, name in (("service", "service.name"), ("user", "user.name"), ("username", "user.name")):
        value = rest.get(key)
        if isinstance(value, str) and value and name not in rest:
            fields.setdefault(name, value)
    url = rest.get("url")
    if isinstance(url, str) and url.startswith(("/", "http://", "https://")):
        web.target(fields, url)


def take_http(rest: Entry, fields: Fields) -> None:
    """Request and response, from `req` and `res` objects or from flat keys that only a request has together."""
    take_google(rest, fields)
    request, response = rest.get("req"), rest.get("res")
    if isinstance(request, dict) and isinstance(request.get("method"), str):
        _take_req(rest.pop("req"), fields)
    if isinstance(response, dict) and _is_status(response.get("statusCode")):
        left = {key: value for key, value in rest.pop("res").items() if key != "statusCode"}
        web.status(fields, response["statusCode"])
        fields.update({"http.response": left} if left else {})
        elapsed = rest.get("responseTime")
        if isinstance(elapsed, int | float):
            fields["event.duration"] = round(elapsed * 1_000_000)
    method = rest.get("method")
    if not isinstance(method, str) or method.upper() not in web.METHODS:
        return
    client, agent = (next((rest[key] for key in keys if isinstance(rest.get(key), str)), "") for keys in _PEER)
    if is_address(client):
        web.address(fields, "source", f"[{client}]")
    if agent:
        fields.setdefault("user_agent.original", agent)
    place = next((rest[key] for key in _TARGETS if isinstance(rest.get(key), str)), None)
    code = next((rest[key] for key in _CODES if _is_status(rest.get(key))), None)
    if place is None and code is None:
        return
    fields["http.request.method"] = rest.pop("method")
    if place is not None and "url.original" not in fields:
        web.target(fields, place, method)
    if code is not None:
        web.status(fields, code)
        _take_duration(rest, fields)


def _take_req(request: Entry, fields: Fields) -> None:
    fields["http.request.method"] = request.pop("method")
    if isinstance(request.get("url"), str):
        web.target(fields, request.pop("url"))
    headers = request.get("headers")
    if isinstance(headers, dict) and isinstance(headers.get("user-agent"), str):
        fields["user_agent.original"] = headers["user-agent"]
    if isinstance(request.get("remoteAddress"), str):
        web.address(fields, "source", f"[{request['remoteAddress']}]:{request.get('remotePort', '')}")
    left = {key: value for key, value in request.items() if key not in ("remoteAddress", "remotePort")}
    if left:
        fields["http.request"] = left


def _take_duration(rest: Entry, fields: Fields) -> None:
    for key, factor in _DURATIONS.items():
        value = rest.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15:
            fields["event.duration"] = round(value * factor)
            return
    for key in ("duration", "latency", "elapsed", "took"):
        took = web.go_duration(rest[key]) if isinstance(rest.get(key), str) else None
        if took is not None:
            fields["event.duration"] = took
            return
    if "controller" in rest and "action" in rest and isinstance(rest.get("duration"), int | float):  # lograge
        fields["event.duration"] = round(rest["duration"] * 1e6)


def _take(rest: Entry, fields: Fields, name: str, keys: tuple[str, ...], fits: Callable[[Any], bool]) -> None:
    """Move the first value that fits from its own key to `name`."""
    if name in fields:
        return
    for key in keys:
        if key in rest and fits(rest[key]):
            fields[name] = rest.pop(key)
            return


def is_time(value: Any) -> bool:
    """Is it a date and time, or a number of seconds, ms, us or ns since the epoch after 1973?"""
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return 1e8 <= value < 9.3e18
    if not isinstance(value, str) or not 8 <= len(value) <= 64:
        return False
    text = value.strip()
    if text.replace(".", "", 1).isdigit():
        return len(text.partition(".")[0]) >= 9
    stamp = read_stamp(text)
    return stamp is not None and stamp.missing != "date"


def is_id(value: Any) -> bool:
    """Is it an id of a trace, a span or a transaction?"""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def is_level(value: Any) -> bool:
    """May it be a level, under a key that holds levels?"""
    if isinstance(value, str):
        return (
            value.strip().lower() in WORDS or (0 < len(value) <= 16 and value.strip().isalpha()) or value[:4].isupper()
        )
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100


def _is_level_word(value: Any) -> bool:
    return isinstance(value, str) and len(value) > 3 and value.lower() in WORDS


def is_text(value: Any) -> bool:
    """Is it text, not empty?"""
    return isinstance(value, str) and value != ""


def is_count(value: Any) -> bool:
    """Is it an integer, or the text of one?"""
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, str) and value.isdigit())


def _is_status(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599
