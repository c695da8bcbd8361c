"""The index of entries against a plain look at all of them; nothing of an entry that was removed stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shipper.agent.identity import HEAD
from shipper.agent.index import Index, related
from shipper.agent.registry import Entry, Key

NAMES = ["a", "app", "app.log", "app.log.1", "app-2.log", "appx.log", "app", ".hidden", "-x.log", "app.log.gz", ""]
names = st.sampled_from(NAMES)
paths = st.builds("/{}/{}".format, st.sampled_from("dx"), names)
places = st.fixed_dictionaries({"path": paths, "inode": st.integers(0, 3), "head": st.sampled_from(["h", "i"])})
lengths = st.sampled_from([0, 64, 1023, HEAD])
places = st.builds(lambda place, length: {**place, "head_length": length}, places, lengths)
steps = st.lists(st.tuples(st.sampled_from("stu"), st.integers(0, 2), places, st.booleans()), max_size=30)


@given(steps, paths)
def test_the_index_finds_what_a_look_at_every_entry_finds_and_forgets_what_is_removed(steps, asked):
    index = Index()
    entries: dict[Key, Entry] = {}
    lived: dict[Key, set[tuple[int, int]]] = {}
    for source, generation, place, goes in steps:
        fresh = Entry(source=source, generation=generation, device=1, fallback_time=0.0, **place)
        key = fresh.key
        before = entries.pop(key, None)
        if before is None:
            index.add(key, fresh)
            entries[key] = fresh
        elif goes:
            index.remove(key, before)
            lived.pop(key)
        else:
            entries[key] = replace(before, **place)
            index.change(key, before, entries[key])
        if key in entries:
            lived.setdefault(key, set()).add((1, entries[key].inode))
    for inode in range(4):
        assert set(index.on_inode((1, inode))) == {key for key, places in lived.items() if (1, inode) in places}
    for head in "hi":
        wanted = {key for key, each in entries.items() if each.head == head and related(asked, each.path)}
        assert set(index.beginning(head, asked)) == wanted
    assert set(index.at_path(asked)) == {key for key, each in entries.items() if each.path == asked}
    beside = [each for each in entries.values() if each.path.startswith(asked[:3]) and related(asked, each.path)]
    assert set(index.young(asked)) == {each.head_length for each in beside if each.head_length < HEAD}
    for source in "stu":
        assert set(index.generations(source)) == {key for key in entries if key.source == source}
    for key, entry in entries.items():
        index.remove(key, entry)
    assert len(index) == 0
