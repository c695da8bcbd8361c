"""Where files go, and what a full, closed or shared disk means."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from shipper.errors import UnavailableError, UsageError
from shipper.home import Home
from shipper.stack import cache


def test_the_cache_is_where_the_environment_says(tmp_path):
    assert cache.cache_folder({"SHIPPER_CACHE": str(tmp_path)}) == tmp_path


def test_two_homes_never_share_a_server_folder(tmp_path):
    environment = {"SHIPPER_CACHE": str(tmp_path / "cache")}
    first, second = (cache.server_folder(Home(tmp_path / name), environment) for name in ("a", "b"))
    assert first != second


@pytest.mark.parametrize(("number", "hint"), [(errno.ENOSPC, "free some space"), (errno.EACCES, "you may write")])
def test_a_disk_error_says_what_to_do(tmp_path, number, hint):
    with pytest.raises(UnavailableError) as caught, cache.disk_errors(tmp_path):
        raise OSError(number, os.strerror(number), str(tmp_path / "file"))
    assert caught.value.where == str(tmp_path / "file")
    assert hint in str(caught.value.hint)


def test_a_real_full_device_is_reported_as_one():
    device = Path("/dev/full")
    with pytest.raises(UnavailableError, match="No space left"), cache.disk_errors(device):
        device.write_bytes(b"x")


def test_what_is_made_in_scratch_appears_whole_or_not_at_all(tmp_path):
    target = tmp_path / "made"
    with pytest.raises(ZeroDivisionError), cache.whole(target) as scratch:
        (scratch / str(1 // 0)).mkdir()
    assert list(tmp_path.iterdir()) == []
    with cache.whole(target) as scratch:
        (scratch / "made").mkdir()
    assert list(tmp_path.iterdir()) == [target]


def test_the_first_of_two_makers_wins_and_the_second_is_content(tmp_path):
    target = tmp_path / "made"
    with cache.whole(target) as slow:
        (slow / "made").mkdir()
        with cache.whole(target) as fast:
            (fast / "made").mkdir()
            (fast / "made" / "fast").touch()
    assert (target / "fast").exists()
    assert list(tmp_path.iterdir()) == [target]


def test_a_lock_is_held_by_one_and_given_up_after_patience(tmp_path):
    path = tmp_path / "lock"
    with cache.locked(path), pytest.raises(UnavailableError, match="another command"), cache.locked(path, 0.2):
        pass


def test_a_lock_passes_on_when_its_holder_lets_go(tmp_path):
    path = tmp_path / "lock"
    order: list[str] = []

    def second() -> None:
        with cache.locked(path):
            order.append("second")

    thread = threading.Thread(target=second)
    with cache.locked(path):
        thread.start()
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as someone else")
@pytest.mark.parametrize(("name", "message"), [("root", "refuses to run as root"), ("no-such-user", "no user")])
def test_root_names_an_unprivileged_user_that_exists(name, message):
    with pytest.raises(UsageError, match=message):
        cache.run_as(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as someone else")
def test_a_folder_that_the_unprivileged_user_cannot_get_to_is_refused_in_words(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(UnavailableError, match="cannot get to"):
        cache.make_folder(closed / "data", cache.run_as())
