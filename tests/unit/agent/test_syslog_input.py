"""What a sender may conclude from how its connection ends."""

from __future__ import annotations

import shutil
import socket
import threading

import pytest

from shipper.agent.input import make_input, warn_of_forgotten
from shipper.agent.input.handover import Handover
from shipper.agent.input.own import OwnFiles
from shipper.agent.input.syslog import SyslogInput, SyslogInputSettings
from shipper.agent.registry import Registry
from shipper.clock import SystemClock
from tests.support.agent_process import until


@pytest.fixture
def source(tmp_path):
    registry = Registry(tmp_path / "registry")
    settings = SyslogInputSettings(listen=["tcp://127.0.0.1:0"])
    own = OwnFiles(tmp_path, lambda: None)
    made = make_input(settings, {"host": {"name": "h"}}, own, registry, SystemClock(), Handover())
    assert isinstance(made, SyslogInput)
    yield made
    made.stop()
    registry.close()


def connect(source):
    client = socket.create_connection(source.doors[0].socket.getsockname(), 10)
    client.settimeout(10)
    return client


def test_a_close_in_order_says_that_all_is_on_disk(source, tmp_path):
    source.start()
    with connect(source) as client:
        client.sendall(b"<13>1 2026-03-01T12:00:00Z h a - - - x\n")
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    (segment,) = (tmp_path / "spool/syslog").glob("*.spool")
    assert segment.read_bytes().endswith(b"\n<13>1 2026-03-01T12:00:00Z h a - - - x\n")


def test_what_was_read_and_never_came_to_disk_ends_in_a_reset(source, tmp_path):
    shutil.rmtree(tmp_path / "spool")
    source.start()
    with connect(source) as client:
        client.sendall(b"<13>lost\n")
        client.shutdown(socket.SHUT_WR)
        assert until(lambda: source.counts["spool_failures"] > 0)
        source.stop()
        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_at_the_end_what_was_received_is_on_disk_and_idle_connections_end_in_order(source, tmp_path, monkeypatch):
    """The thread is held while the messages come, so that only its leave can take them."""
    gate, here = threading.Event(), threading.Event()
    usual = source._round

    def round_():
        if source._peers:
            here.set()
            gate.wait(10)
            return True
        return usual()

    monkeypatch.setattr(source, "_round", round_)
    source.start()
    with connect(source) as client, connect(source) as idle:
        assert here.wait(10)
        for number in range(3):
            client.sendall(b"<13>1 2026-03-01T12:00:00Z h a - - - %d\n" % number)
        source._stopping.set()
        gate.set()
        source.stop()
        assert client.recv(1) == b""
        idle.close()
    (segment,) = (tmp_path / "spool/syslog").glob("*.spool")
    assert [line[-1:] for line in segment.read_bytes().splitlines()[1:]] == [b"0", b"1", b"2"]


def test_at_the_end_a_message_that_has_begun_ends_in_a_reset_and_is_counted(source):
    source.start()
    with connect(source) as client:
        client.sendall(b"<13>half")
        assert until(lambda: any(peer.frames.is_open for peer in source._peers))
        source.stop()
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    assert source.counts["syslog_incomplete"] == 1


def test_it_goes_on_once_the_disk_takes_records_again(source, tmp_path):
    shutil.rmtree(tmp_path / "spool")
    source.start()
    with connect(source) as client:
        client.sendall(b"<13>1 2026-03-01T12:00:00Z h a - - - kept\n")
        client.shutdown(socket.SHUT_WR)
        assert until(lambda: source.counts["spool_failures"] > 0)
        (tmp_path / "spool/syslog").mkdir(parents=True)
        assert client.recv(1) == b""
    (segment,) = (tmp_path / "spool/syslog").glob("*.spool")
    assert segment.read_bytes().endswith(b"kept\n")


def test_a_spool_whose_input_is_gone_is_named(tmp_path, caplog):
    for name in ("old", "kept", "empty"):
        (tmp_path / "spool" / name).mkdir(parents=True)
    for name in ("old", "kept"):
        (tmp_path / "spool" / name / "00000001.spool").write_text("x")
    warn_of_forgotten([SyslogInputSettings(listen=["unix:///x"], name="kept")], tmp_path)
    assert [record.getMessage().split()[0] for record in caplog.records] == [f"{tmp_path}/spool/old"]
