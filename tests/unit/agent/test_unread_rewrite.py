"""A file that is copied and truncated after it was met and before its first byte was read."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.support.agent import Rig, lines


@pytest.fixture
def rig(tmp_path):
    (tmp_path / "logs").mkdir()
    rig = Rig(tmp_path / "logs", tmp_path / "state")
    yield rig
    rig.tailer.close()
    rig.registry.close()


@pytest.mark.parametrize("count", [1, 3, 40])
def test_what_is_written_after_the_truncation_never_gets_the_ids_of_what_was_there_before(rig, count):
    log = rig.folder / "a.log"
    log.write_text(lines("before", 40))
    rig.tailer.scan()  # met, and its head is known
    (met,) = rig.registry.entries()
    shutil.copyfile(log, rig.folder / "a.log.1")
    os.truncate(log, 0)
    log.write_text(lines("after", count))
    rig.tailer.step()
    rig.ship()
    rig.ship()
    expected = lines("before", 40).splitlines() + lines("after", count).splitlines()
    assert sorted(rig.messages) == sorted(expected)
    begun = {message.split()[0] for name, message in rig.sent if name.startswith(met.key.prefix)}
    assert begun == {"before"}, "a generation is of one text"
