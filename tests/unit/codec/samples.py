"""Typical records of each format: the contract tests run over all of them."""

from __future__ import annotations

TRACEBACK = """\
2026-01-01 00:15:16,875 - shop.checkout - ERROR - lookup failed
Traceback (most recent call last):
  File "/srv/shop/app/checkout.py", line 46, in boom
    raise KeyError(1)
KeyError: 1"""

SAMPLES: dict[str, tuple[str, ...]] = {
    "json": (
        '{"@timestamp":"2026-01-01T00:00:00.000Z","log.level":"info","message":"ready","ecs.version":"1.6.0"}',
        '{"@timestamp":"2026-01-01T00:00:01.000Z","log":{"level":"WARN","logger":"a"},"message":"x","ecs":{"version":"1.6.0"}}',
        '{"level":30,"time":1767323056255,"pid":13574,"hostname":"vm","name":"a","vip":true,"msg":"order placed"}',
        '{"timestamp": "2026-01-01T00:01:01Z", "level": "error", "event": "failed", "user": "bob", "host": "db1"}',
        '{"level":"error","ts":1767435635.456,"logger":"billing","caller":"main.go:9","msg":"x","error":"disk full"}',
        '{\n  "level": "error",\n  "time": "2026-01-01T00:00:00Z",\n  "o": {\n    "id": 7\n  },\n  "msg": "b"\n}',
    ),
    "access": (
        '127.0.0.1 - frank [02/Jan/2026:03:04:26 +0000] "POST /v1/orders/17?s=201 HTTP/1.1" 201 2 "-" "curl/8.1" 0.123',
        '10.0.0.7 - - [02/Jan/2026:03:04:27 +0000] "GET / HTTP/1.1" 200 5',
    ),
    "python-text": (
        "2026-01-01 00:01:01,125 INFO shop.checkout user alice logged in",
        TRACEBACK,
        "2026-01-01 00:08:09,000 INFO shop.checkout first line\nsecond line\n\tindented third",
    ),
    "python-bracketed": (
        "[2026-01-01 00:00:00 +0000] [123] [INFO] Booting worker with pid: 123",
        "[2026-01-01 00:00:00,123: INFO/MainProcess] Task shop.add[4f] received",
        "[2026-01-01 00:00:00,123] ERROR in app: Exception on / [GET]",
    ),
    "structlog-console": (
        "2026-01-01T00:00:00Z [info     ] job finished                   [shop.api] job_id=j-1 duration_ms=52",
    ),
    "python-basic": ("ERROR:root:lookup failed", 'INFO:     127.0.0.1:4711 - "GET /users/7 HTTP/1.1" 200 OK'),
    "pino-pretty": ('[2026-01-01 00:00:00.125 +0000] WARN (api/12 on vm): placed\n    order: "A-1"',),
    "nestjs": ("[Nest] 1234  - 01/02/2026, 3:04:07 AM     LOG [NestFactory] Starting",),
    "morgan": ("GET /users/12?a=1 200 12.345 ms - 5", "::1 - GET /a HTTP/1.1 500 5 - 1.2 ms"),
    "winston-simple": ('info: listening {"service":"shop","port":80}',),
    "headline": ("[2026-01-01 00:00:00.5] ready to serve", "12:00:01.250 something without a level"),
    "syslog": (
        '<13>1 2026-08-24T05:14:15.000003-07:00 test-host su 1234 msg-5678 [id foo="bar"] This is a test message',
        "Oct 11 22:14:15 web1 postfix/smtpd[1713]: connect from camomile",
        "Oct 11 22:14:16 web1 last message repeated 3 times",
    ),
    "haproxy": (
        '10.0.0.1:39 [09/Dec/2026:12:59:46.633] fe be/s1 0/5/1/48/99 200 832 - - ---- 7/8/9/1/0 0/6 "GET / HTTP/1.1"',
    ),
    "logfmt": (
        'ts=2026-01-03T10:20:30.456Z caller=main.go:1 level=info msg="x y" component=tsdb',
        "time=2026-01-03T10:20:30.456Z level=INFO source=/srv/go/main.go:55 msg=started addr=:8080",
    ),
    "zap-console": (
        '2026-01-03T10:21:15.456Z\tINFO\tbilling\tgo/main.go:26\tstarted\t{"addr": ":8080"}',
        "2026-01-03T10:21:15.456Z\tERROR\tfailed\nmain.main\n\t/go/main.go:29\nruntime.main\n\t/go/proc.go:25",
    ),
    "go-console": ("10:20AM INF started addr=:8080 port=1", "INFO[0000] started app   addr=:8080"),
    "klog": ("I0103 10:20:30.456789   12345 main.go:26] started",),
    "spring-boot": ("2026-11-23T02:09:41.279Z  INFO 4711 --- [orders] [           main] c.a.OrderService   : Started",),
    "tomcat": (
        "30-Dec-2026 11:44:31.277 SEVERE [main] org.apache.catalina.util.LifecycleBase.handle Failed",
        "Oct 30, 2026 11:10:05 AM a.b.V invoke\nSEVERE: threw\njava.lang.Error: x\n    at a.jsp.b(index_jsp.java:85)",
    ),
    "log4j": (
        "[2026-08-04 10:48:21,048] INFO [Reaper], Starting  (kafka.server.Reaper)",
        "INFO  [main] 2026-01-01 12:00:00,123 CassandraDaemon.java:500 - starting",
    ),
    "postgresql": (
        "2026-03-04 18:24:15.242 UTC [24915-2] ann@shop FATAL:  password authentication failed",
        "2026-03-04 18:24:16.242 UTC [24915] ERROR:  bad\n2026-03-04 18:24:16.242 UTC [24915] STATEMENT:  select\n\t1",
    ),
    "mysql-error": (
        "2026-01-01T00:00:00.000000Z 0 [System] [MY-010116] [Server] starting",
        "161209 13:08:33 mysqld_safe Starting mysqld daemon",
    ),
    "mysql-slow": (
        (
            "# Time: 2026-04-21T09:51:04.123456Z\n# User@Host: root[root] @ localhost []  Id:     2\n"
            "# Query_time: 3.000347  Lock_time: 0.000002\nuse mysql;\nSET timestamp=1792768264;\nselect\n  1;"
        ),
    ),
    "redis": (
        "1:signal-handler (1767225600) Received SIGTERM scheduling shutdown...",
        "1234:M 31 Jan 2026 12:00:00.123 * Ready",
        "[1234] 31 Jan 12:00:00.123 # Warn",
    ),
    "rabbitmq": (
        "2026-04-12 10:00:53.458 [info] <0.33.0> started\n  more",
        "=INFO REPORT==== 3-Mar-2026::12:00:00 ===\nstarted TCP",
    ),
    "mongodb-text": ("2026-11-03T18:28:32.450-0500 I NETWORK  [initandlisten] waiting",),
    "nginx-error": (
        '2026/10/25 14:49:34 [error] 54#0: *1 open() "/x" failed, client: 127.0.0.1, request: "GET / HTTP/1.1"',
    ),
    "apache-error": ("[Fri Sep 09 10:42:29.902022 2026] [core:error] [pid 35:tid 43] [client 1.2.3.4:80] AH00035: x",),
    "w3c": ("2026-01-01 08:09:10 127.0.0.1 GET / - 80 - 85.181.35.98 Mozilla/5.0+(X) - 200 0 0 792",),
    "traefik": (
        '10.0.0.1 - - [02/Oct/2026:20:22:07 +0000] "GET /u HTTP/1.1" 304 0 "-" "M" 262 "h@docker" "http://b:1" 2ms',
    ),
    "ruby": ("E, [2026-01-01T12:00:00.123456 #77] ERROR -- : boom (RuntimeError)\napp.rb:1:in `x'",),
    "rails": (
        'Started GET "/orders/12?x=1" for 1.2.3.4 at 2024-05-01 10:00:00 +0200',
        "Completed 200 OK in 12ms (Views: 3.4ms | ActiveRecord: 1.2ms)",
    ),
    "puma": ("[1234] Puma starting in cluster mode...", "[1234] * Listening on http://0.0.0.0:3000"),
    "php": ("[31-Jan-2026 12:00:00 Europe/Berlin] PHP Warning:  Undefined $x in /srv/a.php on line 3",),
    "monolog": ('[2026-01-31 12:00:00] production.ERROR: boom {"user":7} []',),
    "rust": ("[2026-01-01T00:00:00Z ERROR shop::db] lost", "2026-01-01T00:00:00Z ERROR shop::db: lost id=7"),
    "envoy": (
        '[2026-04-15T20:17:00.310Z] "POST /a HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "c" "cc21" "shop" "10.0.2.1:80"',
    ),
    "aws-elb": (
        (
            "http 2026-07-02T22:23:00.186641Z app/lb/5 192.168.1.9:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 66 "
            '"GET http://www.example.com:80/ HTTP/1.1" "curl/7" - - arn:x "Root=1-2" "-" "-" 0 2026-07-02T22:22:48.3Z'
        ),
    ),
    "aws-s3": (
        (
            f"{'7' * 64} bucket [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - 3E57 REST.GET.OBJECT a/b.txt "
            '"GET /bucket/a/b.txt HTTP/1.1" 200 - 113 113 7 6 "-" "S3Console/0.4" - x= SigV4 ECDHE Auth b.s3 TLSv1.2'
        ),
    ),
    "squid": (
        "1767225600.779    180 192.168.0.224 TCP_MISS/200 411 GET http://a.example/x - HIER_DIRECT/1.2.3.4 text/html",
    ),
    "uwsgi": (
        (
            "[pid: 9|app: 0|req: 1/1] 10.0.0.1 () {32 vars in 400 bytes} [Wed Oct 11 14:32:52 2026] GET /a => "
            "generated 9 bytes in 1 msecs (HTTP/1.1 200) 2 headers in 80 bytes (1 switches on core 0)"
        ),
    ),
    "dotnet-console": (
        "fail: Shop.Orders[7]\n      lost\n      System.Exception: x\n         at A.B() in /a.cs:line 1",
    ),
    "serilog": ("[12:00:00 WRN] slow", "2026-01-31 12:00:00.123 +02:00 [INF] ready"),
    "auditd": ('type=SYSCALL msg=audit(1767225600.243:24287): arch=c000003e success=no ppid=1 pid=2 comm="cat"',),
    "logcat": ("01-31 12:00:00.123  1234  5678 I ActivityManager: Start proc",),
    "hclog": (
        '2026-01-31T12:00:00.123Z [INFO]  agent.server: started: addr=1.2.3.4:80 id="a b"',
        "    2026/01/31 12:00:00 [WARN] raft: slow",
    ),
    "capnslog": ("2026-01-31 12:00:00.678901 I | etcdmain: etcd Version: 3.2.9",),
    "nats": ("[1] 2026/01/31 12:00:00.123456 [INF] Starting",),
    "elastic": (
        "[2026-05-17T08:29:12,177][INFO ][o.e.n.Node               ] [node-1] initializing ...",
        "[2026-05-17T08:29:12,177][WARN ][logstash.outputs.elasticsearch][main] Attempted",
    ),
    "postgresql-csv": (
        (
            '2026-05-01 10:00:00.123 UTC,"ann","shop",77,"10.0.0.1:5000",644f78b0.7b,3,"SELECT",2026-05-01 09:59:59 UTC'
            ',3/4,0,ERROR,42P01,"no ""x""",,,,,,"select\n *\nfrom x",15,,"psql"'
        ),
    ),
    "sidekiq": ("2026-01-31T12:00:00.123Z pid=77 tid=abc class=HardJob jid=b4a5 INFO: start",),
    "bunyan-cli": ("[2026-01-31T12:00:00.123Z]  INFO: shop/1234 on host: ready",),
    "mssql": ("2026-01-31 12:00:00.12 spid12s     Starting up database 'master'.",),
    "level-first": ("INFO  2026-01-31 12:00:00,123 [main] com.example.App: ready",),
    "levelled": ("[main] INFO com.example.App - ready", "ERROR disk is full"),
    "vsftpd": ('Sat May  4 10:00:01 2024 [pid 12344] [ann] OK LOGIN: Client "192.168.1.5"',),
    "dovecot": ("May 04 10:00:00 imap-login: Info: Login: user=<ann>, method=PLAIN, rip=1.2.3.4, lip=5.6.7.8",),
    "openvpn": ("2024-05-04 10:00:00 us=123456 1.2.3.4:5678 Peer Connection Initiated",),
    "unbound": ("[1714816800] unbound[1234:0] info: 127.0.0.1 example.com. A IN",),
    "bind": ("04-May-2024 10:00:00.123 general: error: zone x/IN: loading failed",),
    "samba": ("[2024/05/04 10:00:00.123456,  1] ../source3/smbd/service.c:355(close_cnum)\n  laptop closed",),
    "cups": ("E [04/May/2024:10:00:00 +0200] [Job 12] Unable to print",),
    "clickhouse": ("2024.05.04 10:00:00.123456 [ 12345 ] {abc-def} <Debug> executeQuery: SELECT 1",),
    "weblogic": ("<May 4, 2024 10:00:00 AM UTC> <Error> <Security> <BEA-090870> <The realm failed.>",),
    "websphere": ("[5/4/24 10:00:00:123 CEST] 00000001 WsServerImpl  A   WSVR0001I: Server open",),
    "glassfish": (
        (
            "[2024-05-04T10:00:00.123+0000] [Payara 6] [INFO] [NCLS-CORE-00087] [javax.enterprise.system.core] "
            "[tid: _ThreadID=1 _ThreadName=main] [timeMillis: 1714816800123] [levelValue: 800] [[\n  started]]"
        ),
    ),
    "java-server": (
        "2024-05-04 10:00:00.123+0000 [id=1]\tINFO\thudson.WebAppMain$3#run: Jenkins is fully up",
        "2024-05-04 10:00:00,123 | INFO  | ActiveMQ is starting | org.apache.activemq.broker.BrokerService | main",
    ),
    "aws-lambda": ("2024-05-04T10:00:00.123Z\t8f5c1a2b-1111-4222-8333-123456789abc\tINFO\thello",),
    "aws-vpcflow": (
        "2 123456789010 eni-1235b8ca1234 10.0.0.1 10.0.0.2 20641 22 6 20 4249 1714816800 1714816860 ACCEPT OK",
    ),
    "web-framework": (
        '[GIN] 2024/05/04 - 10:00:00 | 200 |      64.291µs |       127.0.0.1 | GET      "/ping?x=1"',
        "  --> GET / 200 12ms 13b",
    ),
    "coredns": ('[INFO] 10.0.0.1:1234 - 4567 "A IN example.com. udp 40 false 512" NOERROR qr,rd,ra 56 0.001234567s',),
    "elixir": ("10:00:00.123 request_id=F2x [info] Sent 200 in 12ms",),
    "cakephp": ("2024-05-04 10:00:00 error: [RuntimeException] x in /srv/a.php on line 3",),
    "exim": ("2024-05-04 10:00:00 1abCde-000123-AB <= a@b.c H=host (helo) [1.2.3.4] P=esmtp S=1234",),
    "nagios": ("[1427925600] SERVICE ALERT: web1;SSH;CRITICAL;HARD;3;timed out",),
    "ibm-mq": (
        (
            "11/10/2018 10:46:26 - Process(8480.1) User(mqm) Program(amqzxma0.exe)\n"
            "                      Host(mq1) Installation(Installation1)\n"
            "                      Time(2018-10-11T08:46:26.346Z)\n"
            "AMQ6184W: An internal IBM MQ error has occurred on queue manager QM1.\n"
            "EXPLANATION:\nAn error has been detected.\n----- amqxfdcp.c : 874 --------"
        ),
    ),
    "zabbix": ("  1234:20240504:100000.123 Starting Zabbix Server. Zabbix 6.0.0",),
    "asterisk": ("[May  4 10:00:00] NOTICE[1234][C-00000001]: chan_sip.c:28926 handle_request_register: failed",),
    "stamped-daemon": (
        "2024-05-04T10:00:00.123456+0000 7f1234567890 -1 osd.1 12 heartbeat_check: no reply",
        "Sat May  4 10:00:00 2024 daemon.info dnsmasq[12]: query[A] example.com from 192.168.1.5",
    ),
    "cockroach": ("I240504 10:00:00.123456 123 server/node.go:456 ⋮ [n1,client=127.0.0.1:1234] 12  node connected",),
    "apt-history": (
        "Start-Date: 2026-01-01  10:00:02\nCommandline: apt install\nInstall: x (2)\nEnd-Date: 2026-01-01  10:00:05",
    ),
    "update-alternatives": ("update-alternatives 2026-01-02 03:04:05: run with --install /usr/bin/awk awk",),
    "journald-export": (
        "__CURSOR=s=4f;i=1\n__REALTIME_TIMESTAMP=1767225600123456\nPRIORITY=6\n_PID=77\n_COMM=sshd\nMESSAGE=Accepted",
    ),
    "plain": ("hello world", "  indented, on its own"),
}
