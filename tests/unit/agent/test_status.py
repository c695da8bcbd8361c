"""The status socket outlives whatever goes wrong behind it."""

from __future__ import annotations

import errno
import os
import socket
import threading
from pathlib import Path

import pytest

from shipper.agent.deadline import Deadline
from shipper.agent.state import StateDirectory
from shipper.agent.status import StatusServer, read_status
from shipper.clock import SystemClock
from shipper.errors import UnavailableError


def test_a_status_that_cannot_be_told_ends_nothing(tmp_path):
    answers = iter([RuntimeError("dictionary changed size during iteration"), {"pid": 7}])

    def snapshot():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    server = StatusServer(tmp_path, snapshot)
    server.start()
    try:
        with pytest.raises(UnavailableError, match="could not tell"):
            read_status(tmp_path)
        assert read_status(tmp_path) == {"pid": 7}
        assert server.is_alive()
    finally:
        server.stop(Deadline(SystemClock(), 5.0))


def test_a_status_server_that_nobody_asks_ends_when_it_is_told_to(tmp_path):
    server = StatusServer(tmp_path, dict)
    server.start()
    assert read_status(tmp_path) == {}
    server.stop(Deadline(SystemClock(), 5.0))
    assert not server.is_alive()
    with pytest.raises(UnavailableError, match="no agent runs here"):
        read_status(tmp_path)


class _Short:
    """A socket that finds no descriptor for its first connection."""

    def __init__(self, inner):
        self._inner = inner
        self._left = 1

    def accept(self):
        if self._left:
            self._left = 0
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return self._inner.accept()

    def shutdown(self, how):
        self._inner.shutdown(how)

    def close(self):
        self._inner.close()


def test_t46_a_question_met_without_descriptors_ends_nothing_and_the_next_is_answered(tmp_path, monkeypatch):
    server = StatusServer(tmp_path, lambda: {"pid": 7})
    monkeypatch.setattr(server, "_socket", _Short(server._socket))
    server.start()
    try:
        assert read_status(tmp_path) == {"pid": 7}
    finally:
        server.stop(Deadline(SystemClock(), 5.0))


@pytest.fixture
def state(tmp_path):
    """The state directory of an agent that runs: this process."""
    held = StateDirectory(tmp_path)
    yield tmp_path
    held.close()


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="needs /proc/locks")
def test_an_agent_that_has_no_socket_yet_is_not_called_absent(state):
    with pytest.raises(UnavailableError, match=rf"does not answer \(process {os.getpid()}\)"):
        read_status(state)


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="needs /proc/locks")
def test_an_agent_that_hangs_is_told_from_one_that_is_not_there(state):
    server = StatusServer(state, lambda: {"pid": 7})  # it listens, and nobody answers
    try:
        with pytest.raises(UnavailableError, match=rf"does not answer \(process {os.getpid()}\)"):
            read_status(state, patience=0.05)
    finally:
        server.stop(Deadline(SystemClock(), 5.0))


def test_an_agent_that_is_killed_in_the_middle_of_its_answer_is_told(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX) as place:
        monkeypatch.chdir(tmp_path)  # a socket's path may have 107 bytes only
        place.bind("agent.sock")
        place.listen()

        def half() -> None:
            connection, _ = place.accept()
            with connection:
                connection.sendall(b'{"pid": 7, "version')

        killed = threading.Thread(target=half)
        killed.start()
        with pytest.raises(UnavailableError, match="could not tell its status"):
            read_status(tmp_path)
        killed.join()
