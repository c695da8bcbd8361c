"""Syslog in both forms, and what stands inside."""

from __future__ import annotations

from typing import Any

import pytest

from shipper.event import get_field
from tests.support.cases import convert


def one(line: str) -> dict[str, Any]:
    (event,) = convert(line)
    return event


def values(line: str, *names: str) -> list[Any]:
    event = one(line)
    return [get_field(event, name, None) for name in names]


def test_a_5424_line_gives_priority_origin_and_structured_data() -> None:
    event = one(
        '<165>1 2026-10-11T22:14:15.003Z host.example app 77 ID47 [ex@32473 iut="3" q="a \\"b\\" \\]"][o@1] \ufeffAn'
    )
    assert event["log"]["syslog"] == {
        "priority": 165,
        "facility": {"code": 20, "name": "local4"},
        "severity": {"code": 5, "name": "Notice"},
        "version": "1",
        "msgid": "ID47",
        "hostname": "host.example",
        "appname": "app",
        "procid": "77",
        "structured_data": {"ex@32473": {"iut": "3", "q": 'a "b" ]'}, "o@1": {}},
    }
    assert (event["@timestamp"], event["message"], event["log"]["level"]) == (
        "2026-10-11T22:14:15.003Z",
        "An",
        "notice",
    )
    assert (event["process"], event["host"]) == ({"name": "app", "pid": 77}, {"hostname": "host.example"})


@pytest.mark.parametrize(
    ("line", "host", "app", "pid", "message"),
    [
        ("<13>Oct  1 22:14:15 test-host su[1024]: this: is", "test-host", "su", 1024, "this: is"),
        ("<13>Oct 11 22:14:15 test-host this is the message", "test-host", None, None, "this is the message"),
        ("<13>2026-10-11T22:14:15+02:00 10.0.0.1 app: x", "10.0.0.1", "app", None, "x"),
        ("<13>Oct 11 22:14:15 fe80::1 app[1]: x", "fe80::1", "app", 1, "x"),
        ("Oct 11 22:14:15 evita postfix/smtpd[1713]: connect", "evita", "postfix/smtpd", 1713, "connect"),
        ("2026-10-11T22:14:15.123456+00:00 web1 kernel: [1.5] oom", "web1", "kernel", None, "[1.5] oom"),
        ("<34>su[12]: denied", None, "su", 12, "denied"),
        ("<34>no tag at all", None, None, None, "no tag at all"),
        ("Oct 11 22:14:15 mac com.apple.xpc[1] (com.x[2]): exited", "mac", "com.apple.xpc", 1, "exited"),
    ],
)
def test_a_3164_line_gives_its_origin(
    line: str, host: str | None, app: str | None, pid: int | None, message: str
) -> None:
    found = values(line, "log.syslog.hostname", "process.name", "process.pid", "message")
    assert found == [host, app, pid, message]


@pytest.mark.parametrize(
    "line",
    [
        "<abc>Oct 11 22:14:15 test-host this",
        "<192>Oct 11 22:14:15 test-host this",
        "<b>bold</b>",
        "Oct 11 22:14:15 ERROR shop: failed",
        "2026-01-01T00:00:00Z INFO shop: hello",
        "2026-01-01T00:00:00Z main Foo: bar",
        "Oct is a month: yes",
    ],
)
def test_other_lines_are_no_syslog(line: str) -> None:
    assert values(line, "log.syslog.hostname", "log.syslog.priority") == [None, None]


def test_a_line_without_a_program_belongs_to_the_host_that_is_known() -> None:
    events = convert("Oct 11 22:14:15 web1 app[1]: x\nOct 11 22:14:16 web1 last message repeated 3 times\n")
    assert events[1]["message"] == "last message repeated 3 times"
    assert events[1]["log"]["syslog"]["hostname"] == "web1"


def test_a_year_less_stamp_gets_the_year_of_the_file_and_a_flag() -> None:
    event = one("Oct 11 22:14:15 web1 app[1]: x")
    assert (event["@timestamp"], event["shipper"]["flags"]) == ("2026-10-11T22:14:15.000Z", ["assumed_year"])


def test_an_escaped_stack_trace_of_rsyslog_is_one_again() -> None:
    event = one("Oct 11 22:14:15 web1 app[1]: failed#012java.lang.Error: x#012#011at a.B.c(B.java:1)")
    assert (event["message"], event["error"]["type"], event["error"]["message"]) == ("failed", "java.lang.Error", "x")


