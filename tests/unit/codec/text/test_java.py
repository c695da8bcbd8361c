"""Java's text layouts."""

from __future__ import annotations

from typing import Any

import pytest

from shipper.event import get_field
from tests.support.cases import convert

STAMP = "2026-11-23T02:09:41.279Z"
IDS = {"trace.id": "5bd5ae2b5e2a1b2c", "span.id": "abc1ae2b5e2a1b2c"}


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (
            "2026-11-23T02:09:41.279Z  INFO 4711 --- [orders] [           main] c.a.OrderService             : up: 1",
            {
                "service.name": "orders",
                "process.thread.name": "main",
                "log.logger": "c.a.OrderService",
                "message": "up: 1",
            },
        ),
        (
            "2026-11-23 02:09:41.279 ERROR 7 --- [           main] c.a.OrderService : down",
            {"process.pid": 7, "process.thread.name": "main", "service.name": None, "log.level": "error"},
        ),
        (
            "2026-11-23 02:09:41.279  INFO [orders,5bd5ae2b5e2a1b2c,abc1ae2b5e2a1b2c,true] 7 --- [exec-1] c.a.O : x",
            {"service.name": "orders", **IDS},
        ),
        (
            "2026-11-23 02:09:41.279  INFO 7 --- [orders] [exec-1] [5bd5ae2b5e2a1b2c-abc1ae2b5e2a1b2c] c.a.O : x",
            {"service.name": "orders", "process.thread.name": "exec-1", **IDS},
        ),
        (
            "23-Nov-2026 02:09:41.279 SEVERE [main] org.apache.catalina.util.LifecycleBase.start Failed [x[y]]",
            {
                "log.logger": "org.apache.catalina.util.LifecycleBase",
                "log.origin.function": "start",
                "process.thread.name": "main",
                "log.level": "error",
                "labels.level": "SEVERE",
                "message": "Failed [x[y]]",
            },
        ),
        (
            "[2026-11-23 02:09:41,279] WARN [Reaper-1]: Starting (kafka.server.Reaper$A)",
            {"log.logger": "kafka.server.Reaper$A", "kafka.log.component": "Reaper-1", "message": "Starting"},
        ),
        (
            "2026-11-23 02:09:41,279 INFO  [org.jboss.as] (MSC thread (1) 2) WFLYSRV0049: up",
            {"log.logger": "org.jboss.as", "process.thread.name": "MSC thread (1) 2", "message": "WFLYSRV0049: up"},
        ),
        (
            "2026-11-23 02:09:41,279 [myid:1] - INFO  [main:QuorumPeer@123] - up",
            {"log.logger": "QuorumPeer", "log.origin.file.line": 123, "labels.myid": "1", "message": "up"},
        ),
        (
            "INFO  [main] 2026-11-23 02:09:41,279 Daemon.java:500 - up",
            {"log.origin.file.name": "Daemon.java", "process.thread.name": "main", "message": "up"},
        ),
    ],
)
def test_a_layout_gives_its_parts(line: str, wanted: dict[str, Any]) -> None:
    (event,) = convert(line)
    assert event["@timestamp"] == STAMP
    assert {name: get_field(event, name, None) for name in wanted} == wanted


def test_the_two_lines_of_java_util_logging_are_one_record() -> None:
    text = (
        "Oct 30, 2026 11:10:05 PM org.apache.catalina.core.StandardWrapperValve invoke\n"
        "SEVERE: Servlet threw exception\njava.lang.ClassCastException: x\n    at org.apache.jsp.A.b(A.java:85)\n"
    )
    first, second = convert(text + text.replace(":05", ":06").replace("SEVERE", "WARNING"))
    assert (first["@timestamp"], first["message"]) == ("2026-10-30T23:10:05.000Z", "Servlet threw exception")
    assert (first["log"]["level"], first["log"]["origin"]["function"]) == ("error", "invoke")
    assert (first["error"]["type"], first["error"]["message"]) == ("java.lang.ClassCastException", "x")
    assert (second["@timestamp"], second["log"]["level"]) == ("2026-10-30T23:10:06.000Z", "warning")


def test_the_thread_dump_clock_of_ttcc_is_no_time() -> None:
    (event,) = convert("15 [main] INFO  com.x.Foo ctx - started")
    assert (event["log"]["logger"], event["labels"]["ndc"], event["message"]) == ("com.x.Foo", "ctx", "started")
    assert event["shipper"]["flags"] == ["assumed_time"]


@pytest.mark.parametrize("logger", ["com.shop.OrderService", "com.shop.orders"])
def test_a_dash_before_the_message_is_log4j_not_catalina(logger: str) -> None:
    (event,) = convert(f"2026-11-22 10:00:01,123 ERROR [main] {logger} - hello")
    assert get_field(event, "log.logger") == logger
    assert get_field(event, "message") == "hello"
    assert get_field(event, "process.thread.name") == "main"
