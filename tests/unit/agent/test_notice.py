"""Change notice by the operating system, on real folders."""

from __future__ import annotations

import shutil

import pytest

from shipper.agent.input.notice import Notice

PATIENCE = 30
"""Seconds for the system to tell of a change; it takes milliseconds."""


@pytest.fixture
def notice():
    notice = Notice()
    notice.start()
    yield notice
    notice.stop()


def told(notice, places, path):
    """Is a write to the file told of, soon, by one who looks again and again as the agent does?"""
    for _ in range(10 * PATIENCE):
        notice.watch(places)
        path.write_text("line\n")
        if notice.event.wait(0.1) and str(path) in notice.drain()[0]:
            return True
    return False


@pytest.mark.parametrize("below", [False, True])
@pytest.mark.parametrize("how", ["removed", "replaced", "renamed"])
def test_a_folder_that_was_made_again_is_watched_again(tmp_path, notice, how, below):
    folder = tmp_path / "logs"
    folder.mkdir()
    places = [(str(folder), below)]
    assert told(notice, places, folder / "a.log")
    if how == "renamed":
        folder.rename(tmp_path / "logs.old")
    else:
        shutil.rmtree(folder)
    if how == "removed":
        notice.watch(places)  # the agent looks while there is none
    folder.mkdir()  # with the inode of the one before, on some file systems
    assert told(notice, places, folder / "b.log")
    assert notice.working


def test_a_folder_that_is_watched_is_not_watched_twice(tmp_path, notice):
    places = [(str(tmp_path), False)]
    notice.watch(places)
    watched = set(notice._observer.emitters)
    notice.watch(places)
    assert set(notice._observer.emitters) == watched
