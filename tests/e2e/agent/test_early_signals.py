"""Signals that come while `agent run` still imports its modules."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys

import pytest

from shipper.agent.status import read_status
from tests.support.agent_process import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

HELD = """
import sys

held = sys.argv.pop(1)

class Door:
    def find_spec(self, name, path=None, target=None):
        if name == held:
            sys.meta_path.remove(self)
            print("here", flush=True)
            sys.stdin.readline()

sys.meta_path.insert(0, Door())
from shipper.__main__ import main
main()
"""
"""The command, which says when it begins to import the module named first, and waits there for a line."""


@pytest.fixture
def start(tmp_path):
    """Start an agent that is held at the import of a module."""
    agents = []

    def begin(module, *command, **how):
        (tmp_path / "a.log").write_text('{"message":"a"}\n')
        words = command or ("agent", "run", "--path", f"{tmp_path}/a.log", "--output", f"file://{tmp_path}/out.ndjson")
        state = ("--state", f"{tmp_path}/state") if not command else ()
        with (tmp_path / "agent.log").open("wb") as log:
            agent = subprocess.Popen(
                [sys.executable, "-c", HELD, module, *words, *state],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                **how,
            )
        agents.append(agent)
        assert agent.stdout is not None
        assert agent.stdout.readline() == "here\n"
        return agent

    yield begin
    for agent in agents:
        agent.kill()
        agent.communicate()


def go_on(agent):
    agent.stdin.write("\n")
    agent.stdin.flush()


@pytest.mark.parametrize("module", ["click", "shipper.cli.agent", "shipper.agent.agent"])
def test_sighup_before_the_agent_is_ready_is_a_reload(tmp_path, start, module):
    agent = start(module)
    agent.send_signal(signal.SIGHUP)
    go_on(agent)
    state = tmp_path / "state"
    assert until(lambda: (state / "agent.sock").exists() and read_status(state)["reload"]["count"] == 1)
    assert read_status(state)["reload"]["ok"]
    assert until(lambda: read_status(state)["counts"]["delivered"] == 1)
    agent.terminate()
    assert agent.wait(30) == 0


@pytest.mark.parametrize("module", ["click", "shipper.cli.agent", "shipper.agent.agent"])
def test_sigterm_before_the_agent_is_ready_ends_in_order(tmp_path, start, module):
    agent = start(module)
    agent.terminate()
    assert agent.wait(30) == 0
    assert (tmp_path / "agent.log").read_text() == ""
    assert not (tmp_path / "out.ndjson").exists()


@pytest.mark.parametrize("module", ["click", "shipper.agent.agent"])
def test_ctrl_c_before_the_agent_is_ready_leaves_no_traceback(tmp_path, start, module):
    agent = start(module)
    agent.send_signal(signal.SIGINT)
    assert agent.wait(30) == 130
    assert (tmp_path / "agent.log").read_text().strip() == "interrupted"


@pytest.mark.parametrize("module", ["click", "shipper.agent.agent"])
def test_a_terminal_that_is_closed_before_the_agent_is_ready_ends_it(start, module):
    control, terminal = pty.openpty()
    agent = start(module, start_new_session=True, preexec_fn=lambda: os.close(os.open(os.ttyname(terminal), os.O_RDWR)))
    os.close(terminal)
    os.close(control)  # the session's leader gets SIGHUP
    go_on(agent)
    assert agent.wait(30) == 0


def test_other_commands_keep_what_signals_mean(start):
    agent = start("shipper.cli.agent", "agent", "status")
    agent.send_signal(signal.SIGHUP)
    assert agent.wait(30) == -signal.SIGHUP
