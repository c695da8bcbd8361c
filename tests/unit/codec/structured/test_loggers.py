# ruff: noqa: E501 - log lines are as long as they are
"""JSON loggers as their documentation shows their lines; what must come out of each."""

import json
from typing import Any

import pytest

from tests.unit.codec.support import convert, flat

PYTHON_TRACE = 'Traceback (most recent call last):\n  File "/srv/a.py", line 3, in f\nValueError: bad'

LINES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "python-json-logger",
        {"asctime": "2026-01-01 00:01:01,125", "levelname": "WARNING", "name": "shop", "message": "m", "process": 7,
         "threadName": "MainThread", "pathname": "/a.py", "lineno": 3, "funcName": "f", "order": "A-1"},
        {"@timestamp": "2026-01-01T00:01:01.125Z", "log.level": "warning", "log.logger": "shop", "message": "m",
         "process.pid": 7, "process.thread.name": "MainThread", "log.origin.file.name": "/a.py", "log.origin.file.line": 3,
         "log.origin.function": "f", "labels.order": "A-1"},
    ),
    (
        "structlog",
        {"event": "user login", "logger": "auth", "level": "info", "timestamp": 1767225600.125, "user": "bob", "host": "db1"},
        {"@timestamp": "2026-01-01T00:00:00.125Z", "log.level": "info", "log.logger": "auth", "message": "user login",
         "user.name": "bob", "labels.user": "bob", "labels.host": "db1"},
    ),
    (
        "structlog with a traceback as text",
        {"event": "x", "exception": PYTHON_TRACE, "level": "error", "timestamp": "2026-01-01T00:00:00Z"},
        {"error.type": "ValueError", "error.message": "bad", "error.stack_trace": PYTHON_TRACE, "message": "x"},
    ),
    (
        "structlog with a traceback as data",
        {"event": "x", "level": "error", "exception": [{"exc_type": "ValueError", "exc_value": "bad", "is_cause": False,
                                                        "frames": [{"filename": "/srv/a.py", "lineno": 3, "name": "f"}]}]},
        {"error.type": "ValueError", "error.message": "bad", "error.stack_trace": PYTHON_TRACE, "message": "x"},
    ),
    (
        "pino",
        {"level": 50, "time": 1767323057766, "pid": 1, "hostname": "vm", "name": "api", "msg": "boom",
         "err": {"type": "TypeError", "message": "no", "stack": "TypeError: no\n    at f (/a.js:1:2)", "extra": 5}},
        {"@timestamp": "2026-01-02T03:04:17.766Z", "log.level": "error", "log.logger": "api", "message": "boom",
         "process.pid": 1, "host.hostname": "vm", "error.type": "TypeError", "error.message": "no", "err.extra": 5},
    ),
    (
        "pino-http",
        {"level": 30, "time": 1767323057766, "pid": 1, "hostname": "vm", "msg": "request completed", "responseTime": 12.5,
         "req": {"id": 1, "method": "GET", "url": "/users/12?a=1", "headers": {"user-agent": "curl"},
                 "remoteAddress": "::1", "remotePort": 99}, "res": {"statusCode": 500}},
        {"http.request.method": "GET", "url.path": "/users/12", "url.query": "a=1", "http.route": "/users/{id}",
         "user_agent.original": "curl", "source.ip": "::1", "source.port": 99, "http.response.status_code": 500,
         "event.outcome": "failure", "event.duration": 12_500_000, "http.request.id": "1"},
    ),
    (
        "bunyan",
        {"name": "api", "hostname": "vm", "pid": 1, "level": 60, "msg": "m", "time": "2026-01-02T03:04:07.189Z", "v": 0,
         "src": {"file": "/a.js", "line": 3, "func": "f"}},
        {"log.level": "fatal", "log.logger": "api", "log.origin.file.name": "/a.js", "log.origin.file.line": 3,
         "log.origin.function": "f", "@timestamp": "2026-01-02T03:04:07.189Z"},
    ),
    (
        "winston",
        {"message": "m", "level": "verbose", "timestamp": "2026-01-02T03:04:07.189Z", "service": "shop",
         "stack": "Error: x\n    at f (/a.js:1:2)"},
        {"log.level": "verbose", "service.name": "shop", "labels.service": "shop", "error.type": "Error", "error.message": "x"},
    ),
    (
        "zap",
        {"level": "dpanic", "ts": 1767435631.7059999, "logger": "b", "caller": "go/main.go:26", "msg": "m",
         "error": "disk full", "stacktrace": "main.main\n\t/srv/go/main.go:26"},
        {"@timestamp": "2026-01-03T10:20:31.706Z", "log.level": "panic", "labels.level": "dpanic", "log.logger": "b",
         "log.origin.file.name": "go/main.go", "log.origin.file.line": 26, "error.message": "disk full"},
    ),
    ("zap, nanoseconds", {"level": "info", "ts": 1767435631706123457, "msg": "m"}, {"@timestamp": "2026-01-03T10:20:31.706123457Z"}),
    (
        "logrus",
        {"time": "2026-01-03T10:21:15+01:00", "level": "warning", "msg": "m", "func": "main.run", "file": "/srv/main.go:31",
         "host": "db1"},
        {"@timestamp": "2026-01-03T09:21:15.000Z", "log.level": "warning", "log.origin.function": "main.run",
         "log.origin.file.name": "/srv/main.go", "log.origin.file.line": 31, "labels.host": "db1"},
    ),
    (
        "zerolog",
        {"level": "error", "time": 1767435631, "message": "m", "caller": "main.go:12", "error": "boom",
         "stack": [{"func": "main", "line": "12", "source": "main.go"}]},
        {"@timestamp": "2026-01-03T10:20:31.000Z", "error.message": "boom", "error.stack_trace": "    at main (main.go:12)"},
    ),
    (
        "slog",
        {"time": "2026-01-03T10:20:30.456789012Z", "level": "INFO+2", "msg": "m", "err": "disk full", "dur": 52000000,
         "source": {"function": "main.f", "file": "/srv/main.go", "line": 55}, "g": {"a": 1}},
        {"@timestamp": "2026-01-03T10:20:30.456789012Z", "log.level": "info", "labels.level": "INFO+2", "labels.err": "disk full",
         "error.message": "disk full", "log.origin.file.line": 55, "labels.dur": 52000000, "g.a": 1},
    ),
    (
        "logstash-logback-encoder",
        {"@timestamp": "2026-11-23T02:09:41.33748903Z", "@version": "1", "message": "m", "logger_name": "c.A",
         "thread_name": "main", "level": "WARN", "level_value": 30000, "userId": "u1", "tags": ["A"]},
        {"@timestamp": "2026-11-23T02:09:41.337489030Z", "log.level": "warning", "log.logger": "c.A",
         "process.thread.name": "main", "labels.userId": "u1", "tags": ["A"]},
    ),
    (
        "Serilog CLEF, rendered",
        {"@t": "2026-01-05T06:07:08.2501234Z", "@mt": "Hello, {User} {Count:000}{{!", "@r": ["042"], "User": "alice",
         "Count": 42, "@@at": "z", "SourceContext": "Acme.Shop", "@x": "System.InvalidOperationException: nope\n   at A.B()"},
        {"@timestamp": "2026-01-05T06:07:08.250123400Z", "log.level": "info", "message": "Hello, alice 042{!",
         "labels.User": "alice", "labels.Count": 42, "labels.@at": "z", "log.logger": "Acme.Shop",
         "error.type": "System.InvalidOperationException", "error.message": "nope"},
    ),
    (
        "GELF",
        {"version": "1.1", "short_message": "started", "timestamp": 1767593228.25, "level": 6, "host": "web-1", "_file": "b.py",
         "_line": 42, "_logger_name": "billing", "app": "x", "_stack_info": None},
        {"@timestamp": "2026-01-05T06:07:08.250Z", "message": "started", "log.level": "info", "host.name": "web-1",
         "log.origin.file.name": "b.py", "log.origin.file.line": 42, "log.logger": "billing", "labels.app": "x"},
    ),
    (
        "OTLP",
        {"timeUnixNano": "1767593228250000001", "severityNumber": 17, "body": {"stringValue": "boom"}, "traceId": "4bf92f3577b34da6",
         "attributes": [{"key": "exception.type", "value": {"stringValue": "KeyError"}}, {"key": "n", "value": {"intValue": "42"}}],
         "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}},
        {"@timestamp": "2026-01-05T06:07:08.250000001Z", "log.level": "error", "message": "boom", "error.type": "KeyError",
         "labels.n": 42, "service.name": "shop", "trace.id": "4bf92f3577b34da6"},
    ),
    (
        "Traefik",
        {"ClientAddr": "10.0.0.1:4711", "DownstreamContentSize": 12, "DownstreamStatus": 502, "Duration": 1234567,
         "RequestMethod": "GET", "RequestPath": "/users/12?x=1", "RequestProtocol": "HTTP/1.1", "RequestHost": "shop.example",
         "RouterName": "r@docker", "StartUTC": "2026-01-05T06:07:08.25Z", "level": "info", "msg": "", "time": "2026-01-05T06:07:08Z"},
        {"http.request.method": "GET", "http.response.status_code": 502, "event.duration": 1234567, "source.ip": "10.0.0.1",
         "source.port": 4711, "url.domain": "shop.example", "url.path": "/users/12", "traefik.RouterName": "r@docker",
         "message": "GET /users/12?x=1 HTTP/1.1", "event.outcome": "failure"},
    ),
    (
        "nginx as JSON",
        {"time_local": "05/Jan/2026:06:07:08 +0000", "remote_addr": "10.0.0.1", "request": "GET /users/12 HTTP/1.1",
         "status": "200", "body_bytes_sent": "12", "request_time": "0.005", "http_user_agent": "curl", "http_referrer": "-"},
        {"@timestamp": "2026-01-05T06:07:08.000Z", "source.ip": "10.0.0.1", "http.route": "/users/{id}",
         "http.response.status_code": 200, "http.response.body.bytes": 12, "event.duration": 5_000_000,
         "user_agent.original": "curl", "message": "GET /users/12 HTTP/1.1"},
    ),
    (
        "Caddy",
        {"level": "info", "ts": 1700000000.5, "logger": "http.log.access", "msg": "handled request", "duration": 0.0012, "size": 12,
         "request": {"remote_ip": "10.0.0.1", "remote_port": "5", "proto": "HTTP/2.0", "method": "GET", "host": "shop.example",
                     "uri": "/a?x=1", "headers": {"User-Agent": ["curl"]}}, "status": 200},
        {"source.ip": "10.0.0.1", "source.port": 5, "http.version": "2.0", "url.domain": "shop.example", "url.query": "x=1",
         "http.response.status_code": 200, "event.duration": 1_200_000, "user_agent.original": "curl", "log.level": "info"},
    ),
    (
        "Envoy",
        {"start_time": "2026-01-05T06:07:08.250Z", "method": "GET", "path": "/a", "protocol": "HTTP/1.1", "response_code": 503,
         "duration": 12, "bytes_sent": 5, "user_agent": "curl", "upstream_cluster": "u"},
        {"@timestamp": "2026-01-05T06:07:08.250Z", "event.duration": 12_000_000, "event.outcome": "failure",
         "user_agent.original": "curl", "labels.upstream_cluster": "u", "url.path": "/a"},
    ),
    (
        "an unknown web log",
        {"ts": "2026-01-05T06:07:08Z", "method": "GET", "path": "/users/12", "status": 200, "duration_ms": 12.5},
        {"http.request.method": "GET", "url.path": "/users/12", "http.response.status_code": 200, "event.duration": 12_500_000,
         "labels.duration_ms": 12.5, "labels.status": 200, "event.outcome": "success"},
    ),
    (
        "ecs-logging, nested",
        {"@timestamp": "2026-01-01T00:00:00.000Z", "log": {"level": "ERROR", "logger": "a"}, "message": "m",
         "ecs": {"version": "1.6.0"}, "process": {"pid": "12"}, "basket": 5, "event": "x"},
        {"log.level": "error", "log.logger": "a", "process.pid": 12, "basket": 5, "labels.event": "x"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "wanted"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_a_loggers_line_becomes_ecs(entry: dict[str, Any], wanted: dict[str, Any]) -> None:
    found = flat(json.dumps(entry))
    assert {name: found.get(name) for name in wanted} == wanted


def test_an_export_of_several_otlp_records_gives_each_its_event() -> None:
    records = [{"timeUnixNano": str(1767593228250000000 + n), "body": {"stringValue": f"m{n}"}} for n in range(3)]
    line = json.dumps({"resourceLogs": [{"scopeLogs": [{"scope": {"name": "s"}, "logRecords": records}]}]})
    assert [document["message"] for document in convert(line)] == ["m0", "m1", "m2"]


@pytest.mark.parametrize(
    "line",
    [
        '{"level":"info","msg":"nan","x":NaN,"y":Infinity}',
        '{"level":"info","msg":"lone \\ud800 surrogate"}',
        '{"level":"info","msg":"raw\tcontrol"}',
        '{"level":"info","msg":"big","n":' + "9" * 5000 + "}",
        '{"level":"info","msg":"deep","d":' + '{"a":' * 900 + "1" + "}" * 901,
        '{"level":"info","msg":"wide",' + ",".join(f'"k{n}":{n}' for n in range(3000)) + "}",
        '{"level":"info","msg":"key","' + "k" * 5000 + '":1}',
    ],
    ids=["nan", "surrogate", "control", "big", "deep", "wide", "key"],
)
def test_json_that_breaks_others_is_one_event_with_its_message(line: str) -> None:
    found = flat(line)
    assert found["log.level"] == "info"
    assert str(found["message"]).startswith(json.loads(line, strict=False)["msg"][:4] if len(line) < 4000 else "")


def test_what_json_cannot_say_is_kept_as_written_or_flagged() -> None:
    found = flat('{"level":"info","msg":"m","a":1e999,"b":NaN,"c":-Infinity,"d":1e5}')
    kept = {name: found[f"labels.{name}"] for name in "abcd"}
    assert kept == {"a": "1e999", "b": "NaN", "c": "-Infinity", "d": 100000.0}
    assert "invalid_utf8" in flat('{"level":"info","msg":"half \\ud800 pair"}')["shipper.flags"]
    assert "invalid_utf8" not in flat('{"level":"info","msg":"whole \\ud83d\\ude00 pair","x":NaN}')["shipper.flags"]


@pytest.mark.parametrize("line", ["{", '{"a":', "{}", "[1,2]", '{"a":1} trailing', "{" * 100_000])
def test_what_is_no_object_is_a_plain_line(line: str) -> None:
    assert flat(line)["message"] == line
