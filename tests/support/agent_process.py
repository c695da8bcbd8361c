"""The agent as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class AgentProcess:
    """`shipper agent run` with its log in a file; `running` holds those that a failed test left behind."""

    running: ClassVar[list[AgentProcess]] = []

    def __init__(
        self,
        state: Path,
        *arguments: str,
        environment: dict[str, str] | None = None,
        ulimit: str | None = None,
        log: Path | None = None,
    ) -> None:
        """`ulimit`: what the shell's `ulimit` is told before, such as `-n 64`. `log`: if not beside the state."""
        limited = [] if ulimit is None else ["sh", "-c", f'ulimit {ulimit}; exec "$@"', "sh"]
        self._log = (log or state.parent / "agent.log").open("ab")
        self.process = subprocess.Popen(
            [*limited, sys.executable, "-m", "shipper", "agent", "run", "--state", str(state), *arguments],
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            env={**os.environ, **(environment or {})},
        )
        self.running.append(self)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self._end(10)

    def terminate(self, timeout: float = 20, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self._end(timeout)

    def wait(self, timeout: float = 60) -> int:
        return self._end(timeout)

    def _end(self, timeout: float) -> int:
        try:
            return self.process.wait(timeout)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self._log.close()
            self.running.remove(self)


def until(condition: Callable[[], bool], seconds: float = 90.0) -> bool:
    """Wait until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
