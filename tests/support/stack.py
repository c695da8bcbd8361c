"""One local stack per test run, shared by all its workers and stopped at its end."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import psutil

from shipper.home import Home

if TYPE_CHECKING:
    from shipper.home import Endpoints

_NAME = "shipper-test-"
RUN = "SHIPPER_TEST_RUN"
"""The run's folder: set by the controller, inherited by xdist's workers."""
HOME = "SHIPPER_TEST_HOME"
"""A home to use instead, whose stack stays up between runs (for development)."""


def begin_run() -> None:
    """Name the run's home; nothing is started until a test asks."""
    tidy_up()
    os.environ[RUN] = str(make_folder())


def tidy_up() -> None:
    """Stop and remove what runs that were killed left."""
    for stale in Path(tempfile.gettempdir()).glob(f"{_NAME}*-*"):
        pid = stale.name.removeprefix(_NAME).partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            _remove(stale)


def make_folder() -> Path:
    """For a home at `home` in it; if this process dies, the next run stops and removes what it left."""
    return Path(tempfile.mkdtemp(prefix=f"{_NAME}{os.getpid()}-"))


def end_run() -> None:
    """Stop what the run started, and remove its folder."""
    _remove(Path(os.environ.pop(RUN)))


def _remove(folder: Path) -> None:
    home = Home(folder / "home")
    if home.path.exists():
        from shipper.stack.local import LocalStack

        LocalStack(home).down(delete=True)
    shutil.rmtree(folder, ignore_errors=True)


def shared_endpoints() -> Endpoints:
    """Start the run's stack, or join it."""
    from shipper.stack.local import LocalStack

    named = os.environ.get(HOME)
    home = Home(Path(named) if named else Path(os.environ[RUN]) / "home")
    home.path.mkdir(parents=True, exist_ok=True)
    with (home.path.parent / f".{home.path.name}.test-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return LocalStack(home).up()


def admin_url() -> str:
    """The run's stack with the superuser's name and password in it."""
    endpoints = shared_endpoints()
    admin = endpoints.account("admin")
    parts = urlsplit(endpoints.elasticsearch)
    return parts._replace(netloc=f"{quote(admin.user)}:{quote(admin.password)}@{parts.netloc}").geturl()
