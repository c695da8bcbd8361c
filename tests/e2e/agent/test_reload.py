"""Another configuration under load, by real signals to a real process: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import pty
import random
import signal
import socket
import sys
import threading
import time
from collections import Counter
from functools import partial

import pytest

from tests.support.agent_case import Case, RoughWriter, Writer, arrived, to
from tests.support.agent_process import until
from tests.support.fake_bulk import FakeBulk
from tests.support.lumberjack_sink import LumberjackSink

pytestmark = pytest.mark.e2e


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


def test_an_input_is_added_under_load(case):
    with LumberjackSink() as sink:
        writers = [Writer(case.log("a.log")), Writer(case.log("b.log"))]
        case.write([case.tail("a.log")], to(sink))
        case.start()
        assert until(lambda: len(sink.documents) > 500)
        case.write([case.tail("a.log"), case.tail("b.log")], to(sink))
        done = case.reload()
        assert (done.returncode, done.stdout) == (0, "reloaded; changed: inputs\n")
        assert until(lambda: any(message.startswith("b") for message in arrived(sink)))
        wanted = set().union(*(writer.stop() for writer in writers))
        assert until(lambda: len(sink.documents) >= len(wanted))
        assert case.agent.terminate() == 0
        assert arrived(sink) == Counter(wanted)
        assert sink.repeated == 0


def test_an_input_is_removed_under_load_and_goes_on_where_it_was_when_it_comes_back(case):
    with LumberjackSink() as sink:
        writers = [Writer(case.log("a.log")), Writer(case.log("b.log"))]
        both = [case.tail("a.log"), case.tail("b.log")]
        case.write(both, to(sink))
        case.start()
        assert until(lambda: any(message.startswith("b") for message in arrived(sink)))
        case.write(both[:1], to(sink))
        assert case.reload().returncode == 0
        assert [file["path"] for file in case.status()["files"]] == [str(case.log("a.log"))]
        assert until(lambda: case.status()["queue"]["records"] < 100)
        before = sum(message.startswith("b") for message in arrived(sink))
        more = len(sink.documents) + 200
        assert until(lambda: len(sink.documents) > more)
        assert sum(message.startswith("b") for message in arrived(sink)) <= before + 100
        case.write(both, to(sink))
        assert case.reload().returncode == 0
        wanted = set().union(*(writer.stop() for writer in writers))
        assert until(lambda: len(sink.documents) >= len(wanted))
        assert case.agent.terminate() == 0
        assert arrived(sink) == Counter(wanted)
        assert sink.repeated == 0


def test_an_input_that_changed_goes_on_where_it_was_with_what_is_on_the_way(case):
    with LumberjackSink() as sink:
        sink.hold()
        writer = Writer(case.log("a.log"))
        case.write([case.tail("a.log", dataset="one")], to(sink))
        case.start()
        assert until(lambda: case.status()["queue"]["records"] > 200)
        case.write([case.tail("a.log", dataset="two")], to(sink))
        assert case.reload().returncode == 0
        sink.release()
        wanted = writer.stop()
        assert until(lambda: len(sink.documents) >= len(wanted))
        assert case.agent.terminate() == 0
        assert arrived(sink) == Counter(wanted)
        assert sink.repeated == 0
        assert {document["event"]["dataset"] for document in sink.documents.values()} == {"one", "two"}


def test_the_output_changes_from_one_sink_to_another_under_load(case):
    with LumberjackSink() as first, FakeBulk() as second:
        writer = Writer(case.log("a.log"))
        case.write([case.tail("a.log")], to(first))
        case.start()
        assert until(lambda: len(first.documents) > 500)
        case.write([case.tail("a.log")], {"type": "elasticsearch", "hosts": [second.url], "user": "u", "password": "p"})
        done = case.reload()
        assert (done.returncode, done.stdout) == (0, "reloaded; changed: output\n")
        assert until(lambda: len(second.documents) > 500)
        wanted = writer.stop()
        assert until(lambda: len(first.documents) + len(second.documents) >= len(wanted))
        assert case.agent.terminate() == 0
        there = Counter(document["message"] for document in second.documents.values())
        assert arrived(first) + there == Counter(wanted)
        assert set(second.created.values()) == {1}


def test_a_dead_output_is_exchanged_for_one_that_lives(case):
    with LumberjackSink() as sink:
        writer = Writer(case.log("a.log"))
        case.write([case.tail("a.log")], {"type": "logstash", "hosts": ["127.0.0.1:1"]})
        case.start()
        assert until(lambda: case.status()["output"]["connections"][0]["state"] == "failing")
        case.write([case.tail("a.log")], to(sink))
        assert case.reload().returncode == 0
        wanted = writer.stop()
        assert until(lambda: len(sink.documents) >= len(wanted))
        assert case.agent.terminate() == 0
        assert arrived(sink) == Counter(wanted)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("inputs: [", "shipper.yml"),
        ("inptus: []", "did you mean `inputs`"),
        ("", "shipper.yml"),
        (None, "shipper.yml"),
    ],
    ids=["broken yaml", "unknown key", "empty", "gone"],
)
def test_a_bad_file_keeps_the_old_configuration_at_work_and_says_why(case, text, reason):
    with LumberjackSink() as sink:
        writer = Writer(case.log("a.log"))
        case.write([case.tail("a.log")], to(sink))
        case.start()
        case.file.unlink() if text is None else case.file.write_text(text)
        done = case.reload()
        assert done.returncode == 2
        assert reason in done.stderr
        assert "refused" in case.said()
        status = case.status()
        assert not status["reload"]["ok"]
        assert reason in status["reload"]["error"]
        assert "reload_refused" in [each["name"] for each in status["health"]["warnings"]]
        wanted = writer.stop()
        assert until(lambda: len(sink.documents) >= len(wanted))
        assert case.agent.terminate() == 0
        assert arrived(sink) == Counter(wanted)


def test_what_needs_a_restart_is_refused_as_a_whole(case):
    with LumberjackSink() as sink:
        case.log("a.log").write_text('{"message":"a"}\n')
        case.write([case.tail("a.log")], to(sink))
        case.start()
        case.write([case.tail("a.log"), case.tail("b.log")], to(sink), host_name="other", state=f"{case.folder}/other")
        done = case.reload()
        assert done.returncode == 2
        assert "cannot change `host_name`" in done.stderr
        assert case.agent.terminate() == 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tell(port, *lines):
    with socket.create_connection(("127.0.0.1", port)) as client:
        for line in lines:
            client.sendall(f"<13>1 2026-01-01T00:00:00Z h a - - - {line}\n".encode())
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""  # closed in order: all of it was taken


class Sender(threading.Thread):
    """Sends lines without a pause: over one connection, over one for each line, or as datagrams."""

    def __init__(self, port, kind):
        super().__init__(daemon=True)
        self.kind, self.place, self.sent, self.trouble = kind, ("127.0.0.1", port), [], None
        self.ended = threading.Event()
        self.start()

    def run(self):
        try:
            with socket.socket(type=socket.SOCK_DGRAM if self.kind == "datagram" else socket.SOCK_STREAM) as own:
                own.connect(self.place)
                while not self.ended.wait(0.005):
                    line = f"{self.kind} {len(self.sent)}"
                    if self.kind == "short":
                        tell(self.place[1], line)
                    else:
                        own.sendall(f"<13>1 2026-01-01T00:00:00Z h a - - - {line}\n".encode())
                    self.sent.append(line)
        except OSError as error:
            self.trouble = error

    def end(self):
        self.ended.set()
        self.join(20)
        assert self.trouble is None, f"{self.kind}: {self.trouble}"
        return self.sent


def test_a_receiver_that_is_removed_delivers_what_it_took_and_one_that_changed_goes_on(case):
    port = free_port()
    with LumberjackSink() as sink:
        case.log("a.log").write_text("")
        listener = {"type": "syslog", "listen": [f"tcp://127.0.0.1:{port}"]}
        case.write([listener], to(sink))
        case.start()
        sink.hold()
        tell(port, "one", "two")
        case.write([{**listener, "fields": {"labels.team": "shop"}}], to(sink))
        assert case.reload().returncode == 0
        tell(port, "three")
        case.write([case.tail("a.log")], to(sink))
        assert case.reload().returncode == 0
        with pytest.raises(ConnectionRefusedError):
            tell(port, "four")
        sink.release()
        assert until(lambda: len(sink.documents) >= 3)
        assert until(lambda: not case.status()["spools"])
        assert case.agent.terminate() == 0
        assert arrived(sink) == Counter(["one", "two", "three"])
        assert sink.repeated == 0


def test_a_receiver_whose_new_place_is_taken_stays_where_it_was(case):
    port = free_port()
    with LumberjackSink() as sink, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        listener = {"type": "syslog", "listen": [f"tcp://127.0.0.1:{port}"]}
        case.write([listener], to(sink))
        case.start()
        tell(port, "one")
        case.write([{**listener, "listen": [f"tcp://127.0.0.1:{other.getsockname()[1]}"]}], to(sink))
        done = case.reload()
        assert (done.returncode, "cannot listen" in done.stderr) == (2, True)
        tell(port, "two")
        assert until(lambda: len(sink.documents) >= 2)
        assert case.agent.terminate() == 0
        assert arrived(sink) == Counter(["one", "two"])


def test_senders_do_not_notice_that_their_receiver_changes_twenty_times(case):
    port = free_port()
    with LumberjackSink() as sink:
        listener = {"type": "syslog", "listen": [f"tcp://127.0.0.1:{port}", f"udp://127.0.0.1:{port}"]}
        case.write([listener], to(sink))
        case.start()
        senders = [Sender(port, name) for name in ("stream", "short", "datagram")]
        for number in range(20):
            case.write([{**listener, "fields": {"labels.round": str(number)}}], to(sink))
            assert case.reload().returncode == 0
        sent = [line for sender in senders for line in sender.end()]
        assert len(sent) > 300
        assert until(lambda: len(sink.documents) >= len(sent))
        assert case.agent.terminate() == 0
        assert arrived(sink) == Counter(sent)
        assert sink.repeated == 0


def test_many_reloads_in_a_row_lose_and_double_nothing(case):
    with LumberjackSink() as sink:
        writers = [Writer(case.log("a.log")), Writer(case.log("b.log"))]
        case.write([case.tail("a.log")], to(sink))
        case.start()
        for number in range(6):
            names = ("a.log", "b.log") if number % 3 else ("a.log",)
            case.write([case.tail(*names, dataset=f"d{number}")], to(sink))
            case.agent.process.send_signal(signal.SIGHUP)
            assert until(partial(case.has_reloaded, number + 1))
        wanted = set().union(*(writer.stop() for writer in writers))
        assert until(lambda: len(sink.documents) >= len(wanted))
        assert case.agent.terminate() == 0
        assert arrived(sink) == Counter(wanted)
        assert sink.repeated == 0


def shake(case, sinks, names, dice):
    """One of: a kill, a sink that stalls, other inputs, another output."""
    chance = dice.random()
    if chance < 0.12:
        case.agent.kill()
        case.start()
    elif chance < 0.25:
        dice.choice([sinks[0].hold, sinks[0].release])()
    else:
        sink = dice.choice(sinks)
        chosen = [f"{name}*" for name in dice.sample(names, dice.randint(1, 3))]
        labels = {"labels.x": str(dice.randint(0, 2))}
        together = dice.random() < 0.5
        inputs = [case.tail(*chosen)] if together else [case.tail(name, fields=labels) for name in chosen]
        case.write(inputs, to(sink))
        case.agent.process.send_signal(signal.SIGHUP)


@pytest.mark.parametrize("seed", [7, 11])
def test_reloads_rotations_stalls_and_kills_at_random_lose_and_double_nothing(case, seed):
    names, dice = ["a.log", "b.log", "c.log"], random.Random(seed)
    with LumberjackSink() as first, LumberjackSink() as second:
        writers = [RoughWriter(case.log(name), seed * 10 + number) for number, name in enumerate(names)]
        everything = [case.tail(*(f"{name}*" for name in names))]
        case.write(everything, to(first))
        case.start()
        for _ in range(10):
            time.sleep(dice.random() * 0.4)
            shake(case, [first, second], names, dice)
        first.release()
        case.write(everything, to(second))
        wanted = set().union(*(writer.stop() for writer in writers))
        assert until(lambda: case.reload().returncode == 0)
        assert until(lambda: len(arrived(first, second)) >= len(wanted))
        assert case.agent.terminate() == 0
        assert arrived(first, second) == Counter(wanted)


def test_a_closed_terminal_ends_the_agent_in_order(case):
    case.log("a.log").write_text('{"message":"a"}\n')
    target = case.folder / "out.ndjson"
    case.write([case.tail("a.log")], {"type": "file", "path": str(target)})
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may have it ignored (nohup)
        os.execv(  # noqa: S606 - no shell is wanted
            sys.executable,
            [sys.executable, "-m", "shipper", "agent", "run", "-c", str(case.file), "--state", str(case.state)],
        )
    assert until(lambda: target.exists() and target.stat().st_size > 0)
    os.kill(pid, signal.SIGHUP)
    assert until(lambda: case.status()["reload"]["count"] == 1)  # with its terminal still there: a reload
    os.close(terminal)
    assert os.waitstatus_to_exitcode(wait_for(pid)) == 0


def wait_for(pid, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return status
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise AssertionError("it goes on without its terminal")
