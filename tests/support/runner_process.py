"""`shipper logstash run` as a process, and a simple sender that resends what was not acknowledged."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Self

from shipper.lumberjack.frames import encode_compressed, encode_events, encode_window

if TYPE_CHECKING:
    import signal
    from pathlib import Path


class RunnerProcess:
    """One runner on a configuration text or a pipelines file; `start` returns when it listens."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.folder = folder
        self.arguments = arguments
        self.environment = {**os.environ, "SHIPPER_HOME": str(folder / "home"), **environment}
        self.process: subprocess.Popen[bytes] | None = None
        self.addresses: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    @property
    def errors(self) -> str:
        return (self.folder / "runner.err").read_text()

    def start(self) -> Self:
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "shipper", "logstash", "run", "--port-file", str(ready), *self.arguments]
        with (self.folder / "runner.err").open("ab") as errors:
            self.process = subprocess.Popen(command, env=self.environment, stderr=errors, stdout=subprocess.DEVNULL)
        wait_until(lambda: ready.exists() or self.process is None or self.process.poll() is not None, 30)
        assert ready.exists(), self.errors
        self.addresses = json.loads(ready.read_text())
        return self

    def address(self, plugin: str = "beats") -> tuple[str, int]:
        host, _, port = self.addresses[plugin].rpartition(":")
        return host, int(port)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, seconds: float = 30) -> int:
        assert self.process is not None
        return self.process.wait(seconds)


def wait_until(condition: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def ship(address: tuple[str, int], documents: list[dict[str, Any]], timeout: float = 20) -> bool:
    """Send one window; True if it was acknowledged."""
    payloads = [json.dumps(document).encode() for document in documents]
    window = encode_window(len(payloads)) + encode_compressed(encode_events(payloads))
    with contextlib.suppress(OSError), socket.create_connection(address, timeout=timeout) as peer:
        peer.sendall(window)
        return acknowledged(peer)
    return False


def acknowledged(peer: socket.socket) -> bool:
    answer = b""
    while True:
        part = peer.recv(6 - len(answer))
        if not part:
            return False
        answer += part
        if len(answer) == 6:
            if answer != b"2A\0\0\0\0":
                return True
            answer = b""
