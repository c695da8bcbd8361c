"""logfmt and the consoles of Go's loggers."""

from __future__ import annotations

from typing import Any

import pytest

from shipper.event import get_field
from tests.support.cases import convert


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (
            'time="2026-01-03T10:21:17.956Z" level=error msg="write \\"x\\" failed" error="disk full" size=7 ok=true',
            {
                "@timestamp": "2026-01-03T10:21:17.956Z",
                "log.level": "error",
                "message": 'write "x" failed',
                "error.message": "disk full",
                "labels.size": 7,
                "labels.ok": True,
            },
        ),
        (
            "time=2026-01-03T10:20:30.456Z level=INFO source=/srv/main.go:55 msg=started addr=:8080",
            {"log.origin.file.name": "/srv/main.go", "log.origin.file.line": 55, "labels.addr": ":8080"},
        ),
        (
            'at=info method=GET path="/users/12" host=a.io fwd="1.2.3.4,5.6.7.8" dyno=web.1 service=18ms status=503',
            {
                "log.level": "info",
                "event.duration": 18_000_000,
                "event.outcome": "failure",
                "http.route": "/users/{id}",
                "source.ip": "1.2.3.4",
                "url.domain": "a.io",
            },
        ),
        (
            '2026-01-03T10:21:15.456+0100\tWARN\tbilling\tgo/main.go:26\ttab\there\t{"addr": ":8080"}',
            {
                "@timestamp": "2026-01-03T09:21:15.456Z",
                "log.level": "warning",
                "log.logger": "billing",
                "log.origin.file.line": 26,
                "message": "tab\there",
                "labels.addr": ":8080",
            },
        ),
        ("1.767435631706e+09\tinfo\tstarted", {"@timestamp": "2026-01-03T10:20:31.706Z", "message": "started"}),
        (
            "2026-01-03T10:20:30Z ERR main.go:26 > not started addr=:8080",
            {"log.level": "error", "log.origin.file.name": "main.go", "message": "not started", "labels.addr": ":8080"},
        ),
        ("10:20PM INF up", {"@timestamp": "2026-11-22T22:20:00.000Z", "log.level": "info", "message": "up"}),
        ("WARN[0012] slow query   took=7", {"log.level": "warning", "message": "slow query", "labels.took": 7}),
        (
            "INFO[2026-01-03T10:20:30Z] up",
            {"@timestamp": "2026-01-03T10:20:30.000Z", "log.level": "info", "message": "up"},
        ),
        (
            "E0103 10:20:30.456789   12345 main.go:26] lost",
            {
                "@timestamp": "2026-01-03T10:20:30.456789Z",
                "log.level": "error",
                "process.thread.id": 12345,
                "log.origin.file.line": 26,
                "message": "lost",
            },
        ),
    ],
)
def test_a_line_gives_its_parts(line: str, wanted: dict[str, Any]) -> None:
    (event,) = convert(line)
    assert {name: get_field(event, name, None) for name in wanted} == wanted


@pytest.mark.parametrize("line", ["a=1 b=2", "level=5", "x=1 and level=2 then", "see level=info for more", "INFO[x] y"])
def test_a_few_pairs_are_no_logfmt(line: str) -> None:
    (event,) = convert(line)
    assert event["message"] == line
    assert "level" not in event.get("log", {})


def test_zaps_stack_is_a_stack_trace() -> None:
    stack = "main.main\n\t/srv/go/main.go:29\nnet/http.(*conn).serve\n\t/go/src/net/http/server.go:250"
    (event,) = convert(f'2026-01-03T10:21:15.456Z\tERROR\twrite failed\t{{"error": "disk full"}}\n{stack}\n')
    assert (event["message"], event["error"]["message"]) == ("write failed", "disk full")
    assert event["error"]["stack_trace"] == stack


@pytest.mark.parametrize("part", ["a=1 ", 'a="', "a=", "level=1 x ", "\t", "[", "(", " - ", "a.", "\\", "'"])
def test_a_megabyte_in_one_line_costs_linear_time(part: str) -> None:
    for begin in (
        "level=",
        "INFO[0000] ",
        "10:20AM INF ",
        "2026-01-01 00:00:00 INFO 1 --- [",
        "[2026-01-01 00:00:00] INFO x (",
    ):
        assert convert(begin + part * (900_000 // len(part)))
