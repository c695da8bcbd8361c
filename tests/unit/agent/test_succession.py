"""A stack trace that a rotation divides is one record, once, whatever comes between."""

from __future__ import annotations

import gzip
import shutil

import pytest

from shipper.agent.codec import make_decoder
from shipper.agent.succession import stencil
from tests.support.agent import Rig, write

BEFORE = "2026-01-02 03:04:05,000 - app - INFO - started\n"
HEAD = "2026-01-02 03:04:06,000 - app - ERROR - it failed\nTraceback (most recent call last):\n"
REST = '  File "a.py", line 3, in go\n    run()\nValueError: no\n'
NEXT = "2026-01-02 03:04:07,000 - app - INFO - going on\n"
WHOLE = {"started": 1, "it failed": 1, "going on": 1}


class DecodedRig(Rig):
    """With the real decoder; `sent` holds whole documents."""

    def start(self):
        self.make = make_decoder
        super().start()

    def deliver(self):
        import orjson

        for batch in self.queue:
            self.sent += zip(batch.ids, map(orjson.loads, batch.documents), strict=True)
        self.delivery.settle(self.queue)
        self.queue = []
        self.registry.commit()

    def settle_down(self):
        for _ in range(4):
            self.ship()
            self.clock.advance(2)

    @property
    def documents(self):
        return [document for _, document in sorted(self.index.items(), key=lambda each: each[1]["@timestamp"])]


@pytest.fixture
def rig(tmp_path):
    (tmp_path / "logs").mkdir()
    rig = DecodedRig(tmp_path / "logs", tmp_path / "state")
    yield rig
    rig.tailer.close()
    rig.registry.close()


def expect_whole(rig):
    assert [document["message"] for document in rig.documents] == list(WHOLE)
    failed = rig.documents[1]
    assert failed["error"]["type"] == "ValueError"
    assert failed["error"]["stack_trace"] == (HEAD.partition("\n")[2] + REST).strip()
    assert len(rig.sent) == len(rig.index)


def renamed(rig):
    (rig.folder / "a.log").rename(rig.folder / "a.log.1")


def renamed_away(rig):
    (rig.folder / "a.log").rename(rig.folder / "old-a")


def copied(rig):
    shutil.copyfile(rig.folder / "a.log", rig.folder / "a.log.1")
    (rig.folder / "a.log").write_text("")


ROTATIONS = [renamed, renamed_away, copied]


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_a_trace_goes_on_in_the_file_after_a_rotation(rig, rotate):
    write(rig, "a.log", BEFORE * 30)
    rig.settle_down()
    rig.sent.clear()
    write(rig, "a.log", BEFORE + HEAD)
    rig.ship()
    rotate(rig)
    write(rig, "a.log", REST + NEXT)
    rig.settle_down()
    expect_whole(rig)


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_the_rest_may_come_line_by_line(rig, rotate):
    write(rig, "a.log", BEFORE * 30)
    rig.settle_down()
    rig.sent.clear()
    write(rig, "a.log", BEFORE + HEAD)
    rig.ship()
    rotate(rig)
    for piece in [REST[:4], REST[4:20], *REST[20:].splitlines(keepends=True)]:
        write(rig, "a.log", piece)
        rig.ship()
        rig.clock.advance(0.5)
    rig.settle_down()
    write(rig, "a.log", NEXT)
    rig.settle_down()
    expect_whole(rig)


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_a_rotation_while_the_agent_is_down(rig, rotate):
    write(rig, "a.log", BEFORE * 30)
    rig.settle_down()
    rig.sent.clear()
    write(rig, "a.log", BEFORE + HEAD)
    rig.ship()
    rotate(rig)
    write(rig, "a.log", REST + NEXT)
    rig.crash()
    rig.settle_down()
    expect_whole(rig)


