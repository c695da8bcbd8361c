"""Logs of databases, queues and web servers."""

from __future__ import annotations

from typing import Any

import pytest

from shipper.event import get_field
from tests.support.cases import convert


def check(line: str, wanted: dict[str, Any]) -> None:
    (event,) = convert(line)
    assert {name: get_field(event, name, None) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("prefix", "wanted"),
    [
        ("2026-03-04 18:24:15.242 UTC [15902] ", {"process.pid": 15902, "user.name": None}),
        (
            "2026-03-04 18:24:15.242 UTC [15902-2] ann@shop ",
            {"user.name": "ann", "postgresql.log.database": "shop", "postgresql.log.session_line_number": 2},
        ),
        ("2026-03-04 18:24:15.242 UTC [15902] [unknown]@[unknown] ", {"process.pid": 15902, "user.name": None}),
        (
            "2026-03-04 19:24:15.242 CET [15902]: [4-1] user=ann,db=shop,app=psql,client=10.0.0.1 ",
            {"user.name": "ann", "client.ip": "10.0.0.1", "postgresql.log.session_line_number": 4},
        ),
        (
            "2026-03-04 18:24:15.242 UTC:10.0.0.1(5432):ann@shop:[15902]:",
            {"user.name": "ann", "client.ip": "10.0.0.1", "client.port": 5432, "process.pid": 15902},
        ),
        ("< 2026-03-04 18:24:15.242 UTC >", {"process.pid": None}),
        ("2026-03-04 18:24:15.242 UTC 15902 6402a1b3.3e1e ", {"postgresql.log.session_id": "6402a1b3.3e1e"}),
    ],
)
def test_any_usual_line_prefix_of_postgresql_is_read(prefix: str, wanted: dict[str, Any]) -> None:
    stamp = {"@timestamp": "2026-03-04T18:24:15.242Z", "log.level": "error", "message": "bad: x"}
    check(f"{prefix}ERROR:  bad: x", {**stamp, **wanted})


def test_what_explains_an_error_of_postgresql_joins_it() -> None:
    head = "2026-03-04 18:24:16.242 UTC [24915] "
    lines = f"{head}ERROR:  42703: no x\n{head}DETAIL:  d\n{head}HINT:  h\n{head}STATEMENT:  select x\n\tfrom y\n"
    error, other = convert(lines + head.replace("24915", "7") + "STATEMENT:  select")
    assert (error["message"], other["log"]["level"]) == ("no x", "statement")
    assert error["postgresql"]["log"] == {
        "sql_state_code": "42703",
        "detail": "d",
        "hint": "h",
        "query": "select x\nfrom y",
    }


def test_a_duration_of_postgresql_is_in_nanoseconds_and_a_statement_keeps_its_lines() -> None:
    check(
        "2026-03-04 18:24:15 UTC [1] LOG:  duration: 37.118 ms  statement: SELECT 1\n\tFROM x;",
        {"event.duration": 37_118_000, "postgresql.log.query": "SELECT 1\n\tFROM x;"},
    )


