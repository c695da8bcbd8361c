"""`shipper convert`: one line in, one document out; exit codes; counters on stderr."""

import json
import subprocess
import sys

import pytest


def run(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "shipper", "convert", *arguments],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


LINE = "2026-01-01 00:01:01,125 WARNING shop.checkout password=hunter2\n"


def test_standard_input_becomes_nested_ecs_and_the_counts_go_to_stderr() -> None:
    done = run("--timezone", "Europe/Berlin", text=LINE)
    assert done.returncode == 0
    assert json.loads(done.stdout) == {
        "@timestamp": "2025-12-31T23:01:01.125Z",
        "log": {"level": "warning", "logger": "shop.checkout"},
        "message": "password=[REDACTED]",
        "ecs": {"version": "9.4.0"},
    }
    assert done.stderr == "1 records, 1 redacted\n"


def test_redaction_can_be_switched_off_and_fields_be_set_where_absent() -> None:
    done = run(
        "--no-redact", "--set", "service.name=shop", "--set", "log.level=x", "--set", "process.pid=12", "-", text=LINE
    )
    document = json.loads(done.stdout)
    assert document["message"] == "password=hunter2"
    assert document["service"] == {"name": "shop"}
    assert document["process"] == {"pid": 12}
    assert document["log"]["level"] == "warning"


def test_files_are_read_in_turn_and_unparsable_lines_are_no_failure(tmp_path) -> None:
    (tmp_path / "a.log").write_text("not json\n")
    (tmp_path / "b.log").write_text('{"level":"info","msg":"b"}')
    done = run("--codec", "json", "--json", str(tmp_path / "a.log"), str(tmp_path / "b.log"))
    assert done.returncode == 0
    assert [json.loads(line)["message"] for line in done.stdout.splitlines()] == ["not json", "b"]
    assert json.loads(done.stderr) == {"assumed_time": 2, "records": 2, "unparsed": 1}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--codec", "jsno"), "unknown codec"),
        (("--timezone", "Mars/Olympus"), "no time zone"),
        (("--set", "nonsense"), "FIELD=VALUE"),
        (("--set", "process.pid=abc"), "does not fit"),
        (("/no/such/file",), "cannot be read"),
        (("--frobnicate",), "No such option"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_why(arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_help_shows_examples() -> None:
    assert "Examples:" in run("--help").stdout


def test_a_reader_that_leaves_is_no_crash() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "shipper", "convert"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.close()
    _, said = process.communicate(b"hello\n" * 200_000, timeout=60)
    assert b"Traceback" not in said


def test_a_full_disk_below_the_output_is_not_blamed_on_the_input(tmp_path) -> None:
    source = tmp_path / "a.log"
    source.write_text("line\n" * 1000)
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            [sys.executable, "-m", "shipper", "convert", str(source)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 3
    assert "No space left on device" in done.stderr
    assert "a.log" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_early_is_no_error(tmp_path) -> None:
    source = tmp_path / "a.log"
    source.write_text("line\n" * 100_000)
    command = [sys.executable, "-m", "shipper", "convert", str(source)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 0
