"""Every byte of every state file cut, zeroed or flipped: it starts, says so, and costs at most what that byte held."""

from __future__ import annotations

import json
import shutil

import msgspec
import pytest

from shipper.agent.backfill.plan import Plan, _load
from shipper.agent.batch import Batch, Reject, Run
from shipper.agent.dead_letters import DeadLetters
from shipper.agent.dead_letters.upgrade import open_store
from shipper.agent.registry import Journal, Key, Registry
from shipper.agent.sealed import seal, unseal
from shipper.agent.spool import HEADER, Spool
from shipper.agent.state import StateDirectory, agent_id
from shipper.clock import ManualClock
from tests.support.agent import Rig, lines
from tests.support.damage import KINDS, damage
from tests.unit.agent.test_registry import filled

STAMP = "2026-01-01T00:00:00.000Z"


# ---- the registry ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_t19_any_byte_of_the_registry_costs_at_most_one_source_its_progress(tmp_path, kind):
    filled(tmp_path / "sound")
    (path,) = (tmp_path / "sound").glob("registry-*.log")
    data = path.read_bytes()
    (tmp_path / "hurt").mkdir()
    hurt = tmp_path / "hurt" / path.name
    for position in range(len(data)):
        hurt.write_bytes(damage(data, position, kind))
        entries = {each.inode: each.offset for each in Journal(hurt.parent).peek().values()}
        if kind == "cut":  # what was cut off is what a crash before the fsync would have left out
            assert set(entries.values()) <= {0, 10, 20, 30}
        else:
            assert set(entries) == {0, 1, 2}
            assert sorted(entries.values())[1:] == [30, 30], position


@pytest.mark.parametrize("kind", ["zero", "flip"])
def test_t19_a_registry_with_any_damaged_byte_loads_and_says_so(tmp_path, kind, caplog):
    filled(tmp_path / "sound", offsets=())
    (path,) = (tmp_path / "sound").glob("registry-*.log")
    data = path.read_bytes()
    for position in range(0, len(data), 3):
        state = tmp_path / f"{position}"
        state.mkdir()
        (state / path.name).write_bytes(damage(data, position, kind))
        caplog.clear()
        registry = Registry(state)
        assert registry.damaged in (1, 2)
        assert "damaged lines" in caplog.text
        registry.close()
        shutil.rmtree(state)


@pytest.fixture
def rig(tmp_path):
    (tmp_path / "logs").mkdir()
    rig = Rig(tmp_path / "logs", tmp_path / "state" / "registry")
    yield rig
    rig.tailer.close()
    rig.registry.close()


def test_the_loss_of_the_whole_registry_sends_every_file_again_under_new_ids_and_loses_nothing(rig, tmp_path):
    for name in "ab":
        (rig.folder / f"{name}.log").write_text(lines(name, 30))
    rig.ship()
    with (rig.folder / "a.log").open("a") as file:
        file.write("a last\n")
    rig.tailer.close()
    rig.registry.close()
    shutil.rmtree(rig.state)
    rig.start()
    rig.ship()
    assert set(rig.messages) == {f"{name} {number} {'x' * 40}" for name in "ab" for number in range(30)} | {"a last"}
    assert len(rig.index) == 2 * 60 + 1, "what had been delivered is there twice, what is new once"
    rig.restart()
    rig.ship()
    assert len(rig.index) == 121, "and never again"


def test_what_was_removed_before_the_registry_was_lost_is_not_doubled(rig):
    (rig.folder / "gone.log").write_text(lines("gone", 5))
    (rig.folder / "kept.log").write_text(lines("kept", 5))
    rig.ship()
    (rig.folder / "gone.log").unlink()
    rig.tailer.close()
    rig.registry.close()
    shutil.rmtree(rig.state)
    rig.start()
    rig.ship()
    assert sorted(message.split()[0] for message in rig.messages) == ["gone"] * 5 + ["kept"] * 10


def test_an_agent_whose_registry_is_gone_says_what_will_happen(tmp_path, caplog):
    state = StateDirectory(tmp_path)
    state.agent_id()
    assert not caplog.text, "a first start is no loss"
    Registry(tmp_path / "registry").close()
    state.agent_id()
    assert not caplog.text
    shutil.rmtree(tmp_path / "registry")
    state.agent_id()
    state.close()
    assert "every file is sent again, under new ids" in caplog.text


# ---- sealed objects: the backfill's plan, the agent's id -------------------------------------------------------------


def test_a_sealed_object_opens_only_as_it_was_written():
    body = msgspec.json.encode({"id": "a", "offset": 100})
    sealed = seal(body)
    assert unseal(sealed) == body
    assert json.loads(sealed)["offset"] == 100
    for kind in KINDS:
        assert all(unseal(damage(sealed, position, kind)) is None for position in range(len(sealed)))


@pytest.mark.parametrize("kind", KINDS)
def test_any_damaged_byte_of_a_backfills_plan_makes_it_begin_anew_and_say_so(tmp_path, kind, caplog):
    plan = Plan([(1, 2), (1, 3)], {"a-0-": None, "b-0-": 17}, 100, ["/c"], [])
    file = tmp_path / "plan.json"
    sound = seal(msgspec.json.encode(plan))
    file.write_bytes(sound)
    assert _load(file) == plan
    for position in range(len(sound)):
        caplog.clear()
        file.write_bytes(damage(sound, position, kind))
        assert _load(file) is None
        assert "begins anew, under the same ids" in caplog.text


