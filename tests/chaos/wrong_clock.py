"""The wall clock of the programs under test, wrong on demand: libfaketime and a file that says by how much.

Only the wall clock: real jumps do not move the monotonic one, nor the times that the kernel gives files.
"""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.chaos.plan import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.plan import Incident

_FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/local/lib")
_DAY = 86400.0
_BEFORE_MIDNIGHT = 0.5


@functools.cache
def library() -> Path | None:
    """libfaketime for programs with threads, or None."""
    found = (path for folder in _FOLDERS for path in Path(folder).glob("**/faketime/libfaketimeMT.so.1"))
    return next(found, None)


class WrongClock:
    """What `environment` starts sees the time that `set` says, from the next look at the clock on."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.set(0.0)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def set(self, ahead: float) -> None:
        """`ahead` seconds of the right time; negative: behind it."""
        scratch = self._file.with_suffix(".new")
        scratch.write_text(f"{ahead:+.3f}")
        scratch.replace(self._file)  # nobody reads half of it

    @contextlib.contextmanager
    def jump(self, incident: Incident) -> Iterator[None]:
        """Jump, and jump back unless it stays."""
        self.set(_to_midnight() if incident.fault is Fault.OVER_MIDNIGHT else incident.hours * 3600)
        yield
        if not incident.stays:
            self.set(0.0)


@functools.cache
def why_not() -> str | None:
    """Why no clock can be wrong here, or None."""
    if library() is None:
        return "libfaketime is not installed (Debian: libfaketime)"
    told = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"],
        env={**os.environ, "LD_PRELOAD": str(library()), "FAKETIME": "+86400"},
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode != 0 or float(told.stdout) < time.time() + _DAY / 2:
        return f"libfaketime does not move the clock: {told.stderr.strip()[:200]}"
    return None


def _to_midnight() -> float:
    return _DAY - time.time() % _DAY - _BEFORE_MIDNIGHT
