"""The pipelines' variables under a local home."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shipper.errors import UnavailableError
from shipper.home import Account, Endpoints, Home
from shipper.logstash_runner.environment import LocalCluster, local_environment, publish, with_dead_letters

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    accounts = {role: Account(role, f"{role}-secret") for role in ("shipper_writer", "campaign_writer")}
    made.publish(Endpoints("http://127.0.0.1:9200", accounts))
    return made


def test_a_home_gives_address_accounts_and_free_ports(home: Home, tmp_path: Path) -> None:
    found = local_environment({"PATH": "/bin"}, home, tmp_path / "logstash")
    assert found["PATH"] == "/bin"
    assert found["SHIPPER_ES_URL"] == "http://127.0.0.1:9200"
    assert (found["SHIPPER_WRITER_USER"], found["SHIPPER_WRITER_PASSWORD"]) == (
        "shipper_writer",
        "shipper_writer-secret",
    )
    assert found["SHIPPER_CAMPAIGN_USER"] == found["SHIPPER_HTTP_USER"] == "campaign_writer"
    assert found["SHIPPER_BEATS_PORT"] == found["SHIPPER_HTTP_PORT"] == found["SHIPPER_SIGNED_PORT"] == "0"
    assert found["SHIPPER_PIPELINES"] == str(tmp_path / "logstash" / "pipelines")


def test_what_is_set_wins(home: Home) -> None:
    given = {"SHIPPER_ES_URL": "https://es", "SHIPPER_WRITER_USER": "me", "SHIPPER_WRITER_PASSWORD": "mine",
             "SHIPPER_BEATS_PORT": "5044"}  # fmt: skip
    found = local_environment(given, home, None)
    assert {name: found[name] for name in given} == given
    assert found["SHIPPER_CAMPAIGN_PASSWORD"] == "campaign_writer-secret"


def test_without_a_home_nothing_is_invented(tmp_path: Path) -> None:
    assert local_environment({"A": "1"}, Home(tmp_path), None) == {"A": "1"}


def test_a_damaged_home_is_said(tmp_path: Path) -> None:
    (tmp_path / "endpoints.json").write_text("{")
    with pytest.raises(UnavailableError):
        local_environment({}, Home(tmp_path), None)


def test_the_dead_letters_have_a_folder(tmp_path: Path) -> None:
    found = with_dead_letters({"A": "1"}, tmp_path / "data")
    assert found == {"A": "1", "SHIPPER_DLQ_PATH": str(tmp_path / "data" / "dead_letter_queue")}
    assert (tmp_path / "data" / "dead_letter_queue").is_dir()
    assert with_dead_letters({"SHIPPER_DLQ_PATH": str(tmp_path / "own")}, tmp_path)["SHIPPER_DLQ_PATH"].endswith("own")


def test_the_listeners_are_published_beside_what_was_there(home: Home) -> None:
    publish(home, {"beats": "127.0.0.1:1", "http": "127.0.0.1:2", "tcp": "127.0.0.1:3"})
    found = home.endpoints()
    assert (found.logstash_beats, found.logstash_http) == ("127.0.0.1:1", "127.0.0.1:2")
    assert found.account("shipper_writer").password == "shipper_writer-secret"


def test_publishing_without_a_home_does_nothing(tmp_path: Path) -> None:
    publish(Home(tmp_path), {"beats": "127.0.0.1:1"})
    assert list(tmp_path.iterdir()) == []


def test_a_cluster_that_moved_is_found_again_from_every_address_it_had(home: Home) -> None:
    locate = LocalCluster(home, "http://127.0.0.1:9200")
    assert locate("http://127.0.0.1:9200") == ["http://127.0.0.1:9200"]
    home.publish(Endpoints("http://127.0.0.1:9300", {}))
    assert locate("http://127.0.0.1:9200") == ["http://127.0.0.1:9300"]
    home.publish(Endpoints("http://127.0.0.1:9400", {}, nodes=("http://127.0.0.1:9400", "http://127.0.0.1:9401")))
    for old in ("http://127.0.0.1:9200", "http://127.0.0.1:9300"):
        assert locate(old) == ["http://127.0.0.1:9400", "http://127.0.0.1:9401"]


def test_every_node_of_a_home_is_an_address_for_the_pipelines(home: Home) -> None:
    hosts = ("http://127.0.0.1:9400", "http://127.0.0.1:9401", "http://127.0.0.1:9402")
    home.publish(Endpoints(hosts[0], {}, nodes=hosts))
    found = local_environment({}, home, None)["SHIPPER_ES_URL"]
    assert found.split() == list(hosts)
    locate = LocalCluster(home, found)
    home.publish(Endpoints("http://127.0.0.1:9500", {}))
    assert [list(locate(host)) for host in hosts] == [["http://127.0.0.1:9500"]] * 3


def test_a_cluster_that_is_not_the_homes_stays_where_it_is(home: Home) -> None:
    locate = LocalCluster(home, "https://es.example:9200")
    home.publish(Endpoints("http://127.0.0.1:9300", {}))
    assert list(locate("https://es.example:9200")) == ["https://es.example:9200"]
    assert list(locate("http://127.0.0.1:9200")) == ["http://127.0.0.1:9200"]


def test_a_home_that_went_away_changes_nothing(home: Home) -> None:
    locate = LocalCluster(home, "http://127.0.0.1:9200")
    home.endpoints_file.unlink()
    assert list(locate("http://127.0.0.1:9200")) == ["http://127.0.0.1:9200"]