@pytest.mark.parametrize("kind", KINDS)
def test_any_damaged_byte_of_the_agents_id_gives_it_a_new_one_and_says_so(tmp_path, kind, caplog):
    first = agent_id(tmp_path)
    assert agent_id(tmp_path) == first
    sound = (tmp_path / "agent.json").read_bytes()
    for position in range(len(sound)):
        caplog.clear()
        (tmp_path / "agent.json").write_bytes(damage(sound, position, kind))
        assert agent_id(tmp_path) != first
        assert "the agent has a new id" in caplog.text


def test_the_id_that_an_earlier_version_wrote_stays(tmp_path):
    (tmp_path / "agent.json").write_text('{"id": "abcdefghijklmnop"}')
    assert agent_id(tmp_path) == "abcdefghijklmnop"


# ---- the spool -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_t45_any_damaged_byte_of_a_segment_costs_at_most_its_own_record_and_is_told(tmp_path, kind, caplog):
    folder = tmp_path / "s"
    spool = Spool(folder, 1 << 20)
    for text in (b"first\nsecond\n", b"third\n", b"fourth\n"):
        spool.append(text)
    spool.close()
    (path,) = folder.glob("*.spool")
    (sums,) = folder.glob("*.sums")
    data, told = path.read_bytes(), sums.read_bytes()
    wanted = data[HEADER:].splitlines()
    for position in range(HEADER, len(data)):
        path.write_bytes(damage(data, position, kind))
        sums.write_bytes(told)
        caplog.clear()
        again = Spool(folder, 1 << 20)
        assert again.damaged >= 1
        assert "damaged on disk" in caplog.text
        left = path.read_bytes()[HEADER:].splitlines() if path.exists() else []
        whole = [line for line in left if line in wanted]
        if kind == "cut":
            assert whole == data[HEADER:position].split(b"\n")[:-1]
        else:
            joined = data[position : position + 1] == b"\n" and position != len(data) - 1
            assert len(whole) >= (2 if joined else 3)
            assert path.stat().st_size == len(data), "nothing that was accepted is cut off"


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_sums_of_a_segment_cost_no_record(tmp_path, kind):
    folder = tmp_path / "s"
    spool = Spool(folder, 1 << 20)
    spool.append(b"first\nsecond\n")
    spool.append(b"third\n")
    spool.close()
    (path,) = folder.glob("*.spool")
    (sums,) = folder.glob("*.sums")
    data, told = path.read_bytes(), sums.read_bytes()
    for position in range(len(told)):
        sums.write_bytes(damage(told, position, kind))
        assert Spool(folder, 1 << 20).damaged == 0
        assert path.read_bytes() == data


def test_sound_segments_are_not_touched_so_that_they_are_not_taken_for_rewritten(tmp_path):
    spool = Spool(tmp_path / "s", 1 << 20)
    spool.append(b"first\n")
    spool.close()
    (path,) = (tmp_path / "s").glob("*.spool")
    before = path.stat().st_mtime_ns
    assert Spool(tmp_path / "s", 1 << 20).damaged == 0
    assert path.stat().st_mtime_ns == before


def test_a_segment_leaves_with_its_sums(tmp_path):
    spool = Spool(tmp_path / "s", 1 << 20)
    spool.append(b"first\n")
    spool.close()
    spool.trim(lambda path, size: True)
    assert list((tmp_path / "s").iterdir()) == []


# ---- dead letters ----------------------------------------------------------------------------------------------------


def reject(number):
    document = json.dumps({"@timestamp": STAMP, "message": f"{number}", "sum": {"sum": "x"}}).encode()
    key = Key("a" * 16, 0)
    batch = Batch([f"{key.prefix}{number}"], [document], [STAMP], run=Run(key, "/a", number, number + 1))
    return Reject(batch, 0, "mapping", 400)


def buried(tmp_path):
    letters = DeadLetters(tmp_path, ManualClock())
    letters.bury([reject(number) for number in (1, 2, 3)])
    letters.close()
    return letters


@pytest.mark.parametrize("kind", ["zero", "flip"])
def test_any_damaged_byte_of_the_dead_letters_costs_at_most_its_letter_and_never_changes_one(tmp_path, kind, caplog):
    letters = buried(tmp_path)
    (path,) = (tmp_path / "dead").glob("*.ndjson")
    data = path.read_bytes()
    sound = {(letter.id, bytes(letter.document)) for letter in letters.list()}
    for position in range(len(data)):
        path.write_bytes(damage(data, position, kind))
        caplog.clear()
        again = open_store(tmp_path, ManualClock(), letters.settings)
        found = {(letter.id, bytes(letter.document)) for letter in again.list()}
        assert found <= sound, "a letter whose id or text was changed is never replayed"
        is_end = data[position : position + 1] == b"\n"
        assert len(found) == (3 if is_end else 2)
        assert is_end or "1 dead letters were damaged on disk" in caplog.text


@pytest.mark.parametrize("kind", KINDS)
def test_no_damaged_mark_takes_another_letter_away(tmp_path, kind):
    letters = buried(tmp_path)
    with letters.changing():
        letters.mark([place for place, letter in letters.waiting() if letter is not None and letter.offset != 3])
    (done,) = (tmp_path / "dead").glob("*.done")
    data = done.read_bytes()
    for position in range(len(data)):
        done.write_bytes(damage(data, position, kind))
        found = {letter.offset for letter in letters.list()}
        assert 3 in found
        assert len(found) <= (2 if kind != "cut" else 3)
