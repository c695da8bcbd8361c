"""Backup and restore on the real Elasticsearch: what was deleted comes back as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from shipper.clock import SystemClock
from shipper.elastic.client import connect, for_role
from shipper.errors import FindingError, UsageError
from shipper.home import Home
from shipper.stack.retention import expire, snapshot_name, survey
from shipper.stack.settings import Keep, RepositorySettings
from shipper.stack.snapshots import Waiting, ensure_repository, restore, snapshots, take

pytestmark = pytest.mark.elasticsearch

TODAY = datetime.now(UTC).date()
OLD, NEW = (f"shipper-logs-{TODAY - timedelta(days=age):%Y.%m.%d}" for age in (40, 0))


@pytest.fixture
def waiting():
    return Waiting(SystemClock(), threading.Event(), patience=60)


@pytest.fixture
def repository(elasticsearch):
    wanted = RepositorySettings(repository=f"test-{uuid.uuid4().hex[:8]}", settings={"location": uuid.uuid4().hex})
    assert ensure_repository(elasticsearch, wanted) == "create"
    yield wanted
    elasticsearch.snapshot.delete(repository=wanted.name, snapshot="*")
    elasticsearch.snapshot.delete_repository(name=wanted.name)


@pytest.fixture
def days(elasticsearch, prefix):
    for name in (OLD, NEW):
        document = {"@timestamp": "2001-01-01T00:00:00Z", "message": name}
        elasticsearch.create(index=prefix + name, id="1", document=document, refresh=True)
    return prefix


def test_what_was_deleted_comes_back_as_it_was(elasticsearch, days, repository, waiting):
    taken = take(elasticsearch, repository.name, "one", [f"{days}*"], waiting)
    assert taken.indices == tuple(sorted((days + OLD, days + NEW)))
    elasticsearch.indices.delete(index=days + OLD)
    assert restore(elasticsearch, repository.name, taken, [days + OLD], "", waiting) == [days + OLD]
    assert elasticsearch.get(index=days + OLD, id="1")["_source"]["message"] == OLD


def test_a_restore_never_goes_over_what_is_there_but_beside_it(elasticsearch, days, repository, waiting):
    taken = take(elasticsearch, repository.name, "one", [f"{days}*"], waiting)
    with pytest.raises(UsageError, match="already there"):
        restore(elasticsearch, repository.name, taken, taken.indices, "", waiting)
    (beside,) = restore(elasticsearch, repository.name, taken, [days + NEW], days, waiting)
    assert beside == days + days + NEW
    assert elasticsearch.count(index=beside)["count"] == 1


def test_one_name_is_taken_once_whoever_asks_again(elasticsearch, days, repository, waiting):
    first = take(elasticsearch, repository.name, "one", [days + OLD], waiting)
    assert take(elasticsearch, repository.name, "one", [days + OLD], waiting) == first
    assert [one.name for one in snapshots(elasticsearch, repository.name)] == ["one"]


def test_a_repository_of_that_name_elsewhere_is_not_touched(elasticsearch, repository):
    assert ensure_repository(elasticsearch, repository) == "unchanged"
    elsewhere = RepositorySettings(repository=repository.name, settings={"location": "elsewhere"})
    with pytest.raises(FindingError, match="with another place"):
        ensure_repository(elasticsearch, elsewhere)


def test_a_repository_that_is_not_there_names_the_next_step(elasticsearch):
    with pytest.raises(UsageError, match="no snapshot repository nowhere"):
        snapshots(elasticsearch, "nowhere")


def test_the_operators_account_is_enough_to_save_and_then_delete(endpoints, elasticsearch, days, repository, waiting):
    keep = Keep(logs=30)
    with connect(for_role(endpoints, "admin")) as client:  # the test's prefix is beyond the operator's patterns
        dailies = survey(client, keep, SystemClock(), days)
    going = [daily for daily in dailies if daily.expired]
    with connect(for_role(endpoints, "stack_operator")) as operator:
        taken = take(operator, repository.name, snapshot_name(going), [daily.index for daily in going], waiting)
    assert taken.indices == (days + OLD,)
    assert expire(elasticsearch, dailies, SystemClock(), days) == [days + OLD]
    restore(elasticsearch, repository.name, taken, taken.indices, "", waiting)
    assert elasticsearch.count(index=days + OLD)["count"] == 1


def shipper(endpoints, folder, *arguments):
    Home(folder / "home").publish(endpoints)
    done = subprocess.run(
        [sys.executable, "-m", "shipper", "stack", *arguments, "--json"],
        env={**os.environ, "SHIPPER_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_commands_save_delete_and_bring_back(endpoints, elasticsearch, days, repository, tmp_path):
    where = ["--repository", repository.name]
    taken = shipper(endpoints, tmp_path, "snapshot", *where, "--index", f"{days}*")
    assert [one["state"] for one in taken] == ["SUCCESS"]
    elasticsearch.indices.delete(index=days + OLD)
    back = shipper(endpoints, tmp_path, "restore", taken[0]["name"], *where, "--index", days + OLD)
    assert back == {"restored": [days + OLD]}
    assert shipper(endpoints, tmp_path, "snapshot", "--list", *where) == taken


def test_retention_by_file_saves_what_goes_first_and_not_by_a_stale_clock(endpoints, elasticsearch, prefix, tmp_path):
    secret = tmp_path / "admin"
    secret.write_text(endpoints.account("admin").password)
    name = f"test-{uuid.uuid4().hex[:8]}"
    wanted = RepositorySettings(repository=name, settings={"location": name})
    ensure_repository(elasticsearch, wanted)
    elasticsearch.create(index=prefix + OLD, id="1", document={"@timestamp": "2001-01-01T00:00:00Z"}, refresh=True)
    config = tmp_path / "cluster.yml"
    config.write_text(
        f"stack:\n  elasticsearch: {{url: {endpoints.elasticsearch}, user: admin, password: 'file:{secret}'}}\n"
        f"  prefix: {prefix}\n  keep: {{logs: 30, snapshot_first: true}}\n"
        f"  snapshots: {{repository: {name}, settings: {{location: {name}}}}}\n"
    )
    try:
        command = [sys.executable, "-m", "shipper", "stack", "retention", "-c", str(config)]
        silent = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert silent.returncode == 1
        assert "newest data is of" in silent.stderr
        assert elasticsearch.indices.exists(index=prefix + OLD)
        told = shipper(endpoints, tmp_path, "retention", "-c", str(config), "--trust-clock")
        assert [(daily["index"], daily["reason"]) for daily in told] == [(prefix + OLD, "age")]
        assert not elasticsearch.indices.exists(index=prefix + OLD)
        assert [one.indices for one in snapshots(elasticsearch, name)] == [(prefix + OLD,)]
    finally:
        elasticsearch.snapshot.delete(repository=name, snapshot="*")
        elasticsearch.snapshot.delete_repository(name=name)
