"""Sources that cannot be read again: syslog by every way in, and standard input; killed, full, and attacked."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest

from shipper.agent.status import read_status
from shipper.errors import UnavailableError
from tests.support.agent_process import AgentProcess, until
from tests.support.lumberjack_sink import LumberjackSink

pytestmark = pytest.mark.e2e


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configure(tmp_path, sink, listen, **options):
    file = tmp_path / "agent.yml"
    source = {"type": "syslog", "listen": listen, **options}
    host, _, port = sink.url.removeprefix("logstash://").partition(":")
    output = {"type": "logstash", "hosts": [f"{host}:{port}"]}
    file.write_text(json.dumps({"host_name": "collector", "inputs": [source], "output": output}))
    return file


def status(tmp_path):
    try:
        return read_status(tmp_path / "state")
    except UnavailableError:
        return {"counts": {}, "spools": {}}


def start(tmp_path, file):
    agent = AgentProcess(tmp_path / "state", "-c", str(file))
    assert until(lambda: "read" in status(tmp_path)["counts"])
    return agent


def send_and_wait_for_the_close(port, data):
    """Half-close and wait: the agent closes when all of it is on disk; False if the connection broke."""
    try:
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            client.settimeout(10)
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            return client.recv(1) == b""
    except OSError:
        return False


def messages(sink):
    return sorted(document["message"] for document in sink.logs.values())


def test_tcp_in_both_framings_and_udp_arrive_as_records_of_their_hosts(tmp_path):
    tcp, udp = free_port(), free_port(socket.SOCK_DGRAM)
    with LumberjackSink() as sink:
        agent = start(tmp_path, configure(tmp_path, sink, [f"tcp://127.0.0.1:{tcp}", f"udp://127.0.0.1:{udp}"]))
        counted = b"<34>1 2026-03-01T12:00:00Z web-1 app 7 - - a\nb"
        stream = b"<13>Mar  1 12:00:00 web-2 cron[9]: lines\n%d %b" % (len(counted), counted)
        assert send_and_wait_for_the_close(tcp, stream + b"<14>no end")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(b"without a head", ("127.0.0.1", udp))
        assert until(lambda: len(sink.logs) == 4)
        assert agent.terminate() == 0
    found = {document["message"]: document for document in sink.logs.values()}
    assert found.keys() == {"lines", "a\nb", "no end", "without a head"}
    assert found["a\nb"]["host"]["hostname"] == "web-1"
    assert found["a\nb"]["process"] == {"name": "app", "pid": 7}
    assert found["lines"]["host"] == {"hostname": "web-2"}
    assert found["without a head"]["host"]["hostname"] == "127.0.0.1"
    for document in found.values():
        assert document["event"]["dataset"] == "syslog"
        assert document["observer"]["type"] == "collector"
        assert "file" not in document["log"]


def test_unix_sockets_carry_records_of_this_host_and_leave_no_file_behind(tmp_path):
    stream, datagram = tmp_path / "s.sock", tmp_path / "d.sock"
    with LumberjackSink() as sink:
        file = configure(tmp_path, sink, [f"unix://{stream}", f"unixgram://{datagram}"], mode="0600", name="local")
        agent = start(tmp_path, file)
        assert stream.stat().st_mode & 0o777 == 0o600
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.sendto(b"<13>Mar  1 12:00:00 su[7]: one", str(datagram))
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(stream))
            client.sendall(b"<13>Mar  1 12:00:01 su[8]: two\n")
        assert until(lambda: len(sink.logs) == 2)
        assert agent.terminate() == 0
    assert messages(sink) == ["one", "two"]
    assert {document["host"]["name"] for document in sink.logs.values()} == {"collector"}
    assert not stream.exists()
    assert not datagram.exists()


@pytest.mark.parametrize("seed", [1, 2])
def test_t45_killed_at_random_moments_what_was_accepted_is_neither_lost_nor_doubled(tmp_path, seed):
    port, moments = free_port(), random.Random(seed)
    accepted: list[str] = []
    tried: list[str] = []
    over = threading.Event()

    def send(name):
        number = 0
        while not over.is_set():
            batch = [f"{name}-{number}-{n}" for n in range(50)]
            number += 1
            data = b"".join(b"<13>1 2026-03-01T12:00:00Z h a - - - %b\n" % text.encode() for text in batch)
            tried.extend(batch)
            if send_and_wait_for_the_close(port, data):
                accepted.extend(batch)
            else:
                time.sleep(0.05)

    with LumberjackSink(delay=0.01) as sink:
        file = configure(tmp_path, sink, [f"tcp://127.0.0.1:{port}"])
        senders = [threading.Thread(target=send, args=(name,)) for name in range(3)]
        agent = start(tmp_path, file)
        for sender in senders:
            sender.start()
        for _ in range(4):
            before = len(accepted)
            assert until(lambda before=before: len(accepted) > before)  # type: ignore[misc]  # mypy cannot infer it
            time.sleep(moments.uniform(0, 0.3))
            agent.kill()
            agent = start(tmp_path, file)
        over.set()
        for sender in senders:
            sender.join()
        assert until(lambda: set(accepted) <= set(messages(sink)))
        assert agent.terminate() == 0
    counts = Counter(messages(sink))
    assert set(accepted) <= set(counts) <= set(tried)
    assert {text: count for text, count in counts.items() if count > 1} == {}


def test_a_full_spool_makes_tcp_wait_and_drops_udp_with_a_count(tmp_path):
    tcp, udp = free_port(), free_port(socket.SOCK_DGRAM)
    text = b"x" * 1000
    gate = threading.Event()
    with LumberjackSink() as sink:
        sink.refuse = lambda window: not gate.is_set()
        listen = [f"tcp://127.0.0.1:{tcp}", f"udp://127.0.0.1:{udp}"]
        file = configure(tmp_path, sink, listen, spool="1MiB")
        document = json.loads(file.read_text())
        file.write_text(json.dumps({**document, "queue": {"memory": "1MiB"}}))
        agent = start(tmp_path, file)
        lines = [b"<13>1 2026-03-01T12:00:00Z h a - - - %d %b\n" % (number, text) for number in range(8000)]
        sender = threading.Thread(target=send_and_wait_for_the_close, args=(tcp, b"".join(lines)))
        sender.start()
        assert until(lambda: status(tmp_path)["spools"].get("syslog", {}).get("bytes", 0) >= 1 << 20)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            for _ in range(20):
                client.sendto(b"<13>lost", ("127.0.0.1", udp))
        assert until(lambda: status(tmp_path)["counts"].get("syslog_dropped") == 20)
        assert status(tmp_path)["spools"]["syslog"]["bytes"] < (1 << 20) + (1 << 18)
        gate.set()
        sender.join(60)
        assert until(lambda: len(sink.logs) == 8000)
        assert until(lambda: status(tmp_path)["spools"]["syslog"]["bytes"] < 1 << 20)
        assert agent.terminate() == 0
    assert not any("lost" in message for message in messages(sink))


def test_hostile_peers_are_cut_off_refused_and_let_go_while_others_are_served(tmp_path):
    port = free_port()
    with LumberjackSink() as sink:
        options = {"connections": 3, "timeout": "1s", "max_message": "480B"}
        agent = start(tmp_path, configure(tmp_path, sink, [f"tcp://127.0.0.1:{port}"], **options))
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        for client in slow:
            client.sendall(b"<13>1 2026-03-01T12:00:00Z h a - - - slow")
        assert until(lambda: status(tmp_path)["counts"].get("read") is not None)
        for client in slow:
            client.settimeout(10)
            assert client.recv(1) == b""  # let go: the message was not whole within a second
            client.close()
        big = b"999999999 <13>1 2026-03-01T12:00:00Z h a - - - " + b"x" * 100_000
        assert send_and_wait_for_the_close(port, big)
        assert send_and_wait_for_the_close(port, b"<13>1 2026-03-01T12:00:00Z h a - - - fine\n")
        assert until(lambda: "fine" in messages(sink) and len(sink.logs) == 5)
        counts = status(tmp_path)["counts"]
        assert (counts["syslog_late"], counts["syslog_cut"]) == (3, 1)
        assert agent.terminate() == 0
    assert messages(sink).count("slow") == 3
    assert max(map(len, messages(sink))) < 480


def test_more_connections_than_allowed_are_refused_and_counted(tmp_path):
    port = free_port()
    with LumberjackSink() as sink:
        agent = start(tmp_path, configure(tmp_path, sink, [f"tcp://127.0.0.1:{port}"], connections=2))
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
        for client in held:
            client.sendall(b"<13>1 2026-03-01T12:00:00Z h a - - - here\n")
        assert until(lambda: len(sink.logs) == 2)
        with socket.create_connection(("127.0.0.1", port)) as third:
            third.settimeout(10)
            assert third.recv(1) == b""
        assert status(tmp_path)["counts"]["syslog_refused"] == 1
        for client in held:
            client.close()
        assert agent.terminate() == 0


def test_a_taken_port_is_told_and_a_socket_of_a_killed_agent_is_taken_over(tmp_path):
    path = tmp_path / "s.sock"
    with LumberjackSink() as sink, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        file = configure(tmp_path, sink, [f"tcp://127.0.0.1:{taken.getsockname()[1]}"])
        assert AgentProcess(tmp_path / "state", "-c", str(file)).wait() == 2
        assert "cannot listen: Address already in use" in (tmp_path / "agent.log").read_text()
        file = configure(tmp_path, sink, [f"unix://{path}"])
        start(tmp_path, file).kill()
        assert path.exists()
        agent = start(tmp_path, file)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(b"<13>hello\n")
        assert until(lambda: messages(sink) == ["hello"])
        assert agent.terminate() == 0


def test_once_and_syslog_would_wait_for_ever_and_are_refused(tmp_path):
    with LumberjackSink() as sink:
        file = configure(tmp_path, sink, [f"unix://{tmp_path}/s.sock"])
        assert AgentProcess(tmp_path / "state", "-c", str(file), "--once").wait() == 2


def pipe_into_agent(tmp_path, sink, *arguments):
    where = ["--state", str(tmp_path / "state"), "--output", sink.url]
    return subprocess.Popen(
        [sys.executable, "-m", "shipper", "agent", "run", "--path", "-", *where, *arguments],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_standard_input_is_shipped_to_its_end_and_the_agent_ends(tmp_path):
    lines = [f'{{"@timestamp":"2026-03-01T12:00:00.000Z","message":"{number}"}}' for number in range(5000)]
    with LumberjackSink() as sink:
        agent = pipe_into_agent(tmp_path, sink, "--once")
        _, log = agent.communicate("\n".join(lines).encode(), timeout=60)
        assert agent.returncode == 0, log
        assert len(sink.logs) == 5000
        assert {document["event"]["dataset"] for document in sink.logs.values()} == {"stdin"}
        assert sorted(map(int, messages(sink))) == list(range(5000))


def test_standard_input_from_a_file_and_an_empty_one_end_too(tmp_path):
    (tmp_path / "in").write_text("one\ntwo")
    with LumberjackSink() as sink:
        for name, expected in (("in", ["one", "two"]), (os.devnull, ["one", "two"])):
            with (tmp_path / name).open() as source:
                command = [sys.executable, "-m", "shipper", "agent", "run", "--path", "-", "--once"]
                where = ["--state", str(tmp_path / "state"), "--output", sink.url]
                assert subprocess.run([*command, *where], stdin=source, check=False, timeout=60).returncode == 0
            assert sorted("\n".join(messages(sink)).split("\n")) == expected


def test_killed_after_it_took_lines_the_next_run_ships_them(tmp_path):
    with LumberjackSink() as sink:
        sink.refuse = lambda window: True
        agent = pipe_into_agent(tmp_path, sink)
        assert agent.stdin is not None
        agent.stdin.write(b"".join(b"<13>1 2026-03-01T12:00:00Z h a - - - %d\n" % number for number in range(1000)))
        agent.stdin.flush()
        spool = tmp_path / "state/spool/stdin"
        assert until(lambda: sum(p.read_bytes().count(b"\n") for p in spool.glob("*.spool")) == 1001)
        agent.send_signal(signal.SIGKILL)
        agent.communicate()
        sink.refuse = lambda window: False
        agent = pipe_into_agent(tmp_path, sink, "--once")
        agent.communicate(b"", timeout=60)
        assert agent.returncode == 0
        assert sorted(map(int, messages(sink))) == list(range(1000))
