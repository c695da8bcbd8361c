"""No agent outlives its test; a folder for its logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.agent_process import AgentProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_agent_is_left() -> Iterator[None]:
    yield
    for agent in list(AgentProcess.running):
        agent.kill()


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """An empty folder."""
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder
