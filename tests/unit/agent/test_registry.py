"""The registry survives what disks do; T19 to T24 of the known failures of other shippers."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipper.agent.registry import Entry, Key, Registry, mint
from shipper.errors import UsageError
from tests.support.agent import Rig


def entry(number, **changes):
    fields = {
        "source": f"{'abcdefgh' * 2}"[:15] + "abcdefghij"[number],
        "generation": 0,
        "path": f"/{number}",
        "device": 1,
        "inode": number,
    }
    return Entry(**{**fields, "fallback_time": 1.0, **changes})


def filled(directory, offsets=(10, 20, 30)):
    """Three sources, each acknowledged in several steps."""
    registry = Registry(directory)
    for offset in (0, *offsets):
        for number in range(3):
            registry.put(entry(number, offset=offset))
            registry.commit()
    registry.close()


def rewritten(directory):
    """As when the journal has grown."""
    registry = Registry(directory)
    registry._journal.compact(dict(registry.items()))
    registry.close()


def damage(data, position, kind):
    if kind == "cut":
        return data[:position]
    changed = bytearray(data)
    changed[position] = 0 if kind == "zero" else changed[position] ^ 0x20
    return bytes(changed)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True), kind=st.sampled_from(["cut", "zero", "flip"]))
def test_t19_any_damaged_byte_costs_at_most_one_source_some_progress(tmp_path_factory, where, kind):
    directory = tmp_path_factory.mktemp("registry")
    filled(directory)
    (path,) = directory.glob("registry-*.log")
    data = path.read_bytes()
    path.write_bytes(damage(data, int(where * len(data)), kind))
    registry = Registry(directory)
    entries = {each.inode: each for each in registry.entries()}
    registry.close()
    if kind == "cut":  # a cut takes everything after it, as a crash before the fsync would
        assert all(each.offset in (0, 10, 20, 30) for each in entries.values())
    else:
        assert sum(each.offset != 30 for each in entries.values()) <= 1
        assert set(entries) == {0, 1, 2}, "an older line still knows the source, so its ids stay"


def test_every_byte_of_a_small_registry_may_be_zeroed(tmp_path):
    filled(tmp_path / "0", offsets=(30,))
    (path,) = (tmp_path / "0").glob("registry-*.log")
    data = path.read_bytes()
    for position in range(len(data)):
        directory = tmp_path / f"{position + 1}"
        directory.mkdir()
        (directory / path.name).write_bytes(damage(data, position, "zero"))
        registry = Registry(directory)
        assert sum(each.offset != 30 for each in registry.entries()) <= 1
        assert len(registry.entries()) == 3
        assert registry.damaged <= 2
        registry.close()


def test_t21_a_registry_of_nul_bytes_starts_empty_and_says_so(tmp_path):
    filled(tmp_path)
    (path,) = tmp_path.glob("registry-*.log")
    path.write_bytes(b"\0" * path.stat().st_size)
    registry = Registry(tmp_path)
    assert registry.entries() == []
    assert registry.damaged == 1
    registry.close()


def test_t20_a_crash_while_the_journal_is_rewritten_keeps_one_of_them(tmp_path):
    filled(tmp_path)
    (tmp_path / "registry-00000002.tmp").write_bytes(b"\nr1 torn")
    registry = Registry(tmp_path)
    assert sorted(each.offset for each in registry.entries()) == [30, 30, 30]
    registry.close()


def test_two_generations_of_files_stay_and_the_older_one_helps_out(tmp_path):
    filled(tmp_path)
    rewritten(tmp_path)
    first, second = sorted(tmp_path.glob("registry-*.log"))
    second.write_bytes(b"\0" * second.stat().st_size)
    registry = Registry(tmp_path)
    assert sorted(each.offset for each in registry.entries()) == [30, 30, 30]
    registry.close()
    assert not first.exists(), "the oldest goes when a third is written"


def test_a_sound_journal_is_gone_on_with_and_not_written_again_at_each_start(tmp_path):
    filled(tmp_path)
    (path,) = tmp_path.glob("registry-*.log")
    before = path.read_bytes()
    registry = Registry(tmp_path)
    registry.put(entry(0, offset=40))
    registry.close()
    assert path.read_bytes().startswith(before)
    registry = Registry(tmp_path)
    assert sorted(each.offset for each in registry.entries()) == [30, 30, 40]
    registry.close()
    assert [path] == list(tmp_path.glob("registry-*.log"))


def test_wherever_a_snapshot_is_cut_between_lines_the_older_file_helps_out(tmp_path):
    filled(tmp_path / "whole")
    rewritten(tmp_path / "whole")
    first, second = (path.read_bytes() for path in sorted((tmp_path / "whole").glob("registry-*.log")))
    lines = second.split(b"\n\n")
    for count in range(len(lines)):
        directory = tmp_path / f"{count}"
        directory.mkdir()
        (directory / "registry-00000001.log").write_bytes(first)
        (directory / "registry-00000002.log").write_bytes(b"\n\n".join(lines[:count]) + b"\n")
        registry = Registry(directory)
        assert [each.offset for each in registry.entries()] == [30, 30, 30]
        assert registry.damaged == 0
        registry.close()


def test_what_was_written_to_the_older_file_after_the_newer_began_counts(tmp_path):
    filled(tmp_path)
    registry = Registry(tmp_path)
    (first,) = tmp_path.glob("registry-*.log")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shipper.agent.registry.journal.sync_folder", refuse)
        with pytest.raises(OSError, match="input/output"):  # renamed already, and perhaps never seen to be so
            registry._journal.compact(dict(registry.items()))
    registry.put(entry(0, offset=40))
    registry.close()
    assert len(list(tmp_path.glob("registry-*.log"))) == 2
    assert b'"offset":40' in first.read_bytes()
    registry = Registry(tmp_path)
    assert sorted(each.offset for each in registry.entries()) == [30, 30, 40]
    registry.close()


def refuse(*_):
    raise OSError(5, "input/output error")


def test_t23_the_journal_is_rewritten_when_it_has_grown(tmp_path):
    registry = Registry(tmp_path)
    registry._journal._limit = 10_000
    for offset in range(1000):
        registry.put(entry(0, offset=offset))
        registry.commit()
    registry.close()
    assert sum(path.stat().st_size for path in tmp_path.glob("registry-*.log")) < 9 * 1024 * 1024
    registry = Registry(tmp_path)
    found = registry.get(Key(entry(0).source, 0))
    assert found is not None
    assert found.offset == 999
    registry.close()


def test_a_dropped_entry_stays_dropped(tmp_path):
    filled(tmp_path)
    registry = Registry(tmp_path)
    registry.drop(entry(1).key)
    registry.close()
    registry = Registry(tmp_path)
    assert sorted(each.inode for each in registry.entries()) == [0, 2]
    registry.close()


def test_a_newer_format_is_refused_by_name(tmp_path):
    body = b'{"seq":1}'
    line = b"\nr2 %08x %b\n" % (zlib.crc32(body, zlib.crc32(b"r2")), body)
    (tmp_path / "registry-00000001.log").write_bytes(line)
    with pytest.raises(UsageError, match="newer version"):
        Registry(tmp_path)


def test_source_ids_are_sixteen_base32_characters():
    names = {mint() for _ in range(100)}
    assert len(names) == 100
    assert all(len(name) == 16 and name.isalnum() and name == name.lower() for name in names)


def test_state_files_are_for_their_owner_only(tmp_path):
    filled(tmp_path / "state")
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in (tmp_path / "state").iterdir())


def test_t23_thirty_thousand_entries_load_at_once(tmp_path):
    registry = Registry(tmp_path)
    for number in range(30_000):
        registry.put(
            Entry(source=f"s{number:015d}", generation=0, path=f"/{number}", device=1, inode=number, fallback_time=1.0)
        )
    registry.close()
    registry = Registry(tmp_path)
    assert len(registry.entries()) == 30_000
    registry.close()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True), kind=st.sampled_from(["cut", "zero", "flip"]))
def test_damage_sends_at_most_that_file_again_and_loses_nothing(tmp_path_factory, where, kind):
    base = tmp_path_factory.mktemp("agent")
    (base / "logs").mkdir()
    rig = Rig(base / "logs", base / "state")
    for name in "ab":
        (base / "logs" / f"{name}.log").write_text("".join(f"{name} {number}\n" for number in range(50)))
    rig.ship()
    for name in "ab":
        with (base / "logs" / f"{name}.log").open("a") as file:
            file.write("".join(f"{name} {number}\n" for number in range(50, 60)))
    rig.ship()
    rig.tailer.close()
    rig.registry.close()
    (path,) = (base / "state").glob("registry-*.log")
    data = path.read_bytes()
    path.write_bytes(damage(data, int(where * len(data)), kind))
    rig.start()
    rig.ship()
    truth = {f"{name} {number}" for name in "ab" for number in range(60)}
    assert {message for _, message in rig.sent} == truth
    if kind != "cut":
        again = [message for _, message in rig.sent[120:]]
        assert len({message[0] for message in again}) <= 1
        assert len(rig.index) == 120, "what is sent again has its old ids"
    rig.tailer.close()
    rig.registry.close()