def test_one_space_after_the_level_is_not_postgresql() -> None:
    check("2026-01-01 12:00:00 [123] ERROR: x", {"log.level": "error", "process.pid": 123, "postgresql": None})


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (
            "2026-12-09T12:08:33.335060Z 7 [Warning] TIMESTAMP with implicit",
            {"log.level": "warning", "mysql.thread_id": 7, "message": "TIMESTAMP with implicit"},
        ),
        (
            "2026-12-09T12:08:33.335060Z 0 [System] [MY-010116] [Server] starting [x]",
            {"event.code": "MY-010116", "event.provider": "Server", "message": "starting [x]"},
        ),
        ("261209  1:02:03 [Note] InnoDB: x", {"@timestamp": "2026-12-09T01:02:03.000Z", "log.level": "note"}),
        ("261209 13:08:33 mysqld_safe Starting", {"message": "mysqld_safe Starting"}),
        (
            "1234:S 31 Jan 2026 12:00:00.123 # Lost",
            {
                "@timestamp": "2026-01-31T12:00:00.123Z",
                "log.level": "warning",
                "redis.log.role": "slave",
                "message": "Lost",
            },
        ),
        ("[12] 31 Jan 12:00:00.123 * Up", {"log.level": "notice", "process.pid": 12, "message": "Up"}),
        (
            "2026-01-31 12:00:00.123456+00:00 [info] <0.33.0> up",
            {"log.level": "info", "rabbitmq.log.pid": "<0.33.0>", "message": "up"},
        ),
        (
            "=ERROR REPORT==== 3-Mar-2026::12:00:00 ===\nclosing\ntwice",
            {"@timestamp": "2026-03-03T12:00:00.000Z", "log.level": "error", "message": "closing\ntwice"},
        ),
        (
            "2026-11-03T18:28:32.450-0500 W COMMAND  [conn7] command x 120ms",
            {
                "@timestamp": "2026-11-03T23:28:32.450Z",
                "log.level": "warning",
                "mongodb.log.component": "COMMAND",
                "mongodb.log.context": "conn7",
                "event.duration": 120_000_000,
            },
        ),
        (
            (
                '2026/10/25 14:49:34 [error] 54#3: *1 open() "/x", client: ::1, request: "GET /u/1 HTTP/1.1"'
                ', upstream: "http://b/", host: "a.io:8080", referrer: "http://c/"'
            ),
            {
                "log.level": "error",
                "process.pid": 54,
                "process.thread.id": 3,
                "nginx.error.connection_id": 1,
                "nginx.error.upstream": "http://b/",
                "http.route": "/u/{id}",
                "http.request.referrer": "http://c/",
                "url.domain": "a.io",
                "url.port": 8080,
            },
        ),
        ("2026/10/25 14:49:34 [emerg] 54#3: bind() failed", {"log.level": "emergency", "message": "bind() failed"}),
        (
            "[Mon Dec 26 16:22:08 2026] [error] [client 192.168.33.1] File does not exist: /x",
            {"source.ip": "192.168.33.1", "message": "File does not exist: /x", "log.level": "error"},
        ),
        (
            (
                "[Mon Aug 31 16:27:04.664900 2026] [proxy:error] [pid 28:tid 14] (70008)P: [client 1.2.3.4:59] "
                "AH01075: Error, referer: http://a/"
            ),
            {
                "@timestamp": "2026-08-31T16:27:04.664900Z",
                "apache.error.module": "proxy",
                "apache.error.cause.code": 70008,
                "process.pid": 28,
                "process.thread.id": 14,
                "source.port": 59,
                "error.code": "AH01075",
                "http.request.referrer": "http://a/",
                "message": "Error, referer: http://a/",
            },
        ),
        ("[Mon Aug 31 16:27:04 2026] [:trace3] [client fe80::1] x", {"log.level": "trace", "source.ip": "fe80::1"}),
    ],
)
def test_a_line_gives_its_parts(line: str, wanted: dict[str, Any]) -> None:
    check(line, wanted)


def test_the_slow_log_of_mysql_is_one_record_a_statement() -> None:
    first, second = convert(
        "# Time: 2026-04-21T09:51:04.123456Z\n# User@Host: root[admin] @ localhost []  Id:     2\n"
        "# Query_time: 3.000347  Lock_time: 0.000002 Rows_sent: 1  Rows_examined: 0\nuse mysql;\n"
        "SET timestamp=1776765064;\nselect sleep(3)\n  2026-01-01;\n"
        "# User@Host: app[app] @  [10.0.0.1]\n# Thread_id: 9  Schema: shop  QC_hit: No\n"
        "# Query_time: 0.5  Lock_time: 0\n"
        "SET timestamp=1776765065;\n# a comment\nselect 1;\n"
    )
    assert (first["@timestamp"], first["event"]["duration"]) == ("2026-04-21T09:51:04.123456Z", 3_000_347_000)
    assert first["message"] == "select sleep(3)\n  2026-01-01;"
    assert (first["user"]["name"], first["source"], first["mysql"]["thread_id"]) == ("root", {"domain": "localhost"}, 2)
    assert first["mysql"]["slowlog"]["schema"] == "mysql"
    assert first["mysql"]["slowlog"]["rows_sent"] == 1
    assert (second["@timestamp"], second["source"]["ip"]) == ("2026-04-21T09:51:05.000Z", "10.0.0.1")
    assert (second["mysql"]["thread_id"], second["mysql"]["slowlog"]["qc_hit"]) == (9, "No")
    assert second["message"].endswith("select 1;")


@pytest.mark.parametrize(
    "part", ["[", "a=", "@", "(1)", ", client: ", "1.", ":", "AH00000: ", "x: 1 ", "ERROR:  ", "\\", '"']
)
def test_a_megabyte_in_one_line_costs_linear_time(part: str) -> None:
    for begin in (
        "2026-03-04 18:24:15 UTC ",
        "2026-03-04 18:24:15 UTC [1] LOG:  duration: 1 ms  ",
        "2026/10/25 14:49:34 [error] 54#3: *1 ",
        "[Mon Aug 31 16:27:04 2026] [a:error] ",
        "# Time: 2026-04-21T09:51:04Z\n# User@Host: ",
    ):
        assert convert(begin + part * (900_000 // len(part)))
