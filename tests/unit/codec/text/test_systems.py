# ruff: noqa: E501 - log lines are as long as they are
"""What systems really write, each line as the documentation or the source of the system has it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.codec.support import convert, flat

CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("rails' request", 'Started GET "/orders/12?x=1" for 1.2.3.4 at 2024-05-01 10:00:00 +0200',
     {"@timestamp": "2024-05-01T08:00:00.000Z", "http.request.method": "GET", "url.path": "/orders/12", "url.query": "x=1", "source.ip": "1.2.3.4", "http.route": "/orders/{id}"}),
    ("rails' answer", "Completed 200 OK in 12ms (Views: 3.4ms | ActiveRecord: 1.2ms | Allocations: 4567)",
     {"http.response.status_code": 200, "event.duration": 12_000_000, "event.outcome": "success", "rails.request.duration.view": 3.4, "rails.request.duration.active_record": 1.2, "rails.request.allocations": 4567}),
    ("rails' controller", "Processing by Admin::OrdersController#show as HTML", {"rails.controller.class": "Admin::OrdersController", "rails.controller.action": "show", "rails.request.format": "HTML"}),
    ("rails' request id", "[2f1c3b7a-1111-4222-8333-123456789abc] Completed 422 Unprocessable Content in 8ms",
     {"http.request.id": "2f1c3b7a-1111-4222-8333-123456789abc", "message": "Completed 422 Unprocessable Content in 8ms", "http.response.status_code": 422, "event.outcome": "failure"}),
    ("rails in Logger", 'I, [2024-05-01T10:00:00.123456 #123]  INFO -- : [2f1c3b7a-1111-4222-8333-123456789abc] Started POST "/login" for ::1 at 2024-05-01 09:59:59 +0000',
     {"@timestamp": "2024-05-01T10:00:00.123456Z", "log.level": "info", "process.pid": 123, "http.request.method": "POST", "source.ip": "::1", "message": 'Started POST "/login" for ::1 at 2024-05-01 09:59:59 +0000'}),
    ("rails' failure", 'F, [2024-05-01T10:00:00.3 #123] FATAL -- : ActionController::RoutingError (No route matches [GET] "/x"):', {"error.type": "ActionController::RoutingError", "error.message": 'No route matches [GET] "/x"'}),
    ("lograge", "method=GET path=/jobs/7.json format=json controller=JobsController action=show status=200 duration=58.33 view=40.43 db=15.26",
     {"http.request.method": "GET", "url.path": "/jobs/7.json", "http.response.status_code": 200, "event.duration": 58_330_000, "labels.controller": "JobsController"}),
    ("lograge in Logger", "I, [2024-05-01T10:00:00.1 #123]  INFO -- : method=GET path=/a format=html controller=HomeController action=index status=302 duration=12.34 view=0.00 db=0.50",
     {"http.response.status_code": 302, "event.duration": 12_340_000, "log.level": "info", "process.pid": 123}),
    ("Nagios' alert", "[1427956600] SERVICE ALERT: web1;SSH;CRITICAL;HARD;3;timed out; again",
     {"@timestamp": "2015-04-02T06:36:40.000Z", "nagios.log.type": "SERVICE ALERT", "host.hostname": "web1", "service.name": "SSH", "nagios.log.status": "CRITICAL",
      "nagios.log.state_type": "HARD", "nagios.log.attempt": 3, "message": "timed out; again"}),
    ("Nagios' notification", "[1427956600] HOST NOTIFICATION: ann;web1;DOWN;notify-by-email;CRITICAL", {"user.name": "ann", "host.hostname": "web1", "nagios.log.status": "DOWN", "message": "CRITICAL"}),
    ("Nagios' warning", "[1427956600] Warning:  Return code of 127 was out of bounds", {"log.level": "warning", "message": "Return code of 127 was out of bounds"}),
    ("ActiveMQ's audit", "INFO  | admin called org.apache.activemq.broker.jmx.QueueView.retry[] at 15-04-2026 22:28:00,100 | qtp2064787513-43",
     {"@timestamp": "2026-04-15T22:28:00.100Z", "user.name": "admin", "process.thread.name": "qtp2064787513-43", "log.level": "info"}),
    ("puma", "[1234] * Listening on http://0.0.0.0:3000", {"process.pid": 1234, "message": "* Listening on http://0.0.0.0:3000"}),
    ("NLog's exception", "2024-05-01 10:00:00.1234|ERROR|Shop.Orders|Something failed|System.InvalidOperationException: bad state",
     {"log.logger": "Shop.Orders", "message": "Something failed", "error.type": "System.InvalidOperationException", "error.message": "bad state", "error.stack_trace": None}),
    ("WildFly's exception", "2024-05-01 10:00:00,123 ERROR [org.jboss.as.ejb3.invocation] (default task-1) WFLYEJB0034: EJB Invocation failed: java.lang.RuntimeException: boom\n\tat a.b.C.d(C.java:1)",
     {"log.logger": "org.jboss.as.ejb3.invocation", "process.thread.name": "default task-1", "error.type": "java.lang.RuntimeException", "error.message": "boom",
      "message": "WFLYEJB0034: EJB Invocation failed: java.lang.RuntimeException: boom", "error.stack_trace": "java.lang.RuntimeException: boom\n\tat a.b.C.d(C.java:1)"}),
    ("an exception without frames at the end of a line", "2024-05-01 10:00:00,123 ERROR [main] com.acme.Foo - Could not save: java.lang.IllegalStateException: closed",
     {"message": "Could not save: java.lang.IllegalStateException: closed", "error.type": "java.lang.IllegalStateException", "error.message": "closed", "error.stack_trace": None}),
    ("Kafka's exception without frames", "[2024-05-01 10:00:00,123] ERROR Fatal error during startup (kafka.server.KafkaServer)\nkafka.common.InconsistentClusterIdException: The Cluster ID x doesn't match",
     {"log.logger": "kafka.server.KafkaServer", "message": "Fatal error during startup", "error.type": "kafka.common.InconsistentClusterIdException", "error.message": "The Cluster ID x doesn't match"}),
    ("prose that names an exception", "2024-05-01 10:00:00,123 ERROR [main] com.acme.Foo - Note: Exception: see the java.lang.Error of yesterday", {"error.type": None, "error.message": None}),
    ("an exception that an info line tells of", "2024-05-01 10:00:00,123 INFO [main] com.acme.Foo - Retried after: java.io.IOException: reset", {"error.type": None, "error.message": None}),
    ("Monolog without a trace", '[2024-05-01 10:00:00] production.ERROR: boom {"userId":7,"exception":"[object] (RuntimeException(code: 23): boom at /srv/X.php:12)"} []',
     {"message": "boom", "error.type": "RuntimeException", "error.message": "boom", "error.code": "23", "error.stack_trace": None, "error.id": None, "log.origin.file.name": None,
      "labels.exception": "[object] (RuntimeException(code: 23): boom at /srv/X.php:12)"}),
    ("Jetty", "2024-05-01 10:00:00.123:INFO:oejs.Server:main: Started @1234ms", {"log.level": "info", "log.logger": "oejs.Server", "process.thread.name": "main", "message": "Started @1234ms"}),
    ("Jetty 10", "2024-05-01 10:00:00.123:WARN :oejs.HttpChannel:qtp123-14: /x\njava.lang.RuntimeException: y\n\tat a.b.C.d(D.java:1)",
     {"log.level": "warning", "log.logger": "oejs.HttpChannel", "process.thread.name": "qtp123-14", "message": "/x", "error.type": "java.lang.RuntimeException"}),
    ("Jetty's old root logger", "2016-12-20 06:34:31.185:DBUG::main: initialized", {"log.level": "debug", "log.logger": None, "process.thread.name": "main", "message": "initialized"}),
    ("tracing with thread and place", "2024-05-01T10:00:00.123456Z  INFO main ThreadId(01) shop::db: src/main.rs:12: connected id=7",
     {"log.logger": "shop::db", "process.thread.name": "main", "process.thread.id": 1, "log.origin.file.name": "src/main.rs", "log.origin.file.line": 12, "message": "connected id=7"}),
    ("log4net", "2024-05-01 10:00:00,123 [12] ERROR Shop.Orders [(null)] - failed", {"process.thread.id": 12, "process.pid": None, "log.logger": "Shop.Orders", "message": "failed"}),
    ("Python with its pid", "2024-05-01 10:00:00,123 [12] ERROR shop.orders - failed", {"process.pid": 12, "process.thread.id": None, "log.logger": "shop.orders"}),
    ("Elasticsearch 7", '{"type": "server", "timestamp": "2019-01-29T10:20:30,123+0000", "level": "WARN", "component": "o.e.b.JNANatives", "cluster.name": "c", "node.name": "node-0",  "message": "x y"}',
     {"@timestamp": "2019-01-29T10:20:30.123Z", "log.level": "warning", "log.logger": "o.e.b.JNANatives", "message": "x y", "elasticsearch.cluster.name": "c", "elasticsearch.node.name": "node-0"}),
    ("HAProxy over TLS", '10.0.0.1:39 [09/Dec/2026:12:59:46.633] fe~ be/s1 0/5/1/48/99 200 832 - - ---- 7/8/9/1/0 0/6 "GET / HTTP/1.1" 0/0000000000000000/0/0/1 example.com/TLSv1.3/TLS_AES_256_GCM_SHA384',
     {"tls.version": "1.3", "tls.version_protocol": "tls", "tls.cipher": "TLS_AES_256_GCM_SHA384", "tls.client.server_name": "example.com", "tls.resumed": True, "http.response.status_code": 200}),
    ("Caddy", '{"level":"info","ts":1646861401.5,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"127.0.0.1","remote_port":"41342","proto":"HTTP/2.0","method":"GET","host":"localhost","uri":"/a?b=1","headers":{"User-Agent":["curl/7.82.0"]},"tls":{"resumed":false,"version":772,"cipher_suite":4865,"proto":"h2","server_name":"example.com"}},"bytes_read":12,"duration":0.001,"size":10900,"status":200}',
     {"http.request.body.bytes": 12, "http.response.body.bytes": 10900, "tls.version": "1.3", "tls.cipher": "TLS_AES_128_GCM_SHA256", "tls.next_protocol": "h2", "tls.client.server_name": "example.com", "event.duration": 1_000_000}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_line_of_a_system_becomes_its_ecs_fields(text: str, wanted: dict[str, Any]) -> None:
    found = flat(text + "\n")
    assert {name: found.get(name) for name in wanted} == wanted


def test_rails_lines_without_a_time_have_that_of_their_request() -> None:
    text = 'Started GET "/" for 1.2.3.4 at 2024-05-01 10:00:00 +0200\nProcessing by A#b as HTML\nCompleted 200 OK in 12ms\n'
    assert {event["@timestamp"] for event in convert(text)} == {"2024-05-01T08:00:00.000Z"}


def test_workers_of_puma_are_told_apart_once_puma_was_seen() -> None:
    found = convert("[7] Puma starting in cluster mode...\n[9] Early termination of worker\n")
    assert [event["process"]["pid"] for event in found] == [7, 9]
    assert convert("[9] Early termination of worker\n")[0]["message"] == "[9] Early termination of worker"