@pytest.mark.parametrize("rotate", ROTATIONS)
@pytest.mark.parametrize("times", [1, 2])
def test_a_crash_before_the_acknowledgement_gives_the_same_record_under_the_same_id(rig, rotate, times):
    write(rig, "a.log", BEFORE * 30)
    rig.settle_down()
    rig.sent.clear()
    write(rig, "a.log", BEFORE + HEAD)
    rig.ship()
    rotate(rig)
    write(rig, "a.log", REST + NEXT)
    for _ in range(times):
        rig.read()
        rig.clock.advance(2)
        rig.read()
        unacknowledged = {name for batch in rig.queue for name in batch.ids}
        rig.crash()
    rig.settle_down()
    expect_whole(rig)
    assert unacknowledged <= set(rig.index)


def test_only_the_fresh_file_was_acknowledged_before_a_crash(rig):
    write(rig, "a.log", HEAD)
    rig.ship()
    renamed(rig)
    write(rig, "a.log", REST + NEXT)
    rig.read()
    rig.clock.advance(2)
    rig.read()
    old, fresh = rig.queue
    assert len(fresh) == 1
    rig.delivery.settle([fresh])
    rig.registry.commit()
    rig.crash()
    rig.settle_down()
    (failed,) = rig.documents
    assert failed["error"]["stack_trace"].endswith("ValueError: no")
    assert [name for name, _ in rig.sent] == old.ids


def test_an_old_history_is_joined_too(rig):
    """Nothing of it was ever read: the elder is found by its name, and is compressed."""
    (rig.folder / "a.log.2.gz").write_bytes(gzip.compress((BEFORE + HEAD).encode()))
    write(rig, "a.log.1", REST + NEXT)
    import os

    os.utime(rig.folder / "a.log.2.gz", (1e9, 1e9))
    rig.settle_down()
    expect_whole(rig)


def test_dated_files_follow_each_other(rig):
    write(rig, "a-2026-01-01.log", BEFORE + HEAD)
    rig.ship()
    write(rig, "a-2026-01-02.log", REST + NEXT)
    rig.settle_down()
    expect_whole(rig)


def test_a_container_s_line_that_a_rotation_cut_is_whole_and_the_streams_stay_apart(rig):
    def entry(stream, flag, text):
        return f"2026-01-02T03:04:05.000000001Z {stream} {flag} {text}\n"

    write(rig, "0.log", entry("stdout", "F", "one") + entry("stderr", "P", "two "))
    rig.ship()
    (rig.folder / "0.log").rename(rig.folder / "0.log.20260102-030405")
    write(rig, "0.log", entry("stderr", "F", "halves") + entry("stdout", "F", "three"))
    rig.settle_down()
    assert sorted(document["message"] for document in rig.documents) == ["one", "three", "two halves"]


@pytest.mark.parametrize("banner", [NEXT, "plain words\n", "#Fields: date time\n"])
def test_what_is_no_trace_begins_a_record_of_its_own(rig, banner):
    write(rig, "a.log", BEFORE)
    rig.ship()
    renamed(rig)
    write(rig, "a.log", banner)
    rig.settle_down()
    assert rig.documents[0]["message"] == "started"


def test_a_trace_after_a_record_that_was_given_up_is_not_joined(rig):
    write(rig, "a.log", HEAD)
    rig.settle_down()
    renamed(rig)
    write(rig, "a.log", REST)
    rig.settle_down()
    assert rig.documents[0]["error"]["stack_trace"] == HEAD.partition("\n")[2].strip()


def test_a_full_disk_delays_the_record_and_loses_nothing(rig, monkeypatch):
    write(rig, "a.log", BEFORE + HEAD)
    rig.ship()
    renamed(rig)
    write(rig, "a.log", REST + NEXT)
    rig.tailer.scan()
    commit, refused = rig.registry.commit, []

    def refuse():
        refused.append(True)
        return False

    monkeypatch.setattr(rig.registry, "commit", refuse)
    for _ in range(3):
        rig.read()
        rig.clock.advance(2)
    assert refused
    monkeypatch.setattr(rig.registry, "commit", commit)
    rig.settle_down()
    expect_whole(rig)


@pytest.mark.parametrize(
    "name", ["app.log", "app.log.1", "app.log.12.gz", "app-2026-01-31.log", "app.log-20260131.xz", "app_3.log"]
)
def test_files_of_one_log_have_one_stencil(name):
    assert stencil(name) == "app.log"
