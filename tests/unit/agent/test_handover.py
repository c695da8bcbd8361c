"""An input that listens and is changed: its successor gets the sockets, and nobody outside notices."""

from __future__ import annotations

import socket

import pytest

from shipper.agent.deadline import Deadline
from shipper.agent.input import make_input
from shipper.agent.input.active import ActiveInputs
from shipper.agent.input.own import OwnFiles
from shipper.agent.input.syslog import SyslogInputSettings
from shipper.agent.registry import Registry
from shipper.clock import SystemClock
from shipper.errors import UsageError
from tests.support.agent_process import until


@pytest.fixture
def make(tmp_path):
    registry = Registry(tmp_path / "registry")
    common, own = {"host": {"name": "h"}}, OwnFiles(tmp_path, lambda: None)
    yield lambda each, handover: make_input(each, common, own, registry, SystemClock(), handover)
    registry.close()


@pytest.fixture
def active(make, tmp_path):
    places = ["tcp://127.0.0.1:0", "udp://127.0.0.1:0"]
    active = ActiveInputs(make, [SyslogInputSettings(listen=places)])
    active.start()
    yield active
    active.stop(Deadline(SystemClock(), 5.0))


def place(active, number):
    return active.all[0].doors[number].socket.getsockname()


def kept(tmp_path):
    return b"".join(path.read_bytes() for path in sorted((tmp_path / "spool/syslog").glob("*")) if path.is_file())


def changed(**others):
    return SyslogInputSettings(listen=["tcp://127.0.0.1:0", "udp://127.0.0.1:0"], fields={"labels.a": "b"}, **others)


def test_a_message_that_has_begun_ends_at_the_successor_and_the_place_stays(active, tmp_path):
    stream, datagrams = place(active, 0), place(active, 1)
    with socket.create_connection(stream, 10) as client:
        client.sendall(b"<13>first\n<13>sec")
        assert until(lambda: b"first" in kept(tmp_path))
        active.exchange([changed()])
        assert (place(active, 0), place(active, 1)) == (stream, datagrams)
        client.sendall(b"ond\n")
        client.shutdown(socket.SHUT_WR)
        client.settimeout(10)
        assert client.recv(1) == b""
    assert b"second" in kept(tmp_path)
    assert active.all[0].counts["syslog_incomplete"] == 0


def test_what_the_kernel_holds_while_nobody_listens_arrives(active, tmp_path):
    old = active.all[0]
    stream, datagrams = place(active, 0), place(active, 1)
    stop = old.stop

    def stop_and_send(handover):
        stop(handover)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"<13>datagram between", datagrams)
        client = socket.create_connection(stream, 10)
        client.sendall(b"<13>connected between\n")
        client.close()

    old.stop = stop_and_send
    active.exchange([changed()])
    assert until(lambda: b"datagram between" in kept(tmp_path))
    assert until(lambda: b"connected between" in kept(tmp_path))


def test_a_successor_that_cannot_be_made_gives_the_sockets_back(active, tmp_path):
    stream = place(active, 0)
    with socket.socket() as other, socket.create_connection(stream, 10) as client:
        other.bind(("127.0.0.1", 0))
        other.listen()
        client.sendall(b"<13>beg")
        taken = SyslogInputSettings(listen=[f"tcp://127.0.0.1:{other.getsockname()[1]}"], name="other")
        with pytest.raises(UsageError, match="cannot listen"):
            active.exchange([changed(), taken])
        assert place(active, 0) == stream
        client.sendall(b"un\n")
        assert until(lambda: b"begun" in kept(tmp_path))


def test_a_place_that_no_successor_wants_is_closed_in_order(active, tmp_path):
    stream = place(active, 0)
    with socket.create_connection(stream, 10) as client:
        client.sendall(b"<13>last\n")
        active.exchange([SyslogInputSettings(listen=["udp://127.0.0.1:0"])])
        client.settimeout(10)
        assert client.recv(1) == b""
    assert b"last" in kept(tmp_path)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(stream, 10)


def test_a_unix_socket_keeps_its_file_and_gets_the_new_mode(make, tmp_path):
    path = tmp_path / "x.sock"
    active = ActiveInputs(make, [SyslogInputSettings(listen=[f"unix://{path}"])])
    active.start()
    inode = path.stat().st_ino
    active.exchange([SyslogInputSettings(listen=[f"unix://{path}"], mode="0600")])
    assert path.stat().st_ino == inode
    assert path.stat().st_mode & 0o777 == 0o600
    active.stop(Deadline(SystemClock(), 5.0))
    assert not path.exists()


def test_another_input_may_take_the_place_over(active, tmp_path):
    stream = place(active, 0)
    with socket.create_connection(stream, 10) as client:
        client.sendall(b"<13>one\n<13>tw")
        assert until(lambda: b"one" in kept(tmp_path))
        active.exchange([changed(name="renamed")])
        client.sendall(b"o\n")
        renamed = tmp_path / "spool/renamed"
        assert until(lambda: any(b"two" in path.read_bytes() for path in renamed.glob("*") if path.is_file()))
