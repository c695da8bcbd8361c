"""The commands beside `shipper agent run`: trying things without it, and its dead letters."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.agent_cli import shipper, write
from tests.support.fake_bulk import FakeBulk
from tests.support.lumberjack_sink import LumberjackSink

pytestmark = pytest.mark.e2e


def test_commands_explain_themselves():
    for command in (["run"], ["status"], ["test", "config"], ["test", "output"], ["dlq", "replay"]):
        result = shipper(*command, "--help")
        assert result.returncode == 0
        assert "Examples:" in result.stdout
        assert "Exit codes:" in result.stdout


def test_test_config_tells_the_mistake_or_what_it_would_do(tmp_path, logs):
    write(logs / "a.log", "a", 1)
    config = tmp_path / "agent.yml"
    config.write_text(f"inputs: [{{type: file, paths: ['{logs}/*.log']}}]\noutput: {{type: console}}\n")
    result = shipper("test", "config", str(config), "--json")
    assert json.loads(result.stdout) == {
        "file": str(config),
        "ok": True,
        "inputs": 1,
        "files": 1,
        "unmatched": [],
        "left_out": {},
        "output": "console:",
    }


def test_a_pattern_that_names_nothing_is_said(tmp_path):
    config = tmp_path / "shipper.yml"
    config.write_text(f"inputs: [{{type: file, paths: ['{tmp_path}/*.lgo']}}]\noutput: {{type: console}}\n")
    checked = shipper("test", "config", "-c", str(config))
    assert f"no file matches {tmp_path}/*.lgo now" in checked.stdout
    ran = shipper("run", "-c", str(config), "--once", "--state", str(tmp_path / "state"))
    assert ran.returncode == 0
    assert f"no file matches {tmp_path}/*.lgo" in ran.stderr
    config.write_text("inputs: []\noutput: {type: console}\n")
    assert shipper("test", "config", str(config)).returncode == 2


def test_test_output_says_whether_it_answers(tmp_path):
    with LumberjackSink() as sink:
        assert shipper("test", "output", "--output", sink.url).returncode == 0
    assert shipper("test", "output", "--output", "logstash://127.0.0.1:1").returncode == 3


def test_dead_letters_are_listed_shown_and_replayed(tmp_path, logs):
    write(logs / "a.log", "a", 10)
    state = tmp_path / "state"
    with FakeBulk() as fake:
        fake.script = lambda items: (200, [400 if doc["message"] == "a 3" else 201 for _, doc in items])
        url = f"elasticsearch+{fake.url}"
        run = shipper("run", "--once", "--path", f"{logs}/*.log", "--output", url, "--state", str(state))
        assert run.returncode == 0, run.stderr
        (letter,) = json.loads(shipper("dlq", "list", "--state", str(state), "--json").stdout)
        assert letter["status"] == 400
        shown = json.loads(shipper("dlq", "show", letter["id"], "--state", str(state), "--json").stdout)
        assert shown["document"]["message"] == "a 3"
        assert shipper("dlq", "replay", "--output", url, "--state", str(state)).returncode == 1
        fake.script = None
        assert shipper("dlq", "replay", "--output", url, "--state", str(state)).returncode == 0
        assert "no dead letters" in shipper("dlq", "list", "--state", str(state)).stdout
        assert len(fake.documents) == 10


def test_a_dry_run_shows_where_it_would_begin_and_the_next_document(tmp_path, logs):
    write(logs / "a.log", "a", 100)
    target = tmp_path / "out.ndjson"
    options = ("--path", f"{logs}/*.log*", "--output", f"file://{target}", "--state", str(tmp_path / "state"))
    assert shipper("run", "--once", *options).returncode == 0
    sent = target.read_text()
    write(logs / "a.log", "b", 1)
    write(logs / "new.log", "n", 1)
    (logs / "binary.log").write_bytes(b"\0" * 50)
    shutil.copyfile(logs / "a.log", logs / "a.log.copy")
    before = {path: path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file()}
    shown = shipper("test", "plan", *options, "--json")
    planned = {Path(each["path"]).name: each for each in json.loads(shown.stdout)["files"]}
    assert {name: (each["what"], each["offset"]) for name, each in planned.items()} == {
        "a.log": ("goes on", planned["a.log"]["offset"]),
        "a.log.copy": ("a copy of a file that is read: left alone", None),
        "new.log": ("new", 0),
        "binary.log": ("looks binary: left out", None),
    }
    assert 0 < planned["a.log"]["offset"] < planned["a.log"]["size"]
    assert planned["a.log"]["document"]["message"].startswith("b 0")
    assert target.read_text() == sent
    assert {path: path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file()} == before
    assert "goes on" in shipper("test", "plan", *options).stdout


@pytest.mark.parametrize(
    ("name", "is_folder"),
    [
        ("registry", False),
        ("registry/registry-00000001.log", True),
        ("agent.json", True),
        ("agent.sock", True),
        ("dead", False),
        ("spool/stdin", False),
        ("spool", False),
    ],
)
def test_what_stands_in_the_place_of_a_state_file_is_named(tmp_path, name, is_folder):
    place = tmp_path / "state" / name
    place.parent.mkdir(parents=True)
    place.mkdir() if is_folder else place.write_text("mine\n")
    result = shipper("run", "--path", "-", "--output", "console:", "--once", "--state", str(tmp_path / "state"))
    assert result.returncode == 3, result.stderr
    said = result.stderr.splitlines()
    there, belongs = ("folder", "file") if is_folder else ("file", "folder")
    assert said[-3] == f"error: a {there} stands in the place of a {belongs}"
    assert said[-2] == f"  where: {place}"
    assert "move it away" in said[-1]
    assert "is gone" not in result.stderr
    assert place.is_dir() == is_folder


def test_a_file_among_the_spools_is_no_spool_and_no_matter(tmp_path):
    (tmp_path / "state/spool").mkdir(parents=True)
    (tmp_path / "state/spool/notes").write_text("mine\n")
    result = shipper("run", "--path", "-", "--output", "console:", "--once", "--state", str(tmp_path / "state"))
    assert result.returncode == 0, result.stderr


def test_test_codec_says_what_the_agent_would_not_read(tmp_path):
    for name, data in (("a.bin", b"\x7fELF\0\1\2\nx\n"), ("a.log", b"one\n"), ("empty.log", b"")):
        (tmp_path / name).write_bytes(data)
    binary = shipper("test", "codec", str(tmp_path / "a.bin"))
    assert (binary.returncode, binary.stderr) == (0, "note: `agent run` leaves this file out: it looks binary\n")
    assert shipper("test", "codec", str(tmp_path / "a.log")).stderr == ""
    assert shipper("test", "codec", str(tmp_path / "empty.log")).stderr.startswith("note: no record")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["codec", "FILE", "--limit", "0"], "--limit"),
        (["plan", "--path", "FILE", "--output", "console:", "--documents", "-1"], "--documents"),
        (["config", "FILE", "-c", "FILE"], "name one file"),
        (["codec", "/dev/null"], "no regular file\n  where: /dev/null\n"),
    ],
)
def test_wrong_words_are_told_and_not_passed_over(tmp_path, words, said):
    (tmp_path / "a.log").write_text("one\n")
    result = shipper("test", *(str(tmp_path / "a.log") if word == "FILE" else word for word in words))
    assert result.returncode in (2, 3)
    assert said in result.stderr
    assert not result.stdout


@pytest.mark.parametrize("words", [["replay", "--output", "console:"], ["purge"]])
def test_a_dead_letter_that_is_not_there_is_told(tmp_path, words):
    (tmp_path / "state").mkdir()
    result = shipper("dlq", *words, "mistyped-0-1", "--state", str(tmp_path / "state"))
    assert result.returncode == 2
    assert "there is no dead letter mistyped-0-1" in result.stderr


def test_a_folder_in_place_of_its_files_is_told_and_an_empty_path_is_refused(tmp_path):
    words = ("--once", "--output", "console:", "--state", str(tmp_path / "state"))
    folder = shipper("run", "--path", str(tmp_path), *words)
    assert f"no file matches {tmp_path} (it is a folder; name files, such as {tmp_path}/*.log)" in folder.stderr
    empty = shipper("run", "--path", "", *words)
    assert empty.returncode == 2
    assert "a path is empty" in empty.stderr
