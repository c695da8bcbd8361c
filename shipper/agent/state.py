"""The state directory: whose it is, and that only one agent uses it."""

from __future__ import annotations

import fcntl
import json
import os
from typing import TYPE_CHECKING

from shipper.agent.registry import mint
from shipper.errors import UsageError
from shipper.home import write_private

if TYPE_CHECKING:
    from pathlib import Path


class StateDirectory:
    """Locked while it is open; the lock ends with the process, however it ends."""

    def __init__(self, path: Path) -> None:
        """Make it if it is absent (0700) and lock it.

        Raises:
            UsageError: another agent uses it, or it cannot be used.
        """
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise UsageError(
                f"the state directory cannot be used: {error.strerror}",
                where=str(path),
                hint="name another one with --state DIR",
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise UsageError(
                "another agent uses this state directory",
                where=str(path),
                hint="stop it, or give this one its own with --state DIR",
            ) from None

    def agent_id(self) -> str:
        """The agent's own id, minted once; a damaged file costs a new id."""
        return agent_id(self.path)

    def close(self) -> None:
        """Release the lock."""
        os.close(self._lock)


def agent_id(directory: Path) -> str:
    """The id of the agent whose state directory that is; minted if it has none."""
    file = directory / "agent.json"
    try:
        name = json.loads(file.read_bytes())["id"]
        if isinstance(name, str) and len(name) == 16:
            return name
    except (OSError, ValueError, KeyError, TypeError):
        pass  # absent or damaged: a new one
    name = mint()
    write_private(file, json.dumps({"id": name}).encode())
    return name
