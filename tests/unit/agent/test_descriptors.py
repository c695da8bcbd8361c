"""Few file descriptors: every file gets its turn, and nothing is decided for want of one."""

from __future__ import annotations

import bz2
import errno
import os

import pytest

from shipper.agent.bytesource import open_source
from shipper.agent.descriptors import DescriptorsExhaustedError, OpenFiles, opening, share_of_logs
from shipper.agent.input.glob import Glob
from tests.support.agent import Rig


@pytest.fixture
def few(tmp_path):
    (tmp_path / "logs").mkdir()
    rig = Rig(tmp_path / "logs", tmp_path / "state", max_open=4)
    yield rig
    rig.tailer.close()
    rig.registry.close()


def exhausted(path, *_, **__):
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), str(path))


def most_open(rig):
    rig.tailer.scan()
    most = rig.tailer.fleet.open_files.count
    while rig.tailer.step():
        most = max(most, rig.tailer.fleet.open_files.count)
    return most


def test_the_share_of_logs_leaves_room_for_everything_else():
    assert share_of_logs(1024) == 984
    assert share_of_logs(1024, connections=100) == 884
    assert share_of_logs(1024, connections=10_000) == 472
    assert share_of_logs(20) == 1


def test_a_want_of_descriptors_is_no_oserror_of_the_file(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "open", exhausted)
    with pytest.raises(DescriptorsExhaustedError, match=r"no file descriptor is left"):
        open_source(str(tmp_path / "a.log"))
    with pytest.raises(FileNotFoundError), opening("x"):
        raise FileNotFoundError


def test_a_folder_that_cannot_be_listed_for_want_of_descriptors_is_not_empty(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "scandir", exhausted)
    with pytest.raises(DescriptorsExhaustedError):
        list(Glob(f"{tmp_path}/*.log").find())


def test_no_more_than_max_open_and_the_one_in_turn_are_open_at_any_time(few):
    for number in range(30):
        (few.folder / f"{number}.log").write_text(f"{number}\n" * 2000)
    assert most_open(few) <= 5
    few.ship()
    assert len(few.messages) == 60_000
    for number in range(30):
        with (few.folder / f"{number}.log").open("a") as file:
            file.write("again\n")
    assert most_open(few) <= 5
    few.ship()
    assert few.messages.count("again") == 30


def test_many_compressed_files_are_read_a_few_at_a_time(few):
    for number in range(12):
        (few.folder / f"{number}.log.bz2").write_bytes(bz2.compress(f"{number}\n".encode() * 300))
    for number in range(8):
        (few.folder / f"plain{number}.log").write_text("plain\n")
    assert most_open(few) <= 6
    while few.tailer.wants_scan:
        assert most_open(few) <= 6
    few.ship()
    assert sorted(few.messages) == sorted([str(n) for n in range(12) for _ in range(300)] + ["plain"] * 8)


def test_an_end_is_not_reached_while_compressed_files_wait(few):
    for number in range(3):
        (few.folder / f"{number}.log.bz2").write_bytes(bz2.compress(b"x\n"))
    few.tailer.scan()
    assert not few.tailer.is_finished()
    few.ship()
    few.ship()
    assert few.messages == ["x"] * 3


def test_a_truncation_met_without_descriptors_loses_nothing(rig, monkeypatch):
    log, copy = rig.folder / "a.log", rig.folder / "a.log.1"
    log.write_text("".join(f"line {n}\n" for n in range(400)))
    rig.ship()
    with log.open("a") as file:
        file.write("unread 1\nunread 2\n")
    copy.write_bytes(log.read_bytes())
    log.write_text("fresh\n")
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", exhausted)
        rig.ship()
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", exhausted)
        rig.ship()
    rig.ship()
    rig.ship()
    assert rig.messages[-3:] == ["unread 1", "unread 2", "fresh"]
    assert rig.tailer.fleet.counts["bytes_lost"] == 0
    assert rig.tailer.fleet.counts["descriptor_shortages"] > 0


def test_a_shortage_closes_files_and_what_it_took_comes_back():
    files = OpenFiles(100)
    files.count = 80
    files.shrink()
    assert files.limit == 60
    for _ in range(50):
        files.bound([])
    assert files.limit == 100


def test_that_descriptors_are_few_is_said_once(caplog):
    files = OpenFiles(3)
    files.count = 4
    assert files.over
    assert files.over
    assert caplog.text.count("LimitNOFILE") == 1
