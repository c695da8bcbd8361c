"""Dead letters: bounded, never lost in silence, whole after any crash, replayed at least once."""

from __future__ import annotations

import errno
import json
import os
import threading

import pytest

from shipper.agent.batch import Batch, Reject, Run
from shipper.agent.dead_letters import DeadLetters, DeadLetterSettings, FullError, adopt_old
from shipper.agent.dead_letters.letter import as_line, letter_of
from shipper.agent.dead_letters.replay import replay
from shipper.agent.dead_letters.segment import segments
from shipper.agent.output import make_output
from shipper.agent.output.elasticsearch import ElasticsearchSettings
from shipper.agent.output.file import FileOutputSettings
from shipper.agent.registry import Key
from shipper.agent.state import StateDirectory
from shipper.clock import ManualClock, SystemClock
from shipper.config import Secret, Size
from shipper.errors import ShipperError, UsageError
from tests.support.fake_bulk import FakeBulk

KEY = Key("a" * 16, 0)
STAMP = "2026-01-01T00:00:00.000Z"
MIB = 1 << 20


def reject(number, text="x"):
    document = json.dumps({"@timestamp": STAMP, "message": f"{number} {text}"}).encode()
    batch = Batch([f"{KEY.prefix}{number}"], [document], [STAMP], run=Run(KEY, "/a", number, number + 1))
    return Reject(batch, 0, "mapping", 400)


def bury(letters, *numbers, text="x"):
    letters.bury([reject(number, text) for number in numbers])


def store(tmp_path, policy="block", size=MIB):
    return DeadLetters(tmp_path, ManualClock(), DeadLetterSettings(max_bytes=Size(size), when_full=policy))


def numbers(letters):
    return [letter.offset for letter in letters.list()]


def mark(letters, *wanted):
    with letters.changing():
        letters.mark([place for place, letter in letters.waiting() if letter is not None and letter.offset in wanted])
        letters.tidy()


def fill(letters, count=1000):
    for number in range(count):
        bury(letters, number, text="x" * 20_000)


def disk(tmp_path):
    return sum(file.stat().st_size for file in (tmp_path / "dead").iterdir())


def test_t39_what_is_buried_is_read_back_after_a_restart_by_another_process_and_counted_without_decoding(tmp_path):
    letters = store(tmp_path)
    bury(letters, 1, 2)
    other = store(tmp_path)
    assert numbers(other) == [1, 2]
    bury(letters, 3)
    mark(other, 2)
    assert (letters.count(), other.count()) == (2, 2)
    assert numbers(letters) == [1, 3]


def test_nobody_else_may_read_the_state_of_dead_letters(tmp_path):
    letters = store(tmp_path)
    bury(letters, 1, 2)
    mark(letters, 1)
    assert (tmp_path / "dead").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "dead").iterdir()} == {0o600}


def test_a_full_store_refuses_loudly_and_drops_nothing(tmp_path, caplog):
    letters = store(tmp_path)
    with pytest.raises(FullError, match="dlq replay"):
        fill(letters)
    kept = letters.count()
    assert kept > 30
    assert numbers(letters) == list(range(kept))
    assert disk(tmp_path) <= MIB
    assert letters.state() == {
        "count": kept, "bytes": disk(tmp_path), "limit": MIB, "when_full": "block", "full": True, "dropped": 0,
    }  # fmt: skip
    assert "are full" in caplog.text


def test_a_purge_beside_it_lets_a_full_store_go_on(tmp_path):
    letters = store(tmp_path)
    with pytest.raises(FullError):
        fill(letters)
    other = store(tmp_path)
    mark(other, *numbers(other))
    bury(letters, 5000)
    assert numbers(letters) == [5000]
    assert not letters.state()["full"]
    assert disk(tmp_path) < 1000


