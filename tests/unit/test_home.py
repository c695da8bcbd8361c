from __future__ import annotations

import stat
from pathlib import Path

import pytest

from shipper.errors import UnavailableError
from shipper.home import Account, Endpoints, Home, default_home, write_private


def endpoints() -> Endpoints:
    accounts = {"shipper_writer": Account("writer", "s3cret")}
    return Endpoints("http://127.0.0.1:9200", accounts, logstash_beats="127.0.0.1:5044")


def test_what_the_stack_publishes_is_read_back(tmp_path):
    home = Home(tmp_path / "new")
    home.publish(endpoints())
    assert home.endpoints() == endpoints()
    assert stat.S_IMODE(home.endpoints_file.stat().st_mode) == 0o600


def test_no_stack_names_the_command_that_makes_one(tmp_path):
    with pytest.raises(UnavailableError) as caught:
        Home(tmp_path).endpoints()
    assert "shipper stack up" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"elasticsearch": 1}', '{"elasticsearch": "x", "accounts": {"a": 1}}']
)
def test_a_damaged_file_is_an_error_for_people(tmp_path, damage):
    Home(tmp_path).endpoints_file.write_text(damage)
    with pytest.raises(UnavailableError, match="cannot be read"):
        Home(tmp_path).endpoints()


def test_an_account_that_is_not_there_names_the_next_step():
    with pytest.raises(UnavailableError, match="no account for the role rules_evaluator"):
        endpoints().account("rules_evaluator")


def test_passwords_do_not_print():
    assert "s3cret" not in repr(endpoints())


def test_the_home_follows_the_environment():
    assert default_home({"SHIPPER_HOME": "/x/y", "HOME": "/h"}).path == Path("/x/y")
    assert default_home({"XDG_STATE_HOME": "/s", "HOME": "/h"}).path == Path("/s/shipper")
    assert default_home({"HOME": "/h"}).path == Path("/h/.local/state/shipper")


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch):
    target = tmp_path / "file"
    write_private(target, b"old")

    def full_disk(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shipper.home.os.fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_private(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("text", ["[]", "{}",
                                  '{"elasticsearch": 3, "accounts": {}}', '{"elasticsearch": "x", "accounts": []}',
                                  '{"elasticsearch": "x", "accounts": {"a": {"user": "u"}}}', "{"])  # fmt: skip
def test_a_damaged_endpoint_file_is_said_to_be_one(tmp_path, text):
    (tmp_path / "endpoints.json").write_text(text)
    with pytest.raises(UnavailableError, match="cannot be read"):
        Home(tmp_path).endpoints()


def test_a_home_that_is_no_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match="cannot be opened"):
        Home(tmp_path / "file").endpoints()
