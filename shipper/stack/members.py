"""The nodes of a local cluster: their folders, how they find and trust each other.

Node 1 has the home's server folder, the others `node-2`, `node-3` inside of it. Only node 1 may found the cluster, so
that no start can make two. They find each other through `unicast_hosts.txt`, which Elasticsearch reads again at each
search: no port has to be guessed beforehand. Between them runs mutual TLS with one certificate of the home's own.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipper.errors import UnavailableError, UsageError
from shipper.stack.cache import RunAs, disk_errors, make_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

COUNTS = (1, 3)
"""One node, or the fewest that outlive the loss of one."""

KEYSTORE = "transport.p12"
SEEDS = "unicast_hosts.txt"

_PASSWORD = "transport.password"  # noqa: S105 - a file's name


@dataclass(frozen=True, slots=True)
class Membership:
    """What a node must know of its cluster; `founds`: it may start the cluster alone."""

    cluster: str
    name: str
    founds: bool
    keystore_password: str
    snapshots: Path
    """One folder for all: a shared repository."""

    def settings(self) -> list[str]:
        """The lines of elasticsearch.yml that make it a member."""
        tls = "xpack.security.transport.ssl"
        return [
            'discovery.seed_providers: ["file"]',
            # ports are published at once; whoever started the nodes waits for the whole cluster
            "discovery.initial_state_timeout: 0s",
            *([f'cluster.initial_master_nodes: ["{self.name}"]'] if self.founds else []),
            f"{tls}.enabled: true",
            f"{tls}.verification_mode: certificate",
            f"{tls}.client_authentication: required",
            f"{tls}.keystore.path: {KEYSTORE}",
            f"{tls}.keystore.password: {self.keystore_password}",
        ]


def folders(base: Path, count: int) -> list[Path]:
    """The server folder of each node, the founder's first."""
    return [base, *(base / f"node-{number}" for number in range(2, count + 1))]


def count_of(base: Path) -> int:
    """How many nodes the stack in `base` has had; 1 where there is none yet."""
    return max((count for count in COUNTS if all(folder.is_dir() for folder in folders(base, count)[1:])), default=1)


def chosen(base: Path, asked: int | None) -> int:
    """The number of nodes to run: what was asked, else what there is.

    Raises:
        UsageError: fewer than there are (their shards would be lost), or a number that makes no sound cluster.
    """
    there = count_of(base)
    if asked is None:
        return there
    if asked not in COUNTS:
        raise UsageError(f"{asked} nodes make no sound cluster", hint="ask for 1, or 3: two of three can still decide")
    if asked < there:
        raise UsageError(
            f"this stack has {there} nodes, and shards on each",
            hint="`shipper stack down --delete` begins anew, without its data; another SHIPPER_HOME begins beside it",
        )
    return asked


def memberships(base: Path, count: int, java: Path, owner: RunAs | None) -> list[Membership | None]:
    """One for each of `folders(base, count)`; None for a node that is alone.

    Raises:
        UnavailableError: the certificate cannot be made or written.
    """
    if count == 1:
        return [None]
    password = _certificate(base / "config", java, owner)
    for folder in folders(base, count)[1:]:
        _give(base / "config" / KEYSTORE, make_folder(folder, owner, 0o700) / "config", owner)
    names = ["local", *(f"local-{number}" for number in range(2, count + 1))]
    return [Membership(f"shipper-{base.name}", name, name == names[0], password, base / "snapshots") for name in names]


def introduce(all_folders: Iterable[Path]) -> None:
    """Tell every running node where the others listen."""
    every = list(all_folders)
    seeds = sorted({line for folder in every for line in _transport_addresses(folder)})
    for folder in every:
        path = folder / "config" / SEEDS
        with disk_errors(path):
            scratch = path.with_name(f".{SEEDS}.tmp")
            scratch.write_text("".join(f"{seed}\n" for seed in seeds), "ascii")
            owner = folder.stat()
            os.chown(scratch, owner.st_uid, owner.st_gid)
            scratch.replace(path)


def _transport_addresses(folder: Path) -> list[str]:
    try:
        lines = (folder / "logs" / "transport.ports").read_text("ascii").split()
    except OSError:
        return []
    return [line for line in lines if line.startswith("127.0.0.1:")]


def _certificate(config: Path, java: Path, owner: RunAs | None) -> str:
    """Make the nodes' common key and certificate if there is none; the key store's password."""
    make_folder(config.parent, owner, 0o700)
    make_folder(config, owner, 0o700)
    secret, store = config / _PASSWORD, config / KEYSTORE
    if store.exists() and secret.exists():
        return secret.read_text("ascii").strip()
    password = secrets.token_urlsafe(24)
    with disk_errors(config):
        for stale in (secret, store):
            stale.unlink(missing_ok=True)
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(password)
    _keytool(java, secret, scratch := config / f".{KEYSTORE}.tmp")
    with disk_errors(config):
        _own(secret, owner)
        _own(scratch, owner)
        scratch.replace(store)  # last: with it, both are there
    return password


def _keytool(java: Path, secret: Path, store: Path) -> None:
    store.unlink(missing_ok=True)
    done = subprocess.run(
        [java / "bin" / "keytool", "-genkeypair", "-alias", "transport", "-keyalg", "EC", "-groupname", "secp256r1",
         "-dname", "CN=shipper local stack", "-validity", "3650", "-storetype", "PKCS12",
         "-keystore", store, "-storepass:file", secret],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    if done.returncode != 0:
        raise UnavailableError(
            f"the nodes' certificate cannot be made: {(done.stderr or done.stdout).strip()[:300]}", where=str(store)
        )


def _give(source: Path, config: Path, owner: RunAs | None) -> None:
    """Copy the key store into a node's own config folder: Elasticsearch reads files from there only."""
    make_folder(config, owner, 0o700)
    target = config / source.name
    scratch = config / f".{source.name}.tmp"
    with disk_errors(target):
        scratch.unlink(missing_ok=True)
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(source.read_bytes())
        _own(scratch, owner)
        scratch.replace(target)


def _own(path: Path, owner: RunAs | None) -> None:
    path.chmod(0o600)
    if owner is not None:
        os.chown(path, owner.uid, owner.gid)
