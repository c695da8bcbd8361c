# ruff: noqa: E501 - log lines are as long as they are
"""Layouts of proxies, gateways, daemons and consoles, each as its documentation shows it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.codec.support import convert, flat

CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("envoy", '[2026-04-15T20:17:00.310Z] "POST /api/v1/locations/7 HTTP/2" 503 UF 154 0 226 - "10.0.35.28" "nsq2http" "cc21d9b0" "locations:8080" "tcp://10.0.2.1:80"',
     {"@timestamp": "2026-04-15T20:17:00.310Z", "http.request.method": "POST", "http.response.status_code": 503, "http.version": "2",
      "event.duration": 226_000_000, "http.route": "/api/v1/locations/{id}", "source.ip": "10.0.35.28", "url.domain": "locations", "url.port": 8080,
      "http.request.id": "cc21d9b0", "envoy.response_flags": "UF", "event.outcome": "failure", "http.request.body.bytes": 154}),
    ("istio", '[2026-04-15T20:17:00.310Z] "GET /a HTTP/1.1" 200 - via_upstream - "-" 0 5 3 2 "-" "curl/8" "id-1" "shop" "10.0.2.1:80" outbound|80||shop 10.0.0.2:1 10.0.0.3:80 10.0.0.4:5 - default',
     {"http.response.status_code": 200, "source.ip": "10.0.0.4", "source.port": 5, "envoy.upstream_cluster": "outbound|80||shop", "event.duration": 3_000_000}),
    ("alb", 'https 2026-07-02T22:23:00.186641Z app/lb/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://www.example.com:443/a HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:tg "Root=1-58337281" "www.example.com" "arn:cert" 1 2026-07-02T22:22:48.364000Z "authenticate,forward" "-" "-" "10.0.0.1:80" "200" "-" "-"',
     {"source.ip": "192.168.131.39", "source.port": 2817, "destination.ip": "10.0.0.1", "event.duration": 171_000_000, "tls.version": "1.2", "tls.cipher": "ECDHE-RSA-AES128-GCM-SHA256",
      "url.domain": "www.example.com", "url.port": 443, "user_agent.original": "curl/7.46.0", "aws.elb.trace_id": "Root=1-58337281"}),
    ("alb without a target", 'http 2026-07-02T22:23:00.186641Z app/lb/50dc 192.168.131.39:2817 - -1 -1 -1 502 - 34 366 "- http://www.example.com:80- " "-" - - arn:aws:tg "Root=1-5" "-" "-" 0 2026-07-02T22:22:48.364000Z "waf" "-" "Timeout" "-" "-" "-" "-"',
     {"http.response.status_code": 502, "event.outcome": "failure", "event.duration": None, "destination.ip": None}),
    ("classic elb", '2026-05-13T23:39:43.945958Z my-lb 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -',
     {"aws.elb.name": "my-lb", "event.duration": 1_178_000, "http.response.body.bytes": 29}),
    ("s3", f'{"7" * 64} bucket [06/Feb/2026:00:00:38 +0000] 192.0.2.3 arn:user 3E57 REST.PUT.OBJECT a/b.txt "PUT /bucket/a/b.txt HTTP/1.1" 404 NoSuchKey 113 500 7 6 "-" "S3Console/0.4" - x= SigV4 ECDHE AuthHeader b.s3.amazonaws.com TLSv1.2',
     {"@timestamp": "2026-02-06T00:00:38.000Z", "source.ip": "192.0.2.3", "aws.s3access.operation": "REST.PUT.OBJECT", "aws.s3access.key": "a/b.txt", "aws.s3access.error_code": "NoSuchKey",
      "event.duration": 7_000_000, "aws.s3access.object_size": 500, "http.response.status_code": 404, "tls.version": "1.2"}),
    ("squid", "1767225600.779    180 192.168.0.224 TCP_MISS/200 411 GET http://a.example/x?y=1 ann HIER_DIRECT/1.2.3.4 text/html",
     {"@timestamp": "2026-01-01T00:00:00.779Z", "event.duration": 180_000_000, "source.ip": "192.168.0.224", "url.domain": "a.example", "url.query": "y=1", "user.name": "ann",
      "destination.ip": "1.2.3.4", "squid.result_code": "TCP_MISS", "http.response.mime_type": "text/html"}),
    ("uwsgi", "[pid: 123|app: 0|req: 1/2] 127.0.0.1 (ann) {32 vars in 400 bytes} [Wed Oct 11 14:32:52 2026] GET /u/12?x=1 => generated 1234 bytes in 12 msecs (HTTP/1.1 200) 2 headers in 80 bytes (1 switches on core 0)",
     {"@timestamp": "2026-10-11T14:32:52.000Z", "process.pid": 123, "http.route": "/u/{id}", "event.duration": 12_000_000, "http.response.body.bytes": 1234, "user.name": "ann", "http.version": "1.1"}),
    ("werkzeug", '127.0.0.1 - - [01/May/2026 10:00:00] "GET /x HTTP/1.1" 200 -', {"@timestamp": "2026-05-01T10:00:00.000Z", "http.response.status_code": 200}),
    ("nginx with ISO time", '1.2.3.4 - - [2026-05-01T10:00:00+02:00] "GET /x HTTP/1.1" 200 5 "-" "c"', {"@timestamp": "2026-05-01T08:00:00.000Z"}),
    (".NET's console", "info: Microsoft.Hosting.Lifetime[14]\n      Now listening on: http://localhost:5000",
     {"log.level": "info", "log.logger": "Microsoft.Hosting.Lifetime", "event.code": "14", "message": "Now listening on: http://localhost:5000"}),
    (".NET's failure", "fail: Shop.Home[0]\n      Something failed\n      System.InvalidOperationException: oops\n         at Shop.Home.Get() in /src/Home.cs:line 10",
     {"log.level": "error", "message": "Something failed", "error.type": "System.InvalidOperationException", "error.message": "oops"}),
    ("Serilog's console", "[10:00:00 WRN] hi there", {"log.level": "warning", "message": "hi there"}),
    ("Serilog's file", "2026-05-01 10:00:00.123 +02:00 [ERR] bad\nSystem.Exception: x\n   at A.B()", {"@timestamp": "2026-05-01T08:00:00.123Z", "log.level": "error", "message": "bad", "error.type": "System.Exception"}),
    ("auditd", 'type=USER_LOGIN msg=audit(1767225600.243:24287): pid=3538 uid=0 auid=1000 msg=\'op=login acct="ann" exe="/usr/sbin/sshd" hostname=? addr=10.0.0.9 terminal=ssh res=failed\'',
     {"@timestamp": "2026-01-01T00:00:00.243Z", "auditd.log.record_type": "USER_LOGIN", "auditd.log.sequence": 24287, "process.pid": 3538, "user.name": "ann", "process.executable": "/usr/sbin/sshd",
      "source.ip": "10.0.0.9", "event.outcome": "failure", "auditd.log.terminal": "ssh"}),
    ("logcat", "05-01 10:00:00.123  1234  5678 E ActivityManager: Start proc", {"process.pid": 1234, "process.thread.id": 5678, "log.level": "error", "log.logger": "ActivityManager", "message": "Start proc"}),
    ("hclog", '2026-05-01T10:00:00.123Z [WARN]  agent.server: started: addr=1.2.3.4:80 id="a b"', {"log.level": "warning", "log.logger": "agent.server", "message": "started", "labels.addr": "1.2.3.4:80", "labels.id": "a b"}),
    ("consul of old", "    2026/01/02 03:04:05 [INFO] raft: Node at 1.2.3.4:8300", {"@timestamp": "2026-01-02T03:04:05.000Z", "log.logger": "raft", "message": "Node at 1.2.3.4:8300"}),
    ("capnslog", "2026-01-02 03:04:05.678901 N | etcdserver/membership: set the version", {"log.level": "notice", "log.logger": "etcdserver/membership", "message": "set the version"}),
    ("nats", "[7] 2026/05/01 10:00:00.123456 [ERR] no", {"process.pid": 7, "log.level": "error", "message": "no", "@timestamp": "2026-05-01T10:00:00.123456Z"}),
    ("klog's structured call", 'I0528 19:15:22.123456   12345 controller.go:116] "Pod \\"a\\" updated" pod="kube-system/dns" n=3', {"message": 'Pod "a" updated', "labels.pod": "kube-system/dns", "labels.n": 3}),
    ("elasticsearch", "[2026-05-17T08:19:35,939][WARN ][o.e.c.r.a.DiskThresholdMonitor] [node-1] [logs-1] flood stage [95%] exceeded", {"log.level": "warning", "log.logger": "o.e.c.r.a.DiskThresholdMonitor", "elasticsearch.node.name": "node-1", "elasticsearch.index.name": "logs-1", "message": "flood stage [95%] exceeded"}),
    ("elasticsearch's slow log", "[2026-06-29T10:06:14,933][INFO ][index.search.slowlog.query] [node-1] [logs-2026.06.26][0] took[4.5ms], took_millis[4], source[{}],", {"elasticsearch.shard.id": "0", "event.duration": 4_000_000}),
    ("logstash", '[2026-01-02T12:34:56,789][WARN ][logstash.outputs.elasticsearch][main][abc123def] Failed {:a=>"b"}', {"log.logger": "logstash.outputs.elasticsearch", "logstash.log.pipeline_id": "main", "logstash.log.plugin_id": "abc123def", "message": 'Failed {:a=>"b"}'}),
    ("cassandra of old", " INFO [main] 2026-01-15 10:11:12,345 CassandraDaemon.java (line 160) Heap size: 7", {"log.origin.file.name": "CassandraDaemon.java", "log.origin.file.line": 160, "message": "Heap size: 7", "process.thread.name": "main"}),
    ("spark", "26/05/01 10:00:00 INFO SparkContext: Running Spark", {"@timestamp": "2026-05-01T10:00:00.000Z", "log.logger": "SparkContext", "message": "Running Spark"}),
    ("dropwizard", "ERROR [2026-05-01 10:00:00,123] com.example.App: bad\n! java.lang.RuntimeException: x\n! at a.B.c(B.java:1)", {"log.level": "error", "log.logger": "com.example.App", "message": "bad", "error.type": "java.lang.RuntimeException"}),
    ("zookeeper without an id", "2026-05-01 10:00:00,123 - INFO  [main:QuorumPeerConfig@103] - Reading", {"log.logger": "QuorumPeerConfig", "process.thread.name": "main", "message": "Reading"}),
    ("sidekiq", "2026-05-01T10:00:00.123Z 1234 TID-oxabc HardJob JID-b4a5 WARN: done: 0.01 sec", {"process.pid": 1234, "log.level": "warning", "message": "done: 0.01 sec", "labels.class": "HardJob", "labels.jid": "b4a5"}),
    ("laravel", '[2026-05-01 10:00:00] local.ERROR: Division by zero {"userId":1,"exception":"[object] (DivisionByZeroError(code: 0): Division by zero at /app/x.php:12)\n[stacktrace]\n#0 /app/y.php(33): foo()\n#1 {main}\n"} ',
     {"log.level": "error", "message": "Division by zero", "error.type": "DivisionByZeroError", "error.message": "Division by zero", "labels.userId": 1}),
    ("bunyan's command", "[2026-05-01T10:00:00.123Z]  WARN: shop/1234 on vm: slow", {"log.logger": "shop", "process.pid": 1234, "host.hostname": "vm", "message": "slow", "log.level": "warning"}),
    ("pino-pretty", '[10:00:00.123] INFO (1234): placed\n    order: "A-1"\n    sum: 7', {"message": "placed", "labels.order": "A-1", "labels.sum": 7}),
    ("tornado", "[W 260501 10:00:00 web:2271] 404 GET / (127.0.0.1) 0.53ms", {"log.origin.file.name": "web", "log.origin.file.line": 2271, "log.level": "warning"}),
    ("fail2ban", "2026-05-01 10:00:00,123 fail2ban.actions        [1234]: NOTICE  [sshd] Ban 1.2.3.4", {"log.level": "notice", "log.logger": "fail2ban.actions", "process.pid": 1234, "message": "[sshd] Ban 1.2.3.4"}),
    ("mosquitto", "1767225600: New connection", {"@timestamp": "2026-01-01T00:00:00.000Z", "message": "New connection"}),
    ("sql server", "2026-05-01 10:00:00.12 spid12s     Starting up database 'master'.", {"mssql.log.origin": "spid12s", "message": "Starting up database 'master'."}),
    ("lograge", "method=GET path=/jobs/8 format=json controller=Jobs action=show status=200 duration=58.33", {"http.request.method": "GET", "http.response.status_code": 200, "http.route": "/jobs/{id}", "labels.controller": "Jobs"}),
    ("cisco ios", "<189>29: *Apr 22 12:34:56.789: %SYS-5-CONFIG_I: Configured from console", {"event.code": "SYS-5-CONFIG_I", "message": "%SYS-5-CONFIG_I: Configured from console", "log.level": "notice"}),
    ("cisco asa", "<166>May 01 2026 10:00:00 fw : %ASA-6-302013: Built", {"@timestamp": "2026-05-01T10:00:00.000Z", "host.hostname": "fw", "event.code": "ASA-6-302013"}),
    ("logback's context", "2026-05-01 10:00:00.123 [main] INFO  com.example.App [traceId=4bf92f3577b34da6, user=bob] - hello", {"trace.id": "4bf92f3577b34da6", "labels.user": "bob", "message": "hello", "log.logger": "com.example.App"}),
    ("log4net's empty context", "2026-05-01 10:00:00,124 [12] INFO  Shop.Program [(null)] - fine", {"message": "fine", "log.logger": "Shop.Program"}),
    ("tracing with spans", "2026-05-01T10:00:00.123456Z  WARN outer:request{method=GET path=/x}:inner: my_crate::a: slow", {"log.logger": "my_crate::a", "message": "slow", "labels.spans": "outer:request{method=GET path=/x}:inner"}),
    ("a level before the time", "ERROR 2026-05-01 10:00:00,123 com.example.App - bad", {"@timestamp": "2026-05-01T10:00:00.123Z", "log.level": "error", "log.logger": "com.example.App", "message": "bad"}),
    ("slf4j-simple", "[main] INFO com.example.App - ready", {"process.thread.name": "main", "log.level": "info", "log.logger": "com.example.App", "message": "ready"}),
    ("a level and no time", "[WARN] disk is nearly full", {"log.level": "warning", "message": "disk is nearly full"}),
    ("postgresql's csvlog", '2026-05-01 10:00:00.123 UTC,"bob","shop",123,"10.0.0.1:1234",644f78b0.7b,3,"SELECT",2026-05-01 09:59:59 UTC,3/4,0,ERROR,42P01,"no ""x"", really",,,,,,"select\n *\nfrom x",15,,"psql"',
     {"@timestamp": "2026-05-01T10:00:00.123Z", "log.level": "error", "message": 'no "x", really', "user.name": "bob", "process.pid": 123, "client.ip": "10.0.0.1", "client.port": 1234, "postgresql.log.query": "select\n *\nfrom x", "postgresql.log.sql_state_code": "42P01"}),
    ("postgresql's jsonlog", '{"timestamp":"2026-05-01 10:00:00.123 UTC","user":"bob","dbname":"shop","pid":123,"remote_host":"10.0.0.1","remote_port":5555,"error_severity":"ERROR","state_code":"42P01","message":"no","statement":"select"}',
     {"log.level": "error", "user.name": "bob", "client.ip": "10.0.0.1", "postgresql.log.query": "select", "process.pid": 123}),
    ("hclog's JSON", '{"@level":"warn","@message":"started","@module":"agent.server","@timestamp":"2026-05-01T10:00:00.123456Z","@caller":"a/b.go:12","addr":"x"}',
     {"log.level": "warning", "log.logger": "agent.server", "message": "started", "log.origin.file.line": 12, "labels.addr": "x"}),
    ("the journal", '{"__REALTIME_TIMESTAMP":"1767225600000001","PRIORITY":"3","_HOSTNAME":"vm","SYSLOG_FACILITY":"3","SYSLOG_IDENTIFIER":"systemd","_PID":"1","MESSAGE":[104,105],"CODE_FILE":"a.c","CODE_LINE":"7","_SYSTEMD_UNIT":"x.service"}',
     {"@timestamp": "2026-01-01T00:00:00.000001Z", "log.level": "error", "message": "hi", "host.hostname": "vm", "process.pid": 1, "log.syslog.facility.code": 3, "systemd.unit": "x.service", "log.origin.file.line": 7}),
    ("log4j 2's JSON", '{"instant":{"epochSecond":1767225600,"nanoOfSecond":118000000},"thread":"main","level":"ERROR","loggerName":"a.B","message":"m","thrown":{"message":"boo","name":"java.lang.X","extendedStackTrace":[{"class":"A","method":"b","file":"A.java","line":1}]},"contextMap":{"k":"v"}}',
     {"@timestamp": "2026-01-01T00:00:00.118Z", "error.type": "java.lang.X", "error.message": "boo", "error.stack_trace": "java.lang.X: boo\n\tat A.b(A.java:1)", "process.thread.name": "main"}),
    ("logstash's JSON", '{"level":"INFO","loggerName":"logstash.runner","timeMillis":1767225600101,"thread":"main","logEvent":{"message":"Starting","logstash.version":"9"}}',
     {"@timestamp": "2026-01-01T00:00:00.101Z", "message": "Starting", "log.logger": "logstash.runner"}),
    ("tracing's JSON", '{"timestamp":"2026-05-01T10:00:00.123456Z","level":"INFO","fields":{"message":"hello","k":1},"target":"shop::db"}', {"message": "hello", "log.logger": "shop::db", "labels.k": 1}),
    ("google cloud's request", '{"severity":"ERROR","time":"2026-05-01T10:00:00Z","message":"x","logging.googleapis.com/trace":"projects/p/traces/0af7651916cd43dd8448eb211c80319c","httpRequest":{"requestMethod":"GET","requestUrl":"/x/7","status":500,"latency":"0.5s","userAgent":"c","remoteIp":"1.2.3.4","responseSize":"12"}}',
     {"trace.id": "0af7651916cd43dd8448eb211c80319c", "http.route": "/x/{id}", "event.duration": 500_000_000, "source.ip": "1.2.3.4", "user_agent.original": "c", "event.outcome": "failure"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_documented_layout_becomes_its_ecs_fields(text: str, wanted: dict[str, Any]) -> None:
    found = flat(text + "\n")
    assert {name: found.get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    "text",
    ["2026-05-01T10:00:00.123456Z  INFO note: hello", "2026-05-01T10:00:00Z [INFO] note: hello",
     "[pid 7] started", "type=SYSCALL and more", "info: listening on 80", "ERROR", "INFORMATION overload"],
)  # fmt: skip
def test_what_only_resembles_a_layout_loses_no_word(text: str) -> None:
    found = flat(text + "\n")
    assert set(text.rpartition(" ")[2]) <= set(found["message"])


def test_records_of_several_consoles_in_one_stream_stay_apart() -> None:
    lines = [
        "info: Shop.A[1]\n      one\n      still one",
        "warn: Shop.B[2]\n      two",
        "[10:00:00 ERR] three\nSystem.Exception: x\n   at A.B()",
        "[10:00:01 INF] four",
    ]
    assert [event["message"] for event in convert("\n".join(lines) + "\n")] == [
        "one\nstill one",
        "two",
        "three",
        "four",
    ]
