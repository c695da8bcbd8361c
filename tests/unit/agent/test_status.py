"""The status socket outlives whatever goes wrong behind it."""

from __future__ import annotations

import pytest

from shipper.agent.status import StatusServer, read_status
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
        server.stop()


def test_a_status_server_that_nobody_asks_ends_when_it_is_told_to(tmp_path):
    server = StatusServer(tmp_path, dict)
    server.start()
    assert read_status(tmp_path) == {}
    server.stop()
    assert not server.is_alive()
    with pytest.raises(UnavailableError, match="no agent runs here"):
        read_status(tmp_path)
