"""The declarative folders: found around the working directory, else with the package; copied out by `init`."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from shipper import declarative
from shipper.cli.init import command
from shipper.errors import UsageError


def test_a_project_above_the_working_directory_wins(tmp_path):
    for name in ("logstash", "alert_rules"):
        (tmp_path / name).mkdir()
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert declarative.find("logstash", deep) == tmp_path / "logstash"


def test_a_folder_that_only_shares_the_name_is_passed_over(tmp_path):
    (tmp_path / "logstash").mkdir()
    assert declarative.find("logstash", tmp_path) == declarative.packaged("logstash")


@pytest.mark.parametrize("name", declarative.NAMES)
def test_everything_comes_with_the_package(name):
    assert declarative.packaged(name).exists()


def test_what_does_not_exist_is_said_with_the_next_step(tmp_path):
    with pytest.raises(UsageError, match="neither above the working directory"):
        declarative.find("no-such-folder", tmp_path)


def run(*arguments):
    return CliRunner().invoke(command, [*map(str, arguments)], standalone_mode=False)


def test_init_copies_everything_out(tmp_path):
    result = run(tmp_path / "new", "--json")
    assert json.loads(result.output)["copied"] == [*declarative.NAMES, *declarative.COMPANIONS]
    assert all((tmp_path / "new" / name).exists() for name in (*declarative.NAMES, *declarative.COMPANIONS))
    assert declarative.find("logstash", tmp_path / "new") == tmp_path / "new" / "logstash"


def test_init_overwrites_only_when_told_to(tmp_path):
    run(tmp_path)
    changed = tmp_path / "shipper.example.yml"
    changed.write_text("mine")
    refused = run(tmp_path)
    assert isinstance(refused.exception, UsageError)
    assert changed.read_text() == "mine"
    assert run(tmp_path, "--force").exception is None
    assert changed.read_text() != "mine"
