from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from shipper.cli.rules import command
from shipper.errors import ConfigError, FindingError, UnavailableError, UsageError
from tests.contract.test_notifiers import Peer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def peer() -> Iterator[Peer]:
    found = Peer()
    yield found
    found.close()


def call(folder: Path, settings: str, name: str = "hook") -> Any:
    (folder / "evaluator.yml").write_text(f"notifiers: {{hook: {settings}}}\nroutes: {{default: [hook]}}\n")
    return CliRunner().invoke(command, ["test-notifier", name, "-c", str(folder / "evaluator.yml"), "--json"])


def test_a_sample_and_its_end_reach_the_receiver_marked_as_a_test(peer, tmp_path):
    result = call(tmp_path, f"{{type: webhook, url: '{peer.url}'}}")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"notifier": "hook", "taken": True}
    firing, resolved = (json.loads(body) for _, body in peer.requests)
    assert (firing["kind"], resolved["kind"]) == ("firing", "resolved")
    assert firing["episode"] == resolved["episode"]
    assert firing["key"] != resolved["key"]
    assert firing["text"] == "TEST, please ignore"


def test_a_receiver_that_refuses_and_one_that_is_not_there_end_differently(peer, tmp_path):
    peer.answers = [(403, {})]
    refused = call(tmp_path, f"{{type: webhook, url: '{peer.url}'}}").exception
    assert isinstance(refused, FindingError)
    assert (refused.exit_code, refused.where, refused.message) == (1, "hook", "answered 403")
    peer.close()
    absent = call(tmp_path, f"{{type: webhook, url: '{peer.url}'}}").exception
    assert isinstance(absent, UnavailableError)
    assert absent.exit_code == 3


def test_an_unknown_name_and_a_wrong_address_are_mistakes_of_the_config(tmp_path):
    unknown = call(tmp_path, "{type: console}", "pager").exception
    assert isinstance(unknown, UsageError)
    assert unknown.hint == "known: hook"
    wrong = call(tmp_path, "{type: apprise, url: 'nosuch://t0ken'}").exception
    assert isinstance(wrong, ConfigError)
    assert wrong.exit_code == 2
