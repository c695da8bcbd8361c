"""What the agent writes itself comes never in again, whatever the patterns name."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from shipper.agent.status import read_status
from tests.support.agent_process import AgentProcess, until
from tests.support.lumberjack_sink import LumberjackSink

pytestmark = pytest.mark.e2e

LINE = '{"@timestamp":"2026-03-01T12:00:00.000Z","log.level":"info","message":"a line"}\n'


@pytest.fixture
def logs(tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "app.log").write_text(LINE)
    return folder


def config(tmp_path, pattern, output):
    file = tmp_path / "shipper.yml"
    file.write_text(
        json.dumps(
            {
                "inputs": [{"type": "file", "paths": [pattern]}],
                "output": output,
                "scan_interval": "100ms",
                "log_level": "debug",
            }
        )
    )
    return file


def delivered(state):
    return read_status(state)["counts"]["delivered"]


def tried(*command):
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def ships(state, count):
    """Wait for so many records."""
    assert until(lambda: (state / "agent.sock").exists() and delivered(state) >= count)


def test_its_output_and_what_a_rotation_made_of_it_are_no_input(tmp_path, logs):
    state, out = tmp_path / "state", logs / "out.ndjson"
    file = config(tmp_path, f"{logs}/*", {"type": "file", "path": str(out)})
    agent = AgentProcess(state, "-c", str(file))
    ships(state, 1)
    out.rename(logs / "out.ndjson.1")
    for number in range(3):
        with (logs / "app.log").open("a") as log:
            log.write(LINE)
        ships(state, 2 + number)
    left_out = read_status(state)["left_out"]
    assert agent.terminate() == 0
    written = [json.loads(line) for path in logs.glob("out*") for line in path.read_text().splitlines()]
    assert {each["log"]["file"]["path"] for each in written if "log" in each} == {str(logs / "app.log")}
    assert sum("message" in each for each in written) == 4
    assert set(left_out) == {str(out), str(logs / "out.ndjson.1")}
    assert "its output" in left_out[str(out)]


def test_its_own_log_is_no_input(tmp_path, logs):
    with LumberjackSink() as sink:
        file = config(tmp_path, f"{tmp_path}/**/*.log", {"type": "logstash", "hosts": [sink.url.partition("//")[2]]})
        state = tmp_path / "far" / "state"
        agent = AgentProcess(tmp_path / "state", "-c", str(file), "--state", str(state))  # its log: tmp_path/agent.log
        ships(state, 1)
        left_out = read_status(state)["left_out"]
        assert agent.terminate() == 0
    assert {each["log"]["file"]["path"] for each in sink.logs.values()} == {str(logs / "app.log")}
    assert left_out[str(tmp_path / "agent.log")].endswith("its own log")


def test_its_state_is_no_input_also_by_another_name_of_the_folder(tmp_path, logs):
    state = tmp_path / "state"
    (logs / "alias").symlink_to(state)
    with LumberjackSink() as sink:
        output = {"type": "logstash", "hosts": [sink.url.partition("//")[2]]}
        agent = AgentProcess(state, "-c", str(config(tmp_path, f"{logs}/**/*", output)))
        ships(state, 1)
        assert until(lambda: str(logs / "alias" / "registry") in read_status(state)["left_out"])
        counts = read_status(state)["counts"]
        assert agent.terminate() == 0
    assert {each["log"]["file"]["path"] for each in sink.logs.values()} == {str(logs / "app.log")}
    assert counts["files_own"] >= 1


def test_a_folder_that_cannot_be_looked_into_is_told(tmp_path, logs):
    closed = logs / "closed"
    closed.mkdir(mode=0)
    caps = "-dac_override,-dac_read_search"
    as_anybody = ["setpriv", f"--inh-caps={caps}", f"--bounding-set={caps}"] if os.geteuid() == 0 else []
    if as_anybody and shutil.which("setpriv") is None:
        pytest.skip("root may look into every folder")
    file = config(tmp_path, f"{logs}/**/*.log", {"type": "console"})
    document = tried(*as_anybody, sys.executable, "-m", "shipper", "agent", "test", "config", str(file), "--json")
    assert document["files"] == 1
    assert document["left_out"] == {str(closed): "Permission denied; what is there is not seen"}


def test_test_config_says_what_would_be_left_out(tmp_path, logs):
    out = logs / "out.ndjson"
    out.write_text("{}\n")
    file = config(tmp_path, f"{logs}/*", {"type": "file", "path": str(out)})
    document = tried(sys.executable, "-m", "shipper", "agent", "test", "config", str(file), "--json")
    assert document["files"] == 1
    assert document["left_out"] == {str(out): "the agent writes it itself: its output"}
