# ruff: noqa: E501 - log lines are as long as they are
"""Lines of many systems, in the layouts that their documentation or source shows, with the fields they must give."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.codec.support import convert, flat

CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("vsftpd 1", 'Sat May  4 10:00:00 2024 [pid 12345] CONNECT: Client "192.168.1.5"',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "message": 'CONNECT: Client "192.168.1.5"', "process.pid": 12345, "source.ip": "192.168.1.5"}),
    ("vsftpd 2", 'Sat May  4 10:00:01 2024 [pid 12344] [ann] OK LOGIN: Client "192.168.1.5"',
     {"@timestamp": "2024-05-04T10:00:01.000Z", "message": 'OK LOGIN: Client "192.168.1.5"', "process.pid": 12344, "source.ip": "192.168.1.5", "user.name": "ann", "event.outcome": "success"}),
    ("vsftpd 3", 'Sat May  4 10:00:05 2024 [pid 12346] [ann] OK DOWNLOAD: Client "192.168.1.5", "/srv/ftp/a.txt", 1234 bytes, 56.78Kbyte/sec',
     {"@timestamp": "2024-05-04T10:00:05.000Z", "message": 'OK DOWNLOAD: Client "192.168.1.5", "/srv/ftp/a.txt", 1234 bytes, 56.78Kbyte/sec', "process.pid": 12346, "source.ip": "192.168.1.5", "user.name": "ann", "file.path": "/srv/ftp/a.txt", "file.size": 1234, "event.outcome": "success"}),
    ("vsftpd 4", 'Sat May  4 10:00:06 2024 [pid 12344] [ann] FAIL LOGIN: Client "::ffff:192.168.1.5"',
     {"@timestamp": "2024-05-04T10:00:06.000Z", "message": 'FAIL LOGIN: Client "::ffff:192.168.1.5"', "process.pid": 12344, "source.ip": "::ffff:192.168.1.5", "user.name": "ann", "event.outcome": "failure"}),
    ("xferlog", "Sat May  4 10:00:05 2024 1 192.168.1.5 1234 /srv/ftp/a.txt b _ o r ann ftp 0 * c",
     {"@timestamp": "2024-05-04T10:00:05.000Z", "file.path": "/srv/ftp/a.txt", "file.size": 1234, "user.name": "ann", "source.ip": "192.168.1.5", "event.duration": 1000000000, "event.outcome": "success"}),
    ("postfix 1", "May  4 10:00:00 mail postfix/smtpd[1234]: connect from unknown[1.2.3.4]",
     {"message": "connect from unknown[1.2.3.4]", "process.pid": 1234, "source.ip": "1.2.3.4"}),
    ("postfix 2", "May  4 10:00:00 mail postfix/smtp[1235]: 4F9D195432C: to=<ann@example.com>, relay=mx.example.com[5.6.7.8]:25, delay=1.2, delays=0.1/0/0.5/0.6, dsn=2.0.0, status=sent (250 2.0.0 OK)",
     {"message": "4F9D195432C: to=<ann@example.com>, relay=mx.example.com[5.6.7.8]:25, delay=1.2, delays=0.1/0/0.5/0.6, dsn=2.0.0, status=sent (250 2.0.0 OK)", "process.pid": 1235, "email.local_id": "4F9D195432C", "email.to.address": ["ann@example.com"], "postfix.relay": "mx.example.com[5.6.7.8]:25", "postfix.delay": "1.2", "postfix.dsn": "2.0.0", "postfix.status": "sent", "event.outcome": "success"}),
    ("postfix 3", "May  4 10:00:00 mail postfix/smtpd[1234]: NOQUEUE: reject: RCPT from unknown[1.2.3.4]: 554 5.7.1 <x@y.z>: Relay access denied; from=<a@b.c> to=<x@y.z> proto=ESMTP helo=<h>",
     {"message": "NOQUEUE: reject: RCPT from unknown[1.2.3.4]: 554 5.7.1 <x@y.z>: Relay access denied; from=<a@b.c> to=<x@y.z> proto=ESMTP helo=<h>", "process.pid": 1234, "source.ip": "1.2.3.4", "email.from.address": ["a@b.c"], "email.to.address": ["x@y.z"]}),
    ("postfix 4", "May  4 10:00:00 mail postfix/smtpd[1234]: warning: hostname x.y does not resolve to address 1.2.3.4",
     {"log.level": "warning", "message": "warning: hostname x.y does not resolve to address 1.2.3.4", "process.pid": 1234}),
    ("postfix 5", "May  4 10:00:00 mail postfix/master[1]: fatal: bind 0.0.0.0 port 25: Address already in use",
     {"log.level": "fatal", "message": "fatal: bind 0.0.0.0 port 25: Address already in use", "process.pid": 1}),
    ("dovecot 1", "May  4 10:00:00 mail dovecot: imap-login: Login: user=<ann>, method=PLAIN, rip=1.2.3.4, lip=5.6.7.8, mpid=1234, TLS, session=<abc>",
     {"message": "imap-login: Login: user=<ann>, method=PLAIN, rip=1.2.3.4, lip=5.6.7.8, mpid=1234, TLS, session=<abc>", "source.ip": "1.2.3.4", "destination.ip": "5.6.7.8", "user.name": "ann"}),
    ("dovecot 2", "May  4 10:00:00 mail dovecot: imap(ann)<1234><abc>: Error: Mailbox INBOX: x",
     {"log.level": "error", "message": "imap(ann)<1234><abc>: Error: Mailbox INBOX: x"}),
    ("dovecot own file 1", "May 04 10:00:00 imap-login: Info: Login: user=<ann>, method=PLAIN, rip=1.2.3.4, lip=5.6.7.8, mpid=1234, TLS, session=<abc>",
     {"log.level": "info", "log.logger": "imap-login", "message": "Login: user=<ann>, method=PLAIN, rip=1.2.3.4, lip=5.6.7.8, mpid=1234, TLS, session=<abc>"}),
    ("dovecot own file 2", "May 04 10:00:00 master: Warning: Killed with signal 15 (by pid=1 uid=0 code=kill)",
     {"log.level": "warning", "log.logger": "master", "message": "Killed with signal 15 (by pid=1 uid=0 code=kill)"}),
    ("dovecot own file 3", "2024-05-04 10:00:00 auth: Error: passwd-file(ann): unknown user",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "error", "log.logger": "auth", "message": "passwd-file(ann): unknown user"}),
    ("openvpn 1", "Sat May  4 10:00:00 2024 us=123456 1.2.3.4:5678 [client1] Peer Connection Initiated with [AF_INET]1.2.3.4:5678",
     {"@timestamp": "2024-05-04T10:00:00.123456Z", "message": "[client1] Peer Connection Initiated with [AF_INET]1.2.3.4:5678", "source.ip": "1.2.3.4", "source.port": 5678}),
    ("openvpn 2", "Sat May  4 10:00:00 2024 WARNING: file 'x.key' is group or others accessible",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "warning", "message": "file 'x.key' is group or others accessible"}),
    ("openvpn 3", "2024-05-04 10:00:00 us=123456 OpenVPN 2.5.1 x86_64-pc-linux-gnu [SSL (OpenSSL)] built on May 14 2021",
     {"@timestamp": "2024-05-04T10:00:00.123456Z", "message": "OpenVPN 2.5.1 x86_64-pc-linux-gnu [SSL (OpenSSL)] built on May 14 2021"}),
    ("openvpn 4", "2024-05-04 10:00:00 TLS Error: TLS handshake failed",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "message": "TLS Error: TLS handshake failed"}),
    ("sshd 1", "May  4 10:00:00 host sshd[1234]: Failed password for invalid user bob from 1.2.3.4 port 5678 ssh2",
     {"message": "Failed password for invalid user bob from 1.2.3.4 port 5678 ssh2", "process.pid": 1234, "source.ip": "1.2.3.4", "source.port": 5678, "user.name": "bob", "system.auth.ssh.event": "Failed", "system.auth.ssh.method": "password", "event.outcome": "failure"}),
    ("sshd 2", "May  4 10:00:00 host sshd[1234]: Connection closed by authenticating user root 1.2.3.4 port 5678 [preauth]",
     {"message": "Connection closed by authenticating user root 1.2.3.4 port 5678 [preauth]", "process.pid": 1234, "source.ip": "1.2.3.4", "source.port": 5678, "user.name": "root"}),
    ("sshd 3", "May  4 10:00:00 host sshd[1234]: error: maximum authentication attempts exceeded for root from 1.2.3.4 port 55 ssh2 [preauth]",
     {"log.level": "error", "message": "error: maximum authentication attempts exceeded for root from 1.2.3.4 port 55 ssh2 [preauth]", "process.pid": 1234, "source.ip": "1.2.3.4", "source.port": 55, "user.name": "root"}),
    ("sudo 1", "May  4 10:00:00 host sudo:     ann : TTY=pts/0 ; PWD=/home/ann ; USER=root ; COMMAND=/usr/bin/apt update",
     {"message": "    ann : TTY=pts/0 ; PWD=/home/ann ; USER=root ; COMMAND=/usr/bin/apt update", "user.name": "ann", "user.effective.name": "root", "system.auth.sudo.tty": "pts/0", "system.auth.sudo.pwd": "/home/ann", "system.auth.sudo.command": "/usr/bin/apt update"}),
    ("sudo 2", "May  4 10:00:00 host sudo[12]:     ann : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/home/ann ; USER=root ; COMMAND=/bin/ls",
     {"message": "    ann : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/home/ann ; USER=root ; COMMAND=/bin/ls", "process.pid": 12, "user.name": "ann", "user.effective.name": "root", "system.auth.sudo.error": "3 incorrect password attempts", "system.auth.sudo.tty": "pts/0", "system.auth.sudo.pwd": "/home/ann", "system.auth.sudo.command": "/bin/ls"}),
    ("cron systemd kernel 1", "May  4 10:00:00 host CRON[1234]: (root) CMD (  cd / && run-parts --report /etc/cron.hourly)",
     {"message": "  cd / && run-parts --report /etc/cron.hourly", "process.pid": 1234, "user.name": "root", "system.cron.action": "CMD"}),
    ("cron systemd kernel 2", "May  4 10:00:00 host systemd[1]: Started Session 12 of user ann.",
     {"message": "Started Session 12 of user ann.", "process.pid": 1}),
    ("iptables 1", "May  4 10:00:00 host kernel: [12345.678901] [UFW BLOCK] IN=eth0 OUT= MAC=aa:bb:cc:dd:ee:ff:11:22:33:44:55:66:08:00 SRC=1.2.3.4 DST=10.0.0.1 LEN=40 TOS=0x00 PREC=0x00 TTL=242 ID=54321 PROTO=TCP SPT=44444 DPT=22 WINDOW=1024 RES=0x00 SYN URGP=0",
     {"message": "[12345.678901] [UFW BLOCK] IN=eth0 OUT= MAC=aa:bb:cc:dd:ee:ff:11:22:33:44:55:66:08:00 SRC=1.2.3.4 DST=10.0.0.1 LEN=40 TOS=0x00 PREC=0x00 TTL=242 ID=54321 PROTO=TCP SPT=44444 DPT=22 WINDOW=1024 RES=0x00 SYN URGP=0", "source.ip": "1.2.3.4", "source.port": 44444, "source.mac": "11-22-33-44-55-66", "destination.ip": "10.0.0.1", "destination.port": 22, "destination.mac": "AA-BB-CC-DD-EE-FF", "network.transport": "tcp", "observer.ingress.interface.name": "eth0", "rule.name": "UFW BLOCK"}),
    ("iptables 2", "May  4 10:00:00 host kernel: IN=eth0 OUT= MAC=aa SRC=1.2.3.4 DST=10.0.0.1 LEN=40 PROTO=UDP SPT=53 DPT=1234 LEN=20",
     {"message": "IN=eth0 OUT= MAC=aa SRC=1.2.3.4 DST=10.0.0.1 LEN=40 PROTO=UDP SPT=53 DPT=1234 LEN=20", "source.ip": "1.2.3.4", "source.port": 53, "destination.ip": "10.0.0.1", "destination.port": 1234, "network.transport": "udp", "observer.ingress.interface.name": "eth0"}),
    ("bind 1", "04-May-2024 10:00:00.123 queries: info: client @0x7f8b 1.2.3.4#5678 (example.com): query: example.com IN A +E(0)K (10.0.0.1)",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "queries", "message": "client @0x7f8b 1.2.3.4#5678 (example.com): query: example.com IN A +E(0)K (10.0.0.1)", "source.ip": "1.2.3.4", "source.port": 5678, "dns.question.name": "example.com", "dns.question.type": "A", "dns.question.class": "IN"}),
    ("bind 2", "04-May-2024 10:00:00.123 general: error: zone x/IN: loading failed",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "error", "log.logger": "general", "message": "zone x/IN: loading failed"}),
    ("bind 3", "04-May-2024 10:00:00.123 client @0x7f 1.2.3.4#5678 (example.com): query: example.com IN AAAA + (10.0.0.1)",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "message": "client @0x7f 1.2.3.4#5678 (example.com): query: example.com IN AAAA + (10.0.0.1)", "source.ip": "1.2.3.4", "source.port": 5678, "dns.question.name": "example.com", "dns.question.type": "AAAA", "dns.question.class": "IN"}),
    ("bind 4", "May  4 10:00:00 ns named[123]: client @0x7f8b 1.2.3.4#5678 (example.com): query: example.com IN A +E(0)K (10.0.0.1)",
     {"message": "client @0x7f8b 1.2.3.4#5678 (example.com): query: example.com IN A +E(0)K (10.0.0.1)", "process.pid": 123, "source.ip": "1.2.3.4", "source.port": 5678, "dns.question.name": "example.com", "dns.question.type": "A", "dns.question.class": "IN"}),
    ("unbound 1", "[1714816800] unbound[1234:0] info: 127.0.0.1 example.com. A IN",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "info", "message": "127.0.0.1 example.com. A IN", "process.pid": 1234, "process.thread.id": 0, "source.ip": "127.0.0.1", "dns.question.name": "example.com", "dns.question.type": "A", "dns.question.class": "IN"}),
    ("unbound 2", "[1714816800] unbound[1234:0] error: can't bind socket",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "error", "message": "can't bind socket", "process.pid": 1234, "process.thread.id": 0}),
    ("unbound 3", "May 04 10:00:00 unbound[1234:0] notice: init module 0: validator",
     {"log.level": "notice", "message": "init module 0: validator", "process.pid": 1234, "process.thread.id": 0}),
    ("dnsmasq 1", "May  4 10:00:00 dnsmasq[1234]: query[A] example.com from 192.168.1.5",
     {"message": "query[A] example.com from 192.168.1.5", "process.pid": 1234, "source.ip": "192.168.1.5", "dns.question.name": "example.com", "dns.question.type": "A"}),
    ("dnsmasq 2", "May  4 10:00:00 dnsmasq-dhcp[1234]: DHCPACK(eth0) 192.168.1.5 aa:bb:cc:dd:ee:ff laptop",
     {"message": "DHCPACK(eth0) 192.168.1.5 aa:bb:cc:dd:ee:ff laptop", "process.pid": 1234}),
    ("samba", "[2024/05/04 10:00:00.123456,  1] ../../source3/smbd/service.c:355(close_cnum)\n  laptop (ipv4:192.168.1.5:5678) closed connection to service share",
     {"@timestamp": "2024-05-04T10:00:00.123456Z", "log.level": "warning", "log.origin.file.name": "../../source3/smbd/service.c", "log.origin.file.line": 355, "log.origin.function": "close_cnum", "message": "laptop (ipv4:192.168.1.5:5678) closed connection to service share", "labels.level": "1"}),
    ("samba2", "[2024/05/04 10:00:00.123456,  0, pid=1234, effective(0, 0), real(0, 0)] ../source3/smbd/server.c:1782(main)\n  smbd version 4.15 started.",
     {"@timestamp": "2024-05-04T10:00:00.123456Z", "log.level": "error", "log.origin.file.name": "../source3/smbd/server.c", "log.origin.file.line": 1782, "log.origin.function": "main", "message": "smbd version 4.15 started.", "process.pid": 1234, "labels.level": "0"}),
    ("cups error 1", "E [04/May/2024:10:00:00 +0200] [Job 12] Unable to print",
     {"@timestamp": "2024-05-04T08:00:00.000Z", "log.level": "error", "message": "[Job 12] Unable to print"}),
    ("cups error 2", "I [04/May/2024:10:00:00.123456 +0200] Listening to 127.0.0.1:631",
     {"@timestamp": "2024-05-04T08:00:00.123456Z", "log.level": "info", "message": "Listening to 127.0.0.1:631"}),
    ("zookeeper 1", "2024-05-04 10:00:00,123 [myid:1] - INFO  [main:QuorumPeerConfig@137] - Reading configuration",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "QuorumPeerConfig", "log.origin.file.line": 137, "message": "Reading configuration", "process.thread.name": "main", "labels.myid": "1"}),
    ("zookeeper 2", "2024-05-04 10:00:00,123 [myid:] - WARN  [NIOServerCxn.Factory:0.0.0.0/0.0.0.0:2181:NIOServerCnxn@373] - Exception causing close",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "warning", "log.logger": "NIOServerCnxn", "log.origin.file.line": 373, "message": "Exception causing close", "process.thread.name": "NIOServerCxn.Factory:0.0.0.0/0.0.0.0:2181"}),
    ("zookeeper 3", "2024-05-04 10:00:00,123 [myid:1] - INFO  [main:o.a.z.s.ZooKeeperServer@123] - x",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "o.a.z.s.ZooKeeperServer", "log.origin.file.line": 123, "message": "x", "process.thread.name": "main", "labels.myid": "1"}),
    ("hadoop 1", "2024-05-04 10:00:00,123 INFO org.apache.hadoop.hdfs.server.namenode.NameNode: STARTUP_MSG: ",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "org.apache.hadoop.hdfs.server.namenode.NameNode", "message": "STARTUP_MSG: "}),
    ("hadoop 2", "2024-05-04 10:00:00,123 WARN  [main] util.NativeCodeLoader (NativeCodeLoader.java:<clinit>(62)) - Unable to load native-hadoop library",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "warning", "log.logger": "util.NativeCodeLoader", "log.origin.file.name": "NativeCodeLoader.java", "log.origin.file.line": 62, "log.origin.function": "<clinit>", "message": "Unable to load native-hadoop library", "process.thread.name": "main"}),
    ("hadoop 3", "2024-05-04 10:00:00,123 INFO namenode.NameNode: createNameNode [-format]",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "namenode.NameNode", "message": "createNameNode [-format]"}),
    ("flink 1", "2024-05-04 10:00:00,123 INFO  org.apache.flink.runtime.entrypoint.ClusterEntrypoint        [] - Starting StandaloneSessionClusterEntrypoint.",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "org.apache.flink.runtime.entrypoint.ClusterEntrypoint", "message": "Starting StandaloneSessionClusterEntrypoint."}),
    ("flink 2", "2024-05-04 10:00:00,123 INFO  org.apache.flink.X [main] - y",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "org.apache.flink.X", "message": "y", "process.thread.name": "main"}),
    ("activemq 1", "2024-05-04 10:00:00,123 | INFO  | Apache ActiveMQ 5.18.3 (localhost, ID:x) is starting | org.apache.activemq.broker.BrokerService | main",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "org.apache.activemq.broker.BrokerService", "message": "Apache ActiveMQ 5.18.3 (localhost, ID:x) is starting", "process.thread.name": "main"}),
    ("activemq 2", "2024-05-04 10:00:00,123 | WARN  | Transport Connection to: tcp://1.2.3.4:5 failed: java.io.EOFException | org.apache.activemq.broker.TransportConnection.Transport | ActiveMQ Transport: tcp:///1.2.3.4:5@61616",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "warning", "log.logger": "org.apache.activemq.broker.TransportConnection.Transport", "message": "Transport Connection to: tcp://1.2.3.4:5 failed: java.io.EOFException", "process.thread.name": "ActiveMQ Transport: tcp:///1.2.3.4:5@61616", "error.type": "java.io.EOFException"}),
    ("activemq 3", "2024-05-04 10:00:00,123 INFO  [org.apache.activemq.artemis.core.server] AMQ221007: Server is now live",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "org.apache.activemq.artemis.core.server", "message": "AMQ221007: Server is now live"}),
    ("pulsar 1", "2024-05-04T10:00:00,123+0000 [main] INFO  org.apache.pulsar.broker.PulsarService - Starting",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "org.apache.pulsar.broker.PulsarService", "message": "Starting", "process.thread.name": "main"}),
    ("pulsar 2", "10:00:00.123 [pulsar-io-4-1] INFO  org.apache.pulsar.broker.service.ServerCnx - New connection",
     {"log.level": "info", "log.logger": "org.apache.pulsar.broker.service.ServerCnx", "message": "New connection", "process.thread.name": "pulsar-io-4-1"}),
    ("consul vault nomad 1", "2024-05-04T10:00:00.123Z [INFO]  agent: Started HTTP server: address=127.0.0.1:8500 network=tcp",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "agent", "message": "Started HTTP server", "labels.address": "127.0.0.1:8500", "labels.network": "tcp"}),
    ("consul vault nomad 2", '2024-05-04T10:00:00.123Z [ERROR] core: failed: error="x y"',
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "error", "log.logger": "core", "message": "failed", "error.message": "x y"}),
    ("consul vault nomad 3", "    2024-05-04T10:00:00.123Z [WARN]  client.driver_mgr: x",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "warning", "log.logger": "client.driver_mgr", "message": "x"}),
    ("grafana 1", 'logger=http.server t=2024-05-04T10:00:00.123456789+02:00 level=info msg="HTTP Server Listen" address=[::]:3000',
     {"@timestamp": "2024-05-04T08:00:00.123456789Z", "log.level": "info", "log.logger": "http.server", "message": "HTTP Server Listen", "labels.address": "[::]:3000"}),
    ("grafana 2", 'logger=context userId=1 orgId=1 uname=admin t=2024-05-04T10:00:00.12Z level=info msg="Request Completed" method=GET path=/api/live/ws status=400 remote_addr=1.2.3.4 time_ms=0 duration=500.123µs size=51 referer= handler=/api/live/ws',
     {"@timestamp": "2024-05-04T10:00:00.120Z", "log.level": "info", "log.logger": "context", "message": "Request Completed", "source.ip": "1.2.3.4", "http.request.method": "GET", "http.response.status_code": 400, "url.path": "/api/live/ws", "event.outcome": "failure", "event.duration": 500123, "labels.userId": 1, "labels.orgId": 1, "labels.uname": "admin", "labels.remote_addr": "1.2.3.4", "labels.time_ms": 0, "labels.size": 51, "labels.handler": "/api/live/ws"}),
    ("grafana 3", 't=2024-05-04T10:00:00+0000 lvl=eror msg="failed" logger=sqlstore error="database is locked"',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "error", "log.logger": "sqlstore", "message": "failed", "error.message": "database is locked"}),
    ("gitlab production_json", '{"method":"GET","path":"/","format":"html","controller":"RootController","action":"index","status":302,"time":"2024-05-04T10:00:00.123Z","params":[],"remote_ip":"1.2.3.4","user_id":null,"ua":"curl","correlation_id":"abc123","db_duration_s":0.01,"duration_s":0.2}',
     {"@timestamp": "2024-05-04T10:00:00.123Z", "source.ip": "1.2.3.4", "user_agent.original": "curl", "http.request.method": "GET", "http.response.status_code": 302, "url.path": "/", "event.outcome": "success", "event.duration": 200000000, "labels.format": "html", "labels.controller": "RootController", "labels.action": "index", "labels.remote_ip": "1.2.3.4", "labels.ua": "curl", "labels.correlation_id": "abc123", "labels.params": [], "labels.db_duration_s": 0.01, "labels.duration_s": 0.2}),
    ("nextcloud 1", '{"reqId":"abc","level":3,"time":"2024-05-04T10:00:00+00:00","remoteAddr":"1.2.3.4","user":"ann","app":"core","method":"GET","url":"/index.php","message":"failed","userAgent":"Mozilla/5.0","version":"28.0.1.1","exception":{"Exception":"OCP\\\\X\\\\NotFound","Message":"gone","Code":0,"Trace":[{"file":"/a.php","line":3,"function":"x"}],"File":"/a.php","Line":12}}',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "error", "log.logger": "core", "message": "failed", "url.path": "/index.php", "http.request.method": "GET", "http.request.id": "abc", "labels.version": "28.0.1.1", "labels.url": "/index.php", "user.name": "ann", "user_agent.original": "Mozilla/5.0", "source.ip": "1.2.3.4", "error.type": "OCP\\X\\NotFound", "error.message": "gone", "error.stack_trace": "OCP\\X\\NotFound: gone in /a.php:12\nStack trace:\n#0 /a.php(3): x()"}),
    ("nextcloud 2", '{"reqId":"abc","level":1,"time":"2024-05-04T10:00:00+00:00","remoteAddr":"","user":"--","app":"cron","method":"","url":"--","message":"x","userAgent":"--","version":"28"}',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "info", "log.logger": "cron", "message": "x", "labels.version": "28", "http.request.id": "abc"}),
    ("actix", '[2024-05-04T10:00:00Z INFO  actix_web::middleware::logger] 127.0.0.1 "GET / HTTP/1.1" 200 12 "-" "curl/7.88" 0.000123',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "info", "log.logger": "actix_web::middleware::logger", "message": '127.0.0.1 "GET / HTTP/1.1" 200 12 "-" "curl/7.88" 0.000123', "source.ip": "127.0.0.1", "http.request.method": "GET", "http.version": "1.1", "http.response.status_code": 200, "http.response.body.bytes": 12, "url.path": "/", "event.outcome": "success", "event.duration": 123000, "user_agent.original": "curl/7.88"}),
    ("gin 1", '[GIN] 2024/05/04 - 10:00:00 | 200 |      64.291µs |       127.0.0.1 | GET      "/ping?x=1"',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "http.request.method": "GET", "http.response.status_code": 200, "url.query": "x=1", "url.path": "/ping", "event.outcome": "success", "event.duration": 64291, "source.ip": "127.0.0.1"}),
    ("gin 3", '[GIN] 2024/05/04 - 10:00:00 | 500 |  1.264291s |    ::1 | POST     "/u/12"',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "http.request.method": "POST", "http.response.status_code": 500, "url.path": "/u/12", "event.outcome": "failure", "event.duration": 1264291000, "source.ip": "::1"}),
    ("echo", '{"time":"2024-05-04T10:00:00.123456789Z","id":"","remote_ip":"127.0.0.1","host":"localhost:1323","method":"GET","uri":"/a?b=1","user_agent":"curl","status":200,"error":"","latency":12345,"latency_human":"12.345µs","bytes_in":0,"bytes_out":13}',
     {"@timestamp": "2024-05-04T10:00:00.123456789Z", "message": "GET /a?b=1", "labels.latency_human": "12.345µs", "http.request.method": "GET", "http.request.body.bytes": 0, "http.response.status_code": 200, "http.response.body.bytes": 13, "url.query": "b=1", "url.path": "/a", "url.port": 1323, "event.outcome": "success", "event.duration": 12345, "source.ip": "127.0.0.1", "user_agent.original": "curl"}),
    ("fiber 1", "10:00:00 | 200 |   1.234ms | 127.0.0.1 | GET | /a | -",
     {"http.request.method": "GET", "http.response.status_code": 200, "url.path": "/a", "event.outcome": "success", "event.duration": 1234000, "source.ip": "127.0.0.1"}),
    ("fiber 2", "[10:00:00] 200 -   1.234ms GET /a",
     {"http.request.method": "GET", "http.response.status_code": 200, "url.path": "/a", "event.outcome": "success", "event.duration": 1234000}),
    ("koa 1", "  <-- GET /",
     {"message": "<-- GET /", "http.request.method": "GET", "url.path": "/"}),
    ("koa 2", "  --> GET / 200 12ms 13b",
     {"message": "--> GET / 200 12ms 13b", "http.request.method": "GET", "http.response.status_code": 200, "url.path": "/", "event.outcome": "success", "event.duration": 12000000}),
    ("varnish", '127.0.0.1 - - [04/May/2024:10:00:00 +0000] "GET http://localhost/a HTTP/1.1" 200 12 "-" "curl/8"',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "http.request.method": "GET", "http.version": "1.1", "http.response.status_code": 200, "http.response.body.bytes": 12, "url.scheme": "http", "url.path": "/a", "event.outcome": "success", "source.ip": "127.0.0.1", "user_agent.original": "curl/8"}),
    ("tomcat access 1", '127.0.0.1 - - [04/May/2024:10:00:00 +0000] "GET /a HTTP/1.1" 200 12',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "http.request.method": "GET", "http.version": "1.1", "http.response.status_code": 200, "http.response.body.bytes": 12, "url.path": "/a", "event.outcome": "success", "source.ip": "127.0.0.1"}),
    ("tomcat access 2", '0:0:0:0:0:0:0:1 - - [04/May/2024:10:00:00 +0000] "GET /a HTTP/1.1" 200 -',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "http.request.method": "GET", "http.version": "1.1", "http.response.status_code": 200, "url.path": "/a", "event.outcome": "success", "source.ip": "0:0:0:0:0:0:0:1"}),
    ("weblogic 1", "####<May 4, 2024 10:00:00 AM UTC> <Notice> <WebLogicServer> <host1> <AdminServer> <main> <<WLS Kernel>> <> <abc-1> <1714816800123> <BEA-000365> <Server state changed to RUNNING.>",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "notice", "log.logger": "WebLogicServer", "message": "Server state changed to RUNNING.", "event.code": "BEA-000365", "weblogic.server": "AdminServer", "weblogic.diagnostic_context": "abc-1", "process.thread.name": "main", "user.name": "WLS Kernel"}),
    ("weblogic 2", "<May 4, 2024 10:00:00 AM UTC> <Error> <Security> <BEA-090870> <The realm failed.>",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "error", "log.logger": "Security", "message": "The realm failed.", "event.code": "BEA-090870"}),
    ("weblogic 3", "####<May 4, 2024, 10:00:00,123 AM Coordinated Universal Time> <Info> <Health> <host1> <AdminServer> <weblogic.GCMonitor> <<anonymous>> <> <abc> <1714816800123> <[severity-value: 64] [rid: 0] > <BEA-310002> <61% of the total memory in the server is free.>",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "Health", "message": "61% of the total memory in the server is free.", "event.code": "BEA-310002", "weblogic.server": "AdminServer", "weblogic.diagnostic_context": "abc", "process.thread.name": "weblogic.GCMonitor", "user.name": "anonymous"}),
    ("websphere 1", "[5/4/24 10:00:00:123 CEST] 00000001 WsServerImpl  A   WSVR0001I: Server server1 open for e-business",
     {"@timestamp": "2024-05-04T08:00:00.123Z", "log.level": "audit", "log.logger": "WsServerImpl", "message": "WSVR0001I: Server server1 open for e-business", "process.thread.id": 1, "event.code": "WSVR0001I"}),
    ("websphere 2", "[5/4/24 10:00:00:123 UTC] 0000002a ServletWrappe E com.ibm.ws.webcontainer.servlet.ServletWrapper service SRVE0068E: Uncaught exception",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "error", "log.logger": "com.ibm.ws.webcontainer.servlet.ServletWrapper", "log.origin.function": "service", "message": "SRVE0068E: Uncaught exception", "process.thread.id": 42, "event.code": "SRVE0068E"}),
    ("liberty", "[5/4/24, 10:00:00:123 UTC] 0000002a com.ibm.ws.kernel.feature.internal.FeatureManager            A CWWKF0011I: The server is ready.",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "audit", "log.logger": "com.ibm.ws.kernel.feature.internal.FeatureManager", "message": "CWWKF0011I: The server is ready.", "process.thread.id": 42, "event.code": "CWWKF0011I"}),
    ("mariadb 1", "2024-05-04 10:00:00 0 [Note] InnoDB: Buffer pool(s) load completed",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "note", "message": "InnoDB: Buffer pool(s) load completed", "mysql.thread_id": 0}),
    ("mariadb 2", "2024-05-04 10:00:00 12 [Warning] Aborted connection 12 to db: 'x' user: 'y' host: 'z' (Got an error reading)",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "warning", "message": "Aborted connection 12 to db: 'x' user: 'y' host: 'z' (Got an error reading)", "mysql.thread_id": 12}),
    ("mariadb 3", "2024-05-04 10:00:00 0 [ERROR] mariadbd: Can't lock aria",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "error", "message": "mariadbd: Can't lock aria", "mysql.thread_id": 0}),
    ("akka2", "[2024-05-04 10:00:00,123] [INFO] [akka.event.slf4j.Slf4jLogger] [sys-akka.actor.default-dispatcher-5] [] - Slf4jLogger started",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "akka.event.slf4j.Slf4jLogger", "message": "Slf4jLogger started", "process.thread.name": "sys-akka.actor.default-dispatcher-5"}),
    ("erlang2", "2024-05-04T10:00:00.123456+00:00 error: Supervisor x",
     {"@timestamp": "2024-05-04T10:00:00.123456Z", "log.level": "error", "message": "Supervisor x"}),
    ("phpfpm 1", "[04-May-2024 10:00:00] NOTICE: fpm is running, pid 1",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "notice", "message": "fpm is running, pid 1"}),
    ("phpfpm 2", '[04-May-2024 10:00:00] WARNING: [pool www] child 12 said into stderr: "NOTICE: PHP message: x"',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "warning", "message": '[pool www] child 12 said into stderr: "NOTICE: PHP message: x"'}),
    ("clickhouse 1", "2024.05.04 10:00:00.123456 [ 12345 ] {abc-def} <Debug> executeQuery: (from 127.0.0.1:1234) SELECT 1",
     {"@timestamp": "2024-05-04T10:00:00.123456Z", "log.level": "debug", "log.logger": "executeQuery", "message": "(from 127.0.0.1:1234) SELECT 1", "process.thread.id": 12345, "clickhouse.query_id": "abc-def"}),
    ("clickhouse 2", "2024.05.04 10:00:00.123456 [ 12345 ] {} <Error> Application: DB::Exception: x",
     {"@timestamp": "2024-05-04T10:00:00.123456Z", "log.level": "error", "log.logger": "Application", "message": "DB::Exception: x", "process.thread.id": 12345}),
    ("airflow 1", "[2024-05-04T10:00:00.123+0000] {taskinstance.py:1234} INFO - Executing <Task(BashOperator): x>",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.origin.file.name": "taskinstance.py", "log.origin.file.line": 1234, "message": "Executing <Task(BashOperator): x>"}),
    ("airflow 2", "[2024-05-04, 10:00:00 UTC] {taskinstance.py:1234} ERROR - Task failed",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "error", "log.origin.file.name": "taskinstance.py", "log.origin.file.line": 1234, "message": "Task failed"}),
    ("twisted 1", "2024-05-04 10:00:00+0000 [-] Log opened.",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "message": "Log opened."}),
    ("twisted 2", "2024-05-04T10:00:00+0000 [twisted.web.server#info] Site starting",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "info", "log.logger": "twisted.web.server", "message": "Site starting"}),
    ("scrapy 1", "2024-05-04 10:00:00 [scrapy.core.engine] INFO: Spider opened",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "info", "log.logger": "scrapy.core.engine", "message": "Spider opened"}),
    ("scrapy 2", "2024-05-04 10:00:00 [scrapy.core.engine] DEBUG: Crawled (200) <GET https://a/> (referer: None)",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "debug", "log.logger": "scrapy.core.engine", "message": "Crawled (200) <GET https://a/> (referer: None)"}),
    ("coredns 1", '[INFO] 10.0.0.1:1234 - 4567 "A IN example.com. udp 40 false 512" NOERROR qr,rd,ra 56 0.001234567s',
     {"log.level": "info", "message": '10.0.0.1:1234 - 4567 "A IN example.com. udp 40 false 512" NOERROR qr,rd,ra 56 0.001234567s', "dns.id": "4567", "dns.question.name": "example.com", "dns.question.type": "A", "dns.question.class": "IN", "dns.response_code": "NOERROR", "dns.header_flags": ["QR", "RD", "RA"], "source.ip": "10.0.0.1", "source.port": 1234, "network.transport": "udp", "event.duration": 1234567}),
    ("ingress-nginx", '1.2.3.4 - - [04/May/2024:10:00:00 +0000] "GET / HTTP/1.1" 200 612 "-" "curl/8" 78 0.001 [default-svc-80] [] 10.0.0.1:80 612 0.001 200 abc123def456',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "http.request.method": "GET", "http.version": "1.1", "http.response.status_code": 200, "http.response.body.bytes": 612, "url.path": "/", "event.outcome": "success", "event.duration": 1000000, "source.ip": "1.2.3.4", "user_agent.original": "curl/8"}),
    ("traefik clf", '1.2.3.4 - - [04/May/2024:10:00:00 +0000] "GET / HTTP/1.1" 200 17 "-" "curl" 1 "web@docker" "http://10.0.0.1:80" 2ms',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "http.request.method": "GET", "http.version": "1.1", "http.response.status_code": 200, "http.response.body.bytes": 17, "url.path": "/", "event.outcome": "success", "event.duration": 2000000, "source.ip": "1.2.3.4", "user_agent.original": "curl", "traefik.access.request_count": 1, "traefik.access.router_name": "web@docker", "traefik.access.server_url": "http://10.0.0.1:80"}),
    ("kong", '2024/05/04 10:00:00 [notice] 1234#0: *5 [lua] init.lua:12: x, client: 1.2.3.4, server: kong, request: "GET / HTTP/1.1", host: "h"',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "notice", "message": '[lua] init.lua:12: x, client: 1.2.3.4, server: kong, request: "GET / HTTP/1.1", host: "h"', "process.pid": 1234, "process.thread.id": 0, "nginx.error.connection_id": 5, "nginx.error.server": "kong", "source.ip": "1.2.3.4", "http.request.method": "GET", "http.version": "1.1", "url.path": "/"}),
    ("apisix", '127.0.0.1 - - [04/May/2024:10:00:00 +0000] h:9080 "GET / HTTP/1.1" 200 12 0.001 "-" "curl/8" 10.0.0.1:80 200 0.001 "http://h:9080"',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "http.request.method": "GET", "http.version": "1.1", "http.response.status_code": 200, "http.response.body.bytes": 12, "url.path": "/", "url.port": 9080, "event.outcome": "success", "event.duration": 1000000, "source.ip": "127.0.0.1", "user_agent.original": "curl/8"}),
    ("cloudflare", '{"ClientIP":"1.2.3.4","ClientRequestHost":"example.com","ClientRequestMethod":"GET","ClientRequestURI":"/a?b=1","EdgeEndTimestamp":"2024-05-04T10:00:01Z","EdgeResponseBytes":123,"EdgeResponseStatus":200,"EdgeStartTimestamp":"2024-05-04T10:00:00Z","RayID":"abc","ClientRequestUserAgent":"curl/8"}',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "url.query": "b=1", "url.path": "/a", "http.response.status_code": 200, "http.response.bytes": 123, "http.request.method": "GET", "http.request.id": "abc", "source.ip": "1.2.3.4", "event.outcome": "success", "user_agent.original": "curl/8"}),
    ("cloudtrail", '{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"ann","arn":"arn:x","accountId":"123"},"eventTime":"2024-05-04T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"1.2.3.4","userAgent":"aws-cli","requestParameters":{"bucketName":"b"},"responseElements":null,"requestID":"r","eventID":"e","eventType":"AwsApiCall","errorCode":"AccessDenied","errorMessage":"no"}',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "aws.cloudtrail.eventVersion": "1.08", "aws.cloudtrail.requestID": "r", "aws.cloudtrail.eventType": "AwsApiCall", "aws.cloudtrail.userIdentity.type": "IAMUser", "aws.cloudtrail.userIdentity.userName": "ann", "aws.cloudtrail.userIdentity.arn": "arn:x", "aws.cloudtrail.userIdentity.accountId": "123", "aws.cloudtrail.requestParameters.bucketName": "b", "event.provider": "s3.amazonaws.com", "event.action": "GetObject", "event.id": "e", "event.outcome": "failure", "cloud.region": "eu-west-1", "cloud.account.id": "123", "user_agent.original": "aws-cli", "error.code": "AccessDenied", "error.message": "no", "source.ip": "1.2.3.4", "user.name": "ann"}),
    ("cloudfront", "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher\n2024-05-04\t10:00:00\tFRA2\t1234\t1.2.3.4\tGET\td1.cloudfront.net\t/a.txt\t200\t-\tMozilla/5.0%20(X)\t-\t-\tHit\tabc==\texample.com\thttps\t123\t0.001\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "message": "2024-05-04\t10:00:00\tFRA2\t1234\t1.2.3.4\tGET\td1.cloudfront.net\t/a.txt\t200\t-\tMozilla/5.0%20(X)\t-\t-\tHit\tabc==\texample.com\thttps\t123\t0.001\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256", "source.ip": "1.2.3.4", "url.path": "/a.txt", "url.scheme": "https", "http.response.status_code": 200, "http.response.body.bytes": 1234, "http.request.method": "GET", "http.request.body.bytes": 123, "event.outcome": "success", "event.duration": 1000000, "cloudfront.edge_location": "FRA2", "cloudfront.result_type": "Hit", "cloudfront.request_id": "abc==", "user_agent.original": "Mozilla/5.0 (X)", "w3c.x-host-header": "example.com", "w3c.ssl-protocol": "TLSv1.3", "w3c.ssl-cipher": "TLS_AES_128_GCM_SHA256"}),
    ("lambda 1", "START RequestId: 8f5c1a2b-1111-4222-8333-123456789abc Version: $LATEST",
     {"faas.execution": "8f5c1a2b-1111-4222-8333-123456789abc", "faas.version": "$LATEST"}),
    ("lambda 2", "END RequestId: 8f5c1a2b-1111-4222-8333-123456789abc",
     {"faas.execution": "8f5c1a2b-1111-4222-8333-123456789abc"}),
    ("lambda 3", "REPORT RequestId: 8f5c1a2b-1111-4222-8333-123456789abc\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 45 MB\tInit Duration: 123.45 ms\t",
     {"message": "REPORT RequestId: 8f5c1a2b-1111-4222-8333-123456789abc\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 45 MB\tInit Duration: 123.45 ms", "faas.execution": "8f5c1a2b-1111-4222-8333-123456789abc", "faas.coldstart": True, "event.duration": 12340000}),
    ("lambda 4", "2024-05-04T10:00:00.123Z\t8f5c1a2b-1111-4222-8333-123456789abc\tINFO\thello",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "message": "hello", "faas.execution": "8f5c1a2b-1111-4222-8333-123456789abc"}),
    ("lambda 5", "[ERROR]\t2024-05-04T10:00:00.123Z\t8f5c1a2b-1111-4222-8333-123456789abc\tpython says",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "error", "message": "python says", "faas.execution": "8f5c1a2b-1111-4222-8333-123456789abc"}),
    ("lambda 6", "[INFO]\t2024-05-04T10:00:00.123Z\t8f5c1a2b-1111-4222-8333-123456789abc\tpython",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "message": "python", "faas.execution": "8f5c1a2b-1111-4222-8333-123456789abc"}),
    ("gcp 1", '{"insertId":"a","jsonPayload":{"message":"hi","x":1},"resource":{"type":"k8s_container","labels":{"pod_name":"p"}},"timestamp":"2024-05-04T10:00:00.123Z","severity":"ERROR","logName":"projects/p/logs/stdout","receiveTimestamp":"2024-05-04T10:00:01Z"}',
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "error", "message": "hi", "labels.x": 1, "labels.logName": "projects/p/logs/stdout", "labels.receiveTimestamp": "2024-05-04T10:00:01Z", "event.id": "a", "google.resource.type": "k8s_container", "google.resource.labels.pod_name": "p"}),
    ("gcp 2", '{"textPayload":"hi there","timestamp":"2024-05-04T10:00:00.123Z","severity":"WARNING","logName":"x","insertId":"b","trace":"projects/p/traces/0af7651916cd43dd8448eb211c80319c"}',
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "warning", "message": "hi there", "trace.id": "0af7651916cd43dd8448eb211c80319c", "labels.logName": "x", "event.id": "b"}),
    ("solr", "2024-05-04 10:00:00.123 INFO  (qtp123-14) [   x:core1] o.a.s.c.S.Request [core1]  webapp=/solr path=/select params={q=*:*} hits=0 status=0 QTime=1",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "o.a.s.c.S.Request", "message": "[core1]  webapp=/solr path=/select params={q=*:*} hits=0 status=0 QTime=1", "process.thread.name": "qtp123-14", "labels.mdc": "x:core1"}),
    ("graylog", "2024-05-04 10:00:00,123 INFO : org.graylog2.bootstrap.ServerBootstrap - Graylog server up and running.",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "org.graylog2.bootstrap.ServerBootstrap", "message": "Graylog server up and running."}),
    ("nifi 1", "2024-05-04 10:00:00,123 INFO [main] org.apache.nifi.NiFi Launching NiFi...",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "org.apache.nifi.NiFi", "message": "Launching NiFi...", "process.thread.name": "main"}),
    ("nifi 2", "2024-05-04 10:00:00,123 ERROR [Timer-Driven Process Thread-1] o.a.nifi.processors.standard.InvokeHTTP InvokeHTTP[id=1] failed",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "error", "log.logger": "o.a.nifi.processors.standard.InvokeHTTP", "message": "InvokeHTTP[id=1] failed", "process.thread.name": "Timer-Driven Process Thread-1"}),
    ("hive", "2024-05-04T10:00:00,123 INFO  [main]: server.HiveServer2 (HiveServer2.java:init(123)) - Starting",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "server.HiveServer2", "log.origin.file.name": "HiveServer2.java", "log.origin.file.line": 123, "log.origin.function": "init", "message": "Starting", "process.thread.name": "main"}),
    ("hbase 1", "2024-05-04 10:00:00,123 INFO  [main] regionserver.HRegionServer: STOPPED",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "regionserver.HRegionServer", "message": "STOPPED", "process.thread.name": "main"}),
    ("hbase 2", "2024-05-04T10:00:00,123 WARN  [RS:0;host:16020] ipc.RpcServer: x",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "warning", "log.logger": "ipc.RpcServer", "message": "x", "process.thread.name": "RS:0;host:16020"}),
    ("keycloak", '2024-05-04 10:00:00,123 WARN  [org.keycloak.events] (executor-thread-1) type="LOGIN_ERROR", realmId="x", ipAddress="1.2.3.4", error="invalid_user_credentials", username="ann"',
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "warning", "log.logger": "org.keycloak.events", "message": 'type="LOGIN_ERROR", realmId="x", ipAddress="1.2.3.4", error="invalid_user_credentials", username="ann"', "process.thread.name": "executor-thread-1"}),
    ("neo4j 1", "2024-05-04 10:00:00.123+0000 INFO  Starting...",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "message": "Starting..."}),
    ("neo4j 2", "2024-05-04 10:00:00.123+0000 INFO  [o.n.k.d.Database] [neo4j/abc] Starting",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "o.n.k.d.Database", "message": "[neo4j/abc] Starting"}),
    ("couchdb", "[notice] 2024-05-04T10:00:00.123456Z couchdb@127.0.0.1 <0.123.0> abc 127.0.0.1:5984 127.0.0.1 undefined GET / 200 ok 3",
     {"@timestamp": "2024-05-04T10:00:00.123456Z", "log.level": "notice", "message": "couchdb@127.0.0.1 <0.123.0> abc 127.0.0.1:5984 127.0.0.1 undefined GET / 200 ok 3"}),
    ("glassfish", "[2024-05-04T10:00:00.123+0000] [Payara 6] [INFO] [NCLS-CORE-00087] [javax.enterprise.system.core] [tid: _ThreadID=1 _ThreadName=main] [timeMillis: 1714816800123] [levelValue: 800] [[\n  Grizzly Framework started]]",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "javax.enterprise.system.core", "message": "Grizzly Framework started", "event.code": "NCLS-CORE-00087", "process.thread.name": "main", "process.thread.id": 1}),
    ("fail2ban 1", "2024-05-04 10:00:00,123 fail2ban.actions        [1234]: NOTICE  [sshd] Ban 1.2.3.4",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "notice", "log.logger": "fail2ban.actions", "message": "[sshd] Ban 1.2.3.4", "process.pid": 1234}),
    ("fail2ban 2", "2024-05-04 10:00:00,123 fail2ban.filter         [1234]: INFO    [sshd] Found 1.2.3.4 - 2024-05-04 10:00:00",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "fail2ban.filter", "message": "[sshd] Found 1.2.3.4 - 2024-05-04 10:00:00", "process.pid": 1234}),
    ("supervisor 1", "2024-05-04 10:00:00,123 INFO spawned: 'x' with pid 12",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "message": "spawned: 'x' with pid 12"}),
    ("supervisor 2", "2024-05-04 10:00:00,123 CRIT Supervisor is running as root.",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "critical", "message": "Supervisor is running as root."}),
    ("memcached/consul template", "2024/05/04 10:00:00.123456 [INFO] (runner) creating",
     {"@timestamp": "2024-05-04T10:00:00.123456Z", "log.level": "info", "log.logger": "runner", "message": "creating"}),
    ("laravel", '[2024-05-04 10:00:00] local.INFO: hello {"a":{"b":1}} ',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "info", "log.logger": "local", "message": "hello", "a.b": 1}),
    ("tomcat juli", "04-May-2024 10:00:00.123 INFO [main] org.apache.catalina.startup.VersionLoggerListener.log Server version name: Apache Tomcat/9",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "org.apache.catalina.startup.VersionLoggerListener", "log.origin.function": "log", "message": "Server version name: Apache Tomcat/9", "process.thread.name": "main"}),
    ("cockroach", "I240504 10:00:00.123456 123 server/node.go:456 ⋮ [n1,client=127.0.0.1:1234] 12  node connected",
     {"@timestamp": "2024-05-04T10:00:00.123456Z", "log.level": "info", "log.origin.file.name": "server/node.go", "log.origin.file.line": 456, "message": "node connected", "process.thread.id": 123, "cockroach.tags": "n1,client=127.0.0.1:1234"}),
    ("ceph", "2024-05-04T10:00:00.123456+0000 7f1234567890 -1 osd.1 12 heartbeat_check: no reply",
     {"@timestamp": "2024-05-04T10:00:00.123456Z", "log.level": "error", "message": "osd.1 12 heartbeat_check: no reply", "process.thread.name": "7f1234567890", "labels.level": "-1"}),
    ("hypercorn access", '[2024-05-04 10:00:00 +0000] [12] [INFO] 127.0.0.1:1234 - - [04/May/2024:10:00:00 +0000] "GET / 1.1" 200 12 "-" "curl"',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "info", "message": '127.0.0.1:1234 - - [04/May/2024:10:00:00 +0000] "GET / 1.1" 200 12 "-" "curl"', "process.pid": 12}),
    ("exim in", "2024-05-04 10:00:00 1abCde-000123-AB <= a@b.c H=host (helo) [1.2.3.4] P=esmtp S=1234 id=x",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "message": "<= a@b.c H=host (helo) [1.2.3.4] P=esmtp S=1234 id=x", "email.local_id": "1abCde-000123-AB", "email.from.address": ["a@b.c"], "event.outcome": "success", "source.ip": "1.2.3.4", "source.domain": "host"}),
    ("proftpd", "2024-05-04 10:00:00,123 host proftpd[1234] 10.0.0.1 (1.2.3.4[1.2.3.4]): USER ann: Login successful.",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "message": "USER ann: Login successful.", "process.pid": 1234, "source.ip": "1.2.3.4"}),
    ("freeradius 1", "Sat May  4 10:00:00 2024 : Info: Ready to process requests",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "info", "message": "Ready to process requests"}),
    ("freeradius 2", "Sat May  4 10:00:00 2024 : Auth: (1) Login incorrect: [ann/x] (from client a port 0)",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "message": "Auth: (1) Login incorrect: [ann/x] (from client a port 0)"}),
    ("asterisk 1", '[May  4 10:00:00] NOTICE[1234]: chan_sip.c:28926 handle_request_register: Registration from \'"100"\' failed for \'1.2.3.4\' - Wrong password',
     {"log.level": "notice", "log.origin.file.name": "chan_sip.c", "log.origin.file.line": 28926, "log.origin.function": "handle_request_register", "message": 'Registration from \'"100"\' failed for \'1.2.3.4\' - Wrong password', "process.thread.id": 1234}),
    ("asterisk 2", "[2024-05-04 10:00:00.123] VERBOSE[1234][C-00000001] pbx.c: Executing [100@x:1]",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "verbose", "log.origin.file.name": "pbx.c", "message": "Executing [100@x:1]", "process.thread.id": 1234, "labels.call": "C-00000001"}),
    ("freeswitch", "2024-05-04 10:00:00.123456 [NOTICE] switch_channel.c:1114 New Channel sofia/x",
     {"@timestamp": "2024-05-04T10:00:00.123456Z", "log.level": "notice", "log.origin.file.name": "switch_channel.c", "log.origin.file.line": 1114, "message": "New Channel sofia/x"}),
    ("zabbix", "  1234:20240504:100000.123 Starting Zabbix Server. Zabbix 6.0.0",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "message": "Starting Zabbix Server. Zabbix 6.0.0", "process.pid": 1234}),
    ("icinga2 1", "[2024-05-04 10:00:00 +0000] information/Application: Starting",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "info", "log.logger": "Application", "message": "Starting"}),
    ("icinga2 2", "[2024-05-04 10:00:00 +0000] critical/config: Error: x",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "critical", "log.logger": "config", "message": "Error: x"}),
    ("puppetserver", "2024-05-04T10:00:00.123Z INFO  [qtp123-45] [puppetserver] Puppet Compiled catalog",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "puppetserver", "message": "Puppet Compiled catalog", "process.thread.name": "qtp123-45"}),
    ("chef 1", "[2024-05-04T10:00:00+00:00] INFO: Forking chef instance",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "info", "message": "Forking chef instance"}),
    ("chef 2", "[2024-05-04T10:00:00+00:00] FATAL: Stacktrace dumped",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "fatal", "message": "Stacktrace dumped"}),
    ("salt", "2024-05-04 10:00:00,123 [salt.minion      :123 ][INFO    ][1234] Starting",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "salt.minion", "log.origin.file.line": 123, "message": "Starting", "process.pid": 1234}),
    ("keepalived", "Sat May  4 10:00:00 2024: (VI_1) Entering MASTER STATE",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "message": "(VI_1) Entering MASTER STATE"}),
    ("tslog", "2024-05-04 10:00:00.123\tINFO\t/src/a.ts:12\thello",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.origin.file.name": "/src/a.ts", "log.origin.file.line": 12, "message": "hello"}),
    ("loguru", "2024-05-04 10:00:00.123 | INFO     | __main__:main:12 - hello",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "__main__", "log.origin.function": "main", "log.origin.file.line": 12, "message": "hello"}),
    ("tornado 1", "[I 240504 10:00:00 web:2348] 200 GET / (127.0.0.1) 1.23ms",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "info", "log.origin.file.name": "web", "log.origin.file.line": 2348, "message": "200 GET / (127.0.0.1) 1.23ms"}),
    ("tornado 2", "[E 240504 10:00:00 web:1871] Uncaught exception GET /x (127.0.0.1)",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "error", "log.origin.file.name": "web", "log.origin.file.line": 1871, "message": "Uncaught exception GET /x (127.0.0.1)"}),
    ("jupyter 1", "[I 2024-05-04 10:00:00.123 ServerApp] Jupyter Server is running at:",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "ServerApp", "message": "Jupyter Server is running at:"}),
    ("jupyter 2", "[W 10:00:00.123 NotebookApp] 404 GET /x",
     {"log.level": "warning", "log.logger": "NotebookApp", "message": "404 GET /x"}),
    ("ray", "2024-05-04 10:00:00,123\tINFO worker.py:1724 -- Started a local Ray instance.",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.origin.file.name": "worker.py", "log.origin.file.line": 1724, "message": "Started a local Ray instance."}),
    ("tensorflow 1", "2024-05-04 10:00:00.123456: I tensorflow/core/platform/cpu_feature_guard.cc:182] This binary",
     {"@timestamp": "2024-05-04T10:00:00.123456Z", "log.level": "info", "log.origin.file.name": "tensorflow/core/platform/cpu_feature_guard.cc", "log.origin.file.line": 182, "message": "This binary"}),
    ("tensorflow 2", "W0504 10:00:00.123456 1234 file.cc:12] x",
     {"log.level": "warning", "log.origin.file.name": "file.cc", "log.origin.file.line": 12, "message": "x", "process.thread.id": 1234}),
    ("gradle/maven 1", "[INFO] BUILD SUCCESS",
     {"log.level": "info", "message": "BUILD SUCCESS"}),
    ("gradle/maven 2", "[ERROR] Failed to execute goal",
     {"log.level": "error", "message": "Failed to execute goal"}),
    ("rsync", "2024/05/04 10:00:00 [1234] connect from host (1.2.3.4)",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "message": "connect from host (1.2.3.4)", "process.pid": 1234}),
    ("apache start 2", "[Sat May 04 10:00:00.123456 2024] [mpm_event:notice] [pid 1:tid 140] AH00489: Apache/2.4.57 configured",
     {"@timestamp": "2024-05-04T10:00:00.123456Z", "log.level": "notice", "message": "Apache/2.4.57 configured", "apache.error.module": "mpm_event", "process.pid": 1, "process.thread.id": 140, "error.code": "AH00489"}),
    ("opensearch", "[2024-05-04T10:00:00,123][INFO ][o.o.n.Node               ] [node-1] started",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.logger": "o.o.n.Node", "message": "started", "elasticsearch.node.name": "node-1"}),
    ("logstash", "[2024-05-04T10:00:00,123][WARN ][logstash.outputs.elasticsearch][main][abcdef12] Attempted {:x=>1}",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "warning", "log.logger": "logstash.outputs.elasticsearch", "message": "Attempted {:x=>1}", "logstash.log.pipeline_id": "main", "logstash.log.plugin_id": "abcdef12"}),
    ("fluentd 1", "2024-05-04 10:00:00 +0000 [info]: #0 fluentd worker is now running worker=0",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "info", "message": "#0 fluentd worker is now running worker=0"}),
    ("fluentd 2", '2024-05-04 10:00:00 +0000 [warn]: #0 [in_tail] x error_class=Foo error="y"',
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "warning", "message": '#0 [in_tail] x error_class=Foo error="y"'}),
    ("fluentbit 1", "[2024/05/04 10:00:00] [ info] [output:es:es.0] worker #0 started",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "info", "log.logger": "output:es:es.0", "message": "worker #0 started"}),
    ("fluentbit 2", "[2024/05/04 10:00:00] [error] [input:tail:tail.0] x",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "error", "log.logger": "input:tail:tail.0", "message": "x"}),
    ("vector", '2024-05-04T10:00:00.123456Z  INFO vector::app: Log level is enabled. level="info"',
     {"@timestamp": "2024-05-04T10:00:00.123456Z", "log.level": "info", "log.logger": "vector::app", "message": 'Log level is enabled. level="info"'}),
    ("telegraf 1", "2024-05-04T10:00:00Z I! Starting Telegraf 1.28",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "info", "message": "Starting Telegraf 1.28"}),
    ("telegraf 2", "2024-05-04T10:00:00Z E! [outputs.influxdb] When writing: x",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "error", "log.logger": "outputs.influxdb", "message": "When writing: x"}),
    ("filebeat", '2024-05-04T10:00:00.123Z\tINFO\t[monitoring]\tlog/log.go:144\tNon-zero metrics\t{"monitoring": {}}',
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "info", "log.origin.file.name": "log/log.go", "log.origin.file.line": 144, "log.logger": "monitoring", "message": "Non-zero metrics"}),
    ("rabbit", "2024-05-04 10:00:00.123456+00:00 [error] <0.123.0> closing AMQP connection",
     {"@timestamp": "2024-05-04T10:00:00.123456Z", "log.level": "error", "message": "closing AMQP connection", "rabbitmq.log.pid": "<0.123.0>"}),
    ("syslog openwrt", "Sat May  4 10:00:00 2024 daemon.info dnsmasq[12]: started",
     {"@timestamp": "2024-05-04T10:00:00.000Z", "log.level": "info", "log.syslog.facility.name": "daemon", "log.syslog.severity.code": 6, "message": "started", "process.pid": 12}),
    ("akka actor", "[ERROR] [05/04/2024 10:00:00.123] [sys-akka.actor.default-dispatcher-5] [akka://sys/user/a] boom\njava.lang.RuntimeException: boom\n\tat a.b.C.d(C.java:1)",
     {"@timestamp": "2024-05-04T10:00:00.123Z", "log.level": "error", "log.logger": "akka://sys/user/a", "message": "boom", "process.thread.name": "sys-akka.actor.default-dispatcher-5", "error.stack_trace": "java.lang.RuntimeException: boom\n\tat a.b.C.d(C.java:1)", "error.type": "java.lang.RuntimeException", "error.message": "boom"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_line_gives_what_its_layout_says(text: str, wanted: dict[str, Any]) -> None:
    found = flat(text + "\n")
    assert {name: found.get(name) for name in wanted} == wanted


def messages(text: str) -> list[str]:
    return [event["message"] for event in convert(text)]


def test_lines_that_one_logger_stamped_are_records_of_their_own_though_their_layouts_differ() -> None:
    supervisor = "2024-05-04 10:00:00,123 INFO spawned: 'x' with pid 12\n2024-05-04 10:00:01,456 CRIT running as root\n"
    assert messages(supervisor) == ["spawned: 'x' with pid 12", "running as root"]
    airflow = "[2024-05-04T10:00:00.123+0000] {a.py:1} INFO - one\n[2024-05-04T10:00:00.124+0000] two {b}\n"
    assert messages(airflow) == ["one", "two {b}"]


def test_a_line_with_another_stamp_inside_a_record_stays_in_it() -> None:
    text = "2024-05-04 10:00:00,123 INFO dump:\n2024-05-04T10:00:00Z first\n10:00:00 second\n"
    assert messages(text) == ["dump:\n2024-05-04T10:00:00Z first\n10:00:00 second"]


def test_a_layout_is_found_though_bare_stamped_lines_came_first() -> None:
    text = "2024-05-04 10:00:00 TLS: started\n2024-05-04 10:00:00 us=123456 1.2.3.4:5678 hello\n"
    assert [event["@timestamp"] for event in convert(text)] == [
        "2024-05-04T10:00:00.000Z",
        "2024-05-04T10:00:00.123456Z",
    ]


def test_the_first_line_of_a_flow_log_names_its_fields() -> None:
    text = "version account-id interface-id srcaddr action\n3 123456789010 eni-1235b8ca 10.0.0.1 REJECT\n"
    (event,) = convert(text)
    assert (event["source"]["ip"], event["aws"]["vpcflow"]["action"]) == ("10.0.0.1", "REJECT")


def test_records_of_phoenix_and_their_exceptions_are_told_apart() -> None:
    text = (
        "10:00:00.123 [info] GET /\n10:00:00.124 request_id=F2x [error] it terminated\n** (exit) an exception was raised:\n"
        "    ** (RuntimeError) boom\n        (my_app 0.1.0) lib/x.ex:12: MyApp.X.y/2\n"
    )
    first, second = convert(text)
    assert (first["message"], second["message"]) == ("GET /", "it terminated")
    assert (second["error"]["type"], second["error"]["message"]) == ("RuntimeError", "boom")


def test_records_of_ibm_mq_have_the_time_that_they_name_and_end_at_their_ruler() -> None:
    record = (
        "11/10/2018 10:46:26 - Process(8480.1) User(mqm) Program(amqzxma0)\n                      Host(mq1) VRMF(9.1)\n"
        "                      Time(2018-10-11T08:46:26.346Z)\n                     \nAMQ6184W: An error on QM1.\n\n"
        "EXPLANATION:\nIt happened.\nACTION:\nNone.\n----- amqxfdcp.c : 874 -----\n"
    )
    events = convert(record * 2)
    assert [event["@timestamp"] for event in events] == ["2018-10-11T08:46:26.346Z"] * 2
    assert events[0]["message"] == "AMQ6184W: An error on QM1.\n\nEXPLANATION:\nIt happened.\nACTION:\nNone."
    assert (events[0]["log"]["level"], events[0]["event"]["code"]) == ("warning", "AMQ6184W")
    assert (events[0]["host"]["hostname"], events[0]["process"]["pid"]) == ("mq1", 8480)


def test_cakephps_trace_is_cut_out_of_the_message() -> None:
    (event,) = convert(
        "2024-05-04 10:00:00 error: [RuntimeException] x in /a.php on line 3\nRequest URL: /x\nStack Trace:\n- /b.php:12\n"
    )
    assert event["error"]["type"] == "RuntimeException"
    assert event["error"]["stack_trace"].endswith("- /b.php:12")
    assert event["message"].endswith("Request URL: /x")


@pytest.mark.parametrize(
    "text",
    [
        "Log opened.",
        "(VI_1) Entering MASTER STATE",
        "Connection error: refused",
        "TLS Error: handshake failed",
        "Exception in thread x",
    ],
)
def test_a_sentence_after_a_time_loses_no_word(text: str) -> None:
    assert messages(f"2024-05-04 10:00:00 {text}\n") == [text]


def test_a_source_of_bare_times_is_not_asked_for_other_formats_for_ever() -> None:
    text = "2024-05-04 10:00:00 hello there\n" * 70 + "2024-05-04 10:00:00 us=123456 1.2.3.4:5678 hello\n"
    assert messages(text)[-1] == "us=123456 1.2.3.4:5678 hello"