@pytest.mark.parametrize(
    ("inside", "wanted"),
    [
        ("CRON[1]: (root) CMD (run x)", {"message": "run x", "user.name": "root", "system.cron.action": "CMD"}),
        (
            "sshd[2]: Failed password for invalid user bob from 1.2.3.4 port 55 ssh2",
            {"user.name": "bob", "source.ip": "1.2.3.4", "source.port": 55, "event.outcome": "failure"},
        ),
        (
            "sshd[2]: Accepted publickey for vagrant from ::1 port 63673 ssh2: RSA 39:33",
            {
                "user.name": "vagrant",
                "source.ip": "::1",
                "event.outcome": "success",
                "system.auth.ssh.signature": "RSA 39:33",
            },
        ),
        ("sshd[2]: Invalid user test from 10.0.2.2", {"user.name": "test", "source.ip": "10.0.2.2"}),
        ("sshd[2]: Connection closed by 10.0.2.2 port 99 [preauth]", {"source.ip": "10.0.2.2", "source.port": 99}),
        ("login: pam_unix(login:session): session closed for user ann", {"user.name": "ann"}),
        (
            "sudo:  ann : TTY=pts/0 ; PWD=/home/ann ; USER=root ; COMMAND=/bin/ls -l",
            {"user.name": "ann", "user.effective.name": "root", "system.auth.sudo.command": "/bin/ls -l"},
        ),
        (
            'shop[3]: {"level":"warn","msg":"slow","took":7}',
            {"message": "slow", "log.level": "warning", "labels.took": 7},
        ),
        (
            'nginx: 1.2.3.4 - - [02/Jan/2026:03:04:26 +0000] "GET /users/7 HTTP/1.1" 404 2',
            {"http.route": "/users/{id}", "event.outcome": "failure", "source.ip": "1.2.3.4"},
        ),
        ("shop: plain text", {"message": "plain text"}),
    ],
)
def test_what_a_known_program_writes_is_read(inside: str, wanted: dict[str, Any]) -> None:
    assert dict(zip(wanted, values(f"Oct 11 22:14:15 web1 {inside}", *wanted), strict=True)) == wanted


HAPROXY = (
    "{client}:39759 [09/Dec/2026:12:59:46.633] http-in~ app/s1 0/5/1/48/+99 200 +832 - sid=1 ---- 7/8/9/1/+2 3/67 "
)


def test_haproxy_http_lines_are_typed_with_and_without_syslog() -> None:
    line = HAPROXY.format(client="127.0.0.1") + '{curl|} {nginx} "GET /users/12?a=b HTTP/1.1"'
    wanted = {
        "source.ip": "127.0.0.1",
        "source.port": 39759,
        "source.bytes": 832,
        "http.response.bytes": 832,
        "http.response.status_code": 200,
        "http.request.method": "GET",
        "http.route": "/users/{id}",
        "url.query": "a=b",
        "event.duration": 99_000_000,
        "event.outcome": "success",
        "haproxy.frontend_name": "http-in~",
        "haproxy.backend_name": "app",
        "haproxy.server_name": "s1",
        "haproxy.connections.retries": 2,
        "haproxy.backend_queue": 67,
        "haproxy.http.request.captured_headers": "curl|",
        "haproxy.http.response.captured_headers": "nginx",
        "haproxy.http.response.captured_cookie": "sid=1",
        "message": line,
    }
    alone = values(line, *wanted)
    assert dict(zip(wanted, alone, strict=True)) == wanted
    assert values(f"Dec  9 13:01:26 lb haproxy[1]: {line}", *wanted) == alone
    assert values(line, "@timestamp") == ["2026-12-09T12:59:46.633Z"]


def test_haproxy_tcp_error_and_connect_lines_are_read() -> None:
    tcp = "::1:40962 [20/Sep/2026:15:44:23.285] main app/<NOSRV> -1/-1/15 212 SC 1/1/0/0/0 0/0"
    assert values(tcp, "source.ip", "event.duration", "haproxy.termination_state", "haproxy.server_name") == [
        "::1",
        15_000_000,
        "SC",
        None,
    ]
    error = "1.2.3.4:56059 [03/Dec/2026:17:35:10.380] frt/f1: Connection error during SSL handshake"
    assert values(error, "event.outcome", "haproxy.bind_name") == ["failure", "f1"]
    connect = "<30>Dec  9 13:01:26 lb haproxy[1]: Connect from 1.2.3.4:40780 to 5.6.7.8:5000 (main/HTTP)"
    assert values(connect, "destination.ip", "destination.port", "haproxy.mode") == ["5.6.7.8", 5000, "HTTP"]


def test_a_bad_request_of_haproxy_has_no_url() -> None:
    line = '1.2.3.4:1 [18/Jul/2026:17:05:24.339] a a/<NOSRV> -1/-1/-1/-1/6001 408 212 - - cR-- 1/8/0/0/0 0/0 "<BADREQ>"'
    assert values(line, "url", "http.response.status_code", "event.outcome") == [None, 408, "failure"]


@pytest.mark.parametrize("part", ["[a ", 'a="', "<1>", "a ", "1/", ": ", "[x a=b]", "\\"])
def test_a_megabyte_in_one_line_costs_linear_time(part: str) -> None:
    for begin in (
        "<13>1 - - - - - ",
        "Oct 11 22:14:15 h sshd[1]: ",
        "Oct 11 22:14:15 h sudo: ",
        "1.2.3.4:1 [18/Jul/2026:17:05:24] ",
    ):
        assert convert(begin + part * (900_000 // len(part)))
