"""One Elasticsearch server process on loopback: its config folder, start, discovery and stop.

The process carries `-Dshipper.stack=<folder>`, so it is found whoever started it and whatever became of a pid file.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import psutil

from shipper.errors import UnavailableError
from shipper.stack.accounts import fits, users_file, users_roles_file
from shipper.stack.cache import RunAs, disk_errors, make_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shipper.home import Account
    from shipper.stack.members import Membership

HTTP_PORTS = (29200, 29299)
TRANSPORT_PORTS = (29300, 29399)


def http_ports(folder: Path) -> str:
    """All of `HTTP_PORTS` as Elasticsearch tries them, from a place of the folder's own on.

    Were all to begin at the first, the next server to start would take the port of one that is down just now, and get
    its clients' requests and passwords.
    """
    low, high = HTTP_PORTS
    first = low + zlib.crc32(str(folder).encode()) % (high - low + 1)
    return f"{first}-{high}" if first == low else f"{first}-{high},{low}-{first - 1}"


@dataclass(frozen=True, slots=True)
class Node:
    """What a server is made of; `folder` holds config, data, logs, snapshots and tmp. Alone without a `membership`."""

    folder: Path
    server: Path
    java: Path
    heap: str = "512m"
    owner: RunAs | None = None
    membership: Membership | None = None

    @property
    def config(self) -> Path:
        return self.folder / "config"

    def configure(self, accounts: Mapping[str, Account], roles_yml: str, preferred_port: int | None = None) -> None:
        """Write the whole config folder anew (the keystore stays).

        Raises:
            UnavailableError: the disk is full or closed to us.
        """
        for folder in (
            self.folder,
            self.config,
            *(self.folder / name for name in ("data", "logs", "snapshots", "tmp")),
        ):
            make_folder(folder, self.owner, 0o700)
        for line in ("jvm.options", "log4j2.properties"):
            _replace(self.config / line, (self.server / "config" / line).read_text("utf-8"))
        _replace(self.config / "elasticsearch.yml", self._settings(preferred_port))
        _replace(self.config / "jvm.options", self._jvm_options())
        write_accounts(self.folder, accounts, roles_yml)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server; the process returned ends with 0 when it answers, and leaves it running.

        Raises:
            UnavailableError: it cannot be started at all.
        """
        for ports in ("http.ports", "transport.ports"):
            (self.folder / "logs" / ports).unlink(missing_ok=True)
        scratch = self.folder / "tmp"
        for left in scratch.glob("final-flags*"):  # its launcher leaves two a start
            shutil.rmtree(left, ignore_errors=True)
        environment = {
            "HOME": str(self.folder),
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": os.environ.get("LANG", "C.UTF-8"),
            "ES_JAVA_HOME": str(self.java),
            "ES_PATH_CONF": str(self.config),
            "ES_TMPDIR": str(scratch),
            "CLI_JAVA_OPTS": f"-D{_marker(self.folder)} -Djava.io.tmpdir={scratch}",
        }
        with disk_errors(self.start_log), _fresh(self.start_log) as log:
            return subprocess.Popen(
                [str(self.server / "bin" / "elasticsearch"), "-d", "-p", str(self.folder / "logs" / "pid")],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=None if self.owner is None else self.owner.uid,
                group=None if self.owner is None else self.owner.gid,
                extra_groups=None if self.owner is None else [],
            )

    @property
    def start_log(self) -> Path:
        return self.folder / "logs" / "start.log"

    def _settings(self, preferred_port: int | None) -> str:
        ports = http_ports(self.folder)
        http = ports if preferred_port is None else f"{preferred_port},{ports}"
        member = self.membership
        snapshots = self.folder / "snapshots" if member is None else member.snapshots
        return "\n".join([
            f"cluster.name: {f'shipper-{self.folder.name}' if member is None else member.cluster}",
            f"node.name: {'local' if member is None else member.name}",
            *(["discovery.type: single-node"] if member is None else member.settings()),
            "network.host: 127.0.0.1",
            f'http.port: "{http}"',
            f'transport.port: "{TRANSPORT_PORTS[0]}-{TRANSPORT_PORTS[1]}"',
            "node.portsfile: true",
            f"path.data: {self.folder}/data",
            f"path.logs: {self.folder}/logs",
            f'path.repo: ["{snapshots}"]',
            "xpack.security.enabled: true",
            "xpack.security.enrollment.enabled: false",
            "cluster.routing.allocation.disk.threshold_enabled: false",
            "",
        ])  # fmt: skip

    def _jvm_options(self) -> str:
        """The server's own options without what writes into the read-only cache, and ours."""
        ours = ("-Xlog:gc", "-XX:ErrorFile", "-XX:HeapDumpPath", "-Xms", "-Xmx")
        lines = (self.server / "config" / "jvm.options").read_text("utf-8").splitlines()
        kept = [
            line
            for line in lines
            if line and not line.startswith("#") and "jdk.incubator.vector" not in line
            and not line.partition(":-")[2].startswith(tuple(option[1:] for option in ours))
            and not line.startswith(ours)
        ]  # fmt: skip
        added = [
            f"-Xms{self.heap}",
            f"-Xmx{self.heap}",
            f"-XX:ErrorFile={self.folder}/logs/hs_err_pid%p.log",
            f"-XX:HeapDumpPath={self.folder}/logs",
            f"-D{_marker(self.folder)}",
        ]
        return "\n".join([*kept, *added, ""])


