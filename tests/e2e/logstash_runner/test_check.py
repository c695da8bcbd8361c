"""`shipper logstash check`: the verdict is the exit code, the reasons stand on stderr."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[3]
PASSWORDS = {f"SHIPPER_{name}_PASSWORD": "x" for name in ("WRITER", "CAMPAIGN", "HTTP")}
DOUBTFUL = 'input { stdin { } } output { elasticsearch { index => "a" document_id => "%{[@metadata][_id]}" } }'


def check(folder: Path, *arguments: str, passwords: Mapping[str, str] = PASSWORDS) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "shipper", "logstash", "check", *arguments],
        cwd=ROOT,
        env={**os.environ, **passwords, "SHIPPER_HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_projects_pipelines_would_start_and_nothing_is_doubtful_in_them(tmp_path: Path) -> None:
    done = check(tmp_path, "--strict")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_a_local_stack_all_but_its_passwords_is_checked_and_that_is_said(tmp_path: Path) -> None:
    done = check(tmp_path, "--strict", passwords={"SHIPPER_HTTP_PASSWORD": "x"})
    assert done.returncode == 0, done.stderr
    assert "not checked: SHIPPER_WRITER_PASSWORD, SHIPPER_CAMPAIGN_PASSWORD (" in done.stderr
    file = tmp_path / "a.conf"
    file.write_text("input { http { password => '${OF_OTHERS}' } } output { stdout { } }")
    done = check(tmp_path, "-f", str(file), passwords={})
    assert done.returncode == 1
    assert "`OF_OTHERS` is not defined" in done.stderr
    assert "not checked" not in done.stderr


def test_a_file_that_would_not_start_fails_with_the_place(tmp_path: Path) -> None:
    file = tmp_path / "a.conf"
    file.write_text('input { stdin { } }\nfilter { mutate { convert => { "a" => "int" } } }\n')
    done = check(tmp_path, "-f", str(file))
    assert done.returncode == 1
    assert "Invalid conversion type 'int'" in done.stderr
    assert f"where: {file}:2:" in done.stderr


def test_a_finding_fails_only_when_it_is_strict(tmp_path: Path) -> None:
    file = tmp_path / "a.conf"
    file.write_text(DOUBTFUL)
    done = check(tmp_path, "-f", str(file))
    assert done.returncode == 0
    assert f"where: {file}:1:" in done.stderr
    assert check(tmp_path, "-f", str(file), "--strict").returncode == 1


def test_json_lists_problems_and_findings(tmp_path: Path) -> None:
    file = tmp_path / "a.conf"
    file.write_text(DOUBTFUL)
    (report,) = json.loads(check(tmp_path, "-f", str(file), "--json").stdout)
    assert report["file"] == str(file)
    assert report["starts"] is True
    assert report["findings"]


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    assert check(tmp_path, "-f", str(tmp_path / "none.conf")).returncode == 2


def test_pipelines_that_want_one_port_or_send_to_nobody_would_not_start_together(tmp_path: Path) -> None:
    for name, text in {
        "a": "input { http { port => 18991 } } output { pipeline { send_to => ['b'] } }",
        "b": "input { tcp { host => '127.0.0.1' port => 18991 } } output { pipeline { send_to => ['nobody'] } }",
        "c": "input { pipeline { address => 'b' } beats { port => 18992 } } output { stdout { } }",
    }.items():
        (tmp_path / f"{name}.conf").write_text(text)
    listed = tmp_path / "pipelines.yml"
    listed.write_text("".join(f"- {{pipeline.id: {name}, path.config: {tmp_path}/{name}.conf}}\n" for name in "abc"))
    done = check(tmp_path, "--pipelines", str(listed))
    assert done.returncode == 1
    assert f"the port 18991 is that of the input at {tmp_path}/a.conf:1:9 already" in done.stderr
    assert f"where: {tmp_path}/b.conf:1:9" in done.stderr
    assert "no pipeline has the address `nobody`" in done.stderr
    (report,) = [
        one for one in json.loads(check(tmp_path, "--pipelines", str(listed), "--json").stdout) if one["problems"]
    ]
    assert len(report["problems"]) == 2


def test_an_input_that_would_be_refused_at_the_start_is_told_by_the_check(tmp_path: Path) -> None:
    file = tmp_path / "a.conf"
    for options, reason in {
        "port => 80000": "80000 is no port",
        "user => 'u'": "user and password belong together",
        "ssl_enabled => true": "ssl_certificate and ssl_key are needed",
    }.items():
        file.write_text(f"input {{ http {{ {options} }} }} output {{ stdout {{ }} }}")
        done = check(tmp_path, "-f", str(file))
        assert done.returncode == 1
        assert reason in done.stderr
        assert f"where: {file}:1:9" in done.stderr
