"""`shipper agent backfill` as a process beside a running agent, killed and run again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from functools import partial

import pytest

from tests.support.agent_cli import shipper
from tests.support.agent_process import AgentProcess, until
from tests.support.lumberjack_sink import LumberjackSink

pytestmark = pytest.mark.e2e


def line(name, minute):
    return json.dumps({"@timestamp": f"2026-03-01T12:{minute:02d}:00.000Z", "message": f"{name} {minute}"}) + "\n"


def start(state, output, *arguments):
    words = ["agent", "backfill", "--json", "--state", str(state), "--output", output, *arguments]
    return subprocess.Popen(
        [sys.executable, "-m", "shipper", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def has(sink, count):
    return len(sink.logs) >= count


def finished(process, code=0):
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    return json.loads(out)


def test_beside_a_running_agent_nothing_is_doubled_and_its_range_is_sent_again(tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.log").write_text("".join(line("a", minute) for minute in range(60)))
    with LumberjackSink() as index, LumberjackSink() as lost:
        agent = AgentProcess(tmp_path / "state", "--path", f"{logs}/*.log", "--output", index.url)
        assert until(lambda: len(index.logs) == 60)
        agent.terminate()
        agent = AgentProcess(tmp_path / "state", "--path", f"{logs}/*.log", "--output", index.url)
        words = ("--path", f"{logs}/*", "--from", "2026-03-01T12:50:00Z", "--to", "2026-03-01T13:00Z")
        result = finished(start(tmp_path / "state", lost.url, *words))
        assert (result["sent"], result["complete"], result["resumed"]) == (10, True, False)
        assert {name: index.logs[name]["message"] for name in lost.logs} == {
            name: document["message"] for name, document in lost.logs.items()
        }
        with (logs / "a.log").open("a") as file:
            file.write(line("b", 1))
        assert until(lambda: len(index.logs) == 61)
        assert agent.terminate() == 0


def test_killed_at_any_moment_the_same_command_goes_on_and_sends_everything_once(tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in range(6):
        (logs / f"{name}.log").write_text("".join(line(f"{name}-{part}", m) for part in range(80) for m in range(60)))
    words = ("--path", f"{logs}/*.log")
    with LumberjackSink(delay=0.02) as sink:
        for goal in (1, 6_000, 15_000):
            process = start(tmp_path / "state", sink.url, *words)
            assert until(partial(has, sink, goal))
            process.send_signal(signal.SIGKILL)
            process.communicate()
        sink.delay = 0
        result = finished(start(tmp_path / "state", sink.url, *words))
        assert (result["complete"], result["resumed"]) == (True, True)
        assert len({document["message"] for document in sink.logs.values()}) == 6 * 80 * 60
        assert len(sink.logs) == 6 * 80 * 60


def test_two_backfills_at_once_are_refused_and_a_wrong_word_is_told(tmp_path):
    (tmp_path / "a.log").write_text(line("a", 1) * 50_000)
    with LumberjackSink(delay=0.2) as sink:
        first = start(tmp_path / "state", sink.url, "--path", f"{tmp_path}/*.log", "--rate", "64KiB")
        assert until((tmp_path / "state/backfill/lock").exists)
        second = start(tmp_path / "state", sink.url, "--path", f"{tmp_path}/*.log")
        _, error = second.communicate(timeout=30)
        assert second.returncode == 2
        assert "another agent uses this state directory" in error
        first.send_signal(signal.SIGTERM)
        out, error = first.communicate(timeout=30)
        assert first.returncode == 4, error
        assert json.loads(out)["complete"] is False
    wrong = start(tmp_path / "state", "console:", "--path", "x", "--from", "tomorrow")
    assert "'tomorrow' is no time" in wrong.communicate(timeout=30)[1]
    assert wrong.returncode == 2


def test_a_backfill_of_nothing_says_so_and_standard_input_is_refused(tmp_path):
    words = ("--output", f"file://{tmp_path}/out.ndjson", "--state", str(tmp_path / "state"))
    nothing = shipper("backfill", "--path", f"{tmp_path}/*.lgo", *words, "--json")
    assert nothing.returncode == 0
    assert nothing.stderr == f"note: no file matches {tmp_path}/*.lgo\n"
    assert json.loads(nothing.stdout)["unmatched"] == [f"{tmp_path}/*.lgo"]
    stdin = shipper("backfill", "--path", "-", *words)
    assert stdin.returncode == 2
    assert "agent run --path -" in stdin.stderr


def test_a_state_file_that_cannot_be_used_ends_a_backfill_with_3_and_is_named(tmp_path):
    (tmp_path / "a.log").write_text("one\n")
    dead = tmp_path / "state/backfill/dead"
    dead.parent.mkdir(parents=True)
    dead.write_text("mine\n")
    words = ("--output", f"file://{tmp_path}/out.ndjson", "--state", str(tmp_path / "state"))
    result = shipper("backfill", "--path", f"{tmp_path}/a.log", *words)
    assert result.returncode == 3
    assert f"a file stands in the place of a folder\n  where: {dead}\n" in result.stderr
