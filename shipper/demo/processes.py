"""The child processes of a demonstration: started in their own group, recorded on disk, ended for certain."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from shipper.errors import UnavailableError
from shipper.home import write_private

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

GRACE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Child:
    """A running child."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def tail(self, lines: int = 8) -> str:
        """The end of what it printed."""
        return "\n".join(self.log.read_text("utf-8", errors="replace").splitlines()[-lines:])


class Processes:
    """Starts children and remembers them in a file, so that the next run can end those of a killed one.

    Args:
        folder: where the record and each child's output go; it must exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._record = folder / "processes.json"
        self._children: dict[str, Child] = {}

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> Child:
        """Start `command`; its output goes to `<name>.out`."""
        log = self._folder / f"{name}.out"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        child = Child(name, process, log)
        self._children[name] = child
        self._save()
        return child

    def check(self) -> None:
        """Raise if a child has ended by itself.

        Raises:
            UnavailableError: names the child and the end of its output.
        """
        for child in self._children.values():
            code = child.process.poll()
            if code is not None:
                raise UnavailableError(
                    f"{child.name} ended with exit code {code}:\n{child.tail()}", where=str(child.log)
                )

    def wait_for_file(self, name: str, path: Path, seconds: float) -> str:
        """The text of `path` once child `name` has written it.

        Raises:
            UnavailableError: the child ended, or `seconds` passed.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if path.exists():
                text = path.read_text("utf-8")
                if text:
                    return text
            self.check()
            time.sleep(0.05)
        raise UnavailableError(f"{name} was not ready after {seconds:.0f} s", where=str(self._children[name].log))

    def stop(self, name: str) -> int:
        """End one child in order (SIGTERM, later SIGKILL); its exit code."""
        child = self._children.pop(name)
        code = _end(child.process)
        self._save()
        return code

    def stop_all(self) -> None:
        """End all children, the last started first."""
        for name in list(reversed(self._children)):
            self.stop(name)
        self._record.unlink(missing_ok=True)

    def end_leftovers(self) -> list[str]:
        """End what a killed run left behind; the names of those that were still running."""
        try:
            recorded = json.loads(self._record.read_text("utf-8"))
        except (OSError, ValueError):
            return []
        ended = [entry["name"] for entry in recorded if _end_leftover(entry["pid"], entry["started"])]
        self._record.unlink(missing_ok=True)
        return ended

    def _save(self) -> None:
        entries = [
            {"name": child.name, "pid": child.process.pid, "started": _started(child.process.pid)}
            for child in self._children.values()
        ]
        write_private(self._record, json.dumps(entries).encode())


def _started(pid: int) -> float:
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return 0.0


def _end(process: subprocess.Popen[bytes]) -> int:
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(timeout=GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.wait()


def _end_leftover(pid: int, started: float) -> bool:
    """Kill a recorded process, if that id still belongs to it."""
    if _started(pid) != started or started == 0.0:
        return False
    try:
        os.killpg(pid, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(pid)], timeout=GRACE_SECONDS)
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False
    return True
