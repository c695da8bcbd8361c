"""What the agent says of itself: served on a unix socket in its state directory, read by `shipper agent status`."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from shipper.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from shipper.agent.deadline import Deadline

_NAME = "agent.sock"
_PAUSE = 0.5
"""Seconds before the next try where no connection can be taken."""
_log = logging.getLogger(__name__)


class StatusServer(threading.Thread):
    """Answers each connection with one JSON document."""

    def __init__(self, directory: Path, snapshot: Callable[[], dict[str, Any]]) -> None:
        super().__init__(name="status", daemon=True)
        self._snapshot = snapshot
        self._ended = threading.Event()
        (directory / _NAME).unlink(missing_ok=True)
        self._directory = directory
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with _Folder(directory) as folder:
            self._socket.bind(f"{folder}/{_NAME}")
        (directory / _NAME).chmod(0o600)
        self._socket.listen(8)

    def run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                if self._ended.is_set():
                    return
                self._ended.wait(_PAUSE)  # out of descriptors, most likely
                continue
            with connection:
                self._answer(connection)

    def stop(self, deadline: Deadline) -> None:
        """End, and take the socket away."""
        self._ended.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # an `accept` that waits ends
        if self.ident is not None:
            self.join(deadline.last())
        self._socket.close()
        (self._directory / _NAME).unlink(missing_ok=True)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        try:
            connection.sendall(orjson.dumps(self._snapshot()))
        except OSError:
            return  # the one who asked went away
        except Exception:  # noqa: BLE001 - whatever went wrong: a question must never end the agent
            _log.exception("the status could not be told")


def read_status(directory: Path, patience: float = 10.0) -> dict[str, Any]:
    """Ask the agent that runs on this state directory, waiting `patience` seconds for each piece of its answer.

    Raises:
        UnavailableError: none runs there, or it does not answer.
    """
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(patience)
    try:
        with _Folder(directory) as folder:
            client.connect(f"{folder}/{_NAME}")
        data = b"".join(iter(lambda: client.recv(65536), b""))
    except OSError as error:
        process = _holder(directory)
        if process is not None:
            raise UnavailableError(
                f"the agent does not answer (process {process})",
                where=str(directory),
                hint="it is starting, ending, stopped (SIGSTOP) or hangs: ask again, then see its log and `ps`",
            ) from error
        raise UnavailableError(
            "no agent runs here", where=str(directory), hint="start it with `shipper agent run`, or name its --state"
        ) from error
    finally:
        client.close()
    try:
        status: dict[str, Any] = orjson.loads(data)
    except orjson.JSONDecodeError as error:  # nothing, or a part: it was killed meanwhile
        raise UnavailableError(
            "the agent could not tell its status", where=str(directory), hint="its log says why; ask again"
        ) from error
    return status


def _holder(directory: Path) -> int | None:
    """The process that holds the state's lock; the kernel is asked, as to try would disturb one that starts."""
    try:
        lock_file = (directory / "lock").stat()
        locks = Path("/proc/locks").read_text("ascii").splitlines()
    except OSError:
        return None
    device = lock_file.st_dev
    name = f"{os.major(device):02x}:{os.minor(device):02x}:{lock_file.st_ino}"
    for lock in locks:
        fields = lock.split()
        if fields[1:2] == ["FLOCK"] and fields[5] == name and fields[4].isdigit():
            return int(fields[4])
    return None


class _Folder:
    """A short name for a folder: socket paths may have 107 bytes only."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> str:
        self._descriptor = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY)
        return f"/proc/self/fd/{self._descriptor}"

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
