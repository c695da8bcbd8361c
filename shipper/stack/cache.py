"""Where the local stack keeps what all homes share, and what belongs to one.

The cache holds the server and, for root, the Java runtime: complete or absent, never changed once there.
Root cannot run Elasticsearch: an unprivileged user does, so that everything it touches lies outside of private homes.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shipper.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shipper.home import Home


@dataclass(frozen=True, slots=True)
class RunAs:
    """The user the server runs as; None where that is ourselves."""

    name: str
    uid: int
    gid: int


def run_as(name: str = "nobody") -> RunAs | None:
    """The unprivileged user to start the server as: None unless we are root.

    Raises:
        UsageError: there is no such user, or it is root again.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise UsageError(f"there is no user {name} to run Elasticsearch as", hint="name one with --run-as") from None
    if entry.pw_uid == 0:
        raise UsageError("Elasticsearch refuses to run as root", hint="name an unprivileged user with --run-as")
    return RunAs(name, entry.pw_uid, entry.pw_gid)


def cache_folder(environment: Mapping[str, str] | None = None) -> Path:
    """`$SHIPPER_CACHE`; else `/var/cache/shipper` for root and the XDG cache folder for anyone else."""
    env = os.environ if environment is None else environment
    if env.get("SHIPPER_CACHE"):
        return Path(env["SHIPPER_CACHE"]).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/cache/shipper")
    base = env.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path(env.get("HOME", "~")).expanduser() / ".cache") / "shipper"


def server_folder(home: Home, environment: Mapping[str, str] | None = None) -> Path:
    """Where the server of `home` keeps config, data and logs: inside the home, or for root where `nobody` gets at."""
    env = os.environ if environment is None else environment
    if os.geteuid() != 0:
        return home.path / "elasticsearch"
    base = Path(env["SHIPPER_CACHE"]).absolute() / "homes" if env.get("SHIPPER_CACHE") else Path("/var/lib/shipper")
    return base / hashlib.sha256(str(home.path.resolve()).encode()).hexdigest()[:16]


def make_folder(path: Path, owner: RunAs | None = None, mode: int = 0o755) -> Path:
    """Create `path` (its parents 0755 for root, by the umask otherwise) and give it to `owner`.

    Raises:
        UnavailableError: it cannot be made, or `owner` could not get to it.
    """
    with disk_errors(path):
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        if owner is not None:
            os.chown(path, owner.uid, owner.gid)
    if owner is not None:
        for parent in path.parents:
            status = parent.stat()
            if status.st_uid != owner.uid and not status.st_mode & stat.S_IXOTH:
                raise UnavailableError(
                    f"the user {owner.name} cannot get to {path}: {parent} is closed to others",
                    where=str(path),
                    hint="set SHIPPER_CACHE to a folder that every user may enter",
                )
    return path


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Say in words what a full or unwritable disk means.

    Raises:
        UnavailableError: in place of any OSError.
    """
    try:
        yield
    except OSError as error:
        hints = {
            errno.ENOSPC: "free some space, or set SHIPPER_CACHE and SHIPPER_HOME to another disk",
            errno.EDQUOT: "free some of your quota, or set SHIPPER_CACHE and SHIPPER_HOME to another disk",
        }
        raise UnavailableError(
            f"cannot be written: {error.strerror or error}",
            where=str(error.filename or path),
            hint=hints.get(error.errno or 0, "set SHIPPER_CACHE and SHIPPER_HOME to folders you may write"),
        ) from error


@contextlib.contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A scratch folder beside `target`; what is at `<scratch>/<target's name>` becomes `target` in one rename.

    A crash leaves only a scratch folder, which the next caller removes.
    """
    make_folder(target.parent)
    for stale in target.parent.glob(".making-*"):
        if not _in_use(stale):
            shutil.rmtree(stale, ignore_errors=True)
    with disk_errors(target):
        scratch = Path(tempfile.mkdtemp(prefix=f".making-{os.getpid()}-", dir=target.parent))
    try:
        yield scratch
        with disk_errors(target):
            if not target.exists():
                (scratch / target.name).rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _in_use(scratch: Path) -> bool:
    pid = scratch.name.split("-")[1]
    return Path(f"/proc/{pid}").exists()


@contextlib.contextmanager
def locked(path: Path, patience: float = 300.0) -> Iterator[None]:
    """Hold the lock file `path`; the kernel lets it go when its holder dies.

    Raises:
        UnavailableError: another process held it for `patience` seconds.
    """
    with disk_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise UnavailableError(
                        "another command works on this stack", where=str(path), hint="wait for it, or end it"
                    ) from None
                time.sleep(0.1)
        yield
    finally:
        os.close(descriptor)
