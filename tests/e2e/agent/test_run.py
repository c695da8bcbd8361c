"""The agent as people run it."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from shipper.agent.status import read_status
from shipper.home import Account, Endpoints, Home
from tests.support.agent_cli import messages, shipper, write
from tests.support.agent_process import AgentProcess, until
from tests.support.fake_bulk import FakeBulk
from tests.support.lumberjack_sink import LumberjackSink

pytestmark = pytest.mark.e2e


def test_once_reads_everything_also_an_unterminated_line_and_ends(tmp_path, logs):
    write(logs / "a.log", "a", 500)
    (logs / "b.log").write_text("plain without an end")
    target = tmp_path / "out.ndjson"
    result = shipper(
        "run", "--once", "--path", f"{logs}/*.log", "--output", f"file://{target}", "--state", f"{tmp_path}/s"
    )
    assert result.returncode == 0, result.stderr
    documents = [json.loads(line) for line in target.read_text().splitlines()]
    assert len(documents) == 501
    assert messages(documents)["plain without an end"] == 1
    first = documents[0]
    assert first["log"]["file"]["path"].startswith(str(logs))
    assert {"host", "agent", "event"} <= set(first)
    assert all(json.loads(line)["service"]["name"] == "shipper-agent" for line in result.stderr.splitlines())


def test_a_second_agent_on_the_same_state_is_refused(tmp_path, logs):
    write(logs / "a.log", "a", 10)
    with LumberjackSink() as sink:
        agent = AgentProcess(tmp_path / "state", "--path", f"{logs}/*.log", "--output", sink.url)
        assert until(lambda: len(sink.logs) == 10)
        second = shipper("run", "--path", "x", "--output", "console:", "--state", f"{tmp_path}/state")
        assert second.returncode == 2
        assert "another agent uses this state directory" in second.stderr
        assert agent.terminate() == 0


def test_without_endpoints_the_exit_code_is_two_and_the_next_command_is_named(tmp_path):
    result = shipper("run", "--path", "/x/*.log", SHIPPER_HOME=str(tmp_path))
    assert result.returncode == 2
    assert "shipper stack up" in result.stderr


def test_without_a_config_it_ships_to_the_local_elasticsearch(tmp_path, logs):
    write(logs / "a.log", "a", 20)
    with FakeBulk() as fake:
        Home(tmp_path / "home").publish(Endpoints(fake.url, {"shipper_writer": Account("shipper_writer", "secret")}))
        result = shipper("run", "--once", "--path", f"{logs}/*.log", SHIPPER_HOME=str(tmp_path / "home"))
        assert result.returncode == 0, result.stderr
        assert len(fake.documents) == 20
        assert "secret" not in result.stderr


def test_t42_stopped_with_a_dead_peer_it_says_what_is_left_and_the_next_run_delivers_it(tmp_path, logs):
    write(logs / "a.log", "a", 100)
    config = tmp_path / "agent.yml"
    config.write_text(
        f"inputs: [{{type: file, paths: ['{logs}/*.log']}}]\n"
        "output: {type: logstash, hosts: ['127.0.0.1:1']}\nshutdown_timeout: 500ms\n"
    )
    agent = AgentProcess(tmp_path / "state", "-c", str(config))
    state = tmp_path / "state"
    assert until(lambda: (state / "agent.sock").exists() and read_status(state)["counts"]["read"] >= 100)
    assert agent.terminate() == 4
    with LumberjackSink() as sink:
        result = AgentProcess(state, "-c", str(config), "--output", sink.url, "--once").wait()
        assert result == 0
        assert len(sink.logs) == 100


def test_a_new_line_arrives_within_a_second_and_heartbeats_follow(tmp_path, logs):
    config = tmp_path / "agent.yml"
    with LumberjackSink() as sink:
        address = sink.url.removeprefix("logstash://")
        config.write_text(
            f"inputs: [{{type: file, paths: ['{logs}/*.log']}}]\n"
            f"output: {{type: logstash, hosts: ['{address}']}}\nmetrics: {{interval: 1s}}\n"
        )
        agent = AgentProcess(tmp_path / "state", "-c", str(config))
        write(logs / "a.log", "warm", 1)
        assert until(lambda: len(sink.logs) == 1)
        begin = time.monotonic()
        write(logs / "a.log", "new", 1)
        assert until(lambda: len(sink.logs) == 2)
        assert time.monotonic() - begin < 1.0
        assert until(lambda: any(d["event"]["dataset"] == "system.cpu" for d in list(sink.documents.values())))
        beats = [d for d in list(sink.documents.values()) if d["event"]["dataset"] == "shipper.heartbeat"]
        assert any("source" not in beat["shipper"] for beat in beats)
        assert all(beat["shipper"]["watermark"] <= beat["@timestamp"][:17] + "99Z" for beat in beats)
        assert agent.terminate() == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small file system")
def test_a_full_disk_under_the_state_stops_offsets_not_the_agent(tmp_path, logs):
    state = tmp_path / "state"
    state.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", state], check=False).returncode:
        pytest.skip("cannot mount a tmpfs here")
    try:
        write(logs / "a.log", "a", 100)
        with LumberjackSink() as sink:
            agent = AgentProcess(state, "--path", f"{logs}/*.log", "--output", sink.url)
            assert until(lambda: len(sink.logs) == 100)
            fill(state / "filler")
            write(logs / "a.log", "b", 100)
            for number in range(40):
                write(logs / f"new{number}.log", f"c{number}", 5)
            assert until(lambda: len(sink.logs) >= 200)
            assert until(lambda: read_status(state)["registry"]["commit_failures"] > 0)
            assert len(sink.logs) == 200, "a source is durable before its records leave"
            assert [each["name"] for each in read_status(state)["health"]["reasons"]] == ["state_not_writable"]
            (state / "filler").unlink()
            assert until(lambda: len(sink.logs) == 400)
            assert until(lambda: read_status(state)["health"]["healthy"])
            time.sleep(0.5)
            agent.kill()
            assert AgentProcess(state, "--path", f"{logs}/*.log", "--output", sink.url, "--once").wait() == 0
            assert len(sink.logs) == 400
            assert set(messages(sink.logs.values()).values()) == {1}
    finally:
        subprocess.run(["umount", "-l", state], check=False)


def fill(path):
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 512)
        except OSError:
            return


def test_it_works_on_the_logs_of_this_machine(tmp_path):
    if not list(Path("/var/log").glob("*.log")):
        pytest.skip("this machine has no /var/log/*.log")
    target = tmp_path / "out.ndjson"
    result = shipper(
        "run", "--once", "--path", "/var/log/**/*", "--output", f"file://{target}", "--state", f"{tmp_path}/s"
    )
    assert result.returncode == 0, result.stderr
    assert all(json.loads(line)["@timestamp"] for line in target.read_text().splitlines())


@pytest.mark.elasticsearch
def test_sigkill_while_shipping_to_a_real_elasticsearch(tmp_path, logs, elasticsearch, prefix, endpoints):
    url = os.environ.get("SHIPPER_TEST_ES")
    if url:
        parts = urlsplit(url)
        user, password, host = parts.username, parts.password, f"http://{parts.hostname}:{parts.port}"
    else:
        account = endpoints.account("admin")  # the writer may write our own index names only, not a prefixed one
        user, password, host = account.user, account.password, endpoints.elasticsearch
    config = tmp_path / "agent.yml"
    config.write_text(
        f"inputs: [{{type: file, paths: ['{logs}/*.log*'], chunk: 4KiB}}]\n"
        "metrics: {host: false, heartbeats: false, agent: false}\n"
        f"output: {{type: elasticsearch, hosts: ['{host}'], user: {user}, password: '{password}',\n"
        f"  prefix: '{prefix}', batch: 200}}\n"
    )
    moments = random.Random(7)
    for round_ in range(4):
        write(logs / "a.log", f"a{round_}", 3000)
        write(logs / "b.log", f"b{round_}", 3000)
        agent = AgentProcess(tmp_path / "state", "-c", str(config))
        assert until((tmp_path / "state" / "agent.sock").exists)
        time.sleep(moments.uniform(0.1, 0.8))
        agent.kill()
        (logs / "a.log").rename(logs / f"a.log.{round_}")
    assert AgentProcess(tmp_path / "state", "-c", str(config), "--once").wait(120) == 0
    elasticsearch.indices.refresh(index=f"{prefix}*")
    counts: Counter[str] = Counter()
    after = None
    view = {"id": elasticsearch.open_point_in_time(index=f"{prefix}*", keep_alive="1m")["id"]}  # merges go on meanwhile
    while True:
        found = elasticsearch.search(
            pit=view, size=5000, sort=[{"_shard_doc": "asc"}], search_after=after, source=["message"]
        )["hits"]["hits"]
        if not found:
            break
        counts.update(hit["_source"]["message"] for hit in found)
        after = found[-1]["sort"]
    elasticsearch.close_point_in_time(id=view["id"])
    assert len(counts) == 4 * 6000
    assert set(counts.values()) == {1}


def test_state_survives_a_copy_of_the_directory(tmp_path, logs):
    write(logs / "a.log", "a", 50)
    target = tmp_path / "out.ndjson"
    arguments = ("run", "--once", "--path", f"{logs}/*.log", "--output", f"file://{target}", "--state")
    assert shipper(*arguments, f"{tmp_path}/s").returncode == 0
    shutil.copytree(tmp_path / "s", tmp_path / "t")
    assert shipper(*arguments, f"{tmp_path}/t").returncode == 0
    assert len(target.read_text().splitlines()) == 50


def test_a_reader_of_the_console_that_leaves_ends_the_agent_and_nothing_is_lost(tmp_path, logs):
    write(logs / "a.log", "a", 20_000)
    run = ["run", "--path", f"{logs}/*.log", "--output", "console:", "--state", str(tmp_path / "state"), "--once"]
    command = [sys.executable, "-m", "shipper", "agent", *run]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert first.stdout is not None
    assert json.loads(first.stdout.readline())["message"] == "a 0"
    first.stdout.close()
    assert first.wait(60) == 4
    assert first.stderr is not None
    *log, _, _, _ = first.stderr.read().splitlines()
    first.stderr.close()
    assert any("nobody reads standard output" in json.loads(line)["message"] for line in log)
    again = [json.loads(line)["message"] for line in shipper(*run).stdout.splitlines()]
    assert len(again) >= 20_000 - 3 * 2048
    assert again == [f"a {number}" for number in range(20_000 - len(again), 20_000)]
