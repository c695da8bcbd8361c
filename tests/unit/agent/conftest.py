from __future__ import annotations

import pytest

from tests.support.agent import Rig


@pytest.fixture
def rig(tmp_path):
    (tmp_path / "logs").mkdir()
    rig = Rig(tmp_path / "logs", tmp_path / "state")
    yield rig
    rig.tailer.close()
    rig.registry.close()
