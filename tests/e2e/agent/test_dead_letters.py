"""Dead letters as people meet them: a full store, a replay that is killed, the files of an earlier version."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import partial

import pytest

from shipper.agent.status import read_status
from tests.support.agent_process import AgentProcess, until
from tests.support.fake_bulk import FakeBulk

pytestmark = pytest.mark.e2e


def dlq(state, *arguments):
    command = [sys.executable, "-m", "shipper", "agent", "dlq", *arguments, "--state", str(state)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return run.returncode, run.stdout, run.stderr


def write(path, count, text="x"):
    path.write_text("".join(json.dumps({"message": f"{number} {text}"}) + "\n" for number in range(count)))


def config_of(tmp_path, fake, **more):
    (tmp_path / "logs").mkdir(exist_ok=True)
    config = {
        "inputs": [{"type": "file", "paths": [f"{tmp_path}/logs/*.log"]}],
        "output": {"type": "elasticsearch", "hosts": [fake.url], "batch": 10, "user": "u", "password": "p"},
        "metrics": {"host": False, "heartbeats": False, "agent": False},
        **more,
    }
    file = tmp_path / "shipper.yml"
    file.write_text(json.dumps(config))  # JSON is YAML
    return str(file)


def letters_of(state):
    return read_status(state)["dead_letters"]


def is_full(state):
    return letters_of(state)["full"]


def refuse_all(items):
    return 200, [400] * len(items)


def test_full_dead_letters_hold_the_agent_until_a_purge_and_nothing_is_lost(tmp_path):
    state = tmp_path / "state"
    with FakeBulk() as fake:
        file = config_of(tmp_path, fake, dead_letters={"max_bytes": "1MiB"})
        write(tmp_path / "logs" / "a.log", 150, "x" * 20_000)
        fake.script = refuse_all
        agent = AgentProcess(state, "-c", file)
        assert until((state / "agent.sock").exists)
        assert until(partial(is_full, state))
        kept = letters_of(state)
        assert [each["name"] for each in read_status(state)["health"]["reasons"]] == ["dead_letters_full"]
        assert kept["bytes"] <= kept["limit"] == 1 << 20
        assert "dlq replay" in read_status(state)["output"]["connections"][0]["error"]
        purged = 0
        while purged < 100:
            assert until(partial(is_full, state))
            code, out, _ = dlq(state, "purge", "--all", "--json")
            assert code == 0
            purged += json.loads(out)["purged"]
        fake.script = None
        assert dlq(state, "replay", "-c", file)[0] == 0
        assert until(lambda: read_status(state)["queue"]["records"] == 0)
        assert agent.terminate() == 0
        replayed = {each["message"].split()[0] for each in fake.documents.values()}
        assert purged + len(replayed) == 150
        assert letters_left(state) == []


def letters_left(state):
    return json.loads(dlq(state, "list", "--json")[1])


def test_a_replay_that_is_killed_goes_on_and_doubles_nothing(tmp_path):
    state = tmp_path / "state"
    with FakeBulk() as fake:
        file = config_of(tmp_path, fake)
        write(tmp_path / "logs" / "a.log", 55)
        fake.script = refuse_all
        assert AgentProcess(state, "-c", file, "--once").wait() == 0
        assert len(letters_left(state)) == 55
        before = len(fake.requests)
        command = [sys.executable, "-m", "shipper", "agent", "dlq", "replay", "-c", file, "--state", str(state)]
        process = subprocess.Popen(command)

        def kill_at_the_third(items):
            if len(fake.requests) == before + 3:
                os.kill(process.pid, signal.SIGKILL)  # stored, but the answer comes too late
                process.wait()

        fake.script = kill_at_the_third
        process.wait(30)
        assert len(letters_left(state)) == 35
        fake.script = None
        code, out, _ = dlq(state, "replay", "-c", file, "--json")
        assert (code, json.loads(out)) == (0, {"sent": 35, "rejected": 0})
        assert len(fake.documents) == 55
        assert set(fake.created.values()) == {1}


def test_dead_letters_are_replayed_and_purged_by_id(tmp_path):
    state = tmp_path / "state"
    with FakeBulk() as fake:
        file = config_of(tmp_path, fake)
        write(tmp_path / "logs" / "a.log", 5)
        fake.script = refuse_all
        assert AgentProcess(state, "-c", file, "--once").wait() == 0
        ids = [each["id"] for each in letters_left(state)]
        fake.script = None
        assert json.loads(dlq(state, "replay", ids[0], "-c", file, "--json")[1]) == {"sent": 1, "rejected": 0}
        assert json.loads(dlq(state, "purge", ids[1], "--json")[1]) == {"purged": 1}
        assert json.loads(dlq(state, "purge", "--before", "1h", "--json")[1]) == {"purged": 0}
        assert [each["id"] for each in letters_left(state)] == ids[2:]
        code, _, said = dlq(state, "purge")
        assert (code, "--all" in said) == (2, True)
        assert "and more" in dlq(state, "list", "--limit", "2")[1]


def test_a_state_directory_that_is_not_there_is_not_called_free_of_dead_letters(tmp_path):
    code, _, said = dlq(tmp_path / "mistyped", "list")
    assert code == 2
    assert "no such state directory" in said
    assert not (tmp_path / "mistyped").exists()
