"""The spool: whole lines survive any torn end, it is bounded, and a disk that refuses keeps nothing half."""

from __future__ import annotations

import resource
import signal

import pytest

from shipper.agent.spool import HEADER, Spool

LIMIT = 1 << 20


def whole(folder):
    """The lines of all segments."""
    return [line for path in sorted(folder.glob("*.spool")) for line in path.read_bytes()[HEADER:].splitlines()]


def test_lines_are_on_disk_when_append_returns_and_a_new_run_begins_a_new_segment(tmp_path):
    for text in (b"one\n", b"two\nthree\n"):
        spool = Spool(tmp_path / "s", LIMIT)
        spool.append(text)
        spool.close()
    assert whole(tmp_path / "s") == [b"one", b"two", b"three"]
    heads = {path.read_bytes()[:HEADER] for path in (tmp_path / "s").glob("*.spool")}
    assert len(heads) == 2
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "s").iterdir()} == {0o600}


def test_t45_a_segment_torn_at_any_byte_keeps_its_whole_lines_and_no_other(tmp_path):
    folder = tmp_path / "s"
    spool = Spool(folder, LIMIT)
    spool.append(b"first line\nsecond\n")
    spool.append(b"third\n")
    spool.close()
    (path,) = folder.glob("*.spool")
    data = path.read_bytes()
    for size in range(len(data)):
        path.write_bytes(data[:size])
        Spool(folder, LIMIT).close()
        assert whole(folder) == data[HEADER:size].split(b"\n")[:-1]
        again = Spool(folder, LIMIT)
        again.append(b"later\n")
        again.close()
        assert whole(folder)[-1] == b"later"
        for other in folder.iterdir():
            other.unlink()


def test_a_long_torn_end_is_found_over_many_blocks(tmp_path):
    folder = tmp_path / "s"
    spool = Spool(folder, LIMIT)
    spool.append(b"kept\n")
    spool.close()
    (path,) = folder.glob("*.spool")
    with path.open("ab") as file:
        file.write(b"x" * 300_000)
    assert Spool(folder, LIMIT).used == HEADER + 5
    assert whole(folder) == [b"kept"]


def test_it_is_full_at_its_limit_and_has_room_again_once_segments_are_delivered(tmp_path):
    spool = Spool(tmp_path / "s", LIMIT)
    while spool.has_room():
        spool.append(b"x" * 9_999 + b"\n")
    assert LIMIT <= spool.used < LIMIT + 20_000
    assert not spool.wait_room(0)
    assert spool.trim(lambda path, size: False) == []
    done = sorted((tmp_path / "s").glob("*.spool"))[:3]
    assert spool.trim(lambda path, size: path in map(str, done)) == [str(path) for path in done]
    assert spool.has_room()
    assert not any(path.exists() for path in done)
    spool.trim(lambda path, size: True)
    spool.close()
    assert spool.used < LIMIT // 8 + 10_000


def test_a_segment_is_removed_only_when_all_of_it_is_delivered(tmp_path):
    spool = Spool(tmp_path / "s", LIMIT)
    spool.append(b"x" * 200_000 + b"\n")
    assert spool.trim(lambda path, size: size < HEADER + 200_001) == []
    assert len(spool.trim(lambda path, size: size == HEADER + 200_001)) == 1
    spool.close()


@pytest.fixture
def small_files():
    """No file may grow beyond 100,000 bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, old)


def test_what_the_disk_refused_is_not_there_and_what_it_took_before_stays(tmp_path, small_files):
    spool = Spool(tmp_path / "s", 1 << 24)
    spool.append(b"a" * 60_000 + b"\n")
    with pytest.raises(OSError, match="too large"):
        spool.append(b"b" * 60_000 + b"\n")
    spool.append(b"c\n")
    spool.close()
    assert [line[:1] for line in whole(tmp_path / "s")] == [b"a", b"c"]
    assert spool.used == sum(path.stat().st_size for path in (tmp_path / "s").glob("*.spool"))


def test_a_disk_that_refuses_for_long_is_not_given_a_segment_for_each_attempt(tmp_path, small_files):
    spool = Spool(tmp_path / "s", 1 << 24)
    for _ in range(5):
        with pytest.raises(OSError, match="too large"):
            spool.append(b"b" * 100_000 + b"\n")
        assert spool.refused == "File too large"
    assert len(list((tmp_path / "s").glob("*.spool"))) == 1
    spool.append(b"c\n")
    assert spool.refused == ""
    spool.close()
    assert whole(tmp_path / "s") == [b"c"]
