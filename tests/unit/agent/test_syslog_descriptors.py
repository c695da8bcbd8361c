"""T46: a syslog input where file descriptors are few: it neither spins nor takes those that outputs and state need."""

from __future__ import annotations

import gc
import os
import resource
import socket
import time
import warnings

import pytest

from shipper.agent.input import make_input
from shipper.agent.input.handover import Handover
from shipper.agent.input.own import OwnFiles
from shipper.agent.input.syslog import SyslogInput, SyslogInputSettings
from shipper.agent.registry import Registry
from shipper.clock import SystemClock
from tests.support.agent_process import until


def unused(below):
    """Descriptors below a number that can be had; no list of them says it: a blocked `accept` holds one unlisted."""
    taken = [os.open(os.devnull, os.O_RDONLY)]
    try:
        while taken[-1] < below - 1:
            taken.append(os.dup(taken[0]))
    except OSError:
        pass
    for each in taken:
        os.close(each)
    return sum(each < below for each in taken)


@pytest.fixture
def make(tmp_path):
    registry = Registry(tmp_path / "registry")
    own = OwnFiles(tmp_path, lambda: None)
    made = []

    def make_(**options):
        settings = SyslogInputSettings(listen=["tcp://127.0.0.1:0"], **options)
        source = make_input(settings, {"host": {"name": "h"}}, own, registry, SystemClock(), Handover())
        assert isinstance(source, SyslogInput)
        made.append(source)
        source.start()
        return source

    yield make_
    for source in made:
        source.stop()
    registry.close()


@pytest.fixture
def bounded():
    """Sets the process's limit: `bounded(n)` leaves n descriptors before the last ones begin; the end undoes it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    def bound(free=None):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()  # what other tests left open closes now or never
        most = soft if free is None else next(n for n in range(1, soft) if unused(n - min(40, n // 5)) >= free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return most

    yield bound
    bound()


@pytest.fixture
def held():
    """Takes every descriptor that is left."""
    taken = []

    def hold():
        while True:
            try:
                taken.append(os.open(os.devnull, os.O_RDONLY))
            except OSError:
                return

    yield hold
    for each in taken:
        os.close(each)


def connect(source):
    client = socket.create_connection(source.doors[0].socket.getsockname(), 10)
    client.settimeout(10)
    return client


def message(text):
    return b"<13>1 2026-03-01T12:00:00Z h a - - - %s\n" % text


def test_t46_a_connection_without_a_descriptor_waits_costs_nothing_and_is_served_later(make, bounded, held, caplog):
    source = make()
    bounded(8)
    with connect(source) as client:
        client.sendall(message(b"a segment is open"))
        assert until(lambda: source.counts["syslog_received"] == 1)
        late = socket.socket()
        held()
        with late:
            late.connect(source.doors[0].socket.getsockname())
            late.settimeout(10)
            late.sendall(message(b"late"))
            late.shutdown(socket.SHUT_WR)
            assert until(lambda: source.counts["syslog_shortages"] >= 1)
            before = time.process_time()
            client.sendall(message(b"others are served"))
            assert until(lambda: source.counts["syslog_received"] == 2)
            assert until(lambda: source.counts["syslog_shortages"] >= 3)
            assert time.process_time() - before < 0.5
            bounded()
            assert late.recv(1) == b""
        assert source.counts["syslog_received"] == 3
    assert caplog.text.count("no connection can be taken") == 1


def test_t46_a_paused_input_hands_its_doors_over_and_stops(make, bounded, held):
    source = make()
    bounded(8)
    late = socket.socket()
    held()
    with late:
        late.connect(source.doors[0].socket.getsockname())
        assert until(lambda: source.counts["syslog_shortages"] >= 1)
        handover = Handover([source.doors[0].address])
        source.stop(handover)
        bounded()
        source.resume(handover)
        late.settimeout(10)
        late.sendall(message(b"late"))
        late.shutdown(socket.SHUT_WR)
        assert late.recv(1) == b""
    assert source.counts["syslog_received"] == 1


def test_t46_the_last_descriptors_are_left_to_outputs_and_state(make, bounded, caplog):
    source = make()
    most = bounded(30)
    clients = []
    try:
        while not source.counts["syslog_refused"]:
            clients.append(connect(source))
            assert until(lambda: len(source._peers) + source.counts["syslog_refused"] == len(clients))
        assert unused(most) >= min(40, most // 5) - 2  # the last client, and one that is being closed
        assert clients[-1].recv(1) == b""
        clients[0].sendall(message(b"served"))
        assert until(lambda: source.counts["syslog_received"] == 1)
        assert "few file descriptors are left" in caplog.text
    finally:
        for client in clients:
            client.close()