def test_the_oldest_make_room_where_that_is_wanted_counted_and_logged(tmp_path, caplog):
    letters = store(tmp_path, "drop_oldest")
    fill(letters, 200)
    state, left = letters.state(), numbers(letters)
    assert disk(tmp_path) <= MIB
    assert left == list(range(200 - len(left), 200))
    assert state["count"] == len(left)
    assert state["dropped"] == letters.counts["dead_letters_dropped"] == 200 - len(left)
    assert not state["full"]
    assert "were dropped" in caplog.text


@pytest.mark.parametrize("policy", ["block", "drop_oldest"])
def test_one_request_larger_than_the_store_is_taken_when_nothing_else_waits(tmp_path, policy):
    letters = store(tmp_path, policy)
    bury(letters, *range(3), text="x" * MIB)
    assert numbers(letters) == [0, 1, 2]


def test_a_segment_of_which_most_is_done_gives_its_room_back(tmp_path):
    letters = store(tmp_path)
    bury(letters, *range(20), text="x" * 2000)
    letters.close()
    mark(letters, *range(3, 20))
    assert numbers(letters) == [0, 1, 2]
    assert letters.count() == 3
    assert disk(tmp_path) < 8000


def test_the_open_segment_of_a_running_agent_is_left_alone_and_taken_away_by_it(tmp_path):
    letters = store(tmp_path)
    bury(letters, 1)
    other = store(tmp_path)
    mark(other, 1)
    assert len(segments(tmp_path / "dead")) == 1
    bury(letters, 2)
    assert numbers(letters) == [2]


@pytest.mark.parametrize("lost", range(1, 40))
def test_a_torn_end_spoils_only_the_letter_that_was_not_accepted(tmp_path, lost):
    first = store(tmp_path)
    bury(first, 1)
    bury(first, 2)
    first.close()
    (segment,) = (tmp_path / "dead").glob("*.ndjson")
    os.truncate(segment, segment.stat().st_size - lost)
    again = store(tmp_path)
    assert (numbers(again), again.count()) == ([1], 1)
    bury(again, 3)
    assert (numbers(again), again.count()) == ([1, 3], 2)


@pytest.mark.parametrize("cut", range(1, 17))
def test_a_torn_mark_is_no_mark_and_the_next_one_is_whole(tmp_path, cut):
    letters = store(tmp_path)
    bury(letters, 1, 2, 3)
    mark(letters, 1)
    (done,) = (tmp_path / "dead").glob("*.done")
    os.truncate(done, 16 - cut)
    assert numbers(letters) == [1, 2, 3]
    mark(letters, 2)
    assert numbers(letters) == [1, 3]
    assert letters.count() == 2


def test_a_damaged_mark_never_takes_a_waiting_letter_away(tmp_path):
    letters = store(tmp_path)
    bury(letters, 1, 2)
    letters.close()
    with letters.changing():
        letters.mark([place for place, letter in letters.waiting()])
    (done,) = (tmp_path / "dead").glob("*.done")
    with done.open("r+b") as file:
        file.write(b"\xff")
    letters.tidy()
    assert numbers(letters) == [1]


def test_any_damaged_byte_costs_at_most_its_own_letter(tmp_path):
    letters = store(tmp_path)
    bury(letters, 1, 2, 3)
    letters.close()
    (segment,) = (tmp_path / "dead").glob("*.ndjson")
    whole = segment.read_bytes()
    for at in range(len(whole)):
        segment.write_bytes(whole[:at] + b"\0" + whole[at + 1 :])
        assert len({1, 2, 3} & set(numbers(store(tmp_path)))) >= (1 if whole[at : at + 1] == b"\n" else 2)


