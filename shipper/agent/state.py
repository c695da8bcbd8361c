"""The state directory: whose it is, and that only one agent uses it."""

from __future__ import annotations

import fcntl
import json
import logging
import os
from typing import TYPE_CHECKING

from shipper.agent.registry import mint
from shipper.agent.sealed import seal, unseal
from shipper.errors import UsageError
from shipper.home import write_private

if TYPE_CHECKING:
    from pathlib import Path

_LOG = logging.getLogger("shipper.agent.state")


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
                where=error.filename,
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
        if (self.path / "agent.json").is_file() and not any((self.path / "registry").glob("registry-*.log")):
            _LOG.warning("the registry in %s is gone: every file is sent again, under new ids", self.path)
        return agent_id(self.path)

    def close(self) -> None:
        """Release the lock."""
        os.close(self._lock)


def agent_id(directory: Path) -> str:
    """The id of the agent whose state directory that is; minted if it has none."""
    file = directory / "agent.json"
    try:
        data = file.read_bytes()
        body = data if data.startswith(b'{"id":') else unseal(data)  # earlier versions wrote no sum
        name = json.loads(body or b"")["id"]
        if isinstance(name, str) and len(name) == 16:
            return name
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, TypeError):
        _LOG.warning("%s is damaged: the agent has a new id; no record's id depends on it", file)
    name = mint()
    write_private(file, seal(json.dumps({"id": name}).encode()))
    return name
