"""`shipper stack` where there is no stack, and where its words are wrong: exit codes and messages."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


def shipper(home, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "shipper", "stack", *arguments],
        env={**os.environ, "SHIPPER_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_status_without_a_stack_says_so_and_ends_with_3(tmp_path):
    done = shipper(tmp_path / "home", "status", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["running"] is False
    assert not (tmp_path / "home").exists()


def test_down_without_a_stack_is_no_failure(tmp_path):
    done = shipper(tmp_path / "home", "down")
    assert (done.returncode, done.stdout) == (0, "it did not run\n")


def test_deleting_a_stack_says_that_the_agent_remembers_what_it_delivered(tmp_path):
    (tmp_path / "home" / "agent").mkdir(parents=True)
    assert "kept: what the agent has delivered" in shipper(tmp_path / "home", "down", "--delete").stdout
    assert (tmp_path / "home" / "agent").exists()
    assert "kept" not in shipper(tmp_path / "home", "down").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["setup"], 3, "no local stack was set up here"),
        (["retention"], 2, "nothing says what to keep"),
        (["retention", "--logs", "0"], 2, "0 is not in the range"),
        (["setup", "--url", "here"], 2, "must look like https://host:9200"),
        (["setup", "--url", "http://h", "--user", "me"], 2, "`user` and `password` go together"),
        (["setup", "--url", "http://h", "--user", "me", "--password-file", "nowhere"], 2, "cannot be read"),
        (["setup", "--prefix", "A B"], 2, "`prefix` must be"),
        (["setup", "--users-from", "nowhere"], 2, "no file `<role>_password`"),
        (["setup", "--url", "http://127.0.0.1:1"], 3, "cannot be reached"),
        (["setup", "-c", "nowhere.yml"], 2, "cannot be read"),
        (["setup", "--tenant", "A B"], 2, "cannot be a tenant's role"),
        (["setup", "--cloud-id", "rubbish"], 2, "cloud_id"),
        (["up", "--es-version", "latest"], 2, "is no version"),
        (["up", "--heap", "much"], 2, "is no heap size"),
    ],
)
def test_what_is_wrong_is_said_with_its_exit_code(tmp_path, arguments, code, message):
    done = shipper(tmp_path / "home", *arguments)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_without_a_stack_section_is_refused(tmp_path):
    (tmp_path / "s.yml").write_text("other: {}\n")
    done = shipper(tmp_path / "home", "setup", "-c", str(tmp_path / "s.yml"))
    assert done.returncode == 2
    assert "the section `stack` is missing" in done.stderr