def write_accounts(folder: Path, accounts: Mapping[str, Account], roles_yml: str) -> None:
    """Write roles and users where they differ; a running server takes them up within seconds."""
    config = folder / "config"
    _replace(config / "roles.yml", roles_yml)
    if not fits(accounts, _text(config / "users")):
        _replace(config / "users", users_file(accounts))
    _replace(config / "users_roles", users_roles_file(accounts))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return ""


def _replace(path: Path, text: str) -> None:
    """Write `path` whole or not at all, for its folder's owner alone."""
    if _text(path) == text:
        return
    scratch = path.with_name(f".{path.name}.tmp")
    with disk_errors(path):
        with _fresh(scratch) as file:
            file.write(text.encode())
            owner = path.parent.stat()
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        scratch.replace(path)


def _fresh(path: Path) -> BinaryIO:
    """A new file (0600) in place of whatever stood there; never through a link."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")


def _marker(folder: Path) -> str:
    return f"shipper.stack={folder}"


def processes(folder: Path) -> list[psutil.Process]:
    """The living processes of the server of `folder`: its launcher while it starts, then the server alone."""
    mark = f"-D{_marker(folder)}"
    return [process for process in psutil.process_iter(["cmdline"]) if mark in (process.info["cmdline"] or ())]


def address(folder: Path) -> str | None:
    """`http://127.0.0.1:port` as the server wrote it when it began to listen, or None before that."""
    try:
        lines = (folder / "logs" / "http.ports").read_text("ascii").split()
    except OSError:
        return None
    return next((f"http://{line}" for line in lines if line.startswith("127.0.0.1:")), None)


def stop(*folders: Path, patience: float = 30.0) -> bool:
    """End the servers of `folders`: politely, then by force after `patience` seconds. False if none ran."""
    found = [process for folder in folders for process in processes(folder)]
    for process in found:
        _signal(process, signal.SIGTERM)
    _, stubborn = psutil.wait_procs(found, timeout=patience)
    for process in stubborn:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=10)
    return bool(found)


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return  # it ended meanwhile: what we wanted


def await_listening(folder: Path, launcher: subprocess.Popen[bytes] | None, patience: float) -> str:
    """Wait until the server of `folder` listens; its address.

    Raises:
        UnavailableError: it ended, or took longer than `patience` seconds; with the end of its log.
    """
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = address(folder)
        if found is not None:
            return found
        ended = launcher.poll() not in (None, 0) if launcher is not None else not processes(folder)
        if ended:
            raise UnavailableError(
                f"Elasticsearch did not start: {last_words(folder)}",
                where=str(folder / "logs"),
                hint="read the log there, mend the cause, then run `shipper stack up` again",
            )
        time.sleep(0.1)
    raise UnavailableError(
        f"Elasticsearch does not listen after {patience:.0f} s",
        where=str(folder / "logs"),
        hint="the machine may be short of memory or busy; run `shipper stack down`, then `shipper stack up`",
    )


def last_words(folder: Path) -> str:
    """What the server said last before it ended, as one line."""
    try:
        lines = (folder / "logs" / "start.log").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    telling = [line.strip() for line in lines if any(word in line for word in ("ERROR", "rror:", "xception", "fatal"))]
    return (telling or [line.strip() for line in lines if line.strip()] or ["it left no log"])[-1][:400]


def delete(folder: Path) -> None:
    """Remove everything the server of `folder` wrote."""
    if folder.exists():
        with disk_errors(folder):
            shutil.rmtree(folder)