def test_a_disk_that_refuses_keeps_nothing_of_the_letter(tmp_path, monkeypatch):
    letters = store(tmp_path)
    bury(letters, 1)
    real = os.write

    def short(descriptor, data):
        if len(data) > 10:
            return real(descriptor, data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", short)
        with pytest.raises(OSError, match="No space"):
            bury(letters, 2)
    assert numbers(letters) == [1]
    bury(letters, 3)
    assert numbers(store(tmp_path)) == [1, 3]


def test_a_disk_that_refuses_for_long_is_told_and_left_without_a_file_for_each_attempt(tmp_path, monkeypatch):
    letters = store(tmp_path)

    def full(descriptor, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        for _ in range(5):
            with pytest.raises(OSError, match=f"No space.*{tmp_path}/dead"):
                bury(letters, 1)
    assert list((tmp_path / "dead").iterdir()) == []
    assert letters.refused == "No space left on device"
    assert letters.counts["dead_letters_failures"] == 5
    letters._clock.advance(61)  # the peer may take it meanwhile
    assert letters.refused == ""
    bury(letters, 1)
    assert letters.refused == ""
    assert numbers(letters) == numbers(store(tmp_path)) == [1]


def test_two_commands_do_not_mark_at_once(tmp_path):
    letters, other = store(tmp_path), store(tmp_path)
    with letters.changing(), pytest.raises(UsageError, match="another command"), other.changing():
        pass


def old_files(tmp_path):
    lines = [as_line(letter_of(reject(number), STAMP)) for number in (1, 2, 3, 2)]
    (tmp_path / "dead.ndjson").write_bytes(b"".join(lines) + b'{"id":"torn')
    (tmp_path / "replayed.ndjson").write_text(f"{KEY.prefix}1\n")


def test_the_files_of_an_earlier_version_are_taken_over(tmp_path):
    old_files(tmp_path)
    letters = store(tmp_path)
    adopt_old(tmp_path, letters)
    assert numbers(store(tmp_path)) == [2, 3]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["dead", "lock"]


def test_the_files_of_an_earlier_version_wait_while_its_agent_runs(tmp_path):
    old_files(tmp_path)
    state = StateDirectory(tmp_path)
    with pytest.raises(UsageError, match="older version"):
        adopt_old(tmp_path, store(tmp_path))
    state.close()
    assert (tmp_path / "dead.ndjson").exists()


def elasticsearch(fake):
    return make_output(ElasticsearchSettings(hosts=[fake.url], user="u", password=Secret("p")), SystemClock())


def hang_up():
    raise ConnectionAbortedError("the peer hangs up")


def test_a_replay_that_breaks_off_goes_on_and_sends_each_at_least_once(tmp_path):
    letters = store(tmp_path, size=64 * MIB)
    bury(letters, *range(500))
    letters.close()
    with FakeBulk() as fake:
        fake.script = lambda items: None if len(fake.requests) == 1 else hang_up()
        with pytest.raises(ShipperError):
            replay(elasticsearch(fake), store(tmp_path), ())
        assert letters.count() == 300
        fake.script = None
        assert replay(elasticsearch(fake), store(tmp_path), ()) == (300, 0)
        assert len(fake.documents) == 500
    assert letters.count() == 0


def test_a_record_that_was_refused_twice_is_sent_once(tmp_path):
    letters = store(tmp_path)
    bury(letters, 1, 2)
    bury(letters, 1)
    target = tmp_path / "out.ndjson"
    output = make_output(FileOutputSettings(path=target), SystemClock())
    assert replay(output, letters, [f"{KEY.prefix}1"]) == (1, 0)
    assert [json.loads(line)["message"] for line in target.read_text().splitlines()] == ["1 x"]
    assert numbers(letters) == [2]


def test_letters_are_buried_while_others_are_replayed(tmp_path):
    letters = store(tmp_path, size=64 * MIB)
    target = tmp_path / "out.ndjson"
    output = make_output(FileOutputSettings(path=target), SystemClock())

    def write():
        for start in range(0, 3000, 10):
            bury(letters, *range(start, start + 10))

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        replay(output, store(tmp_path), ())
    writer.join()
    letters.close()
    replay(output, store(tmp_path), ())
    assert letters.count() == 0
    assert sorted(int(json.loads(line)["message"].split()[0]) for line in target.read_text().splitlines()) == [
        *range(3000)
    ]
    assert [file.name for file in (tmp_path / "dead").iterdir()] == ["lock"]
