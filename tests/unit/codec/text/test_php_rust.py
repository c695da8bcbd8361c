"""PHP's error log, Monolog, Rust's loggers, and head lines that only look like a level."""

from __future__ import annotations

from typing import Any

import pytest

from shipper.event import get_field
from tests.support.cases import convert


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (
            "[31-Jan-2026 12:00:00 Europe/Berlin] PHP Warning:  Undefined $x in /srv/a.php on line 3",
            {
                "@timestamp": "2026-01-31T11:00:00.000Z",
                "log.level": "warning",
                "message": "Undefined $x in /srv/a.php on line 3",
            },
        ),
        (
            "[31-Jan-2026 12:00:00 UTC] PHP Fatal error:  Uncaught Exception: boom in a:3\nStack trace:\n#0 {main}",
            {"log.level": "error", "error.type": "Exception", "error.message": "boom"},
        ),
        (
            '[2026-01-31 12:00:00] production.ERROR: boom {"user":7} {"host":"a"}',
            {"log.logger": "production", "log.level": "error", "message": "boom", "labels.user": 7, "labels.host": "a"},
        ),
        (
            "[2026-01-31T12:00:00.123+00:00] app.INFO: up {} []",
            {"@timestamp": "2026-01-31T12:00:00.123Z", "message": "up"},
        ),
        (
            "[2026-01-01T00:00:00Z ERROR shop::db] lost",
            {"@timestamp": "2026-01-01T00:00:00.000Z", "log.logger": "shop::db", "message": "lost"},
        ),
        (
            "2026-01-01T00:00:00.5Z  WARN shop::db: lost id=7",
            {"log.level": "warning", "log.logger": "shop::db", "message": "lost id=7"},
        ),
        (
            'Dec 14 06:41:08 Exception in thread "main" java.lang.RuntimeException: bad\n    at a.B.c(B.java:22)',
            {"log.level": None, "error.type": "java.lang.RuntimeException", "error.message": "bad"},
        ),
        (
            "2019/01/15 07:48:05 http: panic serving [::1]:5: boom\ngoroutine 24 [running]:\na.b()\n\t/go/a.go:1 +0xd0",
            {"log.level": None, "message": "http: panic serving [::1]:5: boom", "error.type": "panic"},
        ),
    ],
)
def test_a_line_gives_its_parts(line: str, wanted: dict[str, Any]) -> None:
    (event,) = convert(line)
    assert {name: get_field(event, name, None) for name in wanted} == wanted


@pytest.mark.parametrize("part", ["{", " {", "a::", '{"a":', " []"])
def test_a_megabyte_in_one_line_costs_linear_time(part: str) -> None:
    for begin in ("[2026-01-31 12:00:00] a.INFO: ", "2026-01-01T00:00:00Z ERROR ", "[2026-01-01T00:00:00Z ERROR "):
        assert convert(begin + part * (900_000 // len(part)))
